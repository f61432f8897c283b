"""Hi-hats on one note whose openness is the position of their pedal, controller 4.

Electronic kits and samplers send 127 (Roland: 90) for a pedal that is down, a closed hi-hat, and 0 for one that is up.
Kits that send other notes for open hi-hats send the positions too; their notes count.
"""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX

CLOSED, OPEN = LANE_INDEX["closed"], LANE_INDEX["open"]
HALF_WAY = 64  # positions below are open
MOSTLY_OPEN, MOSTLY_CLOSED = 32, 80  # the two kinds must be this far apart, in their medians
FEWEST, FRACTION = 2, 0.05  # hits of either kind, at least, and of all: fewer are accidents
CHICK = 44  # the pedal alone, without a stroke
OTHER_NOTES = (22, 26)  # Roland's notes of the edge, of kits that send a note of its own for each openness


def is_stroke(pitch: NDArray[np.uint8], drum: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return whether each note is a stroke on the hi-hat, not its pedal alone."""
    return ((drum == CLOSED) | (drum == OPEN)) & (pitch != CHICK)


def open_by_pedal(
    time: NDArray[np.int64],
    pitch: NDArray[np.uint8],
    drum: NDArray[np.int8],
    pedal_time: NDArray[np.int64],
    position: NDArray[np.int64],
) -> tuple[NDArray[np.intp], NDArray[np.bool_]] | None:
    """Find the hi-hats that are open by the positions of their pedal.

    Args:
        time, pitch, drum: (notes,) of each note of one channel.
        pedal_time, position: (events,) of its pedal, by time.

    Returns:
        The indices of the strokes and whether each is open; None where the positions are no evidence: the strokes are
        of several notes, or the pedal stays up or down.

    >>> notes = np.arange(4), np.full(4, 42), np.full(4, 2)
    >>> open_by_pedal(*notes, np.array([0, 2]), np.array([127, 0]))
    (array([0, 1, 2, 3]), array([False, False,  True,  True]))
    """
    if not len(position) or position.min() > MOSTLY_OPEN or position.max() < MOSTLY_CLOSED:
        return None
    strokes = np.flatnonzero(is_stroke(pitch, drum))
    if not len(strokes) or (pitch[strokes] != pitch[strokes[0]]).any():
        return None
    latest = np.searchsorted(pedal_time, time[strokes], side="right") - 1
    strokes, latest = strokes[latest >= 0], latest[latest >= 0]
    where = position[latest]
    is_open = where < HALF_WAY
    rarer = min(is_open.sum(), (~is_open).sum())
    if rarer < max(FEWEST, FRACTION * len(strokes)) or int(pitch[strokes[0]]) in OTHER_NOTES:
        return None
    if np.median(where[is_open]) > MOSTLY_OPEN or np.median(where[~is_open]) < MOSTLY_CLOSED:
        return None
    return strokes, is_open
