"""`Levels`: a performance that is being drawn stays as late, and its toms as loud, as it is.

A network that follows its own draws comes, over hundreds of hits, to a lateness of its own: the same in all
performances of a song, and farther from what it takes for likely than drummers are. For each hit it goes a little
towards that lateness, which is hardly to be seen in a hit, but adds up. A drummer who is late stays late. So what the
network says is moved until, in the long run, it is as late as the hits that were drawn. The same is done with the
velocity of drums that are seldom hit.
"""

from collections.abc import Callable, Collection
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.network.groove_bins import probabilities

HITS_OF_ALL, HITS_OF_DRUM = 64, 32  # after which a level is as much that of the hits drawn as the best guess
# Of other drums how loud they are differs more from session to session than the best guess knows.
SELDOM_HIT = tuple(LANE_INDEX[lane] for lane in ("floor", "low", "high", "crash"))
MOST_MOVED = 1.0  # deviations

Value = TypeVar("Value", int, float)


class _Level:
    """How far from the best guesses the hits lie that were drawn, and how far what the network says of them does.

    Args:
        hits: what the network says is a running mean of so many; of what is drawn, so many at the best guess count too.
    """

    def __init__(self, hits: int) -> None:
        self._hits, self._count = hits, 0
        self.drawn = self.said = 0.0

    @property
    def gap(self) -> float:
        """How much more the hits are than what the network says; of a few hits that means little."""
        return (self.drawn - self.said) * min(self._count / self._hits, 1)

    def note(self, said: float, drawn: float) -> None:
        """Takes up a hit."""
        self.drawn += (drawn - self.drawn) / (self._hits + self._count)
        self._count += 1
        self.said += (said - self.said) / min(self._count, self._hits)


class Levels:
    """The levels of one performance: of some drums and, where they are shared, of all together besides.

    Args:
        drums: those that keep a level.
        shared: whether all together keep one.
    """

    def __init__(self, drums: Collection[int], shared: bool) -> None:
        self._all, self._drums = _Level(HITS_OF_ALL), {drum: _Level(HITS_OF_DRUM) for drum in drums}
        self._shared = shared

    def __contains__(self, drum: int) -> bool:
        return drum in self._drums

    def gap(self, drum: int) -> float:
        """How much more the next hit of a drum is to be than the network says."""
        return self._all.gap + self._drums[drum].gap

    def note(self, drum: int, said: float, drawn: float) -> None:
        """Takes up a hit of a drum.

        Args:
            said, drawn: the mean of what the network said of it, and what was drawn, less the best guess.
        """
        self._drums[drum].note(said - self._all.said, drawn - self._all.drawn)
        if self._shared:
            self._all.note(said, drawn)


class LevelKeeper:
    """Draws the values of hits so that levels are kept.

    Args:
        levels: those that are.
        middles: (bins,) the values of the bins.
        conditioning: (hits, bins) the best guess: the logits of each hit before any is played.
    """

    def __init__(self, levels: Levels, middles: NDArray[np.float64], conditioning: NDArray[np.floating]) -> None:
        self._levels, self._middles, self._told = levels, middles, conditioning
        self._least = (middles[1] - middles[0]) / 2  # a deviation: probabilities have no finer bins

    def draw(
        self, drum: int, number: int, logits: NDArray[np.floating], allowed: slice, draw: Callable[[float], Value]
    ) -> Value:
        """What `draw` gives for a hit, told by how many deviations more it is to be than its logits say."""
        if drum not in self._levels:
            return draw(0.0)
        likely, middles = probabilities(logits[allowed]), self._middles[allowed]
        guess = float(probabilities(self._told[number][allowed]) @ middles)
        said = float(likely @ middles)
        deviation = max(float(likely @ (middles - said) ** 2) ** 0.5, self._least)
        drawn = draw(min(max(self._levels.gap(drum) / deviation, -MOST_MOVED), MOST_MOVED))
        self._levels.note(drum, said - guess, drawn - guess)
        return drawn


def lateness() -> Levels:
    """Those of offsets."""
    return Levels(range(N_DRUMS), shared=True)


def loudness() -> Levels:
    """Those of velocities."""
    return Levels(SELDOM_HIT, shared=False)
