"""Fit the prior of the sound model: a mixture of normal distributions of the latents of each class."""

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.latents import COMPONENTS, N_CLASSES

POOLED = 20.0  # weight of the covariance within all groups, in sounds of a class
SMALLEST = 12  # mean number of sounds in a group, at least
SPREAD = 0.75  # factor of the spread of drawn latents, because outliers resemble their class less
STARTS, ROUNDS = 4, 30  # of the search for groups


def prior_of(latents: NDArray[np.float32], classes: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """Return the prior of each class: weights, means and Cholesky factor of the covariance of its groups, and `SPREAD`.

    The covariance is shrunk towards that of all classes, the more the fewer sounds a class has.

    Args:
        latents: (sounds, latent).
        classes: their numbers, (sounds,).
    """
    size, rng = latents.shape[1], np.random.default_rng(0)
    weights, means = np.zeros((N_CLASSES, COMPONENTS)), np.zeros((N_CLASSES, COMPONENTS, size))
    scatters, counts = np.zeros((N_CLASSES, size, size)), np.bincount(classes, minlength=N_CLASSES)
    for number, count in enumerate(counts):
        own = latents[classes == number].astype(float)
        weights[number, 0] = 1
        if count:
            centres, nearest = groups_of(own, int(np.clip(count // SMALLEST, 1, COMPONENTS)), rng)
            weights[number, : len(centres)] = np.bincount(nearest, minlength=len(centres)) / count
            means[number, : len(centres)] = centres
            scatters[number] = (own - centres[nearest]).T @ (own - centres[nearest])
    pooled = scatters.sum(axis=0) / len(latents)
    shrunk = (scatters + POOLED * pooled) / (counts + POOLED)[:, None, None]
    factors = np.linalg.cholesky(shrunk + 1e-6 * np.eye(size))
    spreads = np.full(N_CLASSES, SPREAD)
    named = {"prior.weight": weights, "prior.mean": means, "prior.factor": factors, "prior.spread": spreads}
    return {name: array.astype(np.float32) for name, array in named.items()}


def groups_of(
    points: NDArray[np.float64], count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the centres of groups of points, (groups, n), and the group of each point: k-means, the best of a few."""
    best: tuple[float, NDArray[np.float64], NDArray[np.int64]] | None = None
    for _ in range(STARTS):
        centres = points[rng.choice(len(points), count, replace=False)]
        for _ in range(ROUNDS):
            nearest = _distances(points, centres).argmin(axis=1)
            filled = np.unique(nearest)
            centres = np.array([points[nearest == group].mean(axis=0) for group in filled])
        far = _distances(points, centres)
        found = float(far.min(axis=1).sum()), centres, far.argmin(axis=1)
        best = found if best is None or found[0] < best[0] else best
    assert best is not None
    return best[1], best[2]


def _distances(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return squared distances, (points, centres)."""
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(squares)
