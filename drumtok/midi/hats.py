"""Read hi-hats on a single note as open or closed by the position of their pedal (controller 4).

Electronic kits and samplers send 127 (Roland: 90) for a pressed pedal, a closed hi-hat, and 0 for a released one. Kits
with separate notes for open hi-hats send positions too; for those kits the notes decide.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError

HIGHEST = 127  # position of a pedal
CLOSED, OPEN = LANE_INDEX["closed"], LANE_INDEX["open"]
FEWEST, FRACTION = 2, 0.05  # least number and fraction of open and of closed hits; fewer are accidents
FEWEST_STROKES = 2 * FEWEST  # that are closed and open by their pedal
CHICK = 44  # the pedal alone, without a stroke
OTHER_NOTES = (22, 26)  # Roland's edge notes, from kits with separate notes for open and closed


@dataclass(frozen=True)
class HatRules:
    """The pedal positions, 0 to 127, at which hi-hats are open: `[hats]` of a note map file.

    Attributes:
        open_below: hi-hats are open at positions below this one, and closed at others.
        mostly_open, mostly_closed: positions are only used if the median position of open hi-hats is at most
            `mostly_open`, and that of closed ones at least `mostly_closed`.
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
    """Find the hi-hats that are open, by the positions of their pedal.

    Args:
        time, pitch, drum: (notes,) the notes of one channel.
        pedal_time, position: (events,) the positions of its pedal, by time.
        rules: those of the note map.

    Returns:
        The indices of the strokes and whether each is open; None if the positions cannot be used: the strokes are on
        several notes, or the pedal never moves.

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
