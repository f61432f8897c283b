"""Densities of rhythm features, and their overlap and divergence."""

import numpy as np
import pytest

from drumtok.evaluation.distributions import MOST_DISTANCES, compare_features, densities, set_distances


def normals(mean, n=4000, seed=0):
    return np.random.default_rng(seed).normal(mean, 1, size=n)


def test_a_density_has_area_1_and_the_mean_of_the_values():
    found = densities(normals(0), normals(3, seed=1))
    for density, mean in ((found.ours, found.mean_ours), (found.theirs, found.mean_theirs)):
        assert np.trapezoid(density, found.grid) == pytest.approx(1, abs=1e-3)
        assert np.trapezoid(density * found.grid, found.grid) == pytest.approx(mean, abs=1e-2)


@pytest.mark.parametrize("apart", [0.5, 1, 2])
def test_two_normal_distributions_have_the_known_overlap_and_divergence(apart):
    from math import erf

    found = densities(normals(0), normals(apart, seed=1))
    # Of normal distributions with variance 1: the overlap is 2 Phi(-apart / 2), the divergence apart ** 2 / 2.
    assert found.overlap == pytest.approx(1 - erf(apart / 2 / 2**0.5), abs=0.04)
    assert found.divergence == pytest.approx(apart**2 / 2, rel=0.2)


def test_the_divergence_is_of_the_held_out_density_from_the_generated_one():
    """Held-out values that are never generated cost more than generated values that are not held out."""
    narrow, wide = normals(0), np.concatenate([normals(0, seed=1), normals(6, n=400, seed=2)])
    assert densities(narrow, wide).divergence > 2 * densities(wide, narrow).divergence


def test_equal_values_have_equal_densities():
    found = densities(np.arange(10.0), np.arange(10.0))
    assert (found.overlap, found.divergence) == (pytest.approx(1), pytest.approx(0))


def test_constant_features_are_compared():
    same, other = densities(np.zeros(5), np.zeros(3)), densities(np.zeros(5), np.ones(5))
    assert (same.overlap, same.divergence) == (pytest.approx(1), pytest.approx(0))
    assert other.overlap < 0.6


def test_distances_are_between_rows():
    ours, theirs = (np.random.default_rng(seed).random((n, 5)) for seed, n in ((0, 4), (1, 3)))
    inter, intra = set_distances(ours, theirs, np.random.default_rng(0))
    assert inter.tolist() == pytest.approx([np.linalg.norm(a - b) for a in ours for b in theirs])
    assert intra.tolist() == pytest.approx([np.linalg.norm(theirs[i] - theirs[j]) for i, j in ((0, 1), (0, 2), (1, 2))])


def test_rows_of_large_sets_are_sampled():
    rows = np.zeros((2000, 1))
    inter, intra = set_distances(rows, rows, np.random.default_rng(0))
    assert len(inter) == MOST_DISTANCES
    assert len(intra) < MOST_DISTANCES


def test_features_of_similar_windows_overlap_and_of_different_ones_do_not():
    rng = np.random.default_rng(0)
    sparse, again, dense = (rng.random((150, 2, 16, 9)) < density for density in (0.1, 0.1, 0.4))
    similar, different = compare_features(sparse, again, rng), compare_features(dense, again, rng)
    assert similar.keys() == different.keys()
    assert len(similar) == 18
    for name, found in similar.items():
        assert found.overlap > 0.8, name
    assert different["kick, hits a bar"].overlap < 0.3
    assert different["density, distances"].overlap < 0.1
