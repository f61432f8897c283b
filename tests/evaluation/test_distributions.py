"""Densities of rhythm features and how far they lie apart."""

import numpy as np
import pytest

from drumtok.evaluation.distributions import MOST_DISTANCES, compare_features, densities, set_distances


def normals(mean, n=4000, seed=0):
    return np.random.default_rng(seed).normal(mean, 1, size=n)


def test_a_density_has_an_area_of_1_and_lies_where_the_values_lie():
    found = densities(normals(0), normals(3, seed=1))
    for density, mean in ((found.ours, found.mean_ours), (found.theirs, found.mean_theirs)):
        assert np.trapezoid(density, found.grid) == pytest.approx(1, abs=1e-3)
        assert np.trapezoid(density * found.grid, found.grid) == pytest.approx(mean, abs=1e-2)


@pytest.mark.parametrize("apart", [0.5, 1, 2])
def test_two_normal_distributions_are_as_far_apart_as_is_known(apart):
    from math import erf

    found = densities(normals(0), normals(apart, seed=1))
    # Of standard normals: overlap 2 Phi(-apart / 2), divergence apart ** 2 / 2; the kernel smooths both a little.
    assert found.overlap == pytest.approx(1 - erf(apart / 2 / 2**0.5), abs=0.04)
    assert found.divergence == pytest.approx(apart**2 / 2, rel=0.2)


def test_the_divergence_is_of_theirs_from_ours():
    """What was played and is never written weighs more than what is written beside."""
    narrow, wide = normals(0), np.concatenate([normals(0, seed=1), normals(6, n=400, seed=2)])
    assert densities(narrow, wide).divergence > 2 * densities(wide, narrow).divergence


def test_the_same_values_are_not_apart():
    found = densities(np.arange(10.0), np.arange(10.0))
    assert (found.overlap, found.divergence) == (pytest.approx(1), pytest.approx(0))


def test_a_constant_has_no_spread_and_is_still_compared():
    same, other = densities(np.zeros(5), np.zeros(3)), densities(np.zeros(5), np.ones(5))
    assert (same.overlap, same.divergence) == (pytest.approx(1), pytest.approx(0))
    assert other.overlap < 0.6


def test_distances_are_those_of_rows():
    ours, theirs = (np.random.default_rng(seed).random((n, 5)) for seed, n in ((0, 4), (1, 3)))
    inter, intra = set_distances(ours, theirs, np.random.default_rng(0))
    assert inter.tolist() == pytest.approx([np.linalg.norm(a - b) for a in ours for b in theirs])
    assert intra.tolist() == pytest.approx([np.linalg.norm(theirs[i] - theirs[j]) for i, j in ((0, 1), (0, 2), (1, 2))])


def test_of_large_sets_rows_are_drawn():
    rows = np.zeros((2000, 1))
    inter, intra = set_distances(rows, rows, np.random.default_rng(0))
    assert len(inter) == MOST_DISTANCES
    assert len(intra) < MOST_DISTANCES


def test_every_feature_of_equal_sets_overlaps_more_than_that_of_unlike_ones():
    rng = np.random.default_rng(0)
    sparse, again, dense = (rng.random((150, 2, 16, 9)) < share for share in (0.1, 0.1, 0.4))
    alike, unlike = compare_features(sparse, again, rng), compare_features(dense, again, rng)
    assert alike.keys() == unlike.keys()
    assert len(alike) == 18
    for name, found in alike.items():
        assert found.overlap > 0.8, name
    assert unlike["kick, hits a bar"].overlap < 0.3
    assert unlike["density, distances"].overlap < 0.1
