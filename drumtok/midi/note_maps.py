"""Note maps: which drum each MIDI note is, and which note each drum is written as.

A map is one of `NOTE_MAPS` or a TOML file with the notes that it adds to another map, or changes in it:

    base = "gm"       # the default
    [notes]
    44 = "kick"
    36 = "none"       # not a drum
"""

import os
import tomllib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX, LANES
from drumtok.errors import DrumtokError
from drumtok.runtime.reading import read_regular

# map -> the notes that it adds to those of the kit: note -> lane
_ADDED_NOTES: dict[str, dict[int, str]] = {
    "gm": {},
    "td11": {58: "floor"},  # Groove MIDI Dataset, Roland TD-11: the rim of tom 3
    "paper": {39: "none", 55: "ride"},  # LSTMetallica: its text is exact with this map alone
}

NOTE_MAPS = tuple(_ADDED_NOTES)
NO_DRUM = "none"  # the lane of a note that is not a drum, in a map file
MAP_ENDING = ".toml"


def _drum_of_note(added: dict[int, str]) -> NDArray[np.int8]:
    table = np.full(128, -1, dtype=np.int8)
    for index, drum in enumerate(DRUMS):
        table[list(drum.notes)] = index
    for note, lane in added.items():
        table[note] = LANE_INDEX.get(lane, -1)
    table.flags.writeable = False
    return table


_DRUM_OF_NOTE = {name: _drum_of_note(added) for name, added in _ADDED_NOTES.items()}


def note_map(name: str) -> NDArray[np.int8]:
    """Return the drum of each MIDI note by a note map.

    Args:
        name: one of `NOTE_MAPS`, or the path of a file that ends in .toml.

    Returns:
        A read-only array of shape (128,): indices into `drumtok.drums.DRUMS`, -1 for notes outside the kit.

    Raises:
        DrumtokError: there is no such map, or the file is not a note map.

    >>> note_map("gm")[[36, 40, 56]].tolist()
    [0, 1, -1]
    >>> LANES[note_map("td11")[58]]
    'floor'
    """
    if name in _DRUM_OF_NOTE:
        return _DRUM_OF_NOTE[name]
    base, listed = _map_file(name)
    return _drum_of_note(_ADDED_NOTES[base] | listed)


def listed_notes(name: str) -> dict[int, str]:
    """Return the notes that a map file lists, note -> lane or `NO_DRUM`, in its order; empty for `NOTE_MAPS`.

    Raises:
        DrumtokError: as `note_map` does.
    """
    return {} if name in _DRUM_OF_NOTE else _map_file(name)[1]


def _map_file(name: str) -> tuple[str, dict[int, str]]:
    if not str(name).lower().endswith(MAP_ENDING):
        raise DrumtokError(f"unknown note map {name!r}, must be one of {', '.join(NOTE_MAPS)} or a {MAP_ENDING} file")
    try:
        return _read_map(name, os.stat(name).st_mtime_ns)
    except (OSError, ValueError) as error:
        raise DrumtokError(f"cannot read note map {name!r}: {getattr(error, 'strerror', None) or error}") from None


@lru_cache(maxsize=16)
def _read_map(name: str, changed: int) -> tuple[str, dict[int, str]]:
    """Read the base and the notes of a map file, once as long as it does not change."""
    try:
        table = tomllib.loads(read_regular(name).decode())
    except RecursionError:
        raise DrumtokError("its tables are nested too deep") from None
    unknown = sorted(table.keys() - {"base", "notes"})
    if unknown:
        raise DrumtokError(f"unknown key {unknown[0]!r}, must be one of base, notes")
    base, notes = table.get("base", "gm"), table.get("notes", {})
    if not isinstance(base, str) or base not in _ADDED_NOTES:
        raise DrumtokError(f"base must be one of {', '.join(NOTE_MAPS)}, got {base!r}")
    if not isinstance(notes, dict):
        raise DrumtokError(f"notes must be a table such as [notes], got {notes!r}")
    for note, lane in notes.items():
        if not (note.isascii() and note.isdecimal() and int(note) < 128):
            raise DrumtokError(f"key of notes must be a note number from 0 to 127, got {note!r}")
        if not isinstance(lane, str) or lane not in (*LANES, NO_DRUM):
            raise DrumtokError(f"notes.{note} must be one of {', '.join((*LANES, NO_DRUM))}, got {lane!r}")
    return base, {int(note): lane for note, lane in notes.items()}


def written_notes(name: str = "gm") -> tuple[int, ...]:
    """Return the note that each drum is written as, in the order of `DRUMS`.

    It is the first note that a map file lists for the drum, else the kit's own note, else another note of the drum:
    always one that the same map reads as that drum.

    Args:
        name: one of `NOTE_MAPS`, or the path of a file that ends in .toml.

    Raises:
        DrumtokError: there is no such map, the file is not a note map, or it leaves a drum without a note.

    >>> written_notes("gm")
    (36, 38, 42, 46, 41, 45, 48, 51, 49)
    """
    listed, drum_of = listed_notes(name), note_map(name)
    found, without = [], []
    for drum in DRUMS:
        candidates = (*(note for note, lane in listed.items() if lane == drum.lane), drum.note, *drum.notes)
        own = [note for note in candidates if drum_of[note] == LANE_INDEX[drum.lane]]
        found += own[:1]
        without += [drum.lane] * (not own)
    if without:
        raise DrumtokError(f"note map {name!r} must list a note for each drum, got none for {', '.join(without)}")
    return tuple(found)
