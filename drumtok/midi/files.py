"""MIDI file <-> `Pattern`: read and write the drums of a file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.drum_tracks import drum_notes
from drumtok.midi.events import READ, SALVAGED
from drumtok.midi.fast_reader import read_events
from drumtok.midi.quantise import MAX_BARS, Hits, sections
from drumtok.midi.raw import RawFile, raw_bytes
from drumtok.midi.tolerant_reader import LONGEST_FILE
from drumtok.midi.writer import TICKS_PER_BEAT, MidiConfig, pattern_tracks
from drumtok.pattern import DEFAULT_GRID, FASTEST, SLOWEST, Pattern, parse_meter
from drumtok.runtime.files import write_atomically

FILE_METER = "file"  # bars follow the file's own time signatures
DEFAULTS = MidiConfig()


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


class ReadingOptions(TypedDict, total=False):
    """The keyword arguments of `from_midi_bytes`, which says what they are and holds their defaults."""

    grid: int
    meter: str
    note_map: str
    offsets: bool
    tempo: float | None
    max_bars: int


def read_midi(path: str | os.PathLike[str], **options: Unpack[ReadingOptions]) -> Pattern:
    """Reads the drums of a MIDI file of one meter as one pattern.

    Args:
        options: grid, meter, note_map, offsets, tempo and max_bars, as in `from_midi_bytes`.

    Raises:
        DrumtokError: the file cannot be read, or its meter changes (then use `read_song`, or `meter="4/4"`).
    """
    song = read_song(path, **options)
    if not song.sections:
        return Pattern(np.zeros((0, N_DRUMS), dtype=bool), grid=options.get("grid", DEFAULT_GRID))
    if len(song.sections) > 1:
        meters = ", ".join("{}/{}".format(*section.meter) for section in song.sections)
        raise DrumtokError(f"{str(path)!r} changes its meter ({meters}): read it section by section or with meter 4/4")
    return song.sections[0]


def read_song(path: str | os.PathLike[str], **options: Unpack[ReadingOptions]) -> Song:
    """Reads the drums of any MIDI file, a section for each change of meter.

    Args:
        options: as in `from_midi_bytes`.

    Raises:
        DrumtokError: the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except (OSError, ValueError) as error:  # a name with a null in it is a ValueError
        raise DrumtokError(f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}") from error
    return from_midi_bytes(data, str(path), **options)


def from_midi_bytes(
    data: bytes,
    name: str = "MIDI data",
    *,
    grid: int = DEFAULT_GRID,
    meter: str = FILE_METER,
    note_map: str = "gm",
    offsets: bool = True,
    tempo: float | None = None,
    max_bars: int = MAX_BARS,
) -> Song:
    """Reads the bytes of a MIDI file.

    Args:
        name: what errors call the file; it may tell which drum a file of one drum is.
        grid: steps per quarter note.
        meter: `file` follows the file's time signatures; a meter such as `4/4` is used whatever they say, and then
            the pattern ends with the bar of the last hit.
        note_map: one of `drumtok.midi.note_maps.NOTE_MAPS`, or the path of a map of one's own (`drumtok.midi.note_maps.note_map`).
        offsets: whether hits keep their distance from the grid.
        tempo: of a file that says none; one that counts parts of a second and no beats is refused without it.
        max_bars: what is longer is refused.

    Raises:
        DrumtokError: the bytes are no MIDI file that can be read.
    """
    if tempo is not None and not SLOWEST <= tempo <= FASTEST:
        raise DrumtokError(f"tempo {tempo} is out of range: allowed are {SLOWEST:g} to {FASTEST:g} BPM")
    flat = None if meter == FILE_METER else parse_meter(meter)
    try:
        events = read_events(data, tempo)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {name!r}: {error}") from None
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
    midi_type: int = DEFAULTS.midi_type,
    track_per_drum: bool = DEFAULTS.track_per_drum,
    note_map: str = DEFAULTS.note_map,
    swing: float = DEFAULTS.swing,
) -> None:
    """Writes a pattern as a MIDI file that a DAW loops without a gap; whole or not at all.

    Args:
        text: what a text event at the start says, such as what made the file.
        midi_type: 1 has a conductor track and a drum track, 0 has all in one.
        track_per_drum: a track for each drum that sounds (type 1).
        note_map: which note each drum is written as: one of `drumtok.midi.note_maps.NOTE_MAPS`, or a `.toml` file
            (`drumtok.midi.note_maps`).
        swing: percent of a pair of sixteenths that the first one takes, 50 (straight) to 75, on grids of 4 and 8
            (`drumtok.midi.writer.swung`). Reading does not undo it: on grid 4 and below 75 a hit that was on the grid
            is found on its step, with an offset.

    Raises:
        DrumtokError: the file cannot be written, or the options do not go together or with the pattern.
    """
    data = to_midi_bytes(
        pattern, text=text, midi_type=midi_type, track_per_drum=track_per_drum, note_map=note_map, swing=swing
    )
    write_atomically(path, data)


def to_midi_bytes(
    pattern: Pattern,
    *,
    text: str = "",
    midi_type: int = DEFAULTS.midi_type,
    track_per_drum: bool = DEFAULTS.track_per_drum,
    note_map: str = DEFAULTS.note_map,
    swing: float = DEFAULTS.swing,
) -> bytes:
    """The bytes that `write_midi` writes."""
    config = MidiConfig(swing, midi_type, track_per_drum, note_map)
    tracks = pattern_tracks(pattern, text, config)
    return raw_bytes(RawFile(midi_type, TICKS_PER_BEAT, tracks), running=True)
