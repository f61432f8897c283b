"""Lay out a `Pattern` in the tracks of a MIDI file: the tick, note and track of each hit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, PERCUSSION
from drumtok.errors import DrumtokError
from drumtok.midi.events import DRUM_CHANNEL, MARKER, METER, NAME, NOTE_OFF, NOTE_ON, OFF_VELOCITY, TEMPO, TEXT
from drumtok.midi.note_maps import GM, MAP_HELP, own_map, written_notes
from drumtok.midi.raw import Event, RawTrack, meta
from drumtok.midi.strikes import NO_ADDITIONS, Additions, merged_hits
from drumtok.midi.tempi import microseconds_per_beat
from drumtok.pattern import STRAIGHT_GRIDS, Pattern
from drumtok.runtime.settings import check, setting

TICKS_PER_BEAT = 480
DRUM_ON, DRUM_OFF = NOTE_ON | DRUM_CHANNEL, NOTE_OFF | DRUM_CHANNEL
STRAIGHT = 50.0
SIXTEENTH_PAIR = TICKS_PER_BEAT // 2  # ticks


Markers = Sequence[tuple[int, str]]
OUTPUT = "Output"  # heading in --help


@dataclass(frozen=True)
class MidiConfig:
    """How a pattern is laid out in a MIDI file."""

    swing: float = setting(
        STRAIGHT,
        "Swing in percent; 66.7 is triplet swing.",
        low=STRAIGHT,
        high=75,
        group=OUTPUT,
    )
    midi_type: int = setting(1, "File type.", choices=(0, 1), group=OUTPUT)
    track_per_drum: bool = setting(False, "Write a track for each drum.", group=OUTPUT)
    note_map: str = setting(GM, MAP_HELP, option="out-map", group=OUTPUT)

    def __post_init__(self) -> None:
        check(self)
        if self.midi_type == 0 and self.track_per_drum:
            raise DrumtokError("track_per_drum requires midi_type 1, got 0")

    def check_with(self, grid: int) -> None:
        """Check all settings against the grid of the patterns.

        Raises:
            DrumtokError: patterns of this grid cannot swing, or the note map is invalid.
        """
        if self.swing != STRAIGHT and grid not in STRAIGHT_GRIDS:
            raise DrumtokError(
                f"swing must be {STRAIGHT:g} on a grid of triplets, got {self.swing:g} on grid {grid}; "
                f"grids that swing: {', '.join(map(str, STRAIGHT_GRIDS))}"
            )
        written_notes(self.note_map)

    @property
    def own_map(self) -> str | None:
        """The path of the note map if it is a file."""
        return own_map(self.note_map)


def pattern_tracks(
    pattern: Pattern,
    text: str,
    config: MidiConfig,
    markers: Markers = (),
    additions: Additions = NO_ADDITIONS,
) -> list[RawTrack]:
    """Return the tracks of a file of `config.midi_type`, each ending at the bar line that ends the pattern.

    Args:
        markers: the step and the text of each, in order.
        additions: additional hits, and names of tracks.

    Raises:
        DrumtokError: the settings do not fit the pattern, or the note map is invalid.
    """
    config.check_with(pattern.grid)
    notes = written_notes(config.note_map)
    title = pattern.name or "drums"
    events = _note_events(pattern, notes, config.swing, additions)
    conductor = _conductor(pattern, text, markers)
    if config.midi_type == 0:
        head = [*conductor, _text(NAME, title), *events]
        tracks = [sorted(head, key=lambda event: event[0]) if pattern.tempo_changes or markers else head]
    elif config.track_per_drum:
        tracks = [conductor]
        parts = [(drum.lane, drum.name, note) for drum, note in zip(DRUMS, notes, strict=True)]
        parts += [(row.piece, row.name, row.note) for row in PERCUSSION if row.note not in notes]
        for part, name, note in parts:
            own = [event for event in events if event[1][1] == note]
            if own:
                tracks.append([_text(NAME, additions.names.get(part, name)), *own])
    else:
        tracks = [conductor, [_text(NAME, title), *events]]
    end = pattern.steps * TICKS_PER_BEAT // pattern.grid
    return [RawTrack(own, end) for own in tracks]


def swung(ticks: NDArray[np.integer], swing: float, bar: int) -> NDArray[np.int64]:
    """Swing ticks: the second sixteenth of each pair begins at `swing` percent of the pair.

    Pairs are counted from each bar line; a last sixteenth without a partner (as in 7/16) stays. Ticks in between move
    along: the first half of a pair is stretched, the second one compressed, so that thirty-seconds still halve each
    sixteenth, offsets keep their place in it, and no hit overtakes another.

    Args:
        ticks: 480 per quarter note, from a bar line.
        swing: 50 to 75 percent.
        bar: the length of a bar in ticks.

    >>> swung(np.array([0, 60, 120, 180, 240]), 60, bar=1920).tolist()
    [0, 72, 144, 192, 240]
    """
    at = ticks.astype(np.int64)
    in_pair = at % bar % SIXTEENTH_PAIR
    half = SIXTEENTH_PAIR // 2
    stretch = swing / STRAIGHT
    late = np.where(in_pair < half, in_pair, SIXTEENTH_PAIR - in_pair) * (stretch - 1)
    whole = at % bar - in_pair + SIXTEENTH_PAIR <= bar
    return at + np.where(whole, np.floor(late + 0.5), 0).astype(np.int64)


def _text(kind: int, text: str) -> Event:
    """Return a text event at tick 0, in UTF-8; undecodable bytes of a file name are kept."""
    return 0, meta(kind, text.encode("utf-8", "surrogateescape"))


def _conductor(pattern: Pattern, text: str, markers: Markers) -> list[Event]:
    later = [(_tick(pattern, step), _tempo(tempo)) for step, tempo in pattern.tempo_changes]
    later += [(_tick(pattern, step), meta(MARKER, name.encode())) for step, name in markers]
    numerator, denominator = pattern.meter
    meter = bytes((numerator, denominator.bit_length() - 1, 24, 8))  # 24 clocks a click, 8 thirty-seconds a quarter
    return [
        *([_text(TEXT, text)] if text else []),
        (0, _tempo(pattern.tempo)),
        (0, meta(METER, meter)),
        *sorted(later, key=lambda event: event[0]),
    ]


def _tick(pattern: Pattern, step: int) -> int:
    return step * TICKS_PER_BEAT // pattern.grid


def _tempo(tempo: float) -> bytes:
    return meta(TEMPO, microseconds_per_beat(tempo).to_bytes(3, "big"))


def _note_events(pattern: Pattern, notes: tuple[int, ...], swing: float, additions: Additions) -> list[Event]:
    per_step = TICKS_PER_BEAT // pattern.grid
    length = max(round(pattern.note_length * per_step), 1)
    events: list[tuple[int, int, int, bytes]] = []
    end = pattern.steps * per_step
    played: list[tuple[int, NDArray[np.int64], list[int]]] = []
    for lane, note in enumerate(notes):
        steps, onsets = lane_onsets(pattern, lane, swing)
        strikes = additions.of(DRUMS[lane].lane)
        velocities = pattern.velocity[steps, lane].tolist()
        played.append((note, *merged_hits(onsets, velocities, strikes, TICKS_PER_BEAT, end)))
    nothing = np.empty(0, dtype=np.int64)
    for row in PERCUSSION:
        played.append((row.note, *merged_hits(nothing, [], additions.of(row.piece), TICKS_PER_BEAT, end)))
    for note, onsets, velocities in played:
        limits = np.append(onsets[1:], end)  # notes end at the next note or the end of the loop
        ends = np.minimum(onsets + length, limits[: len(onsets)])
        for on, off, velocity in zip(onsets.tolist(), ends.tolist(), velocities, strict=True):
            events.append((on, 1, note, bytes((DRUM_ON, note, velocity))))
            events.append((off, 0, note, bytes((DRUM_OFF, note, OFF_VELOCITY))))
    events.sort(key=lambda event: event[:3])  # at one tick the old note ends before the new one begins
    return [(tick, message) for tick, _, _, message in events]


def lane_onsets(pattern: Pattern, lane: int, swing: float) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the hits of one drum, in order.

    Args:
        lane: the index of the drum in `drumtok.drums.DRUMS`.
        swing: percent of a pair of sixteenths that the first one takes.

    Returns:
        (hits,) steps, and (hits,) ticks, `TICKS_PER_BEAT` to a quarter note.
    """
    per_step = TICKS_PER_BEAT // pattern.grid
    steps = np.flatnonzero(pattern.hits[:, lane])
    onsets = _onset_ticks(steps, pattern.offset[steps, lane], per_step)
    if swing != STRAIGHT:
        onsets = swung(onsets, swing, pattern.steps_per_bar * per_step)
        onsets[1:] = np.maximum(onsets[1:], onsets[:-1] + 1)  # hits a tick apart may coincide after swinging
    return steps, onsets


def _onset_ticks(steps: NDArray[np.integer], offsets: NDArray[np.float32], per_step: int) -> NDArray[np.int64]:
    """Return the tick of each hit, clipped so that it is read on the same step again, and not before tick 0."""
    on_grid = steps.astype(np.int64) * per_step
    ticks = on_grid + np.round(offsets * np.float64(per_step)).astype(np.int64)
    earliest, latest = on_grid - per_step // 2, on_grid + (per_step + 1) // 2 - 1
    return np.maximum(np.clip(ticks, earliest, latest), 0)
