"""Metrics of loops of one bar: whether they are in the training loops, how they sound, and where they strike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from benchmarks.sound.ancestors.loops import FRAMES, RATE, Loops
from benchmarks.sound.metrics import distances, frechet, mean_difference
from drumtok.evaluation.kit_novelty import SAME_SCORE
from drumtok.pattern import Pattern
from drumtok.sound.likeness import FLOOR, mel_edges

WINDOW, HOP = 512, 128  # 35 and 9 milliseconds
STEPS = 16  # of a bar
NEAR = 0.02  # seconds from a step within which an onset is on it
RISE, APART = 2.5, 0.05  # of an onset: mean rise of the bands in decibels, and seconds to the next


def similarity_scores(made: Loops, training: Loops) -> NDArray[np.float64]:
    """Return the lowest score sum((A - B)^2) / sum(A^2) of each made loop A beside the training loops B, (made,)."""
    a, b = made.astype(float), training.astype(float)
    energy = np.maximum((a**2).sum(axis=1), 1e-9)
    squared = energy[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray((squared / energy[:, None]).min(axis=1))


def _filters() -> NDArray[np.float64]:
    """Return triangles on the mel scale up to half of `RATE`, (bands, frequencies)."""
    edges = mel_edges()
    edges = edges[edges < RATE / 2]
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    bands = np.array([np.interp(hertz, edges[at : at + 3], (0, 1, 0)) for at in range(len(edges) - 2)])
    return bands[bands.sum(axis=1) > 0]


def spectra_of(loops: Loops) -> NDArray[np.float32]:
    """Return log-mel spectrograms in decibels below the loudest band, (loops, frames, bands); the loops repeat."""
    around = np.pad(loops, ((0, 0), (WINDOW // 2, WINDOW // 2)), mode="wrap")
    windows = np.lib.stride_tricks.sliding_window_view(around, WINDOW, axis=1)[:, :FRAMES:HOP]
    filters, window = _filters(), np.hanning(WINDOW)
    power = np.array([np.abs(np.fft.rfft(each * window)) ** 2 @ filters.T for each in windows])
    decibels = 10 * np.log10(np.maximum(power, 1e-12))
    return np.maximum(decibels - decibels.max(axis=(1, 2), keepdims=True), FLOOR).astype(np.float32)


def onsets_of(spectrum: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the onsets of a loop, in steps from 0 to `STEPS`: where the bands rise together."""
    rise = np.maximum(spectrum - np.roll(spectrum, 2, axis=0), 0).mean(axis=1)
    thrice = np.tile(rise, 3)  # the loop repeats
    peaks, _ = find_peaks(thrice, height=RISE, prominence=RISE / 2, distance=round(APART * RATE / HOP))
    inside = peaks[(peaks >= len(rise)) & (peaks < 2 * len(rise))] - len(rise)
    return np.asarray(inside * STEPS / len(rise))


def on_grid(onsets: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which onsets are on a sixteenth."""
    return np.abs(onsets - onsets.round()) * FRAMES / RATE / STEPS <= NEAR


def onset_accuracy(loops: Loops, bars: Sequence[Pattern]) -> tuple[float, float]:
    """Return the fraction of the steps with hits that have an onset, and that of the onsets which have a hit."""
    found = [set((onsets_of(spectrum).round() % STEPS).astype(int)) for spectrum in spectra_of(loops)]
    struck = [set(np.flatnonzero(bar.hits.any(axis=1))) for bar in bars]
    both = sum(len(one & other) for one, other in zip(found, struck, strict=True))
    return both / sum(map(len, struck)), both / sum(map(len, found))


@dataclass(frozen=True)
class LoopScore:
    """The score of loops.

    Attributes:
        found: the fraction with a similarity score below 0.1 beside a training loop.
        score, nearest: the mean of the lowest similarity scores, and of the least log-mel distances in decibels, from
            a training loop.
        apart: the mean distance in decibels of two of them.
        frechet: the Frechet distance from the held-out loops.
        onsets: in a bar, on average.
        on_grid: the fraction of the onsets that is on a sixteenth.
    """

    found: float
    score: float
    nearest: float
    apart: float
    frechet: float
    onsets: float
    on_grid: float


def score_loops(made: Loops, training: Loops, held_out: Loops) -> LoopScore:
    """Return the score of loops."""
    scores, spectra, known = similarity_scores(made, training), spectra_of(made), spectra_of(training)
    onsets = [onsets_of(spectrum) for spectrum in spectra]
    together = np.concatenate(onsets)
    return LoopScore(
        float((scores < SAME_SCORE).mean()),
        float(scores.mean()),
        float(np.mean([distances(known, one).min() for one in spectra])),
        mean_difference(spectra),
        frechet(spectra, spectra_of(held_out)),
        len(together) / len(made),
        float(on_grid(together).mean()) if len(together) else 0.0,
    )
