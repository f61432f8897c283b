"""Sound parameters: vectors and back, and sounds reproduced from their analysis."""

import numpy as np
import pytest

from drumtok.sound.bands import RATE
from drumtok.sound.likeness import distance, log_mel
from drumtok.sound.parameters import DEPTH, LEVELS, SIZE, TONES, analyse, floors, from_vector, importance, to_vector
from drumtok.sound.synthesis import Strike, synthesise

TIME = np.arange(RATE // 2) / RATE
NOISE = np.random.default_rng(0).standard_normal(len(TIME))
SOUNDS = {
    "tone": np.sin(2 * np.pi * 110 * TIME) * np.exp(-TIME * 12),
    "noise": NOISE / 4 * np.exp(-TIME * 25),
    "both": np.sin(2 * np.pi * 190 * TIME) * np.exp(-TIME * 25) + NOISE / 8 * np.exp(-TIME * 30),
}


@pytest.fixture(scope="module")
def vectors():
    return analyse(np.array(list(SOUNDS.values())), [True, False, True])


def test_vectors_and_parameters_are_inverse(vectors):
    assert vectors.shape == (3, SIZE)
    for vector in vectors:
        again = to_vector(from_vector(vector))
        assert np.allclose(again, vector, atol=0.01)


def test_a_sound_is_made_again(vectors):
    for vector, wave in zip(vectors, SOUNDS.values(), strict=True):
        assert distance(log_mel(synthesise(from_vector(vector), False, Strike())), log_mel(wave)) < 3.0


def test_a_tone_has_a_partial_and_noise_has_none(vectors):
    tone, noise, both = vectors
    assert tone[LEVELS].max() > -6
    assert (noise[LEVELS] == floors()[LEVELS]).all()
    assert both[LEVELS].max() > -12
    assert (vectors[:, TONES:] >= -DEPTH).all()


def test_every_number_counts():
    assert importance().shape == floors().shape == (SIZE,)
    assert (importance() > 0).all()
