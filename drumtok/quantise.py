"""From the notes of a file, in ticks, to hits on a grid, cut into sections of one meter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS, note_map
from drumtok.pattern import DEFAULT_METER, DEFAULT_TEMPO, FASTEST, SLOWEST, Meter, Pattern, steps_per_bar
from drumtok.smf import last_tick

MICROSECONDS_PER_MINUTE = 60_000_000

Score = Any  # symusic.Score, whose stubs say "factory"


@dataclass(frozen=True)
class Hits:
    """The hits of a file, one for each drum and step, in order of their steps from tick 0."""

    step: NDArray[np.int64]
    drum: NDArray[np.int8]
    velocity: NDArray[np.int8]
    offset: NDArray[np.float64]
    outside: Mapping[int, int]
    merged: int

    @classmethod
    def of(cls, score: Score, grid: int, map_name: str) -> "Hits":
        columns = [track.notes.numpy() for track in score.tracks if track.is_drum]
        time, pitch, velocity = (
            np.concatenate([c[key] for c in columns]) if columns else np.zeros(0, dtype=np.int64)
            for key in ("time", "pitch", "velocity")
        )
        drum = note_map(map_name)[pitch]
        notes, counts = np.unique(pitch[drum < 0], return_counts=True)
        inside = np.flatnonzero(drum >= 0)
        time, drum, velocity = time[inside].astype(np.int64), drum[inside], velocity[inside]
        step = nearest_step(time, score.ticks_per_quarter, grid)
        order = np.lexsort((time, -velocity.astype(np.int16), drum, step))  # of one cell the loudest comes first
        cell = step[order] * N_DRUMS + drum[order]
        first = order[np.append(True, cell[1:] != cell[:-1])[: len(cell)]]
        offset = time[first] * (grid / score.ticks_per_quarter) - step[first]
        outside = dict(zip(notes.tolist(), counts.tolist(), strict=True))
        return cls(step[first], drum[first], velocity[first], offset, outside, len(order) - len(first))

    def pattern(self, start: int, stop: int, meter: Meter, tempo: float, grid: int, offsets: bool) -> Pattern:
        """The hits from step `start` to before `stop` as a pattern, the last bar filled up."""
        here = slice(*np.searchsorted(self.step, (start, stop)))
        at = self.step[here] - start, self.drum[here]
        per_bar = steps_per_bar(grid, meter)
        velocity = np.zeros((-(-(stop - start) // per_bar) * per_bar, N_DRUMS), dtype=np.uint8)
        velocity[at] = np.maximum(self.velocity[here], 1)
        offset = np.zeros(velocity.shape, dtype=np.float32)
        if offsets:
            offset[at] = self.offset[here]
        return Pattern(velocity > 0, velocity, offset, grid, meter, tempo)


def nearest_step(ticks: NDArray[np.int64], ticks_per_beat: int, grid: int) -> NDArray[np.int64]:
    """floor(tick / ticks per step + 1/2), in whole numbers: the nearest step, ties late.

    >>> nearest_step(np.array([0, 59, 60, 180]), 480, 4).tolist()
    [0, 0, 1, 2]
    """
    return (2 * ticks * grid + ticks_per_beat) // (2 * ticks_per_beat)


def sections(
    hits: Hits, score: Score, data: bytes, grid: int, flat: Meter | None
) -> list[tuple[int, int, Meter, float]]:
    """(first step, step after the last, meter, tempo) of each section; the last bar of one may be cut short."""
    after_last_hit = int(hits.step[-1]) + 1 if len(hits.step) else 0
    changes = [(0, flat)] if flat else _meter_changes(score, grid)
    found = []
    for index, (start, meter) in enumerate(changes):
        per_bar = steps_per_bar(grid, meter)
        if index + 1 < len(changes):
            length = changes[index + 1][0] - start
        else:
            length = max(after_last_hit - start, 0)
            if not flat:
                length = max(length, _closed_length(data, score.ticks_per_quarter, grid, start, per_bar))
        if length:
            found.append((start, start + length, meter, _tempo_at(score, start, grid)))
    return found


def _closed_length(data: bytes, ticks_per_beat: int, grid: int, start: int, per_bar: int) -> int:
    """The steps from `start` to the end of the file, 0 unless it ends exactly on a bar line.

    A loop ends there on purpose, and its last bars may be silent. Anywhere else is where a recording was stopped:
    files of the Groove MIDI Dataset go on for up to 334 empty bars.
    """
    steps, rest = divmod(last_tick(data) * grid, ticks_per_beat)
    length = steps - start
    return length if not rest and length > 0 and length % per_bar == 0 else 0


def _meter_changes(score: Score, grid: int) -> list[tuple[int, Meter]]:
    """(first step, meter) of each section by the file's time signatures; 4/4 before the first of them."""
    changes: dict[int, Meter] = {0: DEFAULT_METER}
    for signature in sorted(score.time_signatures, key=lambda s: s.time):
        step = int(nearest_step(np.array(signature.time), score.ticks_per_quarter, grid))
        changes[step] = (signature.numerator, signature.denominator)
    kept: list[tuple[int, Meter]] = []
    for step, meter in changes.items():
        if not kept or kept[-1][1] != meter:
            kept.append((step, meter))
    return kept


def _tempo_at(score: Score, step: int, grid: int) -> float:
    """The tempo at a step, the usual 120 where the file has none yet."""
    tick = step * score.ticks_per_quarter / grid
    before = [tempo for tempo in score.tempos if tempo.time <= tick]
    return _beats_per_minute(max(before, key=lambda t: t.time).mspq) if before else DEFAULT_TEMPO


def _beats_per_minute(microseconds: int) -> float:
    """The shortest decimal number that is written as these microseconds per quarter note.

    A file says 434,783 where its maker meant 138; read as 137.99993 it would not come back from a round trip.
    """
    exact = MICROSECONDS_PER_MINUTE / max(microseconds, 1)
    for digits in range(8):
        if microseconds_per_beat(round(exact, digits)) == microseconds:
            return min(max(round(exact, digits), SLOWEST), FASTEST)
    return min(max(exact, SLOWEST), FASTEST)


def microseconds_per_beat(tempo: float) -> int:
    """A tempo as a MIDI file says it."""
    return round(MICROSECONDS_PER_MINUTE / tempo) if tempo > 0 else 0
