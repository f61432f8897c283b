"""Grid notation: one lane per line, one mark per step; and the velocity of each mark."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, LANES, N_DRUMS
from drumtok.errors import DrumtokError

DEFAULT_VELOCITY = 100
LEVELS = {"o": 40, "x": DEFAULT_VELOCITY, "X": 120}  # ghost, hit, accent: the velocity read from each mark
SILENCE = "-."
MARKS = (*LEVELS, *SILENCE)
GHOST_BELOW, ACCENT_FROM = 64, 112  # the velocities between are written as a plain hit

Velocity = NDArray[np.uint8]


def read_lanes(text: str) -> Velocity:
    """Read the velocities, (steps, 9), of a text in grid notation; 0 where there is no hit.

    Raises:
        DrumtokError: a lane or mark is unknown, or lanes of a block differ in length.
    """
    empty = np.zeros((0, N_DRUMS), dtype=np.uint8)
    return np.concatenate([empty, *(_block_velocity(block) for block in _blocks(text))])


def write_lanes(velocity: Velocity, steps_per_bar: int, bars_per_line: int) -> str:
    """Write velocities as the nearest of three levels, in blocks of some bars: the inverse of `read_lanes`.

    Args:
        velocity: (steps, 9), whole bars.
    """
    width = steps_per_bar * bars_per_line
    starts = range(0, max(len(velocity), 1), width)
    return "\n\n".join(_write_block(velocity[start : start + width], steps_per_bar) for start in starts)


def _write_block(velocity: Velocity, steps_per_bar: int) -> str:
    marks = np.full(velocity.shape, "-")
    marks[velocity > 0] = "x"
    marks[(velocity > 0) & (velocity < GHOST_BELOW)] = "o"
    marks[velocity >= ACCENT_FROM] = "X"
    sounding = np.flatnonzero(velocity.any(axis=0))
    lines = []
    for lane in sounding if sounding.size else [0]:  # silence still has a length
        # As a list: while NumPy hands out the strings of an array one by one it swallows a Ctrl-C.
        bars = ["".join(bar) for bar in marks[:, lane].reshape(-1, steps_per_bar).tolist()]
        lines.append(f"{LANES[lane]:6} |{'|'.join(bars)}|")
    return "\n".join(lines)


def _blocks(text: str) -> Iterator[list[tuple[int, str, str]]]:
    """Yield the blocks of a text: (line number, lane, marks) of each line, without comments."""
    block: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("#")[0].strip()
        if content:
            lane, *marks = content.replace("|", " ").split() or [""]
            block.append((number, lane, "".join(marks)))
        elif block and not line.strip():  # a line with only a comment does not end a block
            yield block
            block = []
    if block:
        yield block


def _block_velocity(block: list[tuple[int, str, str]]) -> NDArray[np.uint8]:
    first, lane, marks = block[0]
    velocity = np.zeros((len(marks), N_DRUMS), dtype=np.uint8)
    seen = set()
    for number, lane, marks in block:
        if lane not in LANE_INDEX:
            raise DrumtokError(f"line {number}: lane must be one of {', '.join(LANES)}, got {lane!r}")
        if lane in seen:
            raise DrumtokError(f"line {number}: lane {lane!r} is already in the block that begins at line {first}")
        if len(marks) != len(velocity):
            raise DrumtokError(f"line {number}: lane {lane!r} has {len(marks)} steps, line {first} has {len(velocity)}")
        seen.add(lane)
        for step, mark in enumerate(marks):
            if mark in LEVELS:
                velocity[step, LANE_INDEX[lane]] = LEVELS[mark]
            elif mark not in SILENCE:
                raise DrumtokError(f"line {number}: mark must be one of {', '.join(MARKS)}, got {mark!r}")
    return velocity
