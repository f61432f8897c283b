"""Keep the mean lateness, and the loudness of toms, of a performance while it is sampled.

A network that reads its own samples drifts over hundreds of hits towards a certain offset, which is the same in all
performances of a song and further from its best guess than drummers are. The drift per hit is tiny but adds up, whereas
a drummer who is late stays late. So the distributions of the network are shifted until, in the long run, their mean
equals that of the sampled hits. The same is done for the velocity of rarely hit drums.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.network.groove_bins import probabilities

HITS_OF_ALL, HITS_OF_DRUM = 64, 32  # after which the sampled hits weigh as much as the best guess in a level
# The loudness of other drums varies more between sessions than the best guess can predict.
SELDOM_HIT = tuple(LANE_INDEX[lane] for lane in ("floor", "low", "high", "crash"))
MAX_SHIFT = 1.0  # standard deviations


class _Level:
    """Track the distance of sampled hits, and of the means of the network, from the best guesses.

    Args:
        hits: length of the running mean, and the number of prior hits at the best guess.
    """

    def __init__(self, hits: int) -> None:
        self._hits, self._count = hits, 0
        self.drawn = self.predicted = 0.0

    @property
    def gap(self) -> float:
        """The excess of the sampled hits over the means of the network, reduced while there are few hits."""
        return (self.drawn - self.predicted) * min(self._count / self._hits, 1)

    def add(self, predicted: float, drawn: float) -> None:
        """Add a hit."""
        self.drawn += (drawn - self.drawn) / (self._hits + self._count)
        self._count += 1
        self.predicted += (predicted - self.predicted) / min(self._count, self._hits)


class Levels:
    """The levels of one performance: of some drums and, optionally, of all drums together.

    Args:
        drums: those that keep a level.
        shared: whether all drums together keep a level too.
    """

    def __init__(self, drums: Collection[int], shared: bool) -> None:
        self._all, self._drums = _Level(HITS_OF_ALL), {drum: _Level(HITS_OF_DRUM) for drum in drums}
        self._shared = shared

    def __contains__(self, drum: int) -> bool:
        return drum in self._drums

    def gap(self, drum: int) -> float:
        """Return how far the next hit of a drum should exceed the network's mean."""
        return self._all.gap + self._drums[drum].gap

    def add(self, drum: int, predicted: float, drawn: float) -> None:
        """Add a hit of a drum.

        Args:
            predicted, drawn: the mean of the network and the sampled value, minus the best guess.
        """
        self._drums[drum].add(predicted - self._all.predicted, drawn - self._all.drawn)
        if self._shared:
            self._all.add(predicted, drawn)


class LevelKeeper:
    """Shift the distributions of hits to keep the levels: call `shift` before each draw and `add` after it.

    Args:
        levels: those to keep.
        middles: (bins,) the values of the bins.
        best_guess: (hits, bins) the logits of each hit before any is played.
    """

    def __init__(self, levels: Levels, middles: NDArray[np.float64], best_guess: NDArray[np.floating]) -> None:
        self._levels, self._middles, self._best_guess = levels, middles, best_guess
        self._min_deviation = (middles[1] - middles[0]) / 2  # probabilities have no finer bins
        self._pending: tuple[int, float, float] | None = None  # drum, network's mean and best guess of the shifted hit

    def shift(self, drum: int, number: int, logits: NDArray[np.floating], allowed: slice) -> float:
        """Return by how many standard deviations a hit should exceed the mean of its logits."""
        if drum not in self._levels:
            self._pending = None
            return 0.0
        likely, middles = probabilities(logits[allowed]), self._middles[allowed]
        guess = float(probabilities(self._best_guess[number][allowed]) @ middles)
        predicted = float(likely @ middles)
        deviation = max(float(likely @ (middles - predicted) ** 2) ** 0.5, self._min_deviation)
        self._pending = drum, predicted, guess
        return min(max(self._levels.gap(drum) / deviation, -MAX_SHIFT), MAX_SHIFT)

    def add(self, drawn: float) -> None:
        """Add the sampled value of the hit of the last `shift`."""
        if self._pending is not None:
            drum, predicted, guess = self._pending
            self._levels.add(drum, predicted - guess, drawn - guess)


def offset_levels() -> Levels:
    """Return the levels of offsets."""
    return Levels(range(N_DRUMS), shared=True)


def velocity_levels() -> Levels:
    """Return the levels of velocities."""
    return Levels(SELDOM_HIT, shared=False)
