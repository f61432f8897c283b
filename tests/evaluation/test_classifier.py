"""The classifier that distinguishes generated from played windows."""

from importlib.util import find_spec

import numpy as np
import pytest

from drumtok.evaluation.classifier import (
    WINDOWS_PER_SONG,
    WindowSet,
    _areas,
    classifier_auc,
    draw_windows,
    split_in_halves,
)

pytestmark = pytest.mark.skipif(find_spec("sklearn") is None, reason="requires scikit-learn")


def songs(count, density, seed, bars=8):
    """Return songs of random hits; each has one random step on which every bar has a hit of every drum."""
    rng = np.random.default_rng(seed)
    made = rng.random((count, bars, 16, 9)) < density
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


def test_the_drawn_windows_are_distinct_windows_of_the_song():
    song = songs(1, 0.3, 0, bars=40)[0]
    found = draw_windows([song], np.random.default_rng(1)).windows.reshape(4, -1)
    pairs = {pair.tobytes() for pair in song.reshape(20, -1)}
    assert {window.tobytes() for window in found} <= pairs
    assert len({window.tobytes() for window in found}) == 4


def test_chosen_songs_are_renumbered():
    found = WindowSet(np.zeros((5, 2, 16, 9), dtype=bool), np.array([0, 0, 1, 2, 2])).of_songs(np.array([2, 0]))
    assert found.songs.tolist() == [0, 0, 1, 1]


@pytest.mark.slow  # fits several classifiers
def test_different_songs_are_separated_and_similar_songs_are_not():
    rng = np.random.default_rng(0)
    unlike = classifier_auc(drawn(30, 0.1, 0), drawn(30, 0.4, 1), rng, shuffles=1)
    assert unlike.value > 0.98
    alike = classifier_auc(drawn(40, 0.1, 0), drawn(40, 0.1, 1), rng, shuffles=1)
    assert 0.3 < alike.value < 0.7  # windows of one song are similar, but stay in one fold
    assert alike.low < alike.value < alike.high


def test_the_auc_depends_on_the_seed_alone():
    sets = drawn(6, 0.1, 0), drawn(6, 0.2, 1)
    one, other = (classifier_auc(*sets, np.random.default_rng(3), shuffles=1) for _ in range(2))
    assert one == other


def test_halves_have_no_song_in_common():
    whole = drawn(11, 0.1, 0)
    halves = split_in_halves(whole, np.random.default_rng(0))
    assert sorted(half.count for half in halves) == [5, 6]
    together = {window.tobytes() for half in halves for window in half.windows}
    assert together == {window.tobytes() for window in whole.windows}


def test_fewer_songs_than_folds_have_no_auc():
    assert classifier_auc(drawn(4, 0.1, 0), drawn(30, 0.1, 1), np.random.default_rng(0)) is None


def test_a_weighted_auc_is_that_of_repeated_windows():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    scores = rng.integers(4, size=30) / 4  # with ties
    is_other = rng.random(30) < 0.4
    times = rng.integers(3, size=30)
    found = _areas(scores, is_other, np.array([np.ones(30), times, np.where(is_other, 0, 1)]))
    assert found[0] == pytest.approx(roc_auc_score(is_other, scores))
    assert found[1] == pytest.approx(roc_auc_score(np.repeat(is_other, times), np.repeat(scores, times)))
    assert np.isnan(found[2])
