"""Tempo changes of a pattern: at steps, as the tempo of each step, and as seconds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.grids import FASTEST, SLOWEST

TempoChanges = tuple[tuple[int, float], ...]  # (first step, beats per minute) of each tempo after the first


def checked_changes(changes: Sequence[tuple[int, float]], steps: int) -> TempoChanges:
    """Return tempo changes as a tuple.

    Raises:
        DrumtokError: a step is not inside the pattern or not after the one before, or a tempo is out of its range.
    """
    before = 0
    for step, tempo in changes:
        if not before < step < steps:
            raise DrumtokError(f"steps of tempo_changes must ascend between 1 and {steps - 1}, got {step}")
        if not SLOWEST <= tempo <= FASTEST:
            raise DrumtokError(f"tempo must be between {SLOWEST:g} and {FASTEST:g} BPM, got {tempo}")
        before = step
    return tuple((int(step), float(tempo)) for step, tempo in changes)


def tempo_of_steps(tempo: float, changes: TempoChanges, steps: int) -> NDArray[np.float64]:
    """Return the tempo of each step, (steps,).

    >>> tempo_of_steps(90, ((2, 120),), 4).tolist()
    [90.0, 90.0, 120.0, 120.0]
    """
    each = np.full(steps, tempo, dtype=np.float64)
    for step, later in changes:
        each[step:] = later
    return each


def changes_of_steps(each: NDArray[np.float64]) -> TempoChanges:
    """Return the changes among the tempi of steps: the inverse of `tempo_of_steps`, without its first tempo.

    >>> changes_of_steps(np.array([90.0, 90.0, 120.0, 120.0]))
    ((2, 120.0),)
    """
    at = np.flatnonzero(np.diff(each)) + 1
    return tuple(zip(at.tolist(), each[at].tolist(), strict=True))


def seconds_at(
    steps: NDArray[np.floating] | NDArray[np.integer], tempo: float, changes: TempoChanges, grid: int
) -> NDArray[np.float64]:
    """Return the times, in seconds from the start of a pattern, of positions in steps.

    >>> seconds_at(np.array([0, 4, 8, 12]), 120, ((8, 60),), grid=4).tolist()
    [0.0, 0.5, 1.0, 2.0]
    """
    positions = np.asarray(steps, dtype=np.float64)
    starts = np.array([0, *(step for step, _ in changes)])
    lengths = 60 / grid / np.array([tempo, *(later for _, later in changes)])  # seconds of a step
    begins = np.concatenate(([0.0], np.cumsum(np.diff(starts) * lengths[:-1])))
    part = np.searchsorted(starts, positions, side="right") - 1
    return begins[part] + (positions - starts[part]) * lengths[part]
