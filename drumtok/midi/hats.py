"""Hi-hats on one note whose openness is the position of their pedal, controller 4.

Electronic kits and samplers send 127 (Roland: 90) for a pedal that is down, a closed hi-hat, and 0 for one that is up.
Kits that send other notes for open hi-hats send the positions too; their notes count.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError

HIGHEST = 127  # position of a pedal
CLOSED, OPEN = LANE_INDEX["closed"], LANE_INDEX["open"]
FEWEST, FRACTION = 2, 0.05  # hits of either kind, at least, and of all: fewer are accidents
CHICK = 44  # the pedal alone, without a stroke
OTHER_NOTES = (22, 26)  # Roland's notes of the edge, of kits that send a note of its own for each openness


@dataclass(frozen=True)
class HatRules:
    """By which positions of the pedal, 0 to 127, hi-hats are open: `[hats]` of a note map file.

    Attributes:
        open_below: hi-hats are open at positions below it, and closed at others.
        mostly_open, mostly_closed: the positions are evidence if the median of the open hi-hats is at most the one, and
            that of the closed ones at least the other.
    """

    open_below: int = 64
    mostly_open: int = 32
    mostly_closed: int = 80

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= HIGHEST:
                raise DrumtokError(f"hats.{name} must be a whole number from 0 to {HIGHEST}, got {value!r}")
        if not self.mostly_open < self.open_below <= self.mostly_closed:
            got = f"{self.mostly_open}, {self.open_below} and {self.mostly_closed}"
            raise DrumtokError(f"hats must have mostly_open below open_below and mostly_closed not below it, got {got}")


USUAL = HatRules()


def is_stroke(pitch: NDArray[np.uint8], drum: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return whether each note is a stroke on the hi-hat, not its pedal alone."""
    return ((drum == CLOSED) | (drum == OPEN)) & (pitch != CHICK)


def open_by_pedal(
    time: NDArray[np.int64],
    pitch: NDArray[np.uint8],
    drum: NDArray[np.int8],
    pedal_time: NDArray[np.int64],
    position: NDArray[np.int64],
    rules: HatRules = USUAL,
) -> tuple[NDArray[np.intp], NDArray[np.bool_]] | None:
    """Find the hi-hats that are open by the positions of their pedal.

    Args:
        time, pitch, drum: (notes,) of each note of one channel.
        pedal_time, position: (events,) of its pedal, by time.
        rules: of the note map.

    Returns:
        The indices of the strokes and whether each is open; None where the positions are no evidence: the strokes are
        of several notes, or the pedal stays up or down.

    >>> notes = np.arange(4), np.full(4, 42), np.full(4, 2)
    >>> open_by_pedal(*notes, np.array([0, 2]), np.array([127, 0]))
    (array([0, 1, 2, 3]), array([False, False,  True,  True]))
    """
    if not len(position) or position.min() > rules.mostly_open or position.max() < rules.mostly_closed:
        return None
    strokes = np.flatnonzero(is_stroke(pitch, drum))
    if not len(strokes) or (pitch[strokes] != pitch[strokes[0]]).any():
        return None
    latest = np.searchsorted(pedal_time, time[strokes], side="right") - 1
    strokes, latest = strokes[latest >= 0], latest[latest >= 0]
    where = position[latest]
    is_open = where < rules.open_below
    rarer = min(is_open.sum(), (~is_open).sum())
    if rarer < max(FEWEST, FRACTION * len(strokes)) or int(pitch[strokes[0]]) in OTHER_NOTES:
        return None
    if np.median(where[is_open]) > rules.mostly_open or np.median(where[~is_open]) < rules.mostly_closed:
        return None
    return strokes, is_open
