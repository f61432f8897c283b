"""Hits that a `Pattern` cannot hold: repeats within a step, and drums outside the nine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Strike:
    """A hit in addition to those of a pattern.

    Attributes:
        part: a lane, or a name of `drumtok.drums.PERCUSSION`.
        at: quarter notes from the start of the pattern, swing and microtiming included.
        velocity: 1 to 127.
    """

    part: str
    at: float
    velocity: int


@dataclass(frozen=True)
class Additions:
    """The contents of a file in addition to a pattern.

    Attributes:
        strikes: additional hits.
        names: names of tracks by lane or percussion, instead of the usual ones.
    """

    strikes: Sequence[Strike] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def of(self, part: str) -> list[Strike]:
        """Return the strikes of a part."""
        return [strike for strike in self.strikes if strike.part == part]


NO_ADDITIONS = Additions()


def merged_hits(
    onsets: NDArray[np.int64], velocities: list[int], strikes: Sequence[Strike], ticks_per_beat: int, end: int
) -> tuple[NDArray[np.int64], list[int]]:
    """Return the ticks and velocities of one part in order, strikes included; of two at one tick the louder is kept.

    Args:
        onsets, velocities: (hits,) of the pattern, in order.
        strikes: of the same part.
        end: the tick at which the pattern ends; a strike at or after it moves to the tick before.
    """
    if not strikes:
        return onsets, velocities
    found = dict(zip(onsets.tolist(), velocities, strict=True))
    for strike in strikes:
        tick = min(max(round(strike.at * ticks_per_beat), 0), end - 1)
        found[tick] = max(found.get(tick, 0), strike.velocity)
    ticks = sorted(found)
    return np.array(ticks, dtype=np.int64), [found[tick] for tick in ticks]
