"""The bins of velocity and offset over which a groove network predicts probabilities, and statistics and draws of them.

A bin of velocities is two neighbouring ones, except the last, which is only 127, at which electronic drums saturate. A
bin of offsets is two of the 120 ticks of a sixteenth in a MIDI file with 480 ticks per quarter note.
"""

import math

import numpy as np
from numpy.typing import NDArray

from drumtok.notation import ACCENT_FROM, GHOST_BELOW

VELOCITY_BINS, OFFSET_BINS = 64, 60
TICKS = 2 * OFFSET_BINS  # of a step
# The edges of the bins; values are in the middle of their tick or velocity.
VELOCITY_EDGES = np.append(np.arange(0.5, 127, 2), 127.5)
OFFSET_EDGES = (np.arange(OFFSET_BINS + 1) * 2 - 0.5) / TICKS - 0.5
VELOCITY_MIDDLES, OFFSET_MIDDLES = ((edges[1:] + edges[:-1]) / 2 for edges in (VELOCITY_EDGES, OFFSET_EDGES))

# The place of each bin in the ranges that a decoder reads, of length 2 and 4.
VELOCITY_PLACES = (np.arange(VELOCITY_BINS) / 32 - 1).astype(np.float32)
OFFSET_PLACES = ((np.arange(OFFSET_BINS) / 30 - 1) * 2).astype(np.float32)

Logits = NDArray[np.floating]  # (hits, bins)
Bins = NDArray[np.int64]


def velocity_bins(velocity: NDArray[np.integer]) -> Bins:
    """Return the bin of each velocity, 1 to 127.

    >>> velocity_bins(np.array([1, 2, 3, 126, 127])).tolist()
    [0, 0, 1, 62, 63]
    """
    return (velocity.astype(np.int64) - 1) // 2


def offset_bins(offset: NDArray[np.floating]) -> Bins:
    """Return the bin of each offset, -0.5 to 0.5 steps.

    >>> offset_bins(np.array([-0.5, 0, 1 / 120, 2 / 120, 0.5])).tolist()
    [0, 30, 30, 31, 59]
    """
    ticks = np.floor((offset.astype(np.float64) + 0.5) * TICKS + 0.5).astype(np.int64)
    return np.minimum(ticks, TICKS - 1) // 2


def probabilities(logits: Logits) -> NDArray[np.float64]:
    """Return the softmax of logits: (hits, bins) whose rows sum to 1."""
    likely = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return likely / likely.sum(axis=-1, keepdims=True)


def moments(velocity: NDArray[np.floating], offset: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return (hits, 4): mean and deviation of velocity and of offset, in bins, from the probabilities of the bins.

    >>> moments(np.eye(64)[[0, 32]], np.eye(60)[[30, 45]]).tolist()
    [[-1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    """
    found = []
    for likely, places in ((velocity, VELOCITY_PLACES), (offset, OFFSET_PLACES)):
        mean = likely @ places
        found += [mean, np.sqrt(np.maximum(likely @ places**2 - mean**2, 0))]
    return np.stack(found, axis=-1).astype(np.float32)


def medians(likely: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each row of probabilities, (hits,), with a uniform distribution within each bin.

    >>> medians(np.array([[0.5, 0.5, 0], [0, 0, 1]]), np.array([0.0, 1, 2, 3])).tolist()
    [1.0, 2.5]
    """
    below = np.cumsum(likely, axis=1)
    place = np.minimum((below < 0.5).sum(axis=1), likely.shape[1] - 1)
    rows = np.arange(len(likely))
    here = likely[rows, place]
    into = np.divide(0.5 - below[rows, place] + here, here, out=np.full(len(here), 0.5), where=here > 0)
    return edges[place] + np.clip(into, 0, 1) * (edges[place + 1] - edges[place])


def velocity_nats(likely: NDArray[np.float64], velocity: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return -log of the probability of each velocity among the 127: (hits,)."""
    return _nats(likely, velocity_bins(velocity)) + np.where(velocity == 127, 0, np.log(2))


def offset_nats(likely: NDArray[np.float64], offset: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return -log of the probability of each offset among the 120 ticks of a step: (hits,)."""
    return _nats(likely, offset_bins(offset)) + np.log(2)


def _nats(likely: NDArray[np.float64], bins: Bins) -> NDArray[np.float64]:
    return -np.log(np.take_along_axis(likely, bins[:, None], axis=1)[:, 0])


def level_bins(velocity: int) -> slice:
    """Return the bins of ghost notes if the velocity is that of one, of accents likewise, else all bins.

    >>> level_bins(40), level_bins(100), level_bins(120)
    (slice(0, 31, None), slice(0, 64, None), slice(56, 64, None))
    """
    if 0 < velocity < GHOST_BELOW:
        return slice(0, (GHOST_BELOW - 1) // 2)
    return slice(ACCENT_FROM // 2 if velocity >= ACCENT_FROM else 0, VELOCITY_BINS)


class CopulaSampler:
    """Sample the bins of hits with a correlation over a performance, as a drummer plays consistently loud or late.

    The bins of each hit are distributed by its logits, but the draws are correlated: the quantile combines a normal
    number of the performance with one of the hit (a Gaussian copula).

    Args:
        rng: the randomness.
        lean: the correlation of a hit with the number of the performance, 0 to 1.
    """

    def __init__(self, rng: np.random.Generator, lean: float) -> None:
        self._rng = rng
        self._shared, self._own = lean * rng.standard_normal(), (1 - lean**2) ** 0.5

    def velocity(self, logits: NDArray[np.floating], allowed: slice = slice(None), louder: float = 0.0) -> int:
        """Sample a velocity from the logits of its bins, (64,), shifted by `louder` standard deviations."""
        chosen = 2 * (self._bin(logits[allowed], louder) + (allowed.start or 0)) + 1
        return chosen + (chosen < 127 and int(self._rng.integers(2)))

    def offset(self, logits: NDArray[np.floating], later: float = 0.0) -> float:
        """Sample an offset in steps from the logits of its bins, (60,), shifted by `later` standard deviations."""
        return (2 * self._bin(logits, later) + int(self._rng.integers(2)) - OFFSET_BINS) / TICKS

    def _bin(self, logits: NDArray[np.floating], moved: float) -> int:
        number = self._shared + self._own * self._rng.standard_normal() + moved
        place = 0.5 * math.erfc(-number / math.sqrt(2))
        below = np.cumsum(np.exp(logits - logits.max()))
        return min(int(np.searchsorted(below, place * below[-1], side="right")), len(logits) - 1)
