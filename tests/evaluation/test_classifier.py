"""The classifier that is to tell written from played windows."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn.metrics import roc_auc_score

from drumtok.evaluation.classifier import WINDOWS_PER_SONG, WindowSet, _areas, draw_windows, halves, tell_apart


@pytest.fixture(autouse=True)
def _one_shuffle(monkeypatch):
    """Of the three, which say no more here."""
    monkeypatch.setattr("drumtok.evaluation.classifier.SHUFFLES", 1)


def songs(count, share, seed, bars=8):
    """Songs of random hits; each song has a step of its own on which all its bars sound."""
    rng = np.random.default_rng(seed)
    made = rng.random((count, bars, 16, 9)) < share
    for song, step in zip(made, rng.integers(16, size=count), strict=True):
        song[:, step] = True
    return list(made)


def drawn(*args, **kwargs):
    return draw_windows(songs(*args, **kwargs), np.random.default_rng(0))


def test_at_most_four_windows_of_a_song_and_none_of_one_bar():
    lengths = (1, 2, 5, 40)
    found = draw_windows([songs(1, 0.2, seed, bars)[0] for seed, bars in enumerate(lengths)], np.random.default_rng(0))
    assert found.songs.tolist() == [0, 1, 1, *[2] * WINDOWS_PER_SONG]
    assert found.windows.shape == (7, 2, 16, 9)
    assert found.count == 3


def test_the_windows_drawn_are_the_songs_own_and_different():
    song = songs(1, 0.3, 0, bars=40)[0]
    found = draw_windows([song], np.random.default_rng(1)).windows.reshape(4, -1)
    pairs = {pair.tobytes() for pair in song.reshape(20, -1)}
    assert {window.tobytes() for window in found} <= pairs
    assert len({window.tobytes() for window in found}) == 4


def test_some_songs_are_numbered_anew():
    found = WindowSet(np.zeros((5, 2, 16, 9), dtype=bool), np.array([0, 0, 1, 2, 2])).of_songs(np.array([2, 0]))
    assert found.songs.tolist() == [0, 0, 1, 1]


def test_what_is_unlike_is_told_apart_and_what_is_alike_is_not():
    rng = np.random.default_rng(0)
    unlike = tell_apart(drawn(30, 0.1, 0), drawn(30, 0.4, 1), rng)
    assert unlike.value > 0.98
    alike = tell_apart(drawn(40, 0.1, 0), drawn(40, 0.1, 1), rng)
    assert 0.3 < alike.value < 0.7  # windows of one song are alike, and yet give nothing away
    assert alike.low < alike.value < alike.high


def test_the_seed_makes_it():
    sides = drawn(6, 0.1, 0), drawn(6, 0.2, 1)
    assert tell_apart(*sides, np.random.default_rng(3)) == tell_apart(*sides, np.random.default_rng(3))


def test_halves_share_no_song(monkeypatch):
    sides = []
    monkeypatch.setattr("drumtok.evaluation.classifier.tell_apart", lambda one, other, rng: sides.extend((one, other)))
    whole = drawn(11, 0.1, 0)
    halves(whole, np.random.default_rng(0))
    assert sorted(side.count for side in sides) == [5, 6]
    together = {window.tobytes() for side in sides for window in side.windows}
    assert together == {window.tobytes() for window in whole.windows}


def test_fewer_songs_than_folds_are_not_compared():
    assert tell_apart(drawn(4, 0.1, 0), drawn(30, 0.1, 1), np.random.default_rng(0)) is None


def test_areas_with_weights_are_those_of_repeated_windows():
    rng = np.random.default_rng(0)
    scores = rng.integers(4, size=30) / 4  # with ties
    is_other = rng.random(30) < 0.4
    times = rng.integers(3, size=30)
    found = _areas(scores, is_other, np.array([np.ones(30), times, np.where(is_other, 0, 1)]))
    assert found[0] == pytest.approx(roc_auc_score(is_other, scores))
    assert found[1] == pytest.approx(roc_auc_score(np.repeat(is_other, times), np.repeat(scores, times)))
    assert np.isnan(found[2])
