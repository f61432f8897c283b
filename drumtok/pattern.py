"""`Pattern`: a frozen grid of drum hits with velocity, offset, grid, meter and tempo; grid notation.

It is the one value that every codec of drumtok reads or writes.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.notation import DEFAULT_VELOCITY, read_lanes, write_lanes

if TYPE_CHECKING:
    import pretty_midi

Meter = tuple[int, int]

GRIDS = (3, 4, 6, 8)  # steps per quarter note: triplets, sixteenths, sixteenth triplets, thirty-seconds
DEFAULT_GRID = 4
DEFAULT_METER: Meter = (4, 4)
DEFAULT_TEMPO = 120.0  # beats per minute
SLOWEST, FASTEST = 4.0, 1000.0  # a MIDI file cannot say less than 3.58 beats per minute


def steps_per_bar(grid: int, meter: Meter) -> int:
    """The steps of one bar.

    Raises:
        DrumtokError: the grid is not one of `GRIDS`, or the bar is no whole number of its steps.

    >>> [steps_per_bar(4, meter) for meter in ((4, 4), (3, 4), (6, 8), (5, 4))]
    [16, 12, 12, 20]
    """
    if grid not in GRIDS:
        raise DrumtokError(f"grid {grid!r} is unknown: allowed are {', '.join(map(str, GRIDS))} steps per beat")
    numerator, denominator = meter
    if not 1 <= numerator <= 255 or denominator not in (1, 2, 4, 8, 16, 32, 64):
        raise DrumtokError(f"meter {numerator}/{denominator} is none: allowed are 1 to 255 over a power of 2 up to 64")
    steps, rest = divmod(4 * grid * numerator, denominator)
    if rest:
        raise DrumtokError(f"meter {numerator}/{denominator} does not fit a grid of {grid} steps per beat")
    return steps


@dataclass(frozen=True, eq=False)
class Pattern:
    """Drum hits on a grid, a whole number of bars long. Frozen: its arrays are read-only.

    Args:
        hits: shape (steps, 9), true where a drum of `drumtok.drums.DRUMS` is hit.
        velocity: shape (steps, 9), 1 to 127 where there is a hit; ignored elsewhere. 100 by default.
        offset: shape (steps, 9), how late the hit is, in steps, -0.5 to 0.5; ignored elsewhere. 0 by default.
        grid: steps per quarter note, one of `GRIDS`.
        meter: beats of a bar and the note that is a beat, such as (6, 8).
        tempo: quarter notes per minute.
        note_length: the length of a written note, in steps.
        name, style: labels; two patterns that differ in these alone are equal.

    Raises:
        DrumtokError: a value is out of its range, or the steps are no whole number of bars.
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

    def __post_init__(self) -> None:
        hits = np.array(self.hits, dtype=bool)
        if hits.ndim != 2 or hits.shape[1] != N_DRUMS:
            raise DrumtokError(f"hits have shape {hits.shape}: allowed is (steps, {N_DRUMS})")
        per_bar = steps_per_bar(self.grid, self.meter)
        if len(hits) % per_bar:
            raise DrumtokError(f"{len(hits)} steps are no whole number of bars of {per_bar} steps")
        if not SLOWEST <= self.tempo <= FASTEST:
            raise DrumtokError(f"tempo {self.tempo} is out of range: allowed are {SLOWEST:g} to {FASTEST:g} BPM")
        if not 0 < self.note_length <= 64:
            raise DrumtokError(f"note length {self.note_length} is out of range: allowed are 0 (excluded) to 64 steps")
        velocity = _per_hit("velocity", self.velocity, hits, DEFAULT_VELOCITY, 1, 127, np.uint8)
        offset = _per_hit("offset", self.offset, hits, 0, -0.5, 0.5, np.float32)
        for attribute, array in (("hits", hits), ("velocity", velocity), ("offset", offset)):
            array.flags.writeable = False
            object.__setattr__(self, attribute, array)
        object.__setattr__(self, "tempo", float(self.tempo))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pattern):
            return NotImplemented
        return (
            (self.grid, self.meter, self.tempo, self.note_length)
            == (other.grid, other.meter, other.tempo, other.note_length)
            and np.array_equal(self.velocity, other.velocity)
            and np.array_equal(self.offset, other.offset)
        )

    def __hash__(self) -> int:
        return hash((self.grid, self.meter, self.tempo, self.hits.tobytes()))

    def __len__(self) -> int:
        return len(self.hits)

    @property
    def steps_per_bar(self) -> int:
        """The steps of one bar."""
        return steps_per_bar(self.grid, self.meter)

    @property
    def bars(self) -> int:
        """The number of bars."""
        return len(self.hits) // self.steps_per_bar

    def slice_bars(self, start: int, stop: int) -> "Pattern":
        """The bars from `start` to before `stop`, counted from 0, as Python slices count."""
        steps = slice(*(bar * self.steps_per_bar for bar in slice(start, stop).indices(self.bars)[:2]))
        return replace(self, hits=self.hits[steps], velocity=self.velocity[steps], offset=self.offset[steps])

    def quantised(self) -> "Pattern":
        """The same hits and velocities exactly on the grid."""
        return replace(self, offset=np.zeros_like(self.offset))

    def regridded(self, grid: int) -> "Pattern":
        """The pattern on another grid: each hit on the nearest step, ties late, offsets gone.

        Of two hits of one drum that come to one step the louder stays. A hit that comes nearest to the end is kept
        on the last step, since what follows the end is not there.
        """
        steps = (2 * np.arange(len(self)) * grid + self.grid) // (2 * self.grid)
        length = self.bars * steps_per_bar(grid, self.meter)
        velocity = np.zeros((length, N_DRUMS), dtype=np.uint8)
        np.maximum.at(velocity, np.minimum(steps, length - 1), self.velocity)
        on_grid = np.zeros(velocity.shape, dtype=np.float32)
        return replace(self, hits=velocity > 0, velocity=velocity, offset=on_grid, grid=grid)

    @classmethod
    def from_grid(
        cls, text: str, grid: int = DEFAULT_GRID, meter: Meter = DEFAULT_METER, tempo: float = DEFAULT_TEMPO
    ) -> "Pattern":
        """Reads grid notation: a lane to a line, `x` hit, `X` accent, `o` ghost, `-` or `.` none.

        `|` and white space are skipped, `#` begins a comment; blocks parted by an empty line follow one another in
        time, and a lane that a block leaves out is silent in it.

        Raises:
            DrumtokError: a lane or mark is unknown, lanes of a block differ in length, or a bar is not full.

        >>> Pattern.from_grid("kick |x---x---x---x---|").hits[:, 0].sum()
        np.int64(4)
        """
        velocity = read_lanes(text)
        return cls(velocity > 0, velocity, grid=grid, meter=meter, tempo=tempo)

    def to_grid(self, bars_per_line: int = 2) -> str:
        """Grid notation: the inverse of `from_grid`, with velocity in its three levels and without offsets.

        >>> print(Pattern.from_grid("snare |----X--o----X---|").to_grid())
        snare  |----X--o----X---|
        """
        return write_lanes(self.velocity, self.steps_per_bar, bars_per_line)

    def to_pretty_midi(self) -> "pretty_midi.PrettyMIDI":
        """The pattern as a `pretty_midi.PrettyMIDI`, the same as reading the file that `write_midi` writes."""
        import io

        import pretty_midi

        from drumtok.midi.files import to_midi_bytes

        return pretty_midi.PrettyMIDI(io.BytesIO(to_midi_bytes(self)))


def _per_hit(
    name: str, values: ArrayLike | None, hits: NDArray[np.bool_], default: float, low: float, high: float, dtype: type
) -> NDArray:
    """An array of the hits' shape with the values at the hits, checked, and 0 elsewhere."""
    given = np.full(hits.shape, default) if values is None else np.asarray(values)
    if given.shape != hits.shape:
        raise DrumtokError(f"{name} has shape {given.shape}: allowed is that of the hits, {hits.shape}")
    at_hits = given[hits]
    wrong = at_hits[~((at_hits >= low) & (at_hits <= high))]  # not < or >: nan is wrong too
    if wrong.size:
        raise DrumtokError(f"{name} {wrong[0]} is out of range: allowed are {low} to {high}")
    result: NDArray = np.zeros(hits.shape, dtype=dtype)
    result[hits] = at_hits
    return result


def parse_meter(text: str) -> Meter:
    """Reads a meter such as `6/8`.

    >>> parse_meter("6/8")
    (6, 8)
    """
    numerator, slash, denominator = text.partition("/")
    if not (slash and numerator.isdecimal() and denominator.isdecimal()):
        raise DrumtokError(f"meter {text!r} is none: allowed is a form such as 4/4")
    return int(numerator), int(denominator)
