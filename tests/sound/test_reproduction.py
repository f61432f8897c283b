"""Correcting parameters brings the spectrogram of a sound close to a given one."""

import numpy as np
import pytest

from drumtok.sound.likeness import distance, log_mel
from drumtok.sound.parameters import LEVELS, TONES, from_vector
from drumtok.sound.reproduction import reproduced
from drumtok.sound.synthesis import Strike, synthesise
from drumtok.sound.voices import SoundModel


def struck(vector):
    return synthesise(from_vector(vector), False, Strike())


@pytest.mark.parametrize("name", ["snare", "tom"])
def test_levels_that_were_changed_are_found_again(name):
    network = SoundModel.load()._network
    vector = network.decode(name, network.draw(name, np.random.default_rng(0))).astype(float)
    goal, first = log_mel(struck(vector)), vector.copy()
    first[TONES:] += 8 * np.sin(np.arange(len(first) - TONES) / 7)
    first[LEVELS] -= 6
    before = distance(goal, log_mel(struck(first)))
    assert distance(goal, log_mel(struck(reproduced(struck, first, goal)))) < 0.4 * before


def test_parameters_that_are_right_stay():
    network = SoundModel.load()._network
    vector = network.decode("snare", network.draw("snare", np.random.default_rng(0)))
    assert np.array_equal(reproduced(struck, vector, log_mel(struck(vector))), vector)
