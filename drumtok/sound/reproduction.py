"""Reproduce a given sound: correct its parameters until its spectrogram is like that of the sound."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.bands import KNOTS, RATE, band_centres
from drumtok.sound.likeness import FRAMES, HOP, WINDOW, distance, log_mel, mel_edges
from drumtok.sound.parameters import LEVELS, TONES, from_vector
from drumtok.sound.tones import SILENT

CORRECTIONS, STEP, LARGEST = 8, 0.6, 12.0  # number, fraction of the difference, and decibels of one, at most
STRUCK = 4  # frames of the spectrogram that have the level of a partial
Vector = NDArray[np.floating]


def reproduced(render: Callable[[Vector], NDArray[np.float32]], first: Vector, goal: NDArray[np.float64]) -> Vector:
    """Return parameters, (SIZE,), near given ones, whose sound is more like a spectrogram.

    Args:
        render: returns the sound of parameters.
        first: the parameters to begin with.
        goal: the result of `log_mel`.
    """
    best, least, tried = first, np.inf, first
    for _ in range(1 + CORRECTIONS):
        made = log_mel(render(tried))
        if (found := distance(goal, made)) < least:
            best, least = tried, found
        tried = _corrected(tried, goal - made)
    return best


def _corrected(parameters: Vector, missing: NDArray[np.float64]) -> Vector:
    """Return parameters with most of the decibels that a spectrogram lacks, (frames, bands), added to their levels."""
    moved = np.array(parameters, float)
    levels = _at_knots() @ missing @ _at_hertz(band_centres()).T
    moved[TONES:] += STEP * np.clip(levels, -LARGEST, LARGEST).ravel()
    tone = from_vector(moved).tone
    struck = _at_hertz(tone.hertz * tone.ratios) @ missing[:STRUCK].mean(axis=0)
    moved[LEVELS] += STEP * np.clip(struck, -LARGEST, LARGEST) * (moved[LEVELS] > SILENT + 1)
    return moved


@lru_cache(maxsize=1)
def _at_knots() -> NDArray[np.float64]:
    """Return the weights of the frames of a spectrogram at each knot, (knots, frames); none beyond the last."""
    moments = (np.arange(FRAMES) * HOP + WINDOW / 2) / RATE
    return _weights(KNOTS, moments) * (moments[-1] >= KNOTS)[:, None]


def _at_hertz(hertz: Vector) -> NDArray[np.float64]:
    """Return the weights of the bands of a spectrogram at frequencies, (frequencies, bands)."""
    return _weights(np.log(hertz), np.log(mel_edges()[1:-1]))


def _weights(places: Vector, grid: Vector) -> NDArray[np.float64]:
    """Return the weights of linear interpolation, (places, points of the grid)."""
    return np.array([np.interp(places, grid, one) for one in np.eye(len(grid))]).T
