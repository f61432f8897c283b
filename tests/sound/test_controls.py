"""Each control of a sound raises the feature that it is named after, as measured in the sound."""

import numpy as np
import pytest

from drumtok.sound.voices import Controls, SoundModel

RATE = 44_100


def spectrum(wave):
    """Return the frequencies above 25 Hz and their powers."""
    hertz = np.fft.rfftfreq(2 * RATE, 1 / RATE)
    return hertz[hertz > 25], (np.abs(np.fft.rfft(wave, 2 * RATE)) ** 2)[hertz > 25]


def pitch(wave):
    hertz, power = spectrum(wave)
    return (power * np.log(hertz)).sum() / power.sum()


def length(wave):
    left = np.cumsum(wave[::-1] ** 2)[::-1]
    return np.argmax(left < left[0] / 1000)


def centroid(wave):
    hertz, power = spectrum(wave)
    return (power * hertz).sum() / power.sum()


def attack(wave):
    return (wave[:220] ** 2).sum() / (wave**2).sum()


def flatness(wave):
    power = spectrum(wave)[1] + 1e-12
    return np.exp(np.log(power).mean()) / power.mean()


def loudness(wave):
    return (wave[:4410] ** 2).mean()


FEATURES = {
    "tune": ((-12, -4, 4, 12), pitch, {}),
    "decay": ((0.05, 0.2, 0.6, 2.0), length, {}),
    "brightness": ((-1, -0.3, 0.3, 1), centroid, {}),
    "punch": ((-1, -0.3, 0.3, 1), attack, {}),
    "noise": ((-1, -0.3, 0.3, 1), flatness, {"clap"}),  # a clap is all noise
    "drive": ((0, 0.3, 0.6, 1), loudness, {}),
}


@pytest.mark.parametrize("control", FEATURES)
@pytest.mark.parametrize("name", ["kick", "snare", "clap", "closed", "tom", "ride"])
def test_a_control_raises_its_feature(name, control):
    values, feature, without = FEATURES[control]
    if name in without:
        pytest.skip("the class has no tone")
    model = SoundModel.load()
    latent = model.sample(name, np.random.default_rng(0))
    found = [feature(model.render(name, latent, Controls(**{control: float(value)}))) for value in values]
    assert found == sorted(found)
    assert found[-1] > found[0]


@pytest.mark.parametrize("name", ["closed", "open", "ride", "crash"])
@pytest.mark.parametrize("seed", [0, 1])
def test_each_semitone_pair_raises_a_cymbal(name, seed):
    model = SoundModel.load()
    latent = model.sample(name, np.random.default_rng(seed))
    found = [pitch(model.render(name, latent, Controls(tune=tune))) for tune in range(-12, 13, 4)]
    assert found == sorted(found)
    assert min(np.diff(found[:4])) > 0.1  # 4 semitones would raise the logarithm by 0.23


def test_a_deep_kick_that_is_tuned_down_stays_audible():
    model = SoundModel.load()
    latent = model.sample("kick", np.random.default_rng([0, 1]))  # a kick of 45 Hz
    low, plain = (model.render("kick", latent, Controls(tune=tune)) for tune in (-12, 0))
    assert pitch(low) < pitch(plain)
    hertz, power = spectrum(low)
    assert 27 < hertz[power.argmax()] < 36


@pytest.mark.parametrize("tune", [-12, 12])
def test_the_lines_of_a_cymbal_move_with_its_tune(tune):
    model = SoundModel.load()
    latent = model.sample("ride", np.random.default_rng(0))
    (hertz, plain), (_, tuned) = (spectrum(model.render("ride", latent, Controls(tune=own))) for own in (0, tune))
    low = hertz[(hertz > 700) & (hertz < 2500)]
    there, moved = np.interp(low, hertz, plain), np.interp(low * 2 ** (tune / 12), hertz, tuned)
    assert np.corrcoef(there, moved)[0, 1] > 0.8
    assert np.corrcoef(there, np.interp(low, hertz, tuned))[0, 1] < 0.5
