"""The decay in seconds that is asked for is the one that is measured in the sound."""

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.sound.decay import FALL
from drumtok.sound.voices import SOUND_CLASSES, Controls, SoundModel

RATE = 44_100
FACTORS = (0.25, 0.4, 0.7, 1.0, 1.5, 2.5, 4.0)  # of a sound's own decay
MODEL = SoundModel.load()


def measured(wave):
    """Return the seconds after which the energy that is left is `FALL` below that of all of a sound."""
    left = np.cumsum(wave[::-1].astype(float) ** 2)[::-1]
    return np.argmax(left <= left[0] * 10 ** (-FALL / 10)) / RATE


def latent(sound_class, seed):
    return MODEL.sample(sound_class, np.random.default_rng([9, seed]))


def heard(sound_class, seed, decay, **how):
    return measured(MODEL.render(sound_class, latent(sound_class, seed), Controls(decay=decay), **how))


def ranks(values):
    return np.argsort(np.argsort(values))


@pytest.mark.parametrize("sound_class", SOUND_CLASSES)
def test_the_seconds_asked_for_are_the_seconds_heard(sound_class):
    errors = []
    for seed in range(4):
        own = MODEL.decay(sound_class, latent(sound_class, seed))
        asked = np.clip(own * np.array(FACTORS), 0.05, 6)
        found = np.array([heard(sound_class, seed, decay) for decay in asked])
        assert np.corrcoef(ranks(asked), ranks(found))[0, 1] > 0.97
        errors.extend(np.abs(found / asked - 1))
    assert np.median(errors) < 0.04
    assert np.quantile(errors, 0.9) < 0.1


@pytest.mark.parametrize("sound_class", SOUND_CLASSES)
def test_the_own_decay_of_a_sound_is_heard_without_a_control_and_asked_for_it_changes_nothing(sound_class):
    place = latent(sound_class, 1)
    own, plain = MODEL.decay(sound_class, place), MODEL.render(sound_class, place)
    assert measured(plain) == pytest.approx(own, rel=0.15)
    again = MODEL.render(sound_class, place, Controls(decay=own))
    assert np.abs(again - plain).max() < 1e-3


def test_drums_of_one_decay_are_heard_as_long_as_each_other():
    found = [heard(name, seed, 0.3) for name in ("kick", "snare", "closed", "open", "tom", "crash") for seed in (0, 1)]
    assert found == pytest.approx([0.3] * len(found), rel=0.15)


def test_softer_hits_are_shorter_and_takes_as_long():
    full = heard("snare", 0, 0.4)
    assert 0.6 * full < heard("snare", 0, 0.4, velocity=30) < 0.9 * full
    assert heard("snare", 0, 0.4, take=1) == pytest.approx(full, rel=0.25)


def test_the_factor_of_length_and_the_decay_are_inverses():
    for sound_class in SOUND_CLASSES:
        place = latent(sound_class, 2)
        for length in (0.25, 0.6, 1.8, 4.0):
            decay = MODEL.decay(sound_class, place, length=length)
            assert MODEL.length(sound_class, place, "", decay) == pytest.approx(length, rel=1e-4)


def test_a_decay_that_a_sound_cannot_have_is_the_nearest():
    assert MODEL.length("kick", latent("kick", 0), "", 1e-4) == pytest.approx(1 / 32)
    assert MODEL.length("kick", latent("kick", 0), "", 1e4) == pytest.approx(32)
    longest = MODEL.render("crash", latent("crash", 0), Controls(decay=6))
    assert len(longest) / RATE < 6.1


@pytest.mark.parametrize("value", [0.0, 0.019, 6.5, float("nan")])
def test_a_decay_out_of_range_is_an_error(value):
    with pytest.raises(DrumtokError, match=rf"decay must be between 0\.02 and 6, got {value:g}"):
        Controls(decay=value)
    with pytest.raises(TypeError, match=r"decay must be a float, got '0\.4 s'"):
        Controls(decay="0.4 s")
