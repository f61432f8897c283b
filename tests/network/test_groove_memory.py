"""What is remembered of each drum: values by hand, equal step by step and for whole songs, in NumPy and torch."""

import numpy as np
import pytest
import torch

from drumtok.network.groove_inputs import Performance, played_as
from drumtok.network.groove_memory import FADES, HATS, RECALLED, TRACES, DrumMemory, recalled_at_hits, soft_bins
from drumtok.training.groove_model import soft_bins as torch_soft_bins

LAST, LEVEL, BEAT, HALF, BAR, KEPT, KEPT_BAR = range(len(TRACES))
VELOCITY, OFFSET, CHANGE, KNOWN = range(4)


def a_song(seed=0, bars=4):
    rng = np.random.default_rng(seed)
    hits = rng.random((16 * bars, 9)) < 0.3
    velocity = np.where(hits, rng.integers(1, 128, hits.shape), 0).astype(np.uint8)
    offset = np.where(hits, rng.uniform(-0.4, 0.4, hits.shape), 0).astype(np.float32)
    return Performance(hits, velocity, offset, 16, 100.0)


def of_songs(*songs):
    """Return the arguments of `recalled_at_hits` for songs of one length."""
    played = np.stack([played_as(song.hits, song.velocity, song.offset) for song in songs])
    hits = np.stack([song.hits for song in songs]).astype(np.float32)
    return hits, np.stack([song.positions for song in songs]), played


def remembered(played, position):
    """Return the traces, (traces, 4), and the nearness of the kick before a step; hits are step -> velocity, offset."""
    recall = DrumMemory(1)
    for step in range(position):
        velocity, offset = played.get(step, (0, 0.0))
        row = played_as(np.arange(9) == 0 if velocity else np.zeros(9, bool), np.full(9, velocity), np.full(9, offset))
        recall.note(np.array([step % 16]), row[None])
    found = recall.recalled(np.array([position % 16]))
    assert found.shape == (1, 9, RECALLED)
    assert not found[0, 1:].any()  # nothing is known of drums that were not hit
    return found[0, 0, :-1].reshape(len(TRACES), 4), found[0, 0, -1]


def test_nothing_is_known_at_first():
    traces, near = remembered({}, 5)
    assert not traces.any()
    assert near == 0


def test_the_last_hit_and_those_of_the_place_are_kept_apart():
    traces, near = remembered({0: (96, 0.25), 4: (32, 0.0), 6: (64, -0.25)}, 16)
    # the hit of velocity 64, after one of 32
    assert traces[LAST, [VELOCITY, OFFSET, CHANGE]].tolist() == [0.0, -1.0, 0.5]
    assert traces[BAR].tolist() == [0.5, 1.0, 0.0, 0.25]  # the only hit on the first step of a bar
    assert traces[BEAT, [VELOCITY, CHANGE, KNOWN]].tolist() == [0.0, 0.5, 0.5]  # the hits on beats: 96, then 32
    assert traces[LEVEL, VELOCITY] == pytest.approx(0.0)  # the mean of all three
    assert near == pytest.approx(FADES**10)


def test_a_running_mean_forgets():
    steps = {16 * bar: (127 if bar < 6 else 1, 0.0) for bar in range(12)}
    traces, _ = remembered(steps, 16 * 12)
    loud, soft = 127 / 64 - 1, 1 / 64 - 1
    fraction = 0.5**6
    assert traces[BAR, VELOCITY] == pytest.approx(fraction * loud + (1 - fraction) * soft)
    assert traces[BAR, KNOWN] == 1
    assert traces[LEVEL, VELOCITY] > traces[BAR, VELOCITY]  # the level forgets more slowly
    assert traces[KEPT_BAR, VELOCITY] == traces[LEVEL, VELOCITY]  # as slowly, since all hits are on one step
    assert traces[KEPT, VELOCITY] == pytest.approx((loud + soft) / 2, abs=1e-6)  # the plain mean of so few hits


def test_of_whole_songs_it_is_that_of_step_by_step():
    songs = a_song(0), a_song(1)
    found = recalled_at_hits(*of_songs(*songs))
    assert len(found) == sum(song.hits.sum() for song in songs)
    for song, own in zip(songs, np.split(found, [songs[0].hits.sum()]), strict=True):
        assert np.array_equal(recalled_at_hits(*of_songs(song)), own)
    later = songs[0].velocity.copy()
    later[40:] = np.where(songs[0].hits[40:], 128 - later[40:], 0)
    changed = recalled_at_hits(*of_songs(Performance(songs[0].hits, later, songs[0].offset, 16, 100.0)))
    number = songs[0].hits[:41].sum()
    assert np.array_equal(changed[:number], found[:number])  # it depends on the past only
    assert not np.array_equal(changed[number:], found[number : len(changed)])


def test_soft_bins_hold_what_is_known():
    found = recalled_at_hits(*of_songs(a_song()))
    known = found[:, :-1].reshape(-1, len(TRACES), 4)[:, :, KNOWN] > 0
    for own in soft_bins(found):
        bins = own.reshape(-1, len(TRACES), HATS)
        assert np.allclose(bins.sum(axis=-1), known, atol=1e-5)
        assert ((bins > 0).sum(axis=-1) <= 2).all()
    velocity = soft_bins(found)[0].reshape(-1, len(TRACES), HATS) @ np.linspace(1, 127, HATS)
    last = found[:, 0] * 64 + 64
    assert np.allclose(velocity[known[:, 0], 0], last[known[:, 0]], atol=1e-3)  # soft bins keep the exact velocity


def test_torch_has_the_same_soft_bins():
    found = recalled_at_hits(*of_songs(a_song()))
    for own, theirs in zip(soft_bins(found), torch_soft_bins(torch.from_numpy(found)), strict=True):
        assert np.allclose(own, theirs.numpy(), atol=1e-6)
