"""The tempi of a file, in beats per minute, and the steps of its ticks."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.grids import DEFAULT_TEMPO, FASTEST, SLOWEST
from drumtok.midi.events import Events

MICROSECONDS_PER_MINUTE = 60_000_000


def nearest_step(ticks: NDArray[np.int64], ticks_per_beat: int | NDArray[np.int64], grid: int) -> NDArray[np.int64]:
    """Return the step nearest to each tick, ties late: floor(tick / ticks per step + 1/2), in integers.

    >>> nearest_step(np.array([0, 59, 60, 180]), 480, 4).tolist()
    [0, 0, 1, 2]
    """
    return (ticks * (2 * grid) + ticks_per_beat) // (2 * ticks_per_beat)


def tempo_at(events: Events, step: int, grid: int) -> float:
    """Return the tempo at a step, 120 before the first tempo of the file."""
    tick = step * events.ticks_per_beat // grid
    before = int(np.searchsorted(events.tempos[:, 0], tick, side="right"))
    return beats_per_minute(int(events.tempos[before - 1, 1])) if before else DEFAULT_TEMPO


def tempo_changes(events: Events, grid: int) -> Sequence[tuple[int, float]]:
    """Return (nearest step, tempo) of each tempo of a file; the last tempo on a step counts."""
    steps = nearest_step(events.tempos[:, 0], events.ticks_per_beat, grid).tolist()
    tempi = map(beats_per_minute, events.tempos[:, 1].tolist())
    return tuple(dict(zip(steps, tempi, strict=True)).items())


@lru_cache(maxsize=1024)
def beats_per_minute(microseconds: int) -> float:
    """Return the tempo with the fewest decimals that rounds to these microseconds per quarter note.

    A tempo of 138 is stored as 434,783 microseconds; read as 137.99993, it would not survive a round trip.
    """
    exact = MICROSECONDS_PER_MINUTE / max(microseconds, 1)
    for digits in range(8):
        if microseconds_per_beat(round(exact, digits)) == microseconds:
            return min(max(round(exact, digits), SLOWEST), FASTEST)
    return min(max(exact, SLOWEST), FASTEST)


def microseconds_per_beat(tempo: float) -> int:
    """Return a tempo in BPM as a MIDI file stores it."""
    return round(MICROSECONDS_PER_MINUTE / tempo) if tempo > 0 else 0
