"""Metrics of made sounds against real ones, from log-mel spectrograms, (sounds, frames, bands)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.sound.real_sounds import RealSounds, audible_distances, distances

COMPONENTS = 40
FOUND = 1.0  # decibels, where either is audible, within which a sound is another one
Spectra = NDArray[np.float32]


def statistics(spectra: Spectra) -> NDArray[np.float64]:
    """Return the mean and the standard deviation of each band over time in decibels, (sounds, 2 * bands)."""
    return np.concatenate([spectra.mean(axis=1), spectra.std(axis=1)], axis=1).astype(float)


def frechet(one: Spectra, other: Spectra) -> float:
    """Return the Frechet distance of the statistics of sounds, in decibels, per root of the number of statistics."""
    a, b = statistics(one), statistics(other)
    first, second = np.cov(a.T), np.cov(b.T)
    shared = np.sqrt(np.linalg.eigvals(first @ second).real.clip(0)).sum()
    squared = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + np.trace(first) + np.trace(second) - 2 * shared
    return float(np.sqrt(max(squared, 0) / a.shape[1]))


def kernel_distance(one: Spectra, other: Spectra) -> float:
    """Return the unbiased squared maximum mean discrepancy of the statistics, times 1000, with kernels of three widths.

    The widths are half, one and two times the median distance of all sounds.
    """
    a, b = statistics(one), statistics(other)
    both = np.concatenate([a, b])
    squares = ((both[:, None] - both) ** 2).sum(axis=2)
    middle = np.median(squares[squares > 0])
    kernel = np.mean([np.exp(-squares / (middle * width**2)) for width in (0.5, 1, 2)], axis=0)
    n, m = len(a), len(b)
    within = [
        (part.sum() - np.trace(part)) / (size * (size - 1)) for part, size in ((kernel[:n, :n], n), (kernel[n:, n:], m))
    ]
    return float(1000 * (sum(within) - 2 * kernel[:n, n:].mean()))


def classifier(spectra: Spectra, classes: NDArray[np.str_]) -> Pipeline:
    """Train a classifier of sounds: a support vector machine on principal components."""
    hear = make_pipeline(
        StandardScaler(), PCA(COMPONENTS, random_state=0), SVC(C=3, class_weight="balanced", random_state=0)
    )
    return hear.fit(spectra.reshape(len(spectra), -1), classes)


def heard(hear: Pipeline, spectra: Spectra, name: str) -> float:
    """Return the share of sounds that are heard as of a class."""
    return float((hear.predict(spectra.reshape(len(spectra), -1)) == name).mean())


def found_share(made: Spectra, training: Spectra) -> float:
    """Return the share of made sounds that are found in training: nearly the same as a sound there."""
    return float(np.mean([audible_distances(training, one).min() < FOUND for one in made]))


@dataclass(frozen=True)
class MadeScore:
    """The score of made sounds of a class.

    Attributes:
        heard: the share that a classifier assigns to their class.
        frechet, kernel: distances from the held-out sounds of the class.
        found: the share that is found in training.
        nearest: the mean distance in decibels to the most similar training sound of the class.
    """

    heard: float
    frechet: float
    kernel: float
    found: float
    nearest: float


def score_made(made: Spectra, real: RealSounds, name: str, hear: Pipeline) -> MadeScore:
    """Return the score of made sounds of a class.

    Args:
        hear: a classifier of the training sounds.
    """
    own, other = (real.spectra[part & (real.classes == name)] for part in (~real.held_out, real.held_out))
    return MadeScore(
        heard(hear, made, name),
        frechet(made, other),
        kernel_distance(made, other),
        found_share(made, real.spectra[~real.held_out]),
        float(np.mean([distances(own, one).min() for one in made])),
    )
