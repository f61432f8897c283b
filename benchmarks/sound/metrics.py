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
NEIGHBOURS = 3  # held-out sounds within whose distance of one another a made sound covers them
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


def heard_as(hear: Pipeline, spectra: Spectra, name: str) -> NDArray[np.bool_]:
    """Return which sounds are heard as of a class."""
    return np.asarray(hear.predict(spectra.reshape(len(spectra), -1)) == name)


def heard(hear: Pipeline, spectra: Spectra, name: str) -> float:
    """Return the fraction of sounds that are heard as of a class."""
    return float(heard_as(hear, spectra, name).mean())


def covered_fraction(made: Spectra, real: Spectra) -> float:
    """Return the fraction of real sounds that are covered (Naeem et al. 2020).

    A real sound is covered if a made sound is as near to it as the real ones around it: within the distance of the
    `NEIGHBOURS`th nearest other real sound. A model that makes one good sound many times covers few.
    """
    if not len(made):
        return 0.0
    among = np.sort([distances(real, one) for one in real], axis=1)  # itself first
    nearest = np.min([distances(real, one) for one in made], axis=0)
    return float((nearest <= among[:, NEIGHBOURS]).mean())


def evenly(spectra: Spectra, count: int) -> Spectra:
    """Return some of the sounds, at even steps: as many real ones as models make, for comparison."""
    return spectra[np.linspace(0, len(spectra) - 1, min(count, len(spectra))).astype(int)]


def mean_difference(spectra: Spectra) -> float:
    """Return the mean distance of two different sounds in decibels."""
    count = len(spectra)
    return float(np.sum([distances(spectra, one) for one in spectra]) / (count * (count - 1)))


def found_fraction(made: Spectra, training: Spectra) -> float:
    """Return the fraction of made sounds that are found in training: nearly the same as a sound there."""
    return float(np.mean([audible_distances(training, one).min() < FOUND for one in made]))


def new_fraction(made: Spectra, training: Spectra) -> float:
    """Return the fraction of made sounds that are new: found neither in training nor among those made before them."""
    kept: list[NDArray[np.float32]] = []
    for one in made:
        if all(audible_distances(known, one).min() >= FOUND for known in (training, np.array(kept)) if len(known)):
            kept.append(one)
    return len(kept) / len(made)


@dataclass(frozen=True)
class MadeScore:
    """The score of made sounds of a class.

    Attributes:
        heard: the fraction that a classifier assigns to their class.
        covered: the fraction of the held-out sounds of the class that those which are heard as it cover.
        apart: the mean distance in decibels of two of them.
        frechet, kernel: distances from the held-out sounds of the class.
        found: the fraction that is found in training.
        new: the fraction that is found neither in training nor among those made before.
        nearest: the mean distance in decibels to the most similar training sound of the class.
    """

    heard: float
    covered: float
    apart: float
    frechet: float
    kernel: float
    found: float
    new: float
    nearest: float


def score_made(made: Spectra, real: RealSounds, name: str, hear: Pipeline) -> MadeScore:
    """Return the score of made sounds of a class.

    Args:
        hear: a classifier of the training sounds.
    """
    own, other = (real.spectra[part & (real.classes == name)] for part in (~real.held_out, real.held_out))
    training, right = real.spectra[~real.held_out], heard_as(hear, made, name)
    return MadeScore(
        float(right.mean()),
        covered_fraction(made[right], other),
        mean_difference(made),
        frechet(made, other),
        kernel_distance(made, other),
        found_fraction(made, training),
        new_fraction(made, training),
        float(np.mean([distances(own, one).min() for one in made])),
    )
