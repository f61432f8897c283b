"""Distances between bars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drumtok.drums import LANE_INDEX
from drumtok.evaluation import bar_distance as novelty
from drumtok.evaluation.bar_distance import DRUM_WEIGHTS, nearest_distance, self_similarity


def some_bars(low=0, high=6):
    return arrays(bool, st.tuples(st.integers(low, high), st.just(4), st.just(9)))


def by_hand(bars, known):
    return [min((DRUM_WEIGHTS * (bar != other)).sum() for other in known) for bar in bars]


@given(some_bars(), some_bars(low=1))
def test_it_is_the_nearest_of_all(bars, known):
    assert nearest_distance(bars, known).tolist() == by_hand(bars, known)


@pytest.mark.parametrize(("block", "known_block"), [(1, 1), (3, 7), (1000, 1000)])
def test_blocks_make_no_difference(monkeypatch, block, known_block):
    rng = np.random.default_rng(0)
    bars, known = (rng.random((n, 16, 9)) < 0.2 for n in (20, 50))
    monkeypatch.setattr(novelty, "BLOCK", block)
    monkeypatch.setattr(novelty, "KNOWN_BLOCK", known_block)
    assert nearest_distance(bars, known).tolist() == by_hand(bars, known)


def test_the_weights_count_and_a_known_bar_is_at_0():
    bars = np.zeros((3, 16, 9), dtype=bool)
    bars[1, 0, LANE_INDEX["kick"]] = True
    bars[2, :3, LANE_INDEX["ride"]] = True
    assert nearest_distance(bars, bars[:1]).tolist() == [0, 2, 3]
    assert nearest_distance(bars, bars[::-1]).tolist() == [0, 0, 0]


def test_a_full_bar_is_exact():
    """The farthest two bars of thirty-seconds of the longest meter are from each other."""
    full = np.ones((1, 48, 9), dtype=bool)
    assert nearest_distance(full, ~full).tolist() == [48 * DRUM_WEIGHTS.sum()]


def test_nothing_is_near_where_nothing_is_known():
    assert nearest_distance(np.ones((1, 4, 9), dtype=bool), np.zeros((0, 4, 9), dtype=bool)).tolist() == [np.inf]


@given(some_bars(low=1))
def test_likeness_is_symmetric_and_1_for_like_bars_alone(bars):
    likeness = self_similarity(bars)
    assert np.array_equal(likeness, likeness.T)
    assert ((likeness >= 0) & (likeness <= 1)).all()
    same = (bars[:, None] == bars).all(axis=(2, 3))
    assert np.array_equal(likeness == 1, same)


def test_bars_without_a_common_hit_are_unlike():
    bars = np.zeros((2, 4, 9), dtype=bool)
    bars[0, 0], bars[1, 1] = True, True
    assert self_similarity(bars)[0, 1] == 0
