"""Sounds from a class, a latent and controls: controls, velocity, takes, and the reproduction of a given sound."""

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.sound.likeness import distance, log_mel, onset_at
from drumtok.sound.voices import SOUND_CLASSES, Controls, SoundModel

RATE = 44_100
MODEL = SoundModel.load()


def latent(sound_class, seed=1):
    return MODEL.sample(sound_class, np.random.default_rng(seed))


def power(wave):
    return np.abs(np.fft.rfft(wave)) ** 2, np.fft.rfftfreq(len(wave), 1 / RATE)


def centroid(wave):
    energy, hertz = power(wave)
    return (energy * hertz).sum() / energy.sum()


def lasting(wave):
    """Return the seconds until a sound stays 30 dB below its peak."""
    return np.flatnonzero(np.abs(wave) > np.abs(wave).max() / 31.6)[-1] / RATE


@pytest.mark.parametrize("sound_class", SOUND_CLASSES)
def test_a_hit_is_finite_and_ends_in_silence_and_softer_is_duller(sound_class):
    place = latent(sound_class)
    loud, soft = (MODEL.render(sound_class, place, velocity=velocity) for velocity in (127, 30))
    assert loud.dtype == np.float32
    assert loud.ndim == 1
    assert np.isfinite(loud).all()
    assert 0.5 < np.abs(loud).max() <= 1.001
    assert abs(loud[-1]) < 1e-3
    assert RATE // 20 < len(loud) < 4 * RATE
    assert centroid(soft) < centroid(loud)
    assert np.array_equal(loud, MODEL.render(sound_class, place))
    assert not np.array_equal(loud, MODEL.render(sound_class, place, take=1))


def test_what_is_low_is_low_and_what_is_high_is_high():
    seeds = range(6)
    of = {
        name: np.median([centroid(MODEL.render(name, latent(name, seed))) for seed in seeds])
        for name in ("kick", "tom", "snare", "closed", "crash")
    }
    assert of["kick"] < of["tom"] < of["snare"] < of["crash"]
    assert of["kick"] < 300
    assert of["closed"] > 5000


@pytest.mark.parametrize(
    ("control", "values", "sound_class", "measure"),
    [
        ("tune", (-12, 0, 12), "tom", centroid),
        ("brightness", (-1, 0, 1), "snare", centroid),
        ("noise", (-1, 0, 1), "snare", centroid),
        ("decay", (0.2, 0.5, 2), "open", lasting),
    ],
)
def test_a_control_does_what_it_is_named_after(control, values, sound_class, measure):
    place = latent(sound_class)
    measured = [measure(MODEL.render(sound_class, place, Controls(**{control: value}))) for value in values]
    assert measured[0] < measured[1] < measured[2]


def test_a_tom_an_octave_higher_has_twice_the_frequency():
    place = latent("tom")
    found = []
    for tune in (0, 12):
        energy, hertz = power(MODEL.render("tom", place, Controls(tune=tune))[RATE // 10 : RATE // 2])
        found.append(hertz[energy.argmax()])
    assert found[1] / found[0] == pytest.approx(2, rel=0.06)


@pytest.mark.parametrize("name", ["kick", "closed"])
def test_a_sound_of_a_class_is_found_again(name):
    wave = MODEL.render(name, latent(name, seed=5))
    found = MODEL.encode(np.concatenate([np.zeros(500, np.float32), wave]), RATE)
    assert found.sound_class == name
    assert found.latent.shape == latent(name).shape
    again = MODEL.render(found.sound_class, found.latent, detail=found.detail)
    assert distance(log_mel(again), log_mel(wave)) < 1.5
    assert distance(log_mel(again), log_mel(wave)) < distance(log_mel(MODEL.render(name, found.latent)), log_mel(wave))


@pytest.mark.parametrize("frames", [1, 2, 50])
@pytest.mark.parametrize("rate", [4000, RATE, 384_000])
def test_the_shortest_sounds_are_reproduced(frames, rate):
    found = MODEL.encode(np.full(frames, 0.5, np.float32), rate)
    assert np.isfinite(MODEL.render(found.sound_class, found.latent, detail=found.detail)).all()


def test_a_sound_is_reproduced_in_a_given_class_and_its_controls_work():
    wave = MODEL.render("snare", latent("snare"), Controls(brightness=0.5, decay=0.4))
    found = MODEL.encode(wave, RATE, "clap")
    assert found.sound_class == "clap"
    plain, *made = [
        MODEL.render("clap", found.latent, Controls(tune=tune), detail=detail)
        for tune, detail in ((0, ""), (-12, found.detail), (0, found.detail), (12, found.detail))
    ]
    own = log_mel(wave[onset_at(wave) :])
    assert distance(log_mel(made[1]), own) < 0.6 * distance(log_mel(plain), own)
    assert centroid(made[0]) < centroid(made[1]) < centroid(made[2])


@pytest.mark.parametrize("sound_class", ["kick", "clap", "crash"])
@pytest.mark.parametrize("far", [-100.0, 0.0, 100.0])
def test_a_latent_outside_the_training_range_makes_a_finite_sound(sound_class, far):
    place = np.full(MODEL.latent_size, far)
    for controls in (Controls(), Controls(decay=6.0, drive=1.0, noise=1.0), Controls(decay=0.02, tune=24.0)):
        wave = MODEL.render(sound_class, place, controls)
        assert np.isfinite(wave).all()
        assert len(wave) / RATE < 6.1
    assert 0 < MODEL.decay(sound_class, place) < 6


def test_what_is_no_class_or_latent_is_an_error():
    with pytest.raises(DrumtokError, match=r"class must be one of kick, .*, got 'banjo'"):
        MODEL.sample("banjo", np.random.default_rng(0))
    for take in (0, 1):
        with pytest.raises(DrumtokError, match="latent must have"):
            MODEL.render("kick", np.zeros(1, np.float32), take=take)
    with pytest.raises(DrumtokError, match="the sound must not be silent"):
        MODEL.encode(np.zeros(100, np.float32), RATE)
