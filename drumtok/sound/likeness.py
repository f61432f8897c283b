"""Compare sounds by their log-mel spectra, and find the latent whose sound is most like a given one."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.sound.synthesis import RATE

BANDS, WINDOW, HOP, FRAMES = 32, 1024, 512, 32  # a spectrogram of 0.37 seconds
FLOOR = -60.0  # decibels below the loudest band
STARTS = 3  # sounds of each class that a search begins with
ROUNDS, TRIES, SPREAD = 5, 8, 0.5  # of the search, and how far its first tries lie from the best
Render = Callable[[str, NDArray[np.float32]], NDArray[np.float32]]


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float64]:
    """Return triangles on the mel scale, (bands, frequencies)."""
    lowest, highest = (2595 * math.log10(1 + hertz / 700) for hertz in (40, 16_000))
    edges = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1)
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


def onset_at(wave: NDArray[np.floating]) -> int:
    """Return the frame at which a sound first reaches a tenth of its peak, less a millisecond."""
    level = np.abs(wave)
    return max(int(np.argmax(level >= level.max() / 10)) - RATE // 1000, 0)


def fitted(
    render: Render, size: int, classes: tuple[str, ...], wave: NDArray[np.floating], rate: int
) -> tuple[str, NDArray[np.float32]]:
    """Return the class and the latent whose sound is most like a given one, by trial.

    Raises:
        DrumtokError: the sound is silent.
    """
    if not np.abs(wave).max(initial=0) > 0:
        raise DrumtokError("the sound must not be silent")
    frames = np.arange(0, len(wave), rate / RATE)
    wave = np.interp(frames, np.arange(len(wave)), wave)
    goal = log_mel(wave[onset_at(wave) :])
    rng = np.random.default_rng(0)
    tried = []
    for sound_class in classes:
        for number in range(STARTS):
            latent = np.zeros(size) if number == 0 else 0.8 * rng.standard_normal(size)
            found = log_mel(render(sound_class, latent.astype(np.float32)))
            tried.append((distance(goal, found), sound_class, latent))
    best, sound_class, latent = min(tried, key=lambda one: one[0])
    for turn in range(ROUNDS):
        for _ in range(TRIES):
            near = np.clip(latent + SPREAD * 0.7**turn * rng.standard_normal(size), -3, 3)
            found_distance = distance(goal, log_mel(render(sound_class, near.astype(np.float32))))
            if found_distance < best:
                best, latent = found_distance, near
    return sound_class, latent.astype(np.float32)
