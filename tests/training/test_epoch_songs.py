"""Epochs of training: songs by weight, changed songs and loops mixed in, and what determines them."""

import itertools
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from strategies import FITTING
from tiny_corpus import MemorySplit, song_of, songs_of

from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.augmentation.parts import in_split
from drumtok.dataset.augmentation.transforms import AUGMENTATIONS
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern, steps_per_bar
from drumtok.tokenizer.labels import BEAT, CHANGED, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, from_ids, hits_per_quarter, to_ids
from drumtok.training.data.epoch_songs import Epochs, meter_of
from drumtok.training.data.mixture import INGREDIENTS, LOOPS, POOL_LOOPS, Mixture
from drumtok.training.data.window_batches import IGNORE, TARGET, WindowBatches

BEAT_IDS = to_ids(Pattern.from_grid("kick |x-------x-------|\nclosed |x-x-x-x-x-x-x-x-|"))
RIDE_IDS = to_ids(Pattern.from_grid("kick |x-------x-------|\nride |x-x-x-x-x-x-x-x-|"))


def songs(epochs, number):
    epoch = epochs.epoch(number)
    return [epoch.song(index).tobytes() for index in range(len(epoch))]


@pytest.fixture(scope="module")
def pools():
    return {POOL_LOOPS: in_split(load_parts(), "train")}


def test_without_a_mixture_an_epoch_is_the_songs():
    split = songs_of(0, 20)
    epochs = Epochs(split)
    assert epochs.words == split.lengths.sum()
    for number in range(3):
        epoch = epochs.epoch(number)
        assert songs(epochs, number) == [song.tobytes() for song in split.songs]
        assert epoch.lengths.tolist() == split.lengths.tolist()
        assert [epoch.conditioning(i) for i in range(20)] == [split.conditioning(i) for i in range(20)]


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_a_share_of_one_changes_every_song_by_the_augmentation(name):
    rng = np.random.default_rng(0)
    split = MemorySplit([song_of(rng, bars, words=BAR_ID) for bars in (1, 2, 4, 6, 9) * 6])
    epochs = Epochs(split, Mixture({name: 1.0}), seed=3)
    epoch, changed = epochs.epoch(0), 0
    for index, ids in enumerate(split.songs):
        made = epoch.song(index)
        assert len(made) == epoch.lengths[index]
        assert (made[16::17] == BAR_ID).all()
        assert epoch.conditioning(index).kind == split.conditioning(index).kind
        changed += made.tobytes() != ids.tobytes()
    assert changed > 10
    assert epochs.words == epoch.lengths.sum()


def test_a_song_is_changed_exactly_as_by_the_augmentation():
    epochs = Epochs(MemorySplit([BEAT_IDS] * 3), Mixture({"ride-for-hat": 1.0}))
    assert songs(epochs, 0) == [RIDE_IDS.tobytes()] * 3


def test_shares_are_those_of_the_songs():
    epochs = Epochs(MemorySplit([BEAT_IDS] * 4000), Mixture({"ride-for-hat": 0.2, "double-time": 0.3}))
    counts = Counter(songs(epochs, 0))
    assert 700 < counts[RIDE_IDS.tobytes()] < 900
    assert 1900 < counts[BEAT_IDS.tobytes()] < 2100
    assert len(counts) == 3


def test_no_epoch_is_like_another_and_the_seed_decides_them_all(pools):
    split, mixture = songs_of(0, 20), Mixture({"rotate-bars": 0.3, "drop-lane": 0.4}, {POOL_LOOPS: 0.5})
    drawn = [songs(Epochs(split, mixture, 5, pools=pools), number) for number in range(4)]
    for one, other in itertools.combinations(drawn, 2):
        assert one[:20] != other[:20]
        assert not set(one[20:]) & set(other[20:])
    again = Epochs(split, mixture, 5, pools=pools)
    assert [songs(again, number) for number in (3, 1)] == [drawn[3], drawn[1]]
    assert songs(Epochs(split, mixture, 6, pools=pools), 0) != drawn[0]


def test_loops_come_after_the_songs_by_their_share_of_words(pools):
    split = songs_of(0, 40)
    epochs = Epochs(split, Mixture(loops={POOL_LOOPS: 0.5}), pools=pools)
    epoch = epochs.epoch(2)
    loops = range(40, len(epoch))
    words = epoch.lengths[40:].sum()
    assert abs(words - split.lengths.sum() / 2) <= epochs.loop_words / 2
    assert epochs.words == split.lengths.sum() + words
    hands = [[LANE_INDEX[lane] for lane in lanes] for lanes in ROLES.values()]
    for index in loops:
        pattern = from_ids(epoch.song(index))
        assert all(pattern.hits[:, lanes].any() for lanes in hands)
        assert epoch.conditioning(index) == Conditioning(
            BEAT, source=CHANGED, hits=hits_per_quarter(epoch.song(index), 4)
        )
    with pytest.raises(IndexError):
        epoch.song(len(epoch))


@pytest.mark.parametrize("weight", [0.25, 1.0, 1.5, 3.0])
def test_weights_are_kept_over_the_epochs(weight):
    split = songs_of(0, 50)
    split.weights = np.full(50, weight, dtype=np.float32)
    epochs = Epochs(split)
    counts = sum((Counter(songs(epochs, number)) for number in range(8)), Counter())
    assert {counts[song.tobytes()] for song in split.songs} == {8 * weight}
    sizes = [len(epochs.epoch(number)) for number in range(8)]
    assert max(sizes) - min(sizes) < 30 * (weight % 1 > 0) + 1
    assert epochs.words == round(weight * int(split.lengths.sum()))


