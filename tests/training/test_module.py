"""Training: metrics by hand, overfitting a batch, the weight average, and resuming interrupted runs."""

import math
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from tiny_corpus import MemoryCorpus, MemorySplit, song_of, songs_of

import drumtok.training.losses
import drumtok.training.module
from drumtok.errors import DrumtokError
from drumtok.network.checkpoint import load_checkpoint, save_checkpoint
from drumtok.network.config import ModelConfig
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS
from drumtok.training.config import TrainingConfig
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.data.validation_batches import SongBatches
from drumtok.training.data.window_batches import IGNORE, TARGET, WindowBatches, song_rows
from drumtok.training.loss_curve import read_curves
from drumtok.training.losses import hit_word_sums, inputs, train_loss
from drumtok.training.model import DrumLSTM
from drumtok.training.module import LitDrums
from drumtok.training.run_folder import RunFolder
from drumtok.training.runs import Run
from drumtok.training.song_cache import network_alone
from drumtok.training.trainer import make_trainer, train

MODEL = ModelConfig(hidden=16, layers=2, width=8, dropout=0.3, lookback=(1, 2))
CONFIG = TrainingConfig(epochs=4, batch=4, window=256, validate_every=1, accelerator="cpu", average=0.9, cache_steps=3)


def batches_of(split, lookback=(1, 2)):
    batches = SongBatches(split, lookback)
    return [torch.from_numpy(batches[i]) for i in range(len(batches))]


def run_in(path, config=CONFIG, **rest):
    return Run(MemoryCorpus(), "", RunFolder(path), MODEL, config, **rest)


def state_of(path):
    return torch.load(path / "checkpoints" / "last.ckpt", weights_only=True)


def assert_same_weights(path, other):
    ours, theirs = state_of(path), state_of(other)
    assert ours["global_step"] == theirs["global_step"]
    assert ours["state_dict"].keys() == theirs["state_dict"].keys()  # the network, and its weight average
    for name, weight in ours["state_dict"].items():
        assert torch.equal(weight, theirs["state_dict"][name]), name


ROUND_THE_KIT = {name: songs_of(seed, 12, words=512) for seed, name in enumerate(("train", "validation"))}


class Cut(Exception):
    """Interrupts a run."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder and the printed lines of an uninterrupted run."""
    path = tmp_path_factory.mktemp("runs") / "whole"
    lines = []
    train(run_in(path), lines.append)
    return path, lines


def test_one_batch_is_learnt_by_heart():
    torch.manual_seed(0)
    network = DrumLSTM(ModelConfig(hidden=64, layers=2, width=32, dropout=0.0, lookback=(1, 2)))
    rows = torch.from_numpy(WindowBatches(Epochs(songs_of(0, 2, longest=6)), 128, 2, (1, 2), seed=0)[0])
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        loss = train_loss(network, rows)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.02


