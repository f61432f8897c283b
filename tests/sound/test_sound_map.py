"""The map of sounds: the places of sounds, and how unusual other sounds are."""

import numpy as np
import pytest

from drumtok.sound.sound_map import MAP_SIZE, sound_map, spot_of, unusualness
from drumtok.sound.voices import SoundModel

MODEL = SoundModel.load()


def test_a_map_fills_a_square():
    spots = sound_map(MODEL, "snare")
    assert len(spots) == MAP_SIZE
    for axis in (0, 1):
        assert np.allclose(sorted(spot[axis] for spot in spots), np.linspace(0, 1, MAP_SIZE))


def test_the_spot_of_a_sound_is_the_nearest():
    spots = sound_map(MODEL, "kick")
    for spot in spots[:5]:
        assert spot_of(MODEL, "kick", spot.latent) is spot
        assert spot_of(MODEL, "kick", spot.latent + 1e-3) is spot


@pytest.mark.parametrize("name", ["kick", "snare", "closed", "crash"])
def test_sounds_of_the_prior_are_as_unusual_as_each_other_and_other_classes_are_more_so(name):
    latents = [MODEL.sample(name, np.random.default_rng([1, seed])) for seed in range(20)]
    found = [unusualness(MODEL, name, MODEL.render(name, latent)) for latent in latents]
    assert 0.25 < np.mean(found) < 0.75
    assert min(found) < 0.3
    tone = np.sin(2 * np.pi * 3000 * np.arange(20_000) / 44_100)
    assert unusualness(MODEL, name, tone) == 1
