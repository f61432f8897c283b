"""MIDI file <-> `Pattern`: read and write the drums of a file."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.drum_choice import DrumChoice
from drumtok.midi.events import READ, SALVAGED
from drumtok.midi.parser import LONGEST_FILE, MAX_BARS
from drumtok.midi.raw import RawFile, raw_bytes
from drumtok.midi.strikes import NO_ADDITIONS, Additions
from drumtok.midi.writer import TICKS_PER_BEAT, Markers, MidiConfig, pattern_tracks
from drumtok.pattern import DEFAULT_GRID, FASTEST, SLOWEST, Pattern, parse_meter
from drumtok.runtime.files import write_atomically
from drumtok.runtime.reading import read_file

if TYPE_CHECKING:
    from drumtok.midi.quantise import QuantisedFile

FILE_METER = "file"  # bars follow the time signatures of the file
DEFAULTS = MidiConfig()


@dataclass(frozen=True)
class Song:
    """The drums of a MIDI file.

    Attributes:
        sections: the music, cut where the meter changes; empty for a file without hits and bars.
        notes: the number of notes that are read as drums: hits, merged and outside together.
        outside: note -> the number of its notes, for notes outside the kit.
        merged: the number of hits on a step that already had a louder hit of the same drum.
        evidence: why these notes are drums, or why none are.
        tempo_changes: the number of tempi after the first; the sections have them.
        status: `read`, or `salvaged` for a damaged file.
        reason: faults, their repair, and guesses, or empty.
        suggestion: what to try if most notes are outside the kit, or empty.
    """

    sections: tuple[Pattern, ...]
    outside: Mapping[int, int]
    merged: int
    tempo_changes: int
    status: str = READ
    reason: str = ""
    suggestion: str = ""
    notes: int = 0
    evidence: str = ""


class ReadingOptions(TypedDict, total=False):
    """The keyword arguments of `from_midi_bytes`, which documents them and holds their defaults."""

    grid: int
    meter: str
    note_map: str
    offsets: bool
    tempo: float | None
    max_bars: int
    within: str
    channel: int | None
    track: str | None
    by_name: bool


def read_midi(path: str | os.PathLike[str], **options: Unpack[ReadingOptions]) -> Pattern:
    """Read the drums of a MIDI file of one meter as one pattern.

    Args:
        options: grid, meter, note_map, offsets, tempo and max_bars, as in `from_midi_bytes`.

    Raises:
        DrumtokError: the file cannot be read, or its meter changes (use `read_song` or `meter="4/4"` then).
    """
    return single_section(read_song(path, **options), str(path), options)


def single_section(song: Song, name: str, options: ReadingOptions) -> Pattern:
    """Return the only section of a song that was read with those options, or a pattern without bars.

    Raises:
        DrumtokError: the meter of the song changes.
    """
    if not song.sections:
        return Pattern(np.zeros((0, N_DRUMS), dtype=bool), grid=options.get("grid", DEFAULT_GRID))
    if len(song.sections) > 1:
        meters = ", ".join("{}/{}".format(*section.meter) for section in song.sections)
        raise DrumtokError(
            f"meter of {name!r} must not change, got {meters}: read it section by section or with meter 4/4"
        )
    return song.sections[0]


def read_song(path: str | os.PathLike[str], **options: Unpack[ReadingOptions]) -> Song:
    """Read the drums of any MIDI file, with a section for each change of meter.

    Args:
        options: as in `from_midi_bytes`.

    Raises:
        DrumtokError: the file cannot be read.
    """
    return from_midi_bytes(read_midi_bytes(path), str(path), **options)


def read_midi_bytes(path: str | os.PathLike[str]) -> bytes:
    """Read the bytes of a file, up to one more than the longest MIDI file may have.

    Raises:
        DrumtokError: the file cannot be read.
    """
    return read_file(path, LONGEST_FILE + 1)


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
    within: str = "",
    channel: int | None = None,
    track: str | None = None,
    by_name: bool = False,
) -> Song:
    """Read the drums from the bytes of a MIDI file.

    Args:
        name: the name of the file, for errors; its last component may name the drum of a single-drum file.
        grid: steps per quarter note.
        meter: `file` follows the time signatures of the file; a meter such as `4/4` overrides them, and then the
            pattern ends with the bar of the last hit.
        note_map: as in `drumtok.midi.note_maps.load_note_map`.
        offsets: whether hits keep their offset from the grid.
        tempo: beats per minute for a file without a tempo; required by a file that counts parts of a second.
        max_bars: the greatest length of the music.
        within: path of the file within its source; its folders may also name the drum of a single-drum file.
        channel: the channel of the drums, 1 to 16; by default they are found by evidence (`drumtok.midi.evidence`).
        track: the number of the track of the drums, from 1, or its name; by default found by evidence too.
        by_name: whether the name of a single-drum file overrules General MIDI, as in a library of parts.

    Raises:
        DrumtokError: the bytes are not a MIDI file, the music is longer than `max_bars`, or an argument is invalid.
    """
    from drumtok.midi.quantise import quantise_file  # imported here, since writing a file does not read one

    if tempo is not None and not SLOWEST <= tempo <= FASTEST:
        raise DrumtokError(f"tempo must be between {SLOWEST:g} and {FASTEST:g}, got {tempo}")
    flat = None if meter == FILE_METER else parse_meter(meter)
    file = quantise_file(data, name, note_map, grid, flat, tempo, max_bars, DrumChoice(within, channel, track, by_name))
    return _song(file, grid, offsets)


def _song(file: "QuantisedFile", grid: int, offsets: bool) -> Song:
    """Return a file as patterns, with how it was read."""
    return Song(
        file.patterns(grid, offsets),
        file.hits.outside,
        file.hits.merged,
        max(len(file.events.tempos) - 1, 0),
        SALVAGED if file.events.faults else READ,
        "; ".join((*file.events.faults, *file.notes.remarks, *file.remarks)),
        file.notes.suggestion,
        len(file.notes.time),
        file.notes.evidence,
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
    markers: Markers = (),
) -> None:
    """Write a pattern as a MIDI file that a DAW loops without a gap, atomically.

    Args:
        text: the content of a text event at the start, such as how the file was made.
        midi_type: 1 for a conductor track and a drum track, 0 for a single track.
        track_per_drum: a track for each drum that sounds (type 1).
        note_map: the notes to write, as in `drumtok.midi.note_maps.load_note_map`.
        swing: percentage of a pair of sixteenths that the first one takes, 50 (straight) to 75, on grids of 4 and 8
            (`drumtok.midi.writer.swung`). Reading does not undo it: on grid 4 and below 75, a hit on the grid is read
            on its step, with an offset.
        markers: the step and the text of each marker, such as the name of a section, in order.

    Raises:
        DrumtokError: the file cannot be written, or an option is invalid or does not fit the others or the pattern.
    """
    config = MidiConfig(swing, midi_type, track_per_drum, note_map)
    write_atomically(path, to_midi_bytes(pattern, text=text, markers=markers, **asdict(config)))


def to_midi_bytes(
    pattern: Pattern,
    *,
    text: str = "",
    midi_type: int = DEFAULTS.midi_type,
    track_per_drum: bool = DEFAULTS.track_per_drum,
    note_map: str = DEFAULTS.note_map,
    swing: float = DEFAULTS.swing,
    markers: Markers = (),
    additions: Additions = NO_ADDITIONS,
) -> bytes:
    """Return the bytes that `write_midi` writes, with `additions` beside the pattern."""
    config = MidiConfig(swing, midi_type, track_per_drum, note_map)
    tracks = pattern_tracks(pattern, text, config, markers, additions)
    return raw_bytes(RawFile(midi_type, TICKS_PER_BEAT, tracks), running=True)