def test_an_epoch_of_small_weights_is_not_empty():
    split = MemorySplit([BEAT_IDS])
    split.weights = np.array([0.01], dtype=np.float32)
    assert all(len(Epochs(split).epoch(number)) == 1 for number in range(5))


def test_windows_of_a_mixture_are_as_many_in_every_epoch_and_of_its_songs(pools):
    split = songs_of(0, 30)
    split.weights = np.full(30, 0.5, dtype=np.float32)
    epochs = Epochs(split, Mixture({"half-time": 0.5}, {POOL_LOOPS: 0.3}), pools=pools)
    batches = WindowBatches(epochs, 64, 4, (1, 2), seed=0)
    for number in range(4):
        batches.set_epoch(number)
        rows = np.concatenate([batches[i] for i in range(len(batches))])
        assert len(rows) == 48  # 12 steps of 4 windows, for 2,966 words on average
        targets = rows[..., TARGET]
        words = int(epochs.epoch(number).lengths.sum())
        assert 0.99 * min(words, targets.size) <= (targets != IGNORE).sum() <= words
        whole = b"".join(np.append(song, np.uint16(999)).tobytes() for song in map(_ids, songs(epochs, number)))
        bar = targets[3][np.flatnonzero(targets[3] == BAR_ID)[0] + 1 :][:17].astype(np.uint16)
        assert bar.tobytes() in whole


def _ids(data):
    return np.frombuffer(data, dtype=np.uint16)


def test_processes_that_prepare_batches_make_the_same_ones(pools):
    epochs = Epochs(songs_of(0, 30), Mixture({"thin-hats": 0.5}, {POOL_LOOPS: 0.5}), pools=pools)
    batches = WindowBatches(epochs, 64, 4, (1, 2), seed=0)
    batches.set_epoch(1)
    alone, helped = ([*torch.utils.data.DataLoader(batches, batch_size=None, num_workers=n)] for n in (0, 2))
    assert all(torch.equal(one, other) for one, other in zip(alone, helped, strict=True))


@given(st.sampled_from(FITTING))
def test_a_meter_is_known_by_the_steps_of_its_bar(shape):
    grid, meter = shape
    steps = steps_per_bar(grid, meter)
    conditioning = meter_of(steps, grid)
    assert steps_per_bar(grid, conditioning) == steps
    assert conditioning[1] <= max(meter[1], 4)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["swing=0.1"], f"unknown augmentation 'swing', must be one of {', '.join(INGREDIENTS)}"),
        (["drop-lane"], "augment must be NAME=FRACTION such as drop-lane=0.1, got 'drop-lane'"),
        (["drop-lane=much"], "augment must be NAME=FRACTION such as drop-lane=0.1, got 'drop-lane=much'"),
        (["drop-lane=0.1", "drop-lane=0.2"], "augmentation 'drop-lane' must be given once"),
        (["drop-lane=-0.1"], "the fraction of drop-lane must be between 0 and 1, got -0.1"),
        (["drop-lane=nan"], "the fraction of drop-lane must be between 0 and 1, got nan"),
        (["pool-loops=11"], "the fraction of pool-loops must be between 0 and 10, got 11"),
        (["drop-lane=0.7", "thin-hats=0.7"], "the fractions of drop-lane, thin-hats must be at most 1 in total"),
    ],
)
def test_an_invalid_mixture_is_an_error(texts, message):
    with pytest.raises(DrumtokError, match=message):
        Mixture.parse(texts)


def test_loops_of_none_are_not_made(pools):
    assert Epochs(songs_of(0, 5), Mixture(loops=dict.fromkeys(LOOPS, 0.0)), pools=pools).loops == {}


def test_parts_that_make_no_loop_are_an_error_before_the_training():
    with pytest.raises(DrumtokError, match="pool-loops cannot be made: no kick, snare and hats parts"):
        Epochs(songs_of(0, 5), Mixture(loops={POOL_LOOPS: 0.5}), pools={POOL_LOOPS: dict.fromkeys(ROLES, ())})


def test_a_changed_song_always_carries_its_own_label():
    split = MemorySplit([BEAT_IDS] * 200)
    epoch = Epochs(split, Mixture({"drop-lane": 0.3, "double-time": 0.3})).epoch(0)
    conditioning = [epoch.conditioning(index) for index in range(200)]
    changed = [not np.array_equal(epoch.song(index), BEAT_IDS) for index in range(200)]
    assert 80 < sum(changed) < 160
    assert all(own.source == CHANGED for own, other in zip(conditioning, changed, strict=True) if other)
    assert {own.only(()).source for own in conditioning} == {"", CHANGED}
    assert {own.tempo for own in conditioning} == {100.0, None}


def test_the_hits_of_a_changed_song_are_its_own():
    epoch = Epochs(MemorySplit([BEAT_IDS] * 50), Mixture({"drop-lane": 0.4, "double-time": 0.4})).epoch(0)
    changed = {index: epoch.conditioning(index) for index in range(50) if epoch.conditioning(index).source == CHANGED}
    assert {index: own.hits for index, own in changed.items()} == {
        index: hits_per_quarter(epoch.song(index), 4) for index in changed
    }
    assert len({own.hits for own in changed.values()}) > 2
