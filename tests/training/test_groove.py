"""The groove network: NumPy equals torch, draws depend on the past only, training, and metrics by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from played_takes import CONFIG, a_take
from tiny_corpus import MemoryCorpus, MemorySplit

from drumtok.errors import DrumtokError
from drumtok.evaluation.groove_baselines import baseline_ratios, independent_noise, with_expression
from drumtok.evaluation.groove_metrics import divergences, expression_auc, mean_auc, network_ratios, tunes
from drumtok.network.groove_bins import (
    OFFSET_EDGES,
    VELOCITY_EDGES,
    CopulaSampler,
    medians,
    offset_bins,
    probabilities,
    velocity_bins,
)
from drumtok.network.groove_checkpoint import GrooveCheckpoint, groove_shapes, load_groove, save_groove
from drumtok.network.groove_engine import GrooveEngine
from drumtok.network.groove_inputs import Performance
from drumtok.pattern import Pattern
from drumtok.tokenizer.expression import EXPRESSION_DTYPES, expression_of
from drumtok.tokenizer.labels import BEAT, FILL, Conditioning
from drumtok.tokenizer.tokens import to_ids
from drumtok.training.config import TrainingConfig
from drumtok.training.data.groove_windows import GrooveSongs, GrooveStretch, GrooveWindows, performance, rows_of
from drumtok.training.groove_model import GrooveNet
from drumtok.training.groove_module import LitGroove, bins_of, groove_logits, groove_loss, groove_sums
from drumtok.training.groove_module import medians as torch_medians
from drumtok.training.run_folder import RunFolder
from drumtok.training.run_planning import plan_run
from drumtok.training.runs import Run
from drumtok.training.trainer import train


class PlayedSplit(MemorySplit):
    """Takes, the first of which is a fill."""

    def __init__(self, takes):
        super().__init__([to_ids(take) for take in takes])
        self.takes = takes
        self.played = np.array([expression_of(take).is_played for take in takes])

    def expression(self, index):
        return expression_of(self.takes[index])

    def conditioning(self, index):
        return Conditioning(BEAT if index else FILL, ("funk", "rock")[index % 2], self.takes[index].tempo, "memory")


def split_of(seed, count):
    return PlayedSplit([a_take(seed + n, 1 + n % 4, tempo=90 + 5.0 * n) for n in range(count)])


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    made = GrooveNet(CONFIG).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(2)
    return made


def kept(network):
    """Return the weights of a network that a checkpoint contains."""
    return {name: weight for name, weight in network.state_dict().items() if not name.startswith("fold_readers.")}


@pytest.fixture(scope="module")
def engine(network):
    weights = {name: tensor.numpy() for name, tensor in kept(network).items()}
    return GrooveEngine(GrooveCheckpoint(CONFIG, weights, 4, name="small"))


def rows_as_tensors(songs):
    steps = max(len(song.hits) for song in songs)
    rows = rows_of(
        [GrooveStretch(song, song.profile(), fold) for fold, song in enumerate(songs)], steps, CONFIG.styles, 4
    )
    return type(rows)(*map(torch.from_numpy, rows))


def test_numpy_predicts_what_torch_predicts(network, engine):
    songs = [
        Performance.of(a_take(1, 8, tempo=97.3), "rock"),
        Performance.of(a_take(2, 2, tempo=141), "a style that is not known"),
        Performance.of(a_take(3, 1), ""),
    ]
    for song in songs:
        with torch.no_grad():
            logits = groove_logits(network, rows_as_tensors([song]))
        assert not logits.fold_logits
        for own, theirs in zip((*engine.conditioning(song), *engine.drawn(song)), logits[:4], strict=True):
            assert np.abs(own - theirs.numpy()).max() < 1e-4
            assert np.ptp(own) > 0.5  # logits that differ, as the comparison would prove nothing otherwise


def test_the_network_has_the_weights_of_its_shape(network):
    shapes = {name: tuple(tensor.shape) for name, tensor in kept(network).items()}
    assert shapes == groove_shapes(CONFIG)


def test_the_best_guess_does_not_depend_on_the_expression(engine):
    song = Performance.of(a_take(1, 4))
    other = replace(song, velocity=song.velocity[::-1] * song.hits, offset=-song.offset)
    for own, theirs in zip(engine.conditioning(song), engine.conditioning(other), strict=True):
        assert np.array_equal(own, theirs)


def in_training(seed, change=()):
    """Return a network in training, without dropout, a batch of two songs of different folds, and their logits."""
    torch.manual_seed(seed)
    network = GrooveNet(replace(CONFIG, dropout=0.0)).train()
    with torch.no_grad():
        for name in change:
            network.get_submodule(name).told["velocity"].bias.add_(torch.arange(64) / 8)
    batch = rows_as_tensors([Performance.of(a_take(3, 2), "funk"), Performance.of(a_take(4, 2), "rock")])
    return network, batch, groove_logits(network, batch)


def test_in_training_the_decoder_reads_predictions_of_readers_that_have_not_seen_the_song():
    _, batch, before = in_training(0)
    first = int(batch.hits[0].sum())
    for fold, own in enumerate((slice(0, first), slice(first, None))):
        other = slice(first, None) if fold == 0 else slice(0, first)
        after = in_training(0, [f"fold_readers.{fold}"])[2]
        assert not torch.allclose(after.drawn_velocity[own], before.drawn_velocity[own])
        assert torch.equal(after.drawn_velocity[other], before.drawn_velocity[other])
    after = in_training(0, ["reader"])[2]
    assert torch.equal(after.drawn_velocity, before.drawn_velocity)
    assert not torch.allclose(after.guess_velocity, before.guess_velocity)


def test_nobody_learns_from_the_songs_of_his_fold():
    network, batch, _ = in_training(0)
    assert batch.fold.tolist() == [0, 1]
    network.zero_grad()
    groove_loss(network, batch._replace(fold=torch.zeros(2, dtype=torch.long))).backward()
    grads = [reader.window.weight.grad for reader in (network.reader, *network.fold_readers)]
    assert grads[0].abs().sum() > 0
    assert grads[1] is None or not grads[1].any()  # all songs are of its fold, and no gradient comes from the decoder
    assert grads[2].abs().sum() > 0


def test_songs_are_in_folds_by_their_number():
    split = split_of(0, 6)
    windows = GrooveWindows(split, 32, 4, seed=1, styles=CONFIG.styles, conditioning=1.0, grid=4)
    batch = windows[0]
    assert set(batch.fold) == {0, 1}
    assert np.array_equal(batch.style - 1, batch.fold)  # the styles of these takes alternate too


def test_what_is_drawn_follows_the_past_alone(engine):
    song = Performance.of(a_take(1, 4))
    number = int(song.hits[:32].sum())  # the hits of two bars
    velocity = song.velocity.copy()
    velocity[32:] = np.where(song.hits[32:], 127 - velocity[32:] // 2, 0)
    other = replace(song, velocity=velocity)
    first, second = engine.drawn(song), engine.drawn(other)
    assert np.array_equal(first.velocity[: number + 1], second.velocity[: number + 1])
    assert not np.allclose(first.offset[number], second.offset[number])  # an offset depends on the velocity of its hit
    assert not np.allclose(first.velocity[number + 1 :], second.velocity[number + 1 :])


def test_draws_come_from_the_prediction(engine):
    song = Performance.of(a_take(5, 2))
    expression = engine.draw(song, np.random.default_rng(0))
    again = engine.draw(song, np.random.default_rng(0))
    assert np.array_equal(expression.velocity, again.velocity)
    assert np.array_equal(expression.offset, again.offset)
    assert len(expression.velocity) == song.hits.sum()
    ticks = (expression.offset + 0.5) * 120
    assert np.allclose(ticks, np.rint(ticks))
    sure = np.full(64, -50.0)
    sure[[20, 63]] = 0
    drawn = {CopulaSampler(np.random.default_rng(seed), 0.3).velocity(sure) for seed in range(200)}
    assert drawn == {41, 42, 127}
    sure = np.full(60, -50.0)
    sure[30] = 0
    assert {CopulaSampler(np.random.default_rng(seed), 0.3).offset(sure) for seed in range(50)} == {0.0, 1 / 120}


def test_leaning_draws_hang_together_and_are_distributed_the_same():
    logits, rng = np.linspace(0, 3, 64), np.random.default_rng(0)
    takes = np.array(
        [[draws.velocity(logits) for _ in range(20)] for draws in (CopulaSampler(rng, 0.6) for _ in range(2000))]
    )
    alone = np.array([CopulaSampler(rng, 0.0).velocity(logits) for _ in range(40_000)])
    assert abs(takes.mean() - alone.mean()) < 1.5
    assert abs(takes.std() - alone.std()) < 1.5
    assert takes.mean(axis=1).std() > 2 * alone.std() / np.sqrt(20)  # independent draws would have a ratio of 1
    assert np.corrcoef(takes[:, 0], takes[:, 1])[0, 1] == pytest.approx(0.36, abs=0.07)


def test_bins_hold_what_lies_between_their_edges():
    velocity, offset = np.arange(1, 128), np.arange(-60, 60) / 120
    for values, bins, edges in (
        (velocity, velocity_bins(velocity), VELOCITY_EDGES),
        (offset, offset_bins(offset), OFFSET_EDGES),
    ):
        assert ((edges[bins] < values) & (values < edges[bins + 1])).all()
        assert bins.max() == len(edges) - 2


def test_torch_has_the_same_bins_and_medians(engine):
    song = Performance.of(a_take(1, 4))
    batch = rows_as_tensors([song])
    ours = velocity_bins(song.velocity[song.hits]), offset_bins(song.offset[song.hits])
    for own, theirs in zip(ours, bins_of(batch), strict=True):
        assert np.array_equal(own, theirs.numpy())
    logits = engine.conditioning(song).velocity
    guess = medians(probabilities(logits), VELOCITY_EDGES)
    assert np.allclose(guess, torch_medians(torch.from_numpy(logits), VELOCITY_EDGES).numpy(), atol=1e-4)


def test_a_file_comes_back_and_describes_itself(engine, tmp_path, small_checkpoint_path):
    save_groove(engine.checkpoint, tmp_path / "a.safetensors", half=False)
    back = load_groove(tmp_path / "a.safetensors")
    assert (back.config, back.grid, back.name) == (CONFIG, 4, "a")
    for name, weight in engine.checkpoint.weights.items():
        assert np.array_equal(back.weights[name], weight)
    with pytest.raises(DrumtokError, match="format must be 'drumtok-groove-3', got 'drumtok-1'"):
        load_groove(small_checkpoint_path)
    lacking = dict(engine.checkpoint.weights)
    del lacking["decoder.weight_hh_l0"]
    with pytest.raises(DrumtokError, match="has no weight 'decoder"):
        GrooveEngine(replace(engine.checkpoint, weights=lacking))


def test_a_song_of_a_corpus_is_the_pattern_that_it_was():
    split = split_of(0, 3)
    for index, take in enumerate(split.takes):
        song, own = performance(split, index), Performance.of(take)
        assert np.array_equal(song.hits, own.hits)
        assert np.array_equal(song.velocity, own.velocity)
        assert np.array_equal(song.offset, own.offset)
        assert (song.per_bar, song.tempo) == (16, take.tempo)


def test_the_past_is_a_step_a_bar_and_two_bars_before():
    song = Performance.of(a_take(4, 3))
    past = song.past().reshape(48, 3, 3, 9)
    for place, back in enumerate((1, 16, 32)):
        assert not past[:back, place].any()
        assert np.array_equal(past[back:, place, 0], song.hits[:-back])
        assert np.allclose(past[back:, place, 2], 4 * song.offset[:-back])


def test_the_profile_is_how_often_each_place_is_hit():
    hits = np.zeros((32, 9), dtype=bool)
    hits[[0, 16, 20], 1] = True
    profile = Performance.of(Pattern(hits)).profile()
    assert profile[:144].reshape(16, 9)[[0, 4, 8], 1].tolist() == [1.0, 0.5, 0.0]
    assert profile[144 + 1] == 4 * 3 / 32


def test_stretches_are_whole_bars_of_the_songs_and_follow_from_the_seed():
    split = split_of(0, 6)
    windows = GrooveWindows(split, 32, 4, seed=1, styles=CONFIG.styles, conditioning=1.0, grid=4)
    first = windows[0]
    assert first.hits.shape == (4, 32, 9)
    assert first.velocity.shape == first.offset.shape == first.milliseconds.shape == (int(first.hits.sum()),)
    assert set(first.style) <= {1, 2}
    windows.set_epoch(1)
    assert not np.array_equal(windows[0].hits, first.hits)
    windows.set_epoch(0, skip=1)
    assert np.array_equal(windows[len(windows) - 1].hits, first.hits)
    unconditioned = GrooveWindows(split, 32, 4, seed=1, styles=CONFIG.styles, conditioning=0.0, grid=4)
    assert set(unconditioned[0].style) == {0}


def test_half_a_batch_on_two_devices_is_the_batch_of_one_and_no_song_is_read_by_both():
    split = split_of(0, 40)
    one, two = (
        GrooveWindows(split, 32, batch, seed=1, styles=CONFIG.styles, conditioning=0.5, grid=4) for batch in (4, 2)
    )
    two.set_batches_per_step(2)
    assert len(two) == 2 * len(one)
    asked, song = ([], []), split.song
    for step in range(len(one)):
        whole, halves = one[step], []
        for part in range(2):
            split.song = lambda index, part=part: asked[part].append(index) or song(index)
            halves.append(two[2 * step + part])
        split.song = song
        for name in ("hits", "profile", "style", "velocity", "offset"):
            np.testing.assert_array_equal(getattr(whole, name), np.concatenate([getattr(h, name) for h in halves]))
    assert min(map(len, asked)) > 10
    assert not set(asked[0]) & set(asked[1])


def test_songs_are_drawn_by_their_length():
    split = split_of(0, 6)
    windows, drawn, song = GrooveWindows(split, 16, 2, seed=1, styles=(), conditioning=0.0, grid=4), [], split.song
    split.song = lambda index: drawn.append(index) or song(index)
    for epoch in range(100):
        windows.set_epoch(epoch)
        for number in range(len(windows)):
            windows[number]
    shares = np.bincount(drawn, minlength=6) / len(drawn)
    assert np.abs(shares - split.lengths / split.lengths.sum()).max() < 0.03


def test_validation_is_of_whole_beats():
    split = split_of(0, 6)
    batches = GrooveSongs(split, CONFIG.styles, 4, multiple=3)
    assert len(batches) == 3
    hits = sum(batches[number].hits.sum() for number in range(3))
    assert hits == sum(take.hits.sum() for take in split.takes[1:])  # the first take is a fill


def test_songs_that_nobody_played_are_refused():
    drawn = PlayedSplit([Pattern(a_take(0).hits)])
    with pytest.raises(DrumtokError, match="the corpus must hold MIDI with velocities and timing"):
        GrooveWindows(drawn, 32, 4, seed=1, styles=(), conditioning=1.0, grid=4)


def test_a_few_takes_are_learnt_by_heart():
    torch.manual_seed(0)
    made = GrooveNet(replace(CONFIG, dropout=0.0))
    batch = rows_as_tensors([Performance.of(a_take(seed, 2), "funk") for seed in range(2)])
    optimizer = torch.optim.AdamW(made.parameters(), lr=0.04)
    for _ in range(80):
        optimizer.zero_grad()
        groove_loss(made, batch).backward()
        optimizer.step()
    bits, loud, late, count = groove_sums(made, batch).tolist()
    assert count == batch.hits.sum()
    assert bits / count < 2
    assert loud / count < 2
    assert late / count < 3  # milliseconds


def test_silence_has_no_loss(network):
    batch = rows_as_tensors([Performance.of(Pattern(np.zeros((16, 9))))])
    loss = groove_loss(network, batch)
    loss.backward()
    assert loss.item() == 0
    network.zero_grad()


def test_a_run_is_trained_exported_and_resumed(tmp_path):
    corpus = MemoryCorpus({"train": split_of(0, 8), "validation": split_of(50, 4)})
    training = TrainingConfig(epochs=2, batch=4, window=256, validate_every=1, accelerator="cpu", augment=())
    lines = []
    run = Run(corpus, "", RunFolder(tmp_path), CONFIG, training)
    train(run, lines.append)
    assert sum("bits per hit; errors: velocity" in line for line in lines) == 2
    made = load_groove(tmp_path / "best.safetensors")
    assert made.config == CONFIG
    assert set(made.provenance) >= {"val_bits", "val_velocity", "val_timing", "steps"}
    assert len(list((tmp_path / "samples").glob("*.mid"))) == 2
    longer = replace(run, training=replace(training, epochs=3), checkpoint=run.folder.last, steps=2)
    train(longer, lines.append)
    assert load_groove(tmp_path / "last.safetensors").provenance["epochs"] == 3


def test_a_run_with_weights_of_other_names_is_not_resumed(tmp_path):
    corpus = MemoryCorpus({"train": split_of(0, 8), "validation": split_of(50, 4)})
    training = TrainingConfig(epochs=1, batch=4, window=256, validate_every=1, accelerator="cpu", augment=())
    folder = RunFolder(tmp_path)
    train(Run(corpus, "", folder, CONFIG, training), lambda line: None)
    state = torch.load(folder.last, weights_only=True)
    reader = "network.reader."
    state["state_dict"] = {name.replace(reader, "network."): own for name, own in state["state_dict"].items()}
    torch.save(state, folder.last)  # the names of versions with a single reader
    with pytest.raises(DrumtokError, match="is of another version of drumtok"):
        plan_run(CONFIG, training, resume=tmp_path)


def test_embeddings_do_not_decay():
    module = LitGroove(CONFIG, TrainingConfig(label_rate=3))
    embeddings = [part for part in module.network.modules() if isinstance(part, torch.nn.Embedding)]
    decayed, other, _ = module.configure_optimizers().param_groups
    assert (decayed["weight_decay"] > 0, other["weight_decay"]) == (True, 0)
    assert len(embeddings) > 6
    assert {id(part.weight) for part in embeddings} <= {id(own) for own in other["params"]}
    assert all(own.ndim == 2 for own in decayed["params"])


def held_out():
    return [Performance.of(a_take(seed, 4), "funk") for seed in range(20, 28)]


def test_errors_by_hand(engine):
    songs = held_out()
    training = [Performance.of(a_take(seed, 8)) for seed in range(4)]
    found = baseline_ratios(training, songs, 4) | network_ratios(engine, songs)
    late = np.concatenate([np.abs(song.offset[song.hits]) for song in songs])
    assert found["timing.grid"].value == pytest.approx(late.mean() * 125)  # a sixteenth at 120 BPM lasts 125 ms
    within = [np.abs(own - np.median(own)) for own in (song.offset[song.hits] for song in songs)]
    assert found["timing.within.grid"].value == pytest.approx(np.concatenate(within).mean() * 125)
    assert found["timing.within"].value < found["timing"].value  # its median error is left out
    assert found["velocity"].counts.sum() == len(late)
    assert found["velocity.median"].value < 5 < found["velocity.one"].value
    assert found["timing.median"].value < 0.05 * 125 < found["timing.grid"].value
    # the network has random weights
    assert found["nats.histogram"].value < np.log(127) + np.log(120) < found["nats"].value


def test_noise_of_the_right_spread_is_near_where_the_drums_are_even(engine):
    songs, training = held_out(), [Performance.of(a_take(seed, 8)) for seed in range(4)]
    noise = independent_noise(training, songs, np.random.default_rng(0))
    for drums in divergences(songs, songs * 3, noise).values():  # each song may be played several times
        assert all(ours == pytest.approx(0, abs=1e-9) and 0 < other < 0.5 for ours, other in drums.values())


def test_what_is_drawn_and_noise_are_as_exact_as_what_a_corpus_keeps(engine):
    songs, training = held_out(), [Performance.of(a_take(seed, 8)) for seed in range(4)]
    kept = (np.arange(-60, 60) / 120).astype(EXPRESSION_DTYPES["offsets"]).astype(np.float32)
    drawn = [with_expression(song, engine.draw(song, np.random.default_rng(0))) for song in songs]
    for song in drawn + independent_noise(training, songs, np.random.default_rng(0)):
        assert np.isin(song.offset, kept).all()
        assert song.velocity[song.hits].min() >= 1
        assert not song.velocity[~song.hits].any()


@pytest.mark.slow  # fits several classifiers
def test_a_mean_auc_takes_each_set_of_performances_once():
    songs = [Performance.of(a_take(seed, 2)) for seed in range(40)]
    rigid = [replace(song, velocity=np.where(song.hits, 100, 0).astype(np.uint8)) for song in songs]
    apart = np.arange(len(songs))
    one, both = (
        mean_auc(songs, rigid + songs, apart, sets, np.random.default_rng(0), shuffles=1).value for sets in (1, 2)
    )
    assert one > 0.95  # rigid playing is recognised
    assert both == pytest.approx(0.75, abs=0.1)


def test_files_of_one_name_are_takes_of_one_tune():
    names = ("a/one/1_funk.mid", "b/one/1_funk.mid", "a/one/2_funk.mid", "a/one/1_fill.mid", "c/1_funk.mid")
    lines = [{"name": name, "source": "a", "kind": FILL if "fill" in name else BEAT, "meter": "4/4"} for name in names]
    lines[-1]["source"] = "c"
    played = SimpleNamespace(played=np.ones(len(names), dtype=bool))
    corpus = SimpleNamespace(songs={"test": lines}, split=lambda name: played)
    assert tunes(corpus, "test", "a").tolist() == [0, 0, 1]


@pytest.mark.slow  # fits several classifiers
def test_a_classifier_trained_on_a_take_of_a_tune_recognises_its_other_takes():
    rng, played, drawn = np.random.default_rng(0), [], []
    for tune in range(6):
        take, level = Performance.of(a_take(tune, 2)), rng.integers(20, 120, 9)
        for own, levels in ((played, [level] * 5), (drawn, rng.integers(20, 120, (5, 9)))):
            own += [replace(take, velocity=(take.hits * one).astype(np.uint8)) for one in levels]
    by_file, by_tune = (
        expression_auc(played, drawn, groups, np.random.default_rng(0), shuffles=1).value
        for groups in (np.arange(30), np.arange(30) // 5)
    )
    assert by_file > 0.8 > 0.7 > by_tune


def test_a_classifier_does_not_separate_the_same_playing():
    songs = [Performance.of(a_take(seed, 2)) for seed in range(40)]
    auc = expression_auc(songs, songs, np.arange(len(songs)), np.random.default_rng(0), shuffles=1)
    assert auc.value == pytest.approx(0.5, abs=0.2)
