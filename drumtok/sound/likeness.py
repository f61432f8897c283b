"""Compare sounds by their log-mel spectra."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.bands import RATE

BANDS, WINDOW, HOP, FRAMES = 32, 1024, 512, 32  # a spectrogram of 0.37 seconds
FLOOR = -60.0  # decibels below the loudest band


def mel_edges() -> NDArray[np.float64]:
    """Return the centres of the bands in hertz, between the lower edge of the first and the upper of the last."""
    lowest, highest = (2595 * math.log10(1 + hertz / 700) for hertz in (40, 16_000))
    return np.asarray(700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1))


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float64]:
    """Return triangles on the mel scale, (bands, frequencies)."""
    edges = mel_edges()
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    up = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(np.minimum(up, down), 0) + 1e-12


def log_mel(wave: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the log-mel spectrogram of the beginning of a sound in decibels, (frames, bands); its maximum is 0."""
    padded = np.zeros(HOP * (FRAMES + 1))
    padded[: min(len(wave), len(padded))] = wave[: len(padded)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(windows)) ** 2 @ _filters().T
    decibels = 10 * np.log10(np.maximum(power, 1e-12))
    return np.maximum(decibels - decibels.max(), FLOOR)


def distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the mean difference of two log-mel spectrograms in decibels."""
    return float(np.abs(one - other).mean())


def audible_distance(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Return the mean difference of two log-mel spectrograms in decibels, where either is audible.

    Silence, which all short sounds share, is ignored; sounds with less than 1 dB are nearly equal.
    """
    audible = np.maximum(one, other) > FLOOR
    return float(np.abs(one - other).sum() / max(int(audible.sum()), 1))


def onset_at(wave: NDArray[np.floating]) -> int:
    """Return the frame at which a sound first reaches a tenth of its peak, minus a millisecond."""
    level = np.abs(wave)
    return max(int(np.argmax(level >= level.max() / 10)) - RATE // 1000, 0)
