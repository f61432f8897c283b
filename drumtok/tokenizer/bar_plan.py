"""The plan of a bar: how full it is, whether it is a fill, and how much of an earlier bar it repeats.

`plans_of` computes the plan of each bar only from this bar and the bars before it, so that unfinished songs can be read
as well as finished ones. A value of 0 stands for unknown, so a target may leave a field open.
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES
from drumtok.tokenizer.labels import HITS_CLASSES

Bars = NDArray[np.bool_]  # (bars, steps, 9)
Plans = NDArray[np.int64]  # (bars, fields) ids of `FIELDS`

PLAN_ROLES = {
    "kick": ("kick",),
    "snare": ("snare",),
    "hats": ("closed", "open"),
    "toms": ("floor", "low", "high"),
    "cymbals": ("ride", "crash"),
}
FEWEST = (0.5, 1.5, 2.5, 4.5, 8.5)  # hits of a role in four quarter notes: the lower bound of each class but the first
BACKS = (1, 2, 4, 8)  # bars
LIKENESS = (0.5, 0.75, 0.9, 1.0)  # the lower bound of each class but the lowest
NO, YES = 1, 2  # ids of `fill`
PLACES = 16  # positions at which bars of all lengths are compared
PHRASE_BARS = 4  # of a phrase, at whose end drummers play fills
REMEMBERED = 32  # previous bars that decide whether a bar is a fill
MORE_LATE, MORE_TOMS = 4, 3  # additional hits in its second half, and tom hits, that a fill has over the bars before it
USUAL_LATE = 2  # hits of snare and toms in the second half of a song's first bar
HEAVY_DRUMS, HEAVY = ("kick", "snare"), 2.0  # these define a groove more than the other drums


@dataclass(frozen=True)
class Field:
    """One field of the plan of a bar.

    Attributes:
        name: such as `fill`.
        values: the number of values, without unknown.
    """

    name: str
    values: int


FIELDS = (
    Field("fill", 2),  # whether it is a fill
    Field("hits", len(HITS_CLASSES) + 1),  # of all drums per quarter note
    Field("like", len(BACKS)),  # which previous bar is most similar
    Field("same", len(LIKENESS) + 1),  # the fraction of hits that the bar shares with that one
    *(Field(role, len(FEWEST) + 1) for role in PLAN_ROLES),  # hits of its drums in four quarters
)
NAMES = tuple(field.name for field in FIELDS)
COLUMN = {name: column for column, name in enumerate(NAMES)}
SIZES = tuple(field.values + 1 for field in FIELDS)  # with unknown
EQUAL = len(LIKENESS) + 1  # the id of `same` for equal bars

_LANE = {lane: n for n, lane in enumerate(LANES)}
_ROLE_LANES = tuple([_LANE[drum] for drum in drums] for drums in PLAN_ROLES.values())
_TOMS = [_LANE[drum] for drum in PLAN_ROLES["toms"]]
_FILLING = [_LANE["snare"], *_TOMS]
LANE_WEIGHTS = np.array([HEAVY if lane in HEAVY_DRUMS else 1.0 for lane in LANES])


def plans_of(bars: Bars, grid: int) -> Plans:
    """Return the plan of each bar of a song, (bars, fields).

    Args:
        bars: (bars, steps, 9) hits, from the start of the song.
        grid: steps per quarter note.

    >>> bars = np.zeros((2, 16, 9), dtype=bool)
    >>> bars[:, ::4, 0] = True  # four kicks to a bar
    >>> dict(zip(NAMES, plans_of(bars, 4)[1].tolist()))["same"] == EQUAL
    True
    """
    return np.array([plan_of(bars[: n + 1], grid) for n in range(len(bars))], dtype=np.int64).reshape(-1, len(FIELDS))


def plan_of(bars: Bars, grid: int) -> NDArray[np.int64]:
    """Return the plan of the last bar of a song, (fields,), by the bars before it."""
    bar, before = bars[-1], bars[:-1]
    quarters = bars.shape[1] / grid
    like, same = _most_alike(bar, before)
    hits = 1 + bisect_right(HITS_CLASSES, bar.sum() / quarters)
    roles = [1 + bisect_right(FEWEST, bar[:, lanes].sum() * 4 / quarters) for lanes in _ROLE_LANES]
    fill = YES if is_fill(bar, before) else NO
    return np.array([fill, hits, like, same, *roles], dtype=np.int64)


def is_fill(bar: NDArray[np.bool_], before: Bars) -> bool:
    """Return whether a bar is a fill: it has many more hits on toms, or on snare and toms late in the bar.

    Args:
        bar: (steps, 9).
        before: (bars, steps, 9) the previous bars, possibly none; the last `REMEMBERED` count.
    """
    half, before = len(bar) // 2, before[-REMEMBERED:]

    def late(some: NDArray[np.bool_]) -> NDArray[np.int64]:
        counted: NDArray[np.int64] = some[..., half:, _FILLING].sum(axis=(-2, -1))
        return counted

    def toms(some: NDArray[np.bool_]) -> NDArray[np.int64]:
        counted: NDArray[np.int64] = some[..., _TOMS].sum(axis=(-2, -1))
        return counted

    usual_late = float(np.median(late(before))) if len(before) else USUAL_LATE
    usual_toms = float(np.median(toms(before))) if len(before) else 0.0
    return bool(late(bar) >= usual_late + MORE_LATE or toms(bar) >= usual_toms + MORE_TOMS)


def likeness(bar: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return the fraction of the weighted hits of two bars, (steps, 9) each, that both have; 1 if both are silent."""
    total = float((bar * LANE_WEIGHTS).sum() + (other * LANE_WEIGHTS).sum())
    return 2 * float(((bar & other) * LANE_WEIGHTS).sum()) / total if total else 1.0


def _most_alike(bar: NDArray[np.bool_], before: Bars) -> tuple[int, int]:
    """Return the ids of `like` and `same`: the most recent bar among equals, or unknown in a first bar."""
    found = [likeness(bar, before[-back]) for back in BACKS if back <= len(before)]
    if not found:
        return 0, 0
    highest = max(found)
    return 1 + found.index(highest), 1 + bisect_right(LIKENESS, highest)
