"""`Pattern` <-> CSV: a line for each hit, after a line with the tempo, meter and grid."""

import csv
import io
import re
from collections.abc import Iterator

import numpy as np

from drumtok.drums import DRUMS, LANE_INDEX, LANES, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.exchange.placed_hits import MAX_BARS
from drumtok.grids import parse_meter, steps_per_bar
from drumtok.pattern import Pattern

COLUMNS = ("bar", "step", "drum", "note", "velocity", "offset")
_HEAD = re.compile(r"# TEMPO=(\S+) METER=(\S+) GRID=(\S+) BARS=(\S+)\s*")


def to_csv(pattern: Pattern) -> str:
    """Write a pattern as CSV: bar and step from 1, drum, its note, velocity, and offset in steps.

    >>> print(to_csv(Pattern.from_grid("kick |--x-|", meter=(1, 4))))
    # TEMPO=120 METER=1/4 GRID=4 BARS=1
    bar,step,drum,note,velocity,offset
    1,3,kick,36,100,0.0
    """
    meter = "{}/{}".format(*pattern.meter)
    lines = [f"# TEMPO={pattern.tempo:.10g} METER={meter} GRID={pattern.grid} BARS={pattern.bars}"]
    lines.append(",".join(COLUMNS))
    for step, drum in np.argwhere(pattern.hits).tolist():
        bar, place = divmod(step, pattern.steps_per_bar)
        late = str(pattern.offset[step, drum])  # the shortest number that is read as the same
        row = (bar + 1, place + 1, LANES[drum], DRUMS[drum].note, pattern.velocity[step, drum], late)
        lines.append(",".join(map(str, row)))
    return "\n".join(lines)


def from_csv(text: str) -> Iterator[Pattern]:
    """Read the patterns of a CSV file, the inverse of `to_csv`; the column with the note is ignored.

    Raises:
        DrumtokError: a line has a wrong form; the message names it.
    """
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("# TEMPO=")]
    if not heads:
        raise DrumtokError(f"CSV must begin with a line '# TEMPO=120 METER=4/4 GRID=4 BARS=1', got {text[:40]!r}")
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        try:
            yield _pattern(lines[head], lines[head + 1 : end])
        except (DrumtokError, ValueError, KeyError, IndexError, OverflowError) as error:
            raise DrumtokError(f"cannot read the pattern from line {head + 1} on: {error}") from None


def _pattern(head: str, lines: list[str]) -> Pattern:
    match = _HEAD.fullmatch(head)
    if match is None:
        raise DrumtokError(f"first line must be '# TEMPO=120 METER=4/4 GRID=4 BARS=1', got {head!r}")
    tempo, meter, grid, bars = float(match[1]), parse_meter(match[2]), int(match[3]), int(match[4])
    if not 0 <= bars <= MAX_BARS:
        raise DrumtokError(f"bars must be between 0 and {MAX_BARS}, got {bars}")
    per_bar = steps_per_bar(grid, meter)
    velocity = np.zeros((bars * per_bar, N_DRUMS), dtype=np.int64)
    offset = np.zeros(velocity.shape, dtype=np.float32)
    for row in csv.DictReader(io.StringIO("\n".join(line for line in lines if line.strip()))):
        if set(COLUMNS) - {"note"} - {key for key, value in row.items() if value}:
            raise DrumtokError(f"columns must be {', '.join(COLUMNS)}, got {', '.join(filter(None, row))}")
        bar, step = int(row["bar"]), int(row["step"])
        if not (1 <= bar <= bars and 1 <= step <= per_bar):
            raise DrumtokError(f"bar and step must be from 1 to {bars} and {per_bar}, got {bar} and {step}")
        if row["drum"] not in LANE_INDEX:
            raise DrumtokError(f"drum must be one of {', '.join(LANES)}, got {row['drum']!r}")
        cell = (bar - 1) * per_bar + step - 1, LANE_INDEX[row["drum"]]
        velocity[cell], offset[cell] = int(row["velocity"]), float(row["offset"])
        if not 1 <= velocity[cell] <= 127:
            raise DrumtokError(f"velocity must be between 1 and 127, got {velocity[cell]}")
    return Pattern(velocity > 0, velocity.astype(np.uint8), offset, grid, meter, tempo)
