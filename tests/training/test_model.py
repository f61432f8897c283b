"""`DrumLSTM`: shapes, state, and the use of the look-backs."""

from dataclasses import replace

import pytest
import torch

from drumtok.network.config import ModelConfig
from drumtok.tokenizer.labels import EMBEDDED
from drumtok.tokenizer.tokens import START_ID
from drumtok.training.model import DrumLSTM, SongDropout

SMALL = ModelConfig(hidden=24, layers=2, width=12, dropout=0.0, lookback=(1, 2))


def inputs(batch=3, time=40, lookbacks=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    previous = torch.randint(0, START_ID + 1, (batch, time), generator=generator)
    position = torch.arange(time).expand(batch, time) % 17
    past = torch.randint(0, 512, (batch, time, lookbacks), generator=generator)
    return (
        previous,
        torch.arange(time).expand(batch, time) // 17,
        position,
        past,
        torch.zeros(batch, time, len(EMBEDDED), dtype=torch.long),
    )


@pytest.mark.parametrize("lookback", [(), (1,), (1, 2, 4)])
def test_shapes(lookback):
    network = DrumLSTM(ModelConfig(hidden=24, layers=2, width=12, lookback=lookback))
    logits, state = network(*inputs(lookbacks=len(lookback)))
    assert logits.shape == (3, 40, 513)
    assert [tuple(tensor.shape for tensor in layer) for layer in state] == [((1, 3, 24), (1, 3, 24))] * 2


def test_a_sequence_in_two_pieces_gives_the_same():
    network, arguments = DrumLSTM(SMALL), inputs()
    whole, _ = network(*arguments)
    first, state = network(*(argument[:, :13] for argument in arguments))
    second, _ = network(*(argument[:, 13:] for argument in arguments), state)
    assert torch.allclose(torch.cat([first, second], dim=1), whole, atol=1e-6)


@pytest.mark.parametrize("column", [0, 1])
def test_each_look_back_is_seen_at_its_word_and_not_before(column):
    network = DrumLSTM(SMALL)
    previous, bar, position, past, labels = inputs()
    before, _ = network(previous, bar, position, past, labels)
    past = past.clone()
    past[:, 20, column] ^= 511  # flips every drum
    after, _ = network(previous, bar, position, past, labels)
    moved = (before != after).any(dim=-1).any(dim=0)
    assert not moved[:20].any()
    assert moved[20]


@pytest.mark.parametrize("label", ["style", "tempo", "source", "hits"])
def test_labels_count_for_nothing_before_training_and_are_trained(label):
    network = DrumLSTM(replace(SMALL, styles=("funk",), tempos=(90,), sources=("groove",), hits=(4.0,)))
    names = ("previous", "bar", "position", "past", "labels")
    arguments = dict(zip(names, inputs(), strict=True))
    labels = torch.zeros_like(arguments["labels"])
    labels[..., [own.name for own in EMBEDDED].index(label)] = 1
    conditioning = {**arguments, "labels": labels}
    assert torch.equal(network(**arguments)[0], network(**conditioning)[0])
    network(**conditioning)[0].logsumexp(dim=-1).sum().backward()
    learned = network.labels[label].weight.grad.abs().sum(dim=1)
    assert learned[1] > 0
    assert learned[0] == 0


def test_the_place_in_the_phrase_distinguishes_bars():
    network = DrumLSTM(replace(SMALL, phrase=4))
    torch.nn.init.normal_(network.phrase.weight)
    previous, bar, *others = inputs()
    logits = [network(previous, bar + late, *others)[0] for late in (0, 1, 4)]
    assert torch.equal(logits[0], logits[2])
    assert not torch.allclose(logits[0], logits[1])
    blind = DrumLSTM(replace(SMALL, phrase=0))
    assert torch.equal(blind(previous, bar, *others)[0], blind(previous, bar + 1, *others)[0])


def test_the_start_of_a_song_has_no_bits():
    network = DrumLSTM(SMALL)
    assert not network.bits_of[512:].any()
    assert network.bits_of[0b100000001].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_what_is_saved_are_the_weights_alone():
    assert "bits_of" not in DrumLSTM(SMALL).state_dict()


def test_dropout_drops_the_same_units_at_every_step_and_keeps_the_mean():
    drop = SongDropout(0.25)
    torch.manual_seed(0)
    dropped = drop(torch.ones(200, 5, 40))
    assert torch.equal(dropped, dropped[:, :1].expand(-1, 5, -1))
    assert sorted(dropped.unique().tolist()) == pytest.approx([0, 4 / 3])
    assert dropped.mean().item() == pytest.approx(1, abs=0.03)
    assert torch.equal(drop.eval()(dropped), dropped)
