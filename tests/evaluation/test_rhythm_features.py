"""Rhythm features, compared with values computed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drumtok.drums import LANE_INDEX
from drumtok.evaluation.rhythm_features import (
    PAIRS,
    bars_as_hits,
    feature_groups,
    metrical_weights,
    single_features,
    syncopation,
    two_bar_windows,
)
from drumtok.pattern import Pattern
from drumtok.tokenizer.tokens import to_ids

KICK, SNARE = LANE_INDEX["kick"], LANE_INDEX["snare"]
WINDOWS = arrays(bool, st.tuples(st.integers(1, 4), st.just(2), st.just(8), st.just(9)))


def window(grid: str) -> np.ndarray:
    """Return a window of two bars of sixteenths, (1, 2, 16, 9), from grid notation."""
    return Pattern.from_grid(grid).hits.reshape(1, 2, 16, 9)


GROOVE = window(
    """
kick  |x-------x-------|x-----x---------|
snare |----x-------x---|----x-------x---|
closed|x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|
"""
)


def test_bars_are_the_hits_of_the_song():
    pattern = Pattern.from_grid("kick |x---x---x---x---|--------x-------|")
    assert np.array_equal(bars_as_hits(to_ids(pattern), 16).reshape(32, 9), pattern.hits)


def test_bars_from_the_first_of_another_length_on_are_left_out():
    song = to_ids(Pattern.from_grid("kick |x---x---x---x---|"))
    three_four = to_ids(Pattern.from_grid("kick |x-----------|", meter=(3, 4)))
    assert len(bars_as_hits(np.concatenate([song, song, three_four, song]), 16)) == 2
    assert bars_as_hits(three_four, 16).shape == (0, 16, 9)
    assert bars_as_hits(song[:-1], 16).shape == (0, 16, 9)  # a bar without its BAR


def test_windows_are_consecutive_and_do_not_overlap():
    bars = np.zeros((5, 16, 9), dtype=bool)
    bars[np.arange(5), np.arange(5), 0] = True
    assert np.argwhere(two_bar_windows(bars))[:, :3].tolist() == [[0, 0, 0], [0, 1, 1], [1, 0, 2], [1, 1, 3]]


def test_features_of_a_groove_by_hand():
    groups = {name: columns[0] for name, columns in feature_groups(GROOVE).items()}
    assert groups["density"][:3].tolist() == [4 / 32, 4 / 32, 16 / 32]
    kick = groups["onset histograms"].reshape(16, 9)[:, KICK]
    assert np.flatnonzero(kick == 1).tolist() == [0]
    assert np.flatnonzero(kick == 0.5).tolist() == [6, 8]
    assert groups["change between the bars"][:3].tolist() == [2 / 16, 0, 0]
    both = dict(zip(zip(*(p.tolist() for p in PAIRS), strict=True), groups["drums together"].tolist(), strict=True))
    assert (both[0, 1], both[0, 2], both[1, 2]) == (0, 4 / 32, 4 / 32)
    single = {name: values[0] for name, values in single_features(GROOVE).items()}
    assert single["steps hit a bar"] == 8
    assert single["drums a step hit"] == 24 / 16
    assert single["hits changed in the second bar"] == 2


def test_syncopation_by_hand():
    on_the_beat = window("kick |x---x---x---x---|x---x---x---x---|")
    assert syncopation(on_the_beat)[0, KICK] == 0
    # step 14 (weight -3) is held over the bar line (0): 3; step 4 (-2) over nothing stronger: 0;
    # step 6 (-3) over step 8 (-1): 2; step 10 (-3) over step 12 (-2): 1
    pushed = window("kick |--------------x-|----x-x---x-----|")
    assert syncopation(pushed)[0, KICK] == pytest.approx((3 + 0 + 2 + 1) / 32)
    assert syncopation(pushed)[0, SNARE] == 0


def test_metrical_weights_of_triplets():
    weights = metrical_weights(12)
    assert weights[0] == 0
    assert weights[6] == -1
    assert weights[3] == weights[9] == -2
    assert weights[1] == weights.min()


@given(WINDOWS)
def test_features_are_finite_and_independent_for_each_window(windows):
    groups = {**feature_groups(windows), **single_features(windows)}
    alone = {**feature_groups(windows[-1:]), **single_features(windows[-1:])}
    for name, columns in groups.items():
        assert len(columns) == len(windows)
        assert np.isfinite(columns).all()
        assert (columns >= 0).all()
        assert columns[-1] == pytest.approx(alone[name][0])


@given(WINDOWS)
def test_swapping_the_bars_changes_only_syncopation(windows):
    one, other = feature_groups(windows), feature_groups(windows[:, ::-1])
    for name in one.keys() - {"syncopation"}:  # notes held over the bar line depend on the order
        assert np.allclose(one[name], other[name])
