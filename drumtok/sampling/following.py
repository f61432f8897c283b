"""Follow another part: kicks meet its onsets, its accents above all, and leave its rests alone.

The rule reweighs the words that hit the kick. As a rule alone it forces a kick where none fits, so patterns that follow
are written by the particle filter: a particle is weighted by how likely the network finds the words that the rule asks
for, so those that lead up to a kick at an accent go on.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.grids import Meter, steps_per_bar
from drumtok.network.context import BarTracker
from drumtok.pattern import Pattern
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.drum_filters import HITS
from drumtok.sampling.logit_filters import Logits, Stage

if TYPE_CHECKING:
    from drumtok.midi.onsets import Onsets

ONSET, REST = 0.4, -0.3  # of the tightness, where an accent counts 1
WITH_KICK = np.flatnonzero(HITS[:, LANE_INDEX["kick"]])


@dataclass(frozen=True, eq=False)
class FollowedPart:
    """A part on the grid of a pattern.

    Attributes:
        pull: (bars, steps) 1 at accents, `ONSET` at other onsets, `REST` elsewhere. After its end it is repeated.
    """

    pull: NDArray[np.float64]

    @classmethod
    def of(cls, onsets: "Onsets", tempo: float, grid: int, meter: Meter) -> "FollowedPart":
        """Place each onset on the nearest step of a grid.

        Raises:
            DrumtokError: the part has no onsets.
        """
        if not len(onsets.times):
            raise DrumtokError("the part to follow must have onsets, got none")
        per_bar = steps_per_bar(grid, meter)
        steps = np.floor(onsets.beats(tempo) * grid + 0.5).astype(np.int64)
        bars = int(steps[-1]) // per_bar + 1
        pull = np.full(bars * per_bar, REST)
        pull[steps] = ONSET
        pull[steps[onsets.accents]] = 1.0
        return cls(pull.reshape(bars, per_bar))

    @property
    def bars(self) -> int:
        """The number of bars of the part; the last one may be incomplete."""
        return len(self.pull)


@dataclass(frozen=True, eq=False)
class Follow:
    """Make kicks more likely at the onsets of a part, and less likely elsewhere.

    Args:
        part: the part to follow.
        tightness: nats at an accent.
        first_bar: the bar of the song at which the part begins.
    """

    stage: ClassVar[Stage] = Stage.FOLLOW
    part: FollowedPart
    tightness: float
    first_bar: int = 0

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule; it does not affect bar lines."""
        place = int(written.steps_in_bar.max())
        if place >= self.part.pull.shape[1]:
            return logits
        moved = logits.copy()
        bar = (written.closed_bars - self.first_bar) % self.part.bars
        moved[:, WITH_KICK] += self.tightness * self.part.pull[bar, place]
        return moved


def nothing_kept(bars: int, grid: int, meter: Meter) -> KeptPattern:
    """Return bars without kept cells, which the particle filter writes freely."""
    cells = np.zeros((bars * steps_per_bar(grid, meter), N_DRUMS), dtype=bool)
    return KeptPattern(Pattern(cells, grid=grid, meter=meter), cells)


def kicks_met(pattern: Pattern, part: FollowedPart) -> tuple[float, float]:
    """Return the fraction of a part's accents that coincide with a kick, and the fraction of all steps with a kick.

    Their ratio is how much more often than by chance kicks coincide with accents.
    """
    kicks = pattern.hits[:, LANE_INDEX["kick"]].reshape(pattern.bars, -1)
    accents = part.pull[np.arange(pattern.bars) % part.bars] == 1
    return float(kicks[accents].mean()) if accents.any() else 0.0, float(kicks.mean())
