"""Measure in the sounds what their controls do."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from benchmarks.sound.real_sounds import LANES
from drumtok.sound.bands import RATE
from drumtok.sound.voices import Controls, SoundModel

Wave = NDArray[np.float32]
SOUNDS, VALUES = 3, 7  # of each lane, and of each control


def _power(wave: Wave) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    hertz = np.fft.rfftfreq(2 * RATE, 1 / RATE)
    power: NDArray[np.float64] = np.abs(np.fft.rfft(wave, 2 * RATE)).astype(np.float64) ** 2
    heard: NDArray[np.float64] = hertz[hertz > 25].astype(np.float64)
    return heard, power[hertz > 25]


def pitch(wave: Wave) -> float:
    """Return the mean logarithm of frequency."""
    hertz, power = _power(wave)
    return float((power * np.log(hertz)).sum() / power.sum())


def centroid(wave: Wave) -> float:
    """Return the spectral centroid in hertz."""
    hertz, power = _power(wave)
    return float((power * hertz).sum() / power.sum())


def flatness(wave: Wave) -> float:
    """Return the spectral flatness."""
    power = _power(wave)[1] + 1e-12
    return float(np.exp(np.log(power).mean()) / power.mean())


def length(wave: Wave) -> float:
    """Return the frames until 30 dB of the energy are left."""
    left = np.cumsum(wave[::-1].astype(float) ** 2)[::-1]
    return float(np.argmax(left < left[0] / 1000))


def attack(wave: Wave) -> float:
    """Return the fraction of energy in the first 5 ms."""
    return float((wave[:220] ** 2).sum() / (wave**2).sum())


def loudness(wave: Wave) -> float:
    """Return the power of the first 100 ms."""
    return float((wave[: RATE // 10] ** 2).mean())


# control -> its feature and range
FEATURES: dict[str, tuple[Callable[[Wave], float], float, float]] = {
    "tune": (pitch, -12, 12),
    "decay": (length, 0.1, 2.0),
    "brightness": (centroid, -1, 1),
    "punch": (attack, -1, 1),
    "noise": (flatness, -1, 1),
    "drive": (loudness, 0, 1),
}


def correlations(model: SoundModel) -> dict[str, dict[str, float]]:
    """Return control -> lane -> rank correlation of the control with its feature, mean of some sounds."""
    found: dict[str, dict[str, float]] = {}
    for control, (feature, low, high) in FEATURES.items():
        values = np.linspace(low, high, VALUES)
        for number, lane in enumerate(LANES):
            ranks = []
            for seed in range(SOUNDS):
                latent = model.sample(lane, np.random.default_rng([number, seed]))
                waves = [model.render(lane, latent, Controls(**{control: float(value)})) for value in values]
                ranks.append(spearmanr(values, [feature(wave) for wave in waves]).statistic)
            found.setdefault(control, {})[lane] = float(np.mean(ranks))
    return found
