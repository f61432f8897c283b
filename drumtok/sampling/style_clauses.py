"""The clauses of rules on the hits of a bar: drums at positions, a number of hits, or a roll.

Each clause can check a whole bar, and the words that may continue an unfinished bar.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, LANES
from drumtok.errors import DrumtokError
from drumtok.grids import DEFAULT_GRID, Meter, steps_per_bar

ROLL = 4  # consecutive hi-hats faster than sixteenths
GROUPS = {
    **{lane: (lane,) for lane in LANES},
    "hats": ("closed", "open"),
    "timekeeper": ("closed", "open", "ride"),
    "cymbals": ("closed", "open", "ride", "crash"),
    "toms": ("floor", "low", "high"),
    "any": LANES,
}
_PARTS_OF_A_BEAT = {
    "": Fraction(0),
    "e": Fraction(1, 4),
    "&": Fraction(1, 2),
    "a": Fraction(3, 4),
    "t": Fraction(1, 3),
    "l": Fraction(2, 3),
}
_ON = re.compile(r"(no )?(\w+) (only )?on (any of )?(.+)")
_COUNT = re.compile(r"(\w+) (\d+)-(\d+) a bar")

Bars = NDArray[np.bool_]  # (bars, steps per bar, 9)
Flags = NDArray[np.bool_]


class Clause(Protocol):
    """One of the alternatives of a rule."""

    def holds(self, bars: Bars, grid: int, meter: Meter) -> Flags:
        """Return whether it holds in each bar, (bars,)."""
        ...

    def allows(self, begun: Bars, grid: int, meter: Meter, words: Flags) -> Flags:
        """Return whether it can still hold if a bar continues with a word.

        Args:
            begun: (streams, steps so far, 9) the unfinished bars.
            words: (words, 9) the drums that each word hits.

        Returns:
            (streams, words).
        """
        ...


def _hit(hits: Flags, lanes: Sequence[int]) -> Flags:
    """Return whether any of some drums is hit, (..., 9) -> (...)."""
    return _any(hits[..., list(lanes)])


def _any(flags: Flags) -> Flags:
    """Return whether any of the last axis is true."""
    found: Flags = np.logical_or.reduce(flags, axis=-1)
    return found


@dataclass(frozen=True)
class On:
    """Hits of some drums at all, any or none of some positions, or at all of them and nowhere else."""

    lanes: tuple[int, ...]
    places: str
    negated: bool = False
    any_of: bool = False
    only: bool = False

    def holds(self, bars: Bars, grid: int, meter: Meter) -> Flags:
        """Return whether it holds in each bar, (bars,)."""
        steps = steps_of(self.places, grid, meter)
        hits = _hit(bars, self.lanes)  # (bars, steps)
        hit = hits[:, steps]  # (bars, places)
        if self.negated:
            return ~_any(hit)
        if self.only:
            hits_elsewhere: Flags = np.delete(hits, steps, axis=1)
            return ~_any(~hit) & ~_any(hits_elsewhere)
        return _any(hit) if self.any_of else ~_any(~hit)

    def allows(self, begun: Bars, grid: int, meter: Meter, words: Flags) -> Flags:
        """Return whether it can still hold, as `Clause.allows`."""
        now, steps = begun.shape[1], steps_of(self.places, grid, meter)
        hit = _hit(begun, self.lanes)[:, [step for step in steps if step < now]]  # (streams, places)
        by_word = _hit(words, self.lanes)
        if self.only:
            elsewhere = _any(np.delete(_hit(begun, self.lanes), [step for step in steps if step < now], axis=1))
            return (~_any(~hit) & ~elsewhere)[:, None] & (by_word == (now in steps))
        if self.negated:
            return ~_any(hit)[:, None] & ~(by_word & (now in steps))
        if self.any_of:
            return _any(hit)[:, None] | by_word & (now in steps) | (max(steps) > now)
        return ~_any(~hit)[:, None] & (by_word | (now not in steps))


@dataclass(frozen=True)
class Count:
    """A range for the number of steps with a hit of some drums in a bar."""

    lanes: tuple[int, ...]
    least: int
    most: int

    def holds(self, bars: Bars, grid: int, meter: Meter) -> Flags:
        """Return whether it holds in each bar, (bars,)."""
        hits = _hit(bars, self.lanes).sum(axis=1)
        return (self.least <= hits) & (hits <= self.most)

    def allows(self, begun: Bars, grid: int, meter: Meter, words: Flags) -> Flags:
        """Return whether it can still hold, as `Clause.allows`."""
        hits = _hit(begun, self.lanes).sum(axis=1)[:, None] + _hit(words, self.lanes)
        return (hits <= self.most) & (hits + room_after(begun.shape[1], grid, meter) >= self.least)


@dataclass(frozen=True)
class Roll:
    """Hi-hats on consecutive steps that are faster than sixteenths."""

    def holds(self, bars: Bars, grid: int, meter: Meter) -> Flags:
        """Return whether it holds in each bar, (bars,)."""
        if grid <= DEFAULT_GRID:
            return np.zeros(len(bars), dtype=bool)
        return has_roll(_hit(bars, lanes_of("hats")))

    def allows(self, begun: Bars, grid: int, meter: Meter, words: Flags) -> Flags:
        """Return true, because a roll may be anywhere in the bar."""
        return np.ones((len(begun), len(words)), dtype=bool)


def clause_of(text: str) -> Clause:
    """Parse a clause.

    Raises:
        DrumtokError: it has another form.
    """
    if text == "roll":
        return Roll()
    if found := _COUNT.fullmatch(text):
        return Count(lanes_of(found[1]), int(found[2]), int(found[3]))
    if found := _ON.fullmatch(text):
        negated, name, only, any_of, places = found.groups()
        return On(lanes_of(name), places, bool(negated), bool(any_of), bool(only))
    raise DrumtokError(f"rule must be such as 'snare on 2, 4', 'no kick on 2' or 'hats 4-16 a bar', got {text!r}")


def room_after(step: int, grid: int, meter: Meter) -> int:
    """Return the maximal number of hits after a step of a bar: one per sixteenth, or per step of a coarser grid.

    >>> room_after(0, 4, (4, 4)), room_after(1, 8, (4, 4))
    (15, 15)
    """
    return -(-(steps_per_bar(grid, meter) - step - 1) // max(grid // DEFAULT_GRID, 1))


def has_roll(hits: Flags) -> Flags:
    """Return which bars have at least `ROLL` hits on consecutive steps, (bars,).

    Args:
        hits: (bars, steps) of one drum, on a grid finer than sixteenths.
    """
    in_a_row: Flags = np.logical_and.reduce(sliding_window_view(hits, ROLL, axis=1), axis=2)
    return _any(in_a_row)


def lanes_of(name: str) -> tuple[int, ...]:
    """Return the indices of the drums that a rule names.

    Raises:
        DrumtokError: there is no such drum or group of drums.
    """
    if name not in GROUPS:
        raise DrumtokError(f"the drum of a rule must be one of {', '.join(GROUPS)}, got {name!r}")
    return tuple(LANE_INDEX[lane] for lane in GROUPS[name])


@lru_cache(maxsize=1024)
def steps_of(places: str, grid: int, meter: Meter) -> Sequence[int]:
    """Return the steps of a bar that are nearest to positions such as 2&.

    Raises:
        DrumtokError: a position is outside the bar.

    >>> steps_of("2, 2e, 2&, 2a", 4, (4, 4)), steps_of("beats", 4, (6, 8)), steps_of("1l", 3, (4, 4))
    ([4, 5, 6, 7], [0, 2, 4, 6, 8, 10], [2])
    """
    beats = range(1, meter[0] + 1)
    every = {"beats": ", ".join(map(str, beats)), "offbeats": ", ".join(f"{beat}&" for beat in beats)}
    steps = []
    for place in every.get(places, places).split(","):
        found = re.fullmatch(r"(\d+)([e&atl]?)", place.strip())
        if not found or int(found[1]) not in beats:
            raise DrumtokError(
                f"a place must be a beat of {meter[0]}/{meter[1]} such as 2, 2e, 2&, 2a, got {place.strip()!r}"
            )
        at = (int(found[1]) - 1 + _PARTS_OF_A_BEAT[found[2]]) * Fraction(4 * grid, meter[1])
        steps.append(int(at + Fraction(1, 2)))
    return steps
