"""Metrics of made sounds: what a model that makes one sound covers, and how far its sounds are apart."""

import numpy as np
import pytest

from benchmarks.sound.metrics import FOUND, NEIGHBOURS, covered_fraction, evenly, mean_difference, new_fraction


@pytest.fixture(scope="module")
def real():
    return np.random.default_rng(0).normal(size=(40, 8, 6)).astype(np.float32) * 10


def test_real_sounds_cover_themselves(real):
    assert covered_fraction(real, real) == 1


def test_one_sound_covers_its_neighbours_alone(real):
    among = [np.sort(np.abs(real - one).mean(axis=(1, 2)))[NEIGHBOURS] for one in real]
    near = np.abs(real - real[0]).mean(axis=(1, 2)) <= among
    assert covered_fraction(np.repeat(real[:1], 60, axis=0), real) == pytest.approx(near.mean())
    assert near.mean() < 0.5


def test_no_sounds_and_far_sounds_cover_nothing(real):
    assert covered_fraction(real[:0], real) == covered_fraction(real + 100, real) == 0


def test_mean_difference_is_that_of_pairs():
    assert mean_difference(np.array([0, 2, 4], np.float32)[:, None, None]) == pytest.approx(8 / 3)


def test_a_sound_is_new_once_and_what_is_found_in_training_is_not(real):
    training, again = real[:10], real[10:15] + FOUND / 2
    assert new_fraction(real[10:20], training) == 1
    assert new_fraction(np.concatenate([real[10:20], again]), training) == pytest.approx(10 / 15)
    assert new_fraction(training, training) == 0


def test_some_sounds_are_taken_from_all(real):
    assert np.array_equal(evenly(real, 3), real[[0, 19, 39]])
    assert np.array_equal(evenly(real, 60), real)
