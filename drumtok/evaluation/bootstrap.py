"""Confidence intervals: figures that are a sum over songs by a sum over songs, and the bootstrap over songs.

Bars of one song are like each other, so a sample of bars is worth less than its number; the songs are what is drawn.
(Efron and Tibshirani, "An Introduction to the Bootstrap", 1993: percentile intervals, clusters drawn whole.)
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
COVERED = 95  # percent of the resamples that lie within an interval


@dataclass(frozen=True)
class Estimate:
    """A figure and the interval that 95 % of its resamples lie in."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, resamples: NDArray[np.float64]) -> "Estimate":
        """With the interval that leaves out as many resamples at either end; the figure's own value if there are none.

        >>> Estimate.of(500.0, np.arange(1001.0))
        Estimate(value=500.0, low=25.0, high=975.0)
        """
        outside = (100 - COVERED) / 2
        low, high = np.percentile(resamples, (outside, 100 - outside)) if len(resamples) else (value, value)
        return cls(float(value), float(low), float(high))


@dataclass(frozen=True)
class Ratio:
    """A mean over what is in songs, such as bits per step, with what each song adds to it.

    Attributes:
        tops: (songs,) what is summed, such as bits.
        counts: (songs,) what it is divided by, such as steps.

    >>> shares = Ratio(np.array([1.0, 3.0]), np.array([2.0, 6.0]))
    >>> shares.estimate(np.random.default_rng(0))  # both songs have a half
    Estimate(value=0.5, low=0.5, high=0.5)
    """

    tops: NDArray[np.float64]
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, songs: Iterable[Iterable[float]]) -> "Ratio":
        """The mean over all values of all songs, given song by song.

        >>> Ratio.of([[True, False], [], [True]]).counts.tolist()
        [2.0, 0.0, 1.0]
        """
        lists = [np.array(list(values), dtype=np.float64) for values in songs]
        return cls(np.array([values.sum() for values in lists]), np.array([len(v) for v in lists], dtype=np.float64))

    @property
    def value(self) -> float:
        """The mean, 0 where there is nothing to divide by."""
        total = self.counts.sum()
        return float(self.tops.sum() / total) if total else 0.0

    def estimate(self, rng: np.random.Generator) -> Estimate:
        """The mean, and between which bounds it lies when as many songs are drawn anew, with replacement."""
        if not len(self.counts):
            return Estimate(0.0, 0.0, 0.0)
        drawn = resample(len(self.counts), rng)
        tops, counts = drawn @ self.tops, drawn @ self.counts
        return Estimate.of(self.value, tops[counts > 0] / counts[counts > 0])


def resample(songs: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(1,000, songs) how often each song comes in each resample of `songs` songs, one or more."""
    return rng.multinomial(songs, np.full(songs, 1 / songs), size=RESAMPLES).astype(np.float64)
