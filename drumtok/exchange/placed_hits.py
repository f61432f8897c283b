"""Convert hits at any time, as other tools store them, to a pattern on a grid."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from drumtok.drums import DRUMS, LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.grids import DEFAULT_GRID, GRID_TABLE, Meter, steps_per_bar
from drumtok.pattern import Pattern

MAX_BARS = 10_000  # bars
LANE_OF_NOTE = {note: drum.lane for drum in DRUMS for note in drum.notes}
COARSEST_FIRST = (DEFAULT_GRID, *(grid.steps for grid in GRID_TABLE if grid.steps != DEFAULT_GRID))


class PlacedHit(NamedTuple):
    """A hit: its time in quarter notes, its lane and its velocity."""

    time: float
    lane: str
    velocity: int


def fitting_grid(hits: Sequence[PlacedHit]) -> int:
    """Return the first grid on which all hits lie, sixteenths first; sixteenths if they lie on no grid.

    >>> fitting_grid([PlacedHit(1 / 3, "ride", 100)]), fitting_grid([PlacedHit(0.125, "ride", 100)])
    (3, 8)
    """
    for grid in COARSEST_FIRST:
        if all(abs(hit.time * grid - round(hit.time * grid)) < 1e-6 for hit in hits):
            return grid
    return DEFAULT_GRID


def placed(hits: Sequence[PlacedHit], bars: int, meter: Meter, grid: int | None = None, tempo: float = 120) -> Pattern:
    """Return the pattern of hits: each on the nearest step, ties late, with the distance to it as its offset.

    Of two hits of a drum on one step the louder stays; hits after the last bar are left out.

    Args:
        grid: by default the first that fits.

    Raises:
        DrumtokError: the meter does not fit the grid, or there are too many bars.
    """
    if not 0 <= bars <= MAX_BARS:
        raise DrumtokError(f"bars must be between 0 and {MAX_BARS}, got {bars}")
    grid = fitting_grid(hits) if grid is None else grid
    steps = bars * steps_per_bar(grid, meter)
    velocity = np.zeros((steps, N_DRUMS), dtype=np.uint8)
    offset = np.zeros((steps, N_DRUMS), dtype=np.float32)
    for hit in hits:
        at = hit.time * grid
        step = math.floor(at + 0.5)
        if step == steps and at < steps:  # it is nearest to the end
            step -= 1
        cell = max(step, 0), LANE_INDEX[hit.lane]
        if cell[0] < steps and hit.velocity > velocity[cell]:
            velocity[cell] = hit.velocity
            offset[cell] = min(max(at - cell[0], -0.5), 0.5)
    return Pattern(velocity > 0, velocity, offset, grid, meter, tempo)


def velocity_of(level: float) -> int:
    """Return the velocity of a level from 0 to 1, at least 1."""
    return min(max(round(level * 127), 1), 127)
