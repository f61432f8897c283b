"""Bootstrap confidence intervals over songs."""

import numpy as np
import pytest

from drumtok.evaluation.bootstrap import RESAMPLES, Estimate, Ratio, resample


def test_a_ratio_is_a_mean_over_values_not_over_songs():
    ratio = Ratio.of([[1, 1, 1], [0]])
    assert ratio.value == pytest.approx(3 / 4)
    assert ratio.estimate(np.random.default_rng(0)).value == ratio.value


def test_an_empty_ratio_is_0():
    for songs in ([], [[], []]):
        assert Ratio.of(songs).estimate(np.random.default_rng(0)) == Estimate(0.0, 0.0, 0.0)


def test_every_resample_has_the_same_number_of_songs():
    drawn = resample(7, np.random.default_rng(0))
    assert drawn.shape == (RESAMPLES, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(7), abs=0.2)


def test_with_many_songs_the_interval_is_that_of_the_normal_distribution():
    rng = np.random.default_rng(0)
    values = rng.normal(3, 2, size=400)
    estimate = Ratio(values, np.ones(400)).estimate(rng)
    error = values.std() / 20
    assert (estimate.low, estimate.high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.04
    )


def test_songs_are_resampled_whole():
    """Twenty songs with a hundred equal values each count as twenty values, not two thousand."""
    rng = np.random.default_rng(0)
    songs = np.repeat(rng.random(20), 100).reshape(20, 100)
    whole = Ratio.of(songs).estimate(np.random.default_rng(1))
    apart = Ratio.of(songs.reshape(-1, 1)).estimate(np.random.default_rng(1))
    assert whole.high - whole.low > 5 * (apart.high - apart.low)


def test_the_interval_depends_on_the_seed_alone():
    ratio = Ratio.of([[1, 0], [1, 1], [0]])
    assert ratio.estimate(np.random.default_rng(4)) == ratio.estimate(np.random.default_rng(4))
