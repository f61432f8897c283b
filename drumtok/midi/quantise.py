"""Quantise the notes of a file, in ticks, to hits on a grid, and cut them into sections of one meter."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.drum_choice import NOTHING_KNOWN, DrumChoice
from drumtok.midi.drum_tracks import DrumNotes, drum_notes
from drumtok.midi.endings import believed_end, end_remark, fold
from drumtok.midi.events import Events
from drumtok.midi.fast_reader import read_events
from drumtok.midi.note_maps import note_map
from drumtok.midi.parser import MAX_BARS
from drumtok.midi.tempi import nearest_step, tempo_at, tempo_changes
from drumtok.pattern import DEFAULT_METER, Meter, Pattern, steps_per_bar

Cut = tuple[int, int, Meter, float]  # of a section: first step, step after the last, meter, tempo at its start


@dataclass(frozen=True)
class Hits:
    """The hits of a file, one for each drum and step, in order of their steps from tick 0.

    Attributes:
        step, drum, velocity: (hits,) of each.
        offset: (hits,) the distance of each from its step, in steps.
        outside: note -> the number of its notes, for notes outside the kit.
        merged: the number of notes merged into a louder hit.
    """

    step: NDArray[np.int64]
    drum: NDArray[np.int8]
    velocity: NDArray[np.uint8]
    offset: NDArray[np.float64]
    outside: Mapping[int, int]
    merged: int

    @classmethod
    def of(cls, notes: DrumNotes, step: NDArray[np.int64], offset: NDArray[np.float64]) -> "Hits":
        """Make hits from notes with their steps and offsets; of the notes of a drum on a step the loudest counts."""
        drum = notes.drum
        outside_notes, counts = np.unique(notes.pitch[drum < 0], return_counts=True)
        inside = np.flatnonzero(drum >= 0)
        time, drum, velocity, step = notes.time[inside], drum[inside], notes.velocity[inside], step[inside]
        order = np.lexsort((time, -velocity.astype(np.int16), drum, step))  # the loudest note of a cell comes first
        cell = step[order] * N_DRUMS + drum[order]
        first = order[np.append(True, cell[1:] != cell[:-1])[: len(cell)]]
        outside = dict(zip(outside_notes.tolist(), counts.tolist(), strict=True))
        return cls(step[first], drum[first], velocity[first], offset[inside][first], outside, len(order) - len(first))

    def pattern(
        self,
        start: int,
        stop: int,
        meter: Meter,
        tempo: float,
        grid: int,
        offsets: bool,
        changes: Sequence[tuple[int, float]] = (),
    ) -> Pattern:
        """Return the hits of the steps `start` to `stop` - 1 as a pattern, padded to whole bars.

        Args:
            changes: (step, tempo) of all tempi of the file.
        """
        here = slice(*np.searchsorted(self.step, (start, stop)))
        at = self.step[here] - start, self.drum[here]
        per_bar = steps_per_bar(grid, meter)
        velocity = np.zeros((-(-(stop - start) // per_bar) * per_bar, N_DRUMS), dtype=np.uint8)
        velocity[at] = np.maximum(self.velocity[here], 1)
        offset = np.zeros(velocity.shape, dtype=np.float32)
        if offsets:
            offset[at] = self.offset[here]
        own: list[tuple[int, float]] = []
        for step, later in changes:
            if start < step < stop and later != (own[-1][1] if own else tempo):
                own.append((step - start, later))
        return Pattern(velocity > 0, velocity, offset, grid, meter, tempo, tempo_changes=tuple(own))


@dataclass(frozen=True)
class QuantisedFile:
    """A MIDI file on a grid.

    Attributes:
        events: of the file.
        notes: the notes of its drums.
        steps: (notes,) the step of each of these notes.
        hits: its drums on the grid.
        cuts: (first step, step after the last, meter, tempo) of each section, as in `sections`.
        remarks: descriptions of how its end was read.
    """

    events: Events
    notes: DrumNotes
    steps: NDArray[np.int64]
    hits: Hits
    cuts: list[Cut]
    remarks: tuple[str, ...]

    def patterns(self, grid: int, offsets: bool) -> tuple[Pattern, ...]:
        """Return each section as a pattern."""
        changes = tempo_changes(self.events, grid) if len(self.events.tempos) > 1 else ()
        return tuple(self.hits.pattern(*cut, grid, offsets, changes) for cut in self.cuts)


def quantise_file(
    data: bytes,
    name: str,
    map_name: str,
    grid: int,
    flat: Meter | None = None,
    tempo: float | None = None,
    max_bars: int = MAX_BARS,
    known: DrumChoice = NOTHING_KNOWN,
) -> QuantisedFile:
    """Read the bytes of a MIDI file and quantise its drums to a grid.

    Args:
        name: of the file, for errors.
        map_name: as in `drumtok.midi.note_maps.note_map`.
        flat: the meter of all bars, up to that of the last hit; None follows the time signatures and end of the file.
        max_bars: as in `sections`.
        tempo: as in `drumtok.midi.fast_reader.read_events`.
        known: what is known about the drums; its path defaults to the last component of `name`.

    Raises:
        DrumtokError: the file cannot be read (as in `read_events` and `sections`), or the map does not exist.
    """
    note_map(map_name)  # an invalid map is reported here, not as an error of the file
    try:
        events = read_events(data, tempo)
        notes = drum_notes(events, map_name, replace(known, path=known.path or os.path.basename(name)))
        near = nearest_step(notes.time, events.ticks_per_beat, grid)
        changes = [(0, flat)] if flat else _meter_changes(events, grid)
        end = 0 if flat else _closed_end(events, grid, *changes[-1])
        folded = fold(notes.time.astype(np.float64) * (grid / events.ticks_per_beat), near, notes.drum, end)
        hits = Hits.of(notes, folded.step, folded.offset)
        has_music = len(hits.step) or not len(events)  # notes without a hit make no pattern, however long the file is
        cuts, remark = sections(hits, events, grid, changes, end, max_bars) if has_music else ([], "")
        remarks = tuple(filter(None, (folded.remark, remark)))
        return QuantisedFile(events, notes, folded.step, hits, cuts, remarks)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {name!r}: {error}") from None


def sections(
    hits: Hits, events: Events, grid: int, changes: Sequence[tuple[int, Meter]], end: int, max_bars: int = MAX_BARS
) -> tuple[list[Cut], str]:
    """Cut hits into sections where the meter changes.

    Args:
        changes: (first step, meter) of each section.
        end: the step of the end of the file if that is a bar line, else 0.

    Returns:
        (first step, step after the last, meter, tempo) of each section, whose last bar may be incomplete; and a
        description of the silence that is left out.

    Raises:
        DrumtokError: a meter does not fit the grid, or the sections together are longer than `max_bars`.
    """
    after_last_hit = int(hits.step[-1]) + 1 if len(hits.step) else 0
    found: list[tuple[int, int, Meter]] = []
    remark = ""
    bars = steps = 0
    ends = [start for start, _ in changes[1:]] + [max(after_last_hit, end)]
    for (start, meter), stop in zip(changes, ends, strict=True):
        per_bar = steps_per_bar(grid, meter)
        if len(hits.step) and believed_end(after_last_hit, stop, per_bar) < stop:
            remark = end_remark(after_last_hit, stop, per_bar)
            stop = after_last_hit
        if stop > start:
            found.append((start, stop, meter))
            bars += -(-(stop - start) // per_bar)
            steps += -(-(stop - start) // per_bar) * per_bar
    _check_length(bars, steps / steps_per_bar(grid, DEFAULT_METER), max_bars)
    return [(*section, tempo_at(events, section[0], grid)) for section in found], remark


def _check_length(bars: int, whole_notes: float, max_bars: int) -> None:
    if bars > max_bars:
        raise DrumtokError(f"length must be at most {max_bars:,} bars (max_bars), got {bars:,}")
    if whole_notes > max_bars:  # a bar of 255/1 is as long as 255 bars of 4/4
        raise DrumtokError(f"length must be at most {max_bars:,} bars of 4/4 (max_bars), got {whole_notes:,.0f}")


def _closed_end(events: Events, grid: int, start: int, meter: Meter) -> int:
    """Return the step of the end of the file if it is exactly a bar line of the last section, else 0.

    A loop ends on a bar line intentionally, and its last bars may be silent. A recording stops anywhere: files of the
    Groove MIDI Dataset end with up to 334 empty bars.

    Args:
        start, meter: the first step and the meter of the last section.
    """
    step, rest = divmod(events.end * grid, events.ticks_per_beat)
    return step if not rest and step > start and (step - start) % steps_per_bar(grid, meter) == 0 else 0


def _meter_changes(events: Events, grid: int) -> list[tuple[int, Meter]]:
    """Return (first step, meter) of each section by the time signatures of the file; 4/4 before the first of them."""
    steps = nearest_step(events.meters[:, 0], events.ticks_per_beat, grid)
    changes: dict[int, Meter] = {0: DEFAULT_METER}
    for step, (_, numerator, denominator) in zip(steps.tolist(), events.meters.tolist(), strict=True):
        changes[step] = (numerator, denominator)  # the last one on a step counts
    kept: list[tuple[int, Meter]] = []
    for step, meter in changes.items():
        if not kept or kept[-1][1] != meter:
            kept.append((step, meter))
    return kept