def test_what_stood_a_bar_earlier_is_copied():
    """Songs repeat a bar of random words, so that in new songs only the look-back can predict the second bar."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)

    def new_songs():
        bars = [np.append(rng.choice([1, 256, 128, 64], 16), BAR_ID) for _ in range(24)]
        rows = np.stack([song_rows(np.concatenate([bar, bar]), (1,)) for bar in bars])
        rows[:, :17, TARGET] = IGNORE
        return torch.from_numpy(rows)

    network = DrumLSTM(ModelConfig(hidden=64, layers=1, width=32, dropout=0.0, lookback=(1,)))
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.02)
    for _ in range(80):
        optimizer.zero_grad()
        train_loss(network, new_songs()).backward()
        optimizer.step()
    assert train_loss(network, new_songs()).item() < 0.05 * math.log(4)


def test_the_loss_counts_every_word_and_no_filling():
    network = DrumLSTM(MODEL).eval()
    song = song_of(np.random.default_rng(0), 2)
    rows = torch.from_numpy(WindowBatches(Epochs(MemorySplit([song])), 256, 1, (1, 2), seed=0)[0])
    filled = torch.cat([rows, torch.zeros_like(rows)], dim=0)
    filled[1, :, TARGET] = IGNORE
    assert (rows[..., TARGET] != IGNORE).sum() == len(song)
    assert torch.allclose(train_loss(network, rows), train_loss(network, filled))


def test_figures_equal_a_computation_by_hand():
    network, split = DrumLSTM(MODEL).eval(), songs_of(5, 7)
    sums = sum(hit_word_sums(network, rows) for rows in batches_of(split))
    bits, right, count = 0.0, 0, 0
    for song in split.songs:  # one song, one word at a time
        rows, state = torch.from_numpy(song_rows(song, (1, 2))).long()[None], None
        for t, word in enumerate(song.tolist()):
            step = rows[:, t : t + 1]
            with torch.no_grad():
                logits, state = network(*inputs(step), state)
            if word != BAR_ID:
                p = logits[0, 0, :N_HIT_WORDS].double().softmax(dim=0)
                bits -= math.log2(p[word].item())
                right += int(p.argmax() == word)
                count += 1
    assert sums.tolist() == pytest.approx([bits, right, count], rel=1e-6)


def test_a_long_song_goes_through_in_chunks():
    network = DrumLSTM(MODEL).eval()
    (rows,) = batches_of(MemorySplit([song_of(np.random.default_rng(0), 30)]))
    assert torch.allclose(hit_word_sums(network, rows, chunk_words=50), hit_word_sums(network, rows))


def test_the_average_follows_its_formula(tmp_path):
    module = LitDrums(MODEL, CONFIG)
    expected = module.network.out.bias.detach().clone().double()
    seen = []

    class Watch(drumtok.training.module.pl.Callback):
        def on_train_batch_end(self, trainer, module, *_):
            seen.append(module.network.out.bias.detach().clone().double())

    batches = torch.utils.data.DataLoader(WindowBatches(Epochs(songs_of(0, 20)), 256, 1, (1, 2), 0), batch_size=None)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "limit_val_batches": 0}
    trainer = make_trainer(replace(CONFIG, epochs=2), callbacks=[Watch()], default_root_dir=tmp_path, **quiet)
    trainer.fit(module, batches)
    assert len(seen) > 10
    for step, weight in enumerate(seen):
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * weight
    assert torch.allclose(module.average.out.bias.double(), expected, atol=1e-6)
    assert not torch.allclose(module.network.out.bias.double(), expected, atol=1e-4)


def test_labels_learn_faster_than_all_else(tmp_path):
    module = LitDrums(replace(MODEL, tempos=(90, 120)), replace(CONFIG, label_rate=7.0))
    before = {name: weight.detach().clone() for name, weight in module.network.named_parameters()}
    windows = WindowBatches(Epochs(songs_of(0, 4)), 256, 1, (1, 2), 0)
    batches = torch.utils.data.DataLoader(windows, batch_size=None)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "limit_val_batches": 0}
    make_trainer(CONFIG, max_steps=1, default_root_dir=tmp_path, **quiet).fit(module, batches)
    moved = {name: (weight - before[name]).abs().max().item() for name, weight in module.network.named_parameters()}
    # the first step of AdamW changes every weight with a gradient by the learning rate
    assert moved["labels.tempo.weight"] == pytest.approx(7 * moved["out.bias"], rel=1e-3)
    assert moved["out.bias"] > 0


def test_a_run_leaves_everything(whole):
    path, lines = whole
    best, last = load_checkpoint(path / "best.safetensors"), load_checkpoint(path / "last.safetensors")
    conditioning = last.provenance
    words = int(MemoryCorpus().split("train").lengths.sum())
    assert best.config == last.config == MODEL
    assert (conditioning["epochs"], conditioning["steps"], conditioning["words"]) == (
        4,
        state_of(path)["global_step"],
        4 * words,
    )
    assert conditioning["config"]["window"] == 256
    assert best.provenance["val_bits"] <= conditioning["val_bits"] < 9
    assert {f"epoch-000{n}.{kind}" for n in (1, 2, 3, 4) for kind in ("txt", "mid")} == {
        file.name for file in (path / "samples").iterdir()
    }
    assert (path / "curves.png").read_bytes().startswith(b"\x89PNG")
    steps, values = read_curves(path / "csv")["val_bits"]
    assert len(steps) == 4
    assert values[-1] == pytest.approx(conditioning["val_bits"], rel=1e-4)
    assert len(lines) == 7
    assert last.song_cache is not None
    assert best.song_cache is not None


def test_the_exported_average_is_what_was_validated(whole):
    path, _ = whole
    exported = load_checkpoint(path / "last.safetensors")
    network = DrumLSTM(MODEL).eval()
    network.load_state_dict({name: torch.from_numpy(array) for name, array in network_alone(exported.weights).items()})
    bits, right, count = sum(hit_word_sums(network, rows) for rows in batches_of(MemoryCorpus().split("validation")))
    assert bits / count == pytest.approx(exported.provenance["val_bits"], abs=2e-3)  # the weights are stored in 16 bits
    assert right / count == pytest.approx(exported.provenance["val_accuracy"], abs=0.01)


@pytest.mark.slow  # trains three times
def test_a_run_cut_between_epochs_continues_to_the_same_weights(whole, tmp_path):
    def cut_at_the_third(line):
        if line.startswith("epoch 3"):
            raise Cut

    with pytest.raises(Cut):
        train(run_in(tmp_path), cut_at_the_third)
    at = state_of(tmp_path)
    train(run_in(tmp_path, checkpoint=tmp_path / "checkpoints" / "last.ckpt", steps=at["global_step"]), lambda _: None)
    assert 0 < at["global_step"] < state_of(tmp_path)["global_step"]
    assert_same_weights(tmp_path, whole[0])


def test_a_run_cut_within_an_epoch_continues_to_the_same_weights(whole, tmp_path, monkeypatch):
    steps_per_epoch = state_of(whole[0])["global_step"] // 4
    step_of = LitDrums.training_step

    def cut(module, rows, index):
        if module.global_step == 2 * steps_per_epoch + 3:
            raise Cut
        return step_of(module, rows, index)

    often = replace(CONFIG, checkpoint_minutes=1e-6)  # saves after every step
    monkeypatch.setattr(LitDrums, "training_step", cut)
    with pytest.raises(Cut):
        train(run_in(tmp_path, often), lambda _: None)
    monkeypatch.undo()
    at = state_of(tmp_path)["global_step"]
    assert at == 2 * steps_per_epoch + 3
    train(run_in(tmp_path, often, checkpoint=tmp_path / "checkpoints" / "last.ckpt", steps=at), lambda _: None)
    assert_same_weights(tmp_path, whole[0])
    steps, _ = read_curves(tmp_path / "csv")["val_bits"]
    assert len(steps) == 4  # the curve has the epochs before and after the interruption


def test_time_ends_a_run_and_its_end_is_validated(tmp_path):
    lines = []
    train(run_in(tmp_path, replace(CONFIG, epochs=None, minutes=1.5 / 60, validate_every=1000)), lines.append)
    assert len(lines) == 4
    record = state_of(tmp_path)["drumtok"]
    assert 1.5 <= record["seconds"] < 4


def test_steps_end_a_run_within_an_epoch_and_its_end_is_validated(tmp_path):
    lines = []
    config = replace(CONFIG, epochs=None, steps=3, validate_every=1000)
    train(run_in(tmp_path, config), lines.append)
    assert state_of(tmp_path)["global_step"] == 3
    assert len(lines) == 4
    with pytest.raises(DrumtokError, match="is over"):
        train(run_in(tmp_path, config, checkpoint=tmp_path / "checkpoints" / "last.ckpt", steps=3))


@pytest.mark.slow  # trains three times
def test_a_run_with_a_mixture_continues_to_the_same_weights(tmp_path, monkeypatch):
    config = replace(CONFIG, steps=12, augment=("half-time=0.3", "pool-loops=0.5", "song-loops=0.5"))
    monkeypatch.setattr("test_module.MemoryCorpus", partial(MemoryCorpus, ROUND_THE_KIT))
    train(run_in(tmp_path / "whole", config), lambda _: None)
    train(run_in(tmp_path / "plain", replace(config, augment=())), lambda _: None)

    def cut(line):
        if line.startswith("epoch 3"):
            raise Cut

    with pytest.raises(Cut):
        train(run_in(tmp_path / "cut", config), cut)
    at = state_of(tmp_path / "cut")["global_step"]
    last = tmp_path / "cut" / "checkpoints" / "last.ckpt"
    train(run_in(tmp_path / "cut", config, checkpoint=last, steps=at), lambda _: None)
    assert 0 < at < 12
    assert_same_weights(tmp_path / "cut", tmp_path / "whole")
    with pytest.raises(AssertionError):
        assert_same_weights(tmp_path / "plain", tmp_path / "whole")


def test_a_run_that_is_over_is_not_resumed(whole):
    path, _ = whole
    steps = state_of(path)["global_step"]
    with pytest.raises(DrumtokError, match="is over"):
        train(run_in(path, checkpoint=path / "checkpoints" / "last.ckpt", steps=steps))


def test_a_run_that_was_killed_before_its_first_validation_was_saved_is_resumed(whole, tmp_path):
    def cut(line):
        if line.startswith("epoch 1"):
            raise Cut

    with pytest.raises(Cut):
        train(run_in(tmp_path), cut)
    assert (tmp_path / "best.safetensors").exists()
    assert state_of(tmp_path)["global_step"] == 0
    train(run_in(tmp_path, checkpoint=tmp_path / "checkpoints" / "last.ckpt"), lambda _: None)
    assert_same_weights(tmp_path, whole[0])


def test_a_run_that_was_killed_after_its_last_step_is_exported(whole, tmp_path):
    shutil.copytree(whole[0], tmp_path, dirs_exist_ok=True)
    expected = {name: load_checkpoint(tmp_path / name) for name in ("best.safetensors", "last.safetensors")}
    best = expected["best.safetensors"]
    save_checkpoint(replace(best, weights=network_alone(best.weights)), tmp_path / "best.safetensors")
    (tmp_path / "last.safetensors").unlink()
    (tmp_path / "curves.png").unlink()
    resumed = run_in(
        tmp_path, checkpoint=tmp_path / "checkpoints" / "last.ckpt", steps=state_of(tmp_path)["global_step"]
    )
    train(resumed, lambda _: None)
    assert_same_weights(tmp_path, whole[0])
    for name, network in expected.items():
        found = load_checkpoint(tmp_path / name)
        assert found.weights.keys() == network.weights.keys()
        assert all(np.array_equal(weights, network.weights[key]) for key, weights in found.weights.items())
        assert found.provenance == network.provenance
    with pytest.raises(DrumtokError, match="is over"):
        train(resumed)


def test_without_held_out_songs_there_is_a_note(tmp_path):
    corpus = MemoryCorpus({"train": songs_of(1, 2), "validation": MemorySplit([])})
    lines = []
    run = Run(corpus, "", RunFolder(tmp_path), MODEL, replace(CONFIG, epochs=1))
    train(run, lines.append)
    assert "none being held out" in lines[0]


@pytest.mark.parametrize("accelerator", ["gpu", "mps", "tpu"])
def test_an_accelerator_that_is_not_there_is_an_error(accelerator):
    if accelerator == "gpu" and torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(DrumtokError, match=f"accelerator '{accelerator}'"):
        make_trainer(TrainingConfig(accelerator=accelerator))


def test_devices_that_make_no_sense_are_an_error():
    with pytest.raises(DrumtokError, match="devices 'many'"):
        make_trainer(TrainingConfig(accelerator="cpu", devices="many"))


def test_the_learning_rate_follows_steps_or_time_whichever_is_further():
    config = TrainingConfig(epochs=10, minutes=1.0)
    assert config.fraction_done(step=19, steps_per_epoch=10, seconds=0) == pytest.approx(0.195)
    assert config.fraction_done(step=19, steps_per_epoch=10, seconds=30) == 0.5
    assert config.fraction_done(step=100, steps_per_epoch=10, seconds=0) == 1
    assert replace(config, steps=25).fraction_done(step=19, steps_per_epoch=10, seconds=0) == 0.78
    assert TrainingConfig().seconds == 600
    assert TrainingConfig(steps=3).seconds is None
    assert TrainingConfig(epochs=3).seconds is None
