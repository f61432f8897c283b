"""Divide the steps of a bar into notes and rests that can be notated."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drumtok.grids import TRIPLET_GRIDS, Meter

TYPES = ("64th", "32nd", "16th", "eighth", "quarter", "half", "whole")


class NoteValue(NamedTuple):
    """The sign of a length: its type, its dots, and whether it is of a triplet."""

    type: str
    dots: int
    triplet: bool


class Span(NamedTuple):
    """A note or a rest: its first step in the bar, its length, whether it is a hit, and its sign.

    `group` is the number of the beat that it lies in.
    """

    start: int
    steps: int
    is_hit: bool
    value: NoteValue
    group: int


def note_values(grid: int) -> dict[int, NoteValue]:
    """Return the signs of lengths in steps, up to a dotted half note.

    >>> note_values(4)[3], note_values(3)[1]
    (NoteValue(type='eighth', dots=1, triplet=False), NoteValue(type='eighth', dots=0, triplet=True))
    """
    found: dict[int, NoteValue] = {}
    triplet = grid in TRIPLET_GRIDS
    for place, name in enumerate(TYPES):
        for dots in (0, 1):
            # In 64ths of a whole note, thrice and twice over so that triplets and dots are whole numbers.
            length = 2**place * (3 if dots else 2) * 3
            for is_triplet in (False, True)[: 1 + triplet]:
                steps, rest = divmod(length * grid * (2 if is_triplet else 3), 16 * 2 * 3 * 3)
                if steps and not rest and not (is_triplet and dots):
                    found.setdefault(steps, NoteValue(name, dots, is_triplet))
    return {steps: value for steps, value in found.items() if steps <= 3 * grid}


def beat_steps(grid: int, meter: Meter) -> int:
    """Return the steps of a beat, which notes do not cross: a dotted quarter note in 6/8, else a quarter note."""
    compound = meter[1] == 8 and meter[0] % 3 == 0 and grid * 3 % 2 == 0
    return grid * 3 // 2 if compound else grid


def spans(hits: Sequence[bool], grid: int, meter: Meter) -> Iterator[Span]:
    """Yield the notes and rests of a bar of one voice: a note lasts until the next or the end of its beat.

    Args:
        hits: whether the voice is hit, for each step of the bar.

    >>> [(span.start, span.steps, span.is_hit) for span in spans([True, False, False, True], 4, (1, 4))]
    [(0, 3, True), (3, 1, True)]
    """
    beat = beat_steps(grid, meter)
    for first in range(0, len(hits), beat):
        last = min(first + beat, len(hits))
        ends = [step for step in range(first + 1, last) if hits[step]] + [last]
        values = _values_of_beat(grid, [end - start for start, end in zip([first, *ends], ends, strict=False)])
        start = first
        for end in ends:
            is_hit = hits[start]
            while start < end:
                steps = max(length for length in values if length <= end - start)
                yield Span(start, steps, is_hit, values[steps], first // beat)
                start, is_hit = start + steps, False


def _values_of_beat(grid: int, gaps: Sequence[int]) -> dict[int, NoteValue]:
    """Return the signs for a beat, by the steps from hit to hit: straight ones if they suffice, else triplets."""
    values = note_values(grid)
    straight = {steps: value for steps, value in values.items() if not value.triplet}
    if straight.keys() >= set(gaps) or grid not in TRIPLET_GRIDS:
        return straight
    return {steps: value for steps, value in values.items() if value.triplet or steps >= grid}
