"""Bootstrap confidence intervals over songs, for metrics that are means over steps or bars.

Bars of one song resemble each other, so they are not independent samples; whole songs are resampled.
(Efron and Tibshirani, "An Introduction to the Bootstrap", 1993: percentile intervals, clusters drawn whole.)
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
CONFIDENCE = 95  # percent


@dataclass(frozen=True)
class Estimate:
    """A metric with the ends of its 95 % bootstrap confidence interval."""

    value: float
    low: float
    high: float

    @classmethod
    def from_resamples(cls, value: float, resamples: NDArray[np.float64]) -> "Estimate":
        """Build the estimate from the percentiles of the resampled values, or only the value without any.

        >>> Estimate.from_resamples(500.0, np.arange(1001.0))
        Estimate(value=500.0, low=25.0, high=975.0)
        """
        outside = (100 - CONFIDENCE) / 2
        low, high = np.percentile(resamples, (outside, 100 - outside)) if len(resamples) else (value, value)
        return cls(float(value), float(low), float(high))


@dataclass(frozen=True)
class Ratio:
    """A mean over the contents of songs, such as bits per step, stored as the contributions of each song.

    Attributes:
        tops: (songs,) numerators, such as bits.
        counts: (songs,) denominators, such as steps.

    >>> ratio = Ratio(np.array([1.0, 3.0]), np.array([2.0, 6.0]))
    >>> ratio.estimate(np.random.default_rng(0))  # a half in both songs
    Estimate(value=0.5, low=0.5, high=0.5)
    """

    tops: NDArray[np.float64]
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, songs: Iterable[Iterable[float]]) -> "Ratio":
        """Build the mean over all values of all songs from the values of each song.

        >>> Ratio.of([[True, False], [], [True]]).counts.tolist()
        [2.0, 0.0, 1.0]
        """
        lists = [np.array(list(values), dtype=np.float64) for values in songs]
        return cls(np.array([values.sum() for values in lists]), np.array([len(v) for v in lists], dtype=np.float64))

    @property
    def value(self) -> float:
        """The mean, or 0 if the denominators are 0."""
        total = self.counts.sum()
        return float(self.tops.sum() / total) if total else 0.0

    def estimate(self, rng: np.random.Generator) -> Estimate:
        """Return the mean and its confidence interval, resampling the songs with replacement."""
        if not len(self.counts):
            return Estimate(0.0, 0.0, 0.0)
        drawn = resample(len(self.counts), rng)
        tops, counts = drawn @ self.tops, drawn @ self.counts
        return Estimate.from_resamples(self.value, tops[counts > 0] / counts[counts > 0])


def resample(songs: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each of `songs` songs (at least one) occurs in each resample, (1000, songs)."""
    return rng.multinomial(songs, np.full(songs, 1 / songs), size=RESAMPLES).astype(np.float64)
