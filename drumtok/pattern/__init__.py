"""`Pattern`: a frozen grid of drum hits with velocity, offset, grid, meter and tempo.

Every codec of drumtok reads or writes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.grids import (
    DEFAULT_GRID,
    DEFAULT_METER,
    DEFAULT_TEMPO,
    FASTEST,
    GRIDS,
    SLOWEST,
    STRAIGHT_GRIDS,
    TRIPLET_GRIDS,
    Meter,
    parse_meter,
    steps_per_bar,
)
from drumtok.notation import DEFAULT_VELOCITY
from drumtok.pattern.conversions import Conversions
from drumtok.pattern.per_hit import per_hit
from drumtok.pattern.tempo import TempoChanges, changes_of_steps, checked_changes, seconds_at, tempo_of_steps

__all__ = [
    "DEFAULT_GRID",
    "DEFAULT_METER",
    "DEFAULT_TEMPO",
    "FASTEST",
    "GRIDS",
    "SLOWEST",
    "STRAIGHT_GRIDS",
    "TRIPLET_GRIDS",
    "Meter",
    "Pattern",
    "parse_meter",
    "steps_per_bar",
]


@dataclass(frozen=True, eq=False, repr=False)
class Pattern(Conversions):
    """Drum hits on a grid, a whole number of bars long. Frozen: its arrays are read-only.

    Args:
        hits: shape (steps, 9), true where a drum of `drumtok.drums.DRUMS` is hit.
        velocity: shape (steps, 9), 1 to 127 where there is a hit; ignored elsewhere. 100 by default.
        offset: shape (steps, 9), how late the hit is, in steps, -0.5 to 0.5; ignored elsewhere. 0 by default.
        grid: steps per quarter note, one of `GRIDS`.
        meter: numerator and denominator of the time signature, such as (6, 8).
        tempo: quarter notes per minute, at the start.
        tempo_changes: (first step, quarter notes per minute) of each later tempo, in order.
        note_length: the length of a written note, in steps.
        name: a label, ignored by ==.
        style: a label, ignored by ==.

    A pattern is a sequence of its bars: `len(groove)`, `groove[0]`, `groove[0:2]`, `for bar in groove`, `a + b`.
    A notebook shows its grid and a player.

    Raises:
        DrumtokError: a value is outside its range, or the steps are not a whole number of bars.

    Examples:
        >>> groove = Pattern.from_grid("kick |x---x---x---x---|x---x---x---x-x-|")
        >>> groove
        Pattern(2 bars of 4/4, 120 BPM, grid 4, 9 hits)
        >>> len(groove), groove[1].hits.sum(), (groove[1] + groove).bars
        (2, np.int64(5), 3)
    """

    hits: NDArray[np.bool_]
    velocity: NDArray[np.uint8] = None  # type: ignore[assignment]  # filled in below
    offset: NDArray[np.float32] = None  # type: ignore[assignment]
    grid: int = DEFAULT_GRID
    meter: Meter = DEFAULT_METER
    tempo: float = DEFAULT_TEMPO
    note_length: float = 0.5
    name: str = field(default="", kw_only=True)
    style: str = field(default="", kw_only=True)
    tempo_changes: TempoChanges = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        hits = np.array(self.hits, dtype=bool)
        if hits.ndim != 2 or hits.shape[1] != N_DRUMS:
            raise DrumtokError(f"hits must have shape (steps, {N_DRUMS}), got {hits.shape}")
        per_bar = steps_per_bar(self.grid, self.meter)
        if len(hits) % per_bar:
            raise DrumtokError(f"hits must be whole bars of {per_bar} steps, got {len(hits)} steps")
        if not SLOWEST <= self.tempo <= FASTEST:
            raise DrumtokError(f"tempo must be between {SLOWEST:g} and {FASTEST:g} BPM, got {self.tempo}")
        if not 0 < self.note_length <= 64:
            raise DrumtokError(f"note_length must be above 0 and at most 64 steps, got {self.note_length}")
        velocity = per_hit("velocity", self.velocity, hits, DEFAULT_VELOCITY, 1, 127, np.uint8)
        offset = per_hit("offset", self.offset, hits, 0, -0.5, 0.5, np.float32)
        for attribute, array in (("hits", hits), ("velocity", velocity), ("offset", offset)):
            array.flags.writeable = False
            object.__setattr__(self, attribute, array)
        object.__setattr__(self, "tempo", float(self.tempo))
        if self.tempo_changes:
            object.__setattr__(self, "tempo_changes", checked_changes(self.tempo_changes, len(hits)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pattern):
            return NotImplemented
        return (
            (self.grid, self.meter, self.tempo, self.note_length, self.tempo_changes)
            == (other.grid, other.meter, other.tempo, other.note_length, other.tempo_changes)
            and np.array_equal(self.velocity, other.velocity)
            and np.array_equal(self.offset, other.offset)
        )

    def __hash__(self) -> int:
        return hash((self.grid, self.meter, self.tempo, self.hits.tobytes()))

    def __repr__(self) -> str:
        bars = f"{self.bars} bar{'s' * (self.bars != 1)} of {self.meter[0]}/{self.meter[1]}"
        return f"Pattern({bars}, {self.tempo:g} BPM, grid {self.grid}, {np.count_nonzero(self.hits)} hits)"

    def __len__(self) -> int:
        return self.bars

    def __getitem__(self, bars: int | slice) -> "Pattern":
        if not isinstance(bars, slice) and not -self.bars <= bars < self.bars:
            raise IndexError(f"bar must be between {-self.bars} and {self.bars - 1}, got {bars}")
        steps = np.arange(self.steps).reshape(self.bars, self.steps_per_bar)
        return self.take(steps[bars].ravel())

    def __iter__(self) -> Iterator["Pattern"]:
        return (self[bar] for bar in range(self.bars))

    def __add__(self, other: "Pattern") -> "Pattern":
        if not isinstance(other, Pattern):
            return NotImplemented
        if (self.grid, self.meter) != (other.grid, other.meter):
            raise DrumtokError(f"patterns must have the same grid and meter to be joined, got {self} and {other}")
        tempi = np.concatenate([self.step_tempi, other.step_tempi])
        return replace(
            self,
            hits=np.concatenate([self.hits, other.hits]),
            velocity=np.concatenate([self.velocity, other.velocity]),
            offset=np.concatenate([self.offset, other.offset]),
            tempo=tempi[0] if len(tempi) else self.tempo,
            tempo_changes=changes_of_steps(tempi),
        )

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.hits)

    @property
    def steps_per_bar(self) -> int:
        """The number of steps of one bar."""
        return steps_per_bar(self.grid, self.meter)

    @property
    def bars(self) -> int:
        """The number of bars."""
        return len(self.hits) // self.steps_per_bar

    @property
    def step_tempi(self) -> NDArray[np.float64]:
        """The tempo of each step, (steps,)."""
        return tempo_of_steps(self.tempo, self.tempo_changes, self.steps)

    @property
    def seconds(self) -> float:
        """The duration of the pattern in seconds."""
        if self.tempo_changes:
            return float(self.seconds_at(np.array([self.steps]))[0])
        return self.steps * 60 / self.grid / self.tempo

    def seconds_at(self, steps: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the times of positions in steps, in seconds from the start."""
        return seconds_at(steps, self.tempo, self.tempo_changes, self.grid)

    def slice_bars(self, start: int, stop: int) -> "Pattern":
        """Return the bars `start` to `stop` - 1, with the indices of a Python slice."""
        return self[start:stop]

    def take(self, steps: NDArray[np.integer] | slice) -> "Pattern":
        """Return the pattern made of the steps with the given indices, which make whole bars.

        Examples:
            >>> print(Pattern.from_grid("snare |xxo-|", meter=(1, 4)).take(np.array([2, 2, 0, 3])).to_grid())
            snare  |oox-|
        """
        tempo, changes = self.tempo, self.tempo_changes
        if changes:
            tempi = self.step_tempi[steps]
            tempo, changes = float(tempi[0]) if len(tempi) else tempo, changes_of_steps(tempi)
        return replace(
            self,
            hits=self.hits[steps],
            velocity=self.velocity[steps],
            offset=self.offset[steps],
            tempo=tempo,
            tempo_changes=changes,
        )

    def merged(self, other: "Pattern", mask: ArrayLike) -> "Pattern":
        """Return the pattern with the hits, velocities and offsets of `other` where a mask is true.

        Args:
            other: has the same number of steps.
            mask: (steps, 9), (steps, 1) or (9,).

        Raises:
            DrumtokError: the patterns differ in steps.

        Examples:
            >>> a, b = (Pattern.from_grid(f"kick |{kick}|", meter=(1, 4)) for kick in ("xx--", "oooo"))
            >>> print(a.merged(b, np.array([[False], [False], [True], [True]])).to_grid())
            kick   |xxoo|
        """
        if self.steps != other.steps:
            raise DrumtokError(f"patterns must have the same number of steps, got {self.steps} and {other.steps}")
        return replace(
            self,
            hits=np.where(mask, other.hits, self.hits),
            velocity=np.where(mask, other.velocity, self.velocity),
            offset=np.where(mask, other.offset, self.offset),
        )

    def quantised(self) -> "Pattern":
        """Return the pattern with all offsets 0."""
        return replace(self, offset=np.zeros_like(self.offset))

    def regridded(self, grid: int) -> "Pattern":
        """Return the pattern on another grid: each hit on the nearest step, ties on the later one, with offset 0.

        Of two hits of a drum on one step the louder is kept. A hit nearest to the end of the pattern goes to the last
        step.
        """
        steps = (2 * np.arange(self.steps) * grid + self.grid) // (2 * self.grid)
        length = self.bars * steps_per_bar(grid, self.meter)
        velocity = np.zeros((length, N_DRUMS), dtype=np.uint8)
        np.maximum.at(velocity, np.minimum(steps, length - 1), self.velocity)
        on_grid = np.zeros(velocity.shape, dtype=np.float32)
        tempi = self.step_tempi[np.arange(length) * self.grid // grid]
        changes = changes_of_steps(tempi)
        return replace(self, hits=velocity > 0, velocity=velocity, offset=on_grid, grid=grid, tempo_changes=changes)
