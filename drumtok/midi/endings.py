"""Decide where the drums of a file end: at the bar line of its end-of-track, or after the bar of the last hit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_SILENT_BARS = 8  # bars of silence at the end that are part of a loop, or as many as it has bars before them
ROLL = 0.75  # steps between two strokes of a roll, at most; triplets of thirty-seconds are 0.67 of a sixteenth


@dataclass(frozen=True)
class Folded:
    """The steps of notes, with notes just before the end of a loop moved into it.

    Attributes:
        step: (notes,) of each.
        offset: (notes,) the distance of each from its step, in steps, -0.5 to 0.5.
        remark: a description of what was moved, or empty.
    """

    step: NDArray[np.int64]
    offset: NDArray[np.float64]
    remark: str


def fold(position: NDArray[np.float64], step: NDArray[np.int64], drum: NDArray[np.int8], end: int) -> Folded:
    """Move notes just before the end of a loop to a step inside the loop.

    A note just before the end is nearest to the first step after it. As an early "one" of the repetition, it belongs to
    step 0 with a negative offset; a note that continues a roll belongs to the last step.

    Args:
        position: (notes,) the place of each note in steps from tick 0.
        step: (notes,) the step nearest to it.
        drum: (notes,) its drum, -1 outside the kit.
        end: the step at which the loop ends, 0 for a file that does not end on a bar line.

    >>> early_kick = fold(np.array([0.0, 15.9]), np.array([0, 16]), np.array([1, 0]), 16)
    >>> early_kick.step.tolist(), early_kick.offset.round(2).tolist()
    ([0, 0], [0.0, -0.1])
    """
    offset = position - step
    early = (step == end) & (position < end) & (drum >= 0)
    if not early.any():
        return Folded(step, offset, "")
    step = step.copy()
    rolled = 0
    for lane in np.unique(drum[early]).tolist():
        own, before = early & (drum == lane), (drum == lane) & (step == end - 1)
        is_roll = bool(before.any()) and position[own].min() - position[before].max() <= ROLL
        step[own] = end - 1 if is_roll else 0
        offset[own] = 0.5 if is_roll else offset[own]
        rolled += int(own.sum()) * is_roll
    ones = int(early.sum()) - rolled
    words = [f"{_notes(ones)} just before the end of the loop read as its first step"] if ones else []
    words += [f"{_notes(rolled)} of a roll just before the end of the loop read as its last step"] if rolled else []
    return Folded(step, offset, "; ".join(words))


def _notes(count: int) -> str:
    return "1 note" if count == 1 else f"{count} notes"


def is_believed(bars: NDArray[np.int64], silent: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Check whether silent bars before the end-of-track are part of the music.

    A loop may end with silence, but an end far after the last hit is that of a longer arrangement or of an empty track.

    Args:
        bars: bars up to the last hit.
        silent: bars after them, up to the end-of-track.

    >>> is_believed(np.array([1, 2]), np.array([3, 27661])).tolist()
    [True, False]
    """
    return silent <= np.maximum(bars, MAX_SILENT_BARS)


def believed_end(last_hit: int, end: int, per_bar: int) -> int:
    """Return `end`, or `last_hit` if the silence up to `end` is not part of the music; both are exclusive, in steps."""
    bars = np.array([-(-last_hit // per_bar), (end - last_hit) // per_bar])
    return end if is_believed(bars[:1], bars[1:]).all() else last_hit


def end_remark(last_hit: int, end: int, per_bar: int) -> str:
    """Describe the silence that is left out."""
    return f"{(end - last_hit) // per_bar:,} silent bars after the last hit are left out"
