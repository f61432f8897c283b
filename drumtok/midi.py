"""MIDI file <-> `Pattern`: symusic reads, or our own tolerant reader where it would lose something; mido writes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.events import DRUM_CHANNEL, READ, SALVAGED
from drumtok.fastread import read_events
from drumtok.files import write_atomically
from drumtok.pattern import DEFAULT_GRID, FASTEST, SLOWEST, Pattern, parse_meter
from drumtok.quantise import LONGEST, Hits, microseconds_per_beat, sections
from drumtok.selection import drum_notes
from drumtok.smf import LONGEST_FILE

if TYPE_CHECKING:
    import mido

TICKS_PER_BEAT = 480
FILE_METER = "file"  # bars follow the file's own time signatures


@dataclass(frozen=True)
class Song:
    """What was read from a MIDI file.

    Attributes:
        sections: the music, cut where the meter changes; without hits and bars there is none.
        outside: note -> how many notes were no drum of the kit.
        merged: how many hits fell on a step that already had a louder hit of the same drum.
        tempo_changes: tempi after the first; each section has the tempo at its start.
        status: `read`, or `salvaged` where something was wrong with the file.
        reason: what was wrong and how it was mended, and what was guessed; empty where nothing was.
        suggestion: what to try where most notes are no drum of the kit, else empty.
    """

    sections: tuple[Pattern, ...]
    outside: Mapping[int, int]
    merged: int
    tempo_changes: int
    status: str = READ
    reason: str = ""
    suggestion: str = ""


def read_midi(
    path: str | os.PathLike[str],
    *,
    grid: int = DEFAULT_GRID,
    meter: str = FILE_METER,
    note_map: str = "gm",
    offsets: bool = True,
    tempo: float | None = None,
    max_bars: int = LONGEST,
) -> Pattern:
    """Reads the drums of a MIDI file of one meter as one pattern.

    Args:
        grid: steps per quarter note.
        meter: `file` follows the file's time signatures; a meter such as `4/4` is used whatever they say, and then
            the pattern ends with the bar of the last hit.
        note_map: one of `drumtok.drums.NOTE_MAPS`, or the path of a map of one's own (`drumtok.drums.note_map`).
        offsets: whether hits keep their distance from the grid.
        tempo: of a file that says none; one that counts parts of a second and no beats is refused without it.
        max_bars: what is longer is refused.

    Raises:
        DrumtokError: the file cannot be read, or its meter changes (then use `read_song`, or `meter="4/4"`).
    """
    song = read_song(path, grid=grid, meter=meter, note_map=note_map, offsets=offsets, tempo=tempo, max_bars=max_bars)
    if not song.sections:
        return Pattern(np.zeros((0, N_DRUMS), dtype=bool), grid=grid)
    if len(song.sections) > 1:
        meters = ", ".join("{}/{}".format(*section.meter) for section in song.sections)
        raise DrumtokError(f"{str(path)!r} changes its meter ({meters}): read it section by section or with meter 4/4")
    return song.sections[0]


def read_song(
    path: str | os.PathLike[str],
    *,
    grid: int = DEFAULT_GRID,
    meter: str = FILE_METER,
    note_map: str = "gm",
    offsets: bool = True,
    tempo: float | None = None,
    max_bars: int = LONGEST,
) -> Song:
    """Reads the drums of any MIDI file, a section for each change of meter; the arguments are those of `read_midi`."""
    try:
        with open(path, "rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except (OSError, ValueError) as error:  # a name with a null in it is a ValueError
        raise DrumtokError(f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}") from error
    return from_midi_bytes(
        data,
        str(path),
        grid=grid,
        meter=meter,
        note_map=note_map,
        offsets=offsets,
        tempo=tempo,
        max_bars=max_bars,
    )


def from_midi_bytes(
    data: bytes,
    name: str = "MIDI data",
    *,
    grid: int = DEFAULT_GRID,
    meter: str = FILE_METER,
    note_map: str = "gm",
    offsets: bool = True,
    tempo: float | None = None,
    max_bars: int = LONGEST,
) -> Song:
    """Reads the bytes of a MIDI file as `read_song` does; errors call them `name`, which may tell a drum."""
    if tempo is not None and not SLOWEST <= tempo <= FASTEST:
        raise DrumtokError(f"tempo {tempo} is out of range: allowed are {SLOWEST:g} to {FASTEST:g} BPM")
    flat = None if meter == FILE_METER else parse_meter(meter)
    try:
        events = read_events(data, tempo)
    except DrumtokError as error:
        raise DrumtokError(f"{name!r} is no readable MIDI file ({error})") from None
    notes = drum_notes(events, note_map, name)
    hits = Hits.of(notes, events.ticks_per_beat, grid, note_map)
    try:
        cuts = sections(hits, events, grid, flat, max_bars)
    except DrumtokError as error:  # too long, or a meter of the file, or the one asked for, does not fit the grid
        raise DrumtokError(f"cannot read {name!r}: {error}") from None
    return Song(
        tuple(hits.pattern(*cut, grid, offsets) for cut in cuts),
        hits.outside,
        hits.merged,
        max(len(events.tempos) - 1, 0),
        SALVAGED if events.faults else READ,
        "; ".join((*events.faults, *notes.remarks)),
        notes.suggestion,
    )


def write_midi(
    pattern: Pattern,
    path: str | os.PathLike[str],
    *,
    text: str = "",
    midi_type: int = 1,
    track_per_drum: bool = False,
) -> None:
    """Writes a pattern as a MIDI file that a DAW loops without a gap; whole or not at all.

    Args:
        text: what a text event at the start says, such as what made the file.
        midi_type: 1 has a conductor track and a drum track, 0 has all in one.
        track_per_drum: a track for each drum that sounds (type 1).

    Raises:
        DrumtokError: the file cannot be written, or the options do not go together.
    """
    write_atomically(path, to_midi_bytes(pattern, text=text, midi_type=midi_type, track_per_drum=track_per_drum))


def to_midi_bytes(pattern: Pattern, *, text: str = "", midi_type: int = 1, track_per_drum: bool = False) -> bytes:
    """The bytes that `write_midi` writes."""
    import mido

    if midi_type not in (0, 1) or (midi_type == 0 and track_per_drum):
        raise DrumtokError(f"MIDI type {midi_type} is not written: allowed are 0 and 1, and 1 for a track per drum")
    end = len(pattern) * TICKS_PER_BEAT // pattern.grid
    title = pattern.name or "drums"
    notes = _note_events(pattern)
    if midi_type == 0:
        tracks = [[*_conductor(pattern, text), _meta(0, "track_name", name=title), *notes]]
    elif track_per_drum:
        tracks = [_conductor(pattern, text)]
        for drum in DRUMS:
            own = [event for event in notes if event[1].note == drum.note]
            if own:
                tracks.append([_meta(0, "track_name", name=drum.name), *own])
    else:
        tracks = [_conductor(pattern, text), [_meta(0, "track_name", name=title), *notes]]
    file = mido.MidiFile(type=midi_type, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    file.tracks.extend(_track(events, end) for events in tracks)
    buffer = BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


Event = tuple[int, "mido.Message | mido.MetaMessage"]  # (tick, message)


def _meta(tick: int, kind: str, **values: object) -> Event:
    import mido

    return tick, mido.MetaMessage(kind, **values)


def _conductor(pattern: Pattern, text: str) -> list[Event]:
    numerator, denominator = pattern.meter
    meter = {"numerator": numerator, "denominator": denominator}
    return [
        *([_meta(0, "text", text=text)] if text else []),
        _meta(0, "set_tempo", tempo=microseconds_per_beat(pattern.tempo)),
        _meta(0, "time_signature", **meter, clocks_per_click=24, notated_32nd_notes_per_beat=8),
    ]


def _note_events(pattern: Pattern) -> list[Event]:
    import mido

    per_step = TICKS_PER_BEAT // pattern.grid
    length = max(round(pattern.note_length * per_step), 1)
    events: list[tuple[int, int, int, mido.Message]] = []
    for lane, drum in enumerate(DRUMS):
        steps = np.flatnonzero(pattern.hits[:, lane])
        onsets = _onset_ticks(steps, pattern.offset[steps, lane], per_step)
        limits = np.append(onsets[1:], len(pattern) * per_step)  # no note outlasts the next one or the loop
        ends = np.minimum(onsets + length, limits[: len(onsets)])
        velocities = pattern.velocity[steps, lane].tolist()
        for on, off, velocity in zip(onsets.tolist(), ends.tolist(), velocities, strict=True):
            note = {"channel": DRUM_CHANNEL, "note": drum.note}
            events.append((on, 1, drum.note, mido.Message("note_on", velocity=velocity, **note)))
            events.append((off, 0, drum.note, mido.Message("note_off", velocity=64, **note)))
    events.sort(key=lambda event: event[:3])  # at one tick the old note ends before the new one begins
    return [(tick, message) for tick, _, _, message in events]


def _onset_ticks(steps: NDArray[np.integer], offsets: NDArray[np.float32], per_step: int) -> NDArray[np.int64]:
    """The tick of each hit, kept where reading finds the same step again, and not before tick 0."""
    on_grid = steps.astype(np.int64) * per_step
    ticks = on_grid + np.round(offsets * np.float64(per_step)).astype(np.int64)
    earliest, latest = on_grid - per_step // 2, on_grid + (per_step + 1) // 2 - 1
    return np.maximum(np.clip(ticks, earliest, latest), 0)


def _track(events: list[Event], end: int) -> "mido.MidiTrack":
    """A track of events in order, closed by an end-of-track at tick `end`."""
    import mido

    track, now = mido.MidiTrack(), 0
    for tick, message in [*events, _meta(end, "end_of_track")]:
        track.append(message.copy(time=tick - now))
        now = tick
    return track
