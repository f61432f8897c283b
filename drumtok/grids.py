"""Grids and meters: how many steps a quarter note and a bar have."""

from dataclasses import dataclass

from drumtok.errors import DrumtokError

Meter = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """A grid: its steps per quarter note, their name, and whether they are triplets."""

    steps: int
    name: str
    triplets: bool


GRID_TABLE = (
    Grid(3, "eighth triplets", True),
    Grid(4, "sixteenths", False),
    Grid(6, "sixteenth triplets", True),
    Grid(8, "thirty-seconds", False),
)
GRIDS = tuple(grid.steps for grid in GRID_TABLE)
TRIPLET_GRIDS = tuple(grid.steps for grid in GRID_TABLE if grid.triplets)
STRAIGHT_GRIDS = tuple(grid.steps for grid in GRID_TABLE if not grid.triplets)  # those with sixteenths
DEFAULT_GRID = 4
DEFAULT_METER: Meter = (4, 4)
DEFAULT_TEMPO = 120.0  # beats per minute
_LONGEST_METER = 20  # characters of a text; Python converts no number of thousands of digits
SLOWEST, FASTEST = 4.0, 1000.0  # a MIDI file cannot hold less than 3.58 beats per minute


def steps_per_bar(grid: int, meter: Meter) -> int:
    """Return the number of steps of one bar.

    Raises:
        DrumtokError: the grid is not one of `GRIDS`, or the bar is not a whole number of its steps.

    >>> [steps_per_bar(4, meter) for meter in ((4, 4), (3, 4), (6, 8), (5, 4))]
    [16, 12, 12, 20]
    """
    if grid not in GRIDS:
        raise DrumtokError(f"grid must be one of {', '.join(map(str, GRIDS))}, got {grid!r}")
    numerator, denominator = meter
    _check_meter(meter)
    steps, rest = divmod(4 * grid * numerator, denominator)
    if rest:
        raise DrumtokError(f"meter {numerator}/{denominator} does not fit a grid of {grid} steps per beat")
    return steps


def parse_meter(text: str) -> Meter:
    """Parse a meter such as `6/8`.

    Raises:
        DrumtokError: the text has another form, or a time signature cannot hold the meter.

    >>> parse_meter("6/8")
    (6, 8)
    """
    numerator, slash, denominator = text.partition("/")
    if not (slash and numerator.isdecimal() and denominator.isdecimal() and len(text) <= _LONGEST_METER):
        raise DrumtokError(f"meter must be NUMERATOR/DENOMINATOR such as 4/4, got {text!r}")
    meter = int(numerator), int(denominator)
    _check_meter(meter)
    return meter


def _check_meter(meter: Meter) -> None:
    numerator, denominator = meter
    if not 1 <= numerator <= 255 or denominator not in (1, 2, 4, 8, 16, 32, 64):
        raise DrumtokError(f"meter must be 1 to 255 over a power of 2 up to 64, got {numerator}/{denominator}")
