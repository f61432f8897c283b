"""Distances between bars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drumtok.drums import LANE_INDEX
from drumtok.evaluation.bar_distance import DRUM_WEIGHTS, nearest_distance, self_similarity


def some_bars(low=0, high=6):
    return arrays(bool, st.tuples(st.integers(low, high), st.just(4), st.just(9)))


def by_hand(bars, known):
    return [min((DRUM_WEIGHTS * (bar != other)).sum() for other in known) for bar in bars]


@given(some_bars(), some_bars(low=1))
def test_the_distance_is_the_minimum_over_all_known_bars(bars, known):
    assert nearest_distance(bars, known).tolist() == by_hand(bars, known)


@pytest.mark.parametrize(("block", "known_block"), [(1, 1), (3, 7), (1000, 1000)])
def test_block_sizes_make_no_difference(block, known_block):
    rng = np.random.default_rng(0)
    bars, known = (rng.random((n, 16, 9)) < 0.2 for n in (20, 50))
    distances = nearest_distance(bars, known, block=block, known_block=known_block)
    assert distances.tolist() == by_hand(bars, known)


def test_hits_are_weighted_by_drum_and_a_known_bar_has_distance_0():
    bars = np.zeros((3, 16, 9), dtype=bool)
    bars[1, 0, LANE_INDEX["kick"]] = True
    bars[2, :3, LANE_INDEX["ride"]] = True
    assert nearest_distance(bars, bars[:1]).tolist() == [0, 2, 3]
    assert nearest_distance(bars, bars[::-1]).tolist() == [0, 0, 0]


def test_a_full_bar_is_exact():
    """The largest possible distance of two bars: on thirty-seconds, in the longest meter."""
    full = np.ones((1, 48, 9), dtype=bool)
    assert nearest_distance(full, ~full).tolist() == [48 * DRUM_WEIGHTS.sum()]


def test_without_known_bars_distances_are_infinite():
    assert nearest_distance(np.ones((1, 4, 9), dtype=bool), np.zeros((0, 4, 9), dtype=bool)).tolist() == [np.inf]


@given(some_bars(low=1))
def test_similarity_is_symmetric_and_1_for_equal_bars_alone(bars):
    similarity = self_similarity(bars)
    assert np.array_equal(similarity, similarity.T)
    assert ((similarity >= 0) & (similarity <= 1)).all()
    same = (bars[:, None] == bars).all(axis=(2, 3))
    assert np.array_equal(similarity == 1, same)


def test_bars_without_a_common_hit_have_similarity_0():
    bars = np.zeros((2, 4, 9), dtype=bool)
    bars[0, 0], bars[1, 1] = True, True
    assert self_similarity(bars)[0, 1] == 0
