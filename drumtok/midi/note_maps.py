"""Note maps on output: the note that each drum is written as, by a map of drumtok's own or a user's TOML file.

A file of one's own is the same that notes are read by: `base`, the map that it adds to, and `[notes]`, note = lane, or
"none" for a note that is no drum.

    base = "gm"
    [notes]
    44 = "kick"
    48 = "snare"
"""

import os
import tomllib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX, LANES
from drumtok.errors import DrumtokError

# A map is the kit's own notes and the rows that it adds: note -> lane.
_ADDED_NOTES: dict[str, dict[int, str]] = {
    "gm": {},
    "td11": {58: "floor"},  # Groove MIDI Dataset, Roland TD-11: the rim of tom 3
}

NO_DRUM = "none"  # in a map of one's own: the note is no drum after all

MAP_ENDING = ".toml"


def _drum_of_note(added: dict[int, str]) -> NDArray[np.int8]:
    table = np.full(128, -1, dtype=np.int8)
    for index, drum in enumerate(DRUMS):
        table[list(drum.notes)] = index
    for note, lane in added.items():
        table[note] = LANE_INDEX.get(lane, -1)
    table.flags.writeable = False
    return table


_NOTE_MAPS = {name: _drum_of_note(added) for name, added in _ADDED_NOTES.items()}

NOTE_MAPS = tuple(_NOTE_MAPS)


def note_map(name: str) -> NDArray[np.int8]:
    """The drum index of each of the 128 notes, -1 where a note is no drum of this kit.

    A map of one's own is a TOML file with the notes that it adds to another map, or changes in it:

        base = "gm"       # gm unless it is said
        [notes]
        44 = "kick"
        36 = "none"       # no drum

    Args:
        name: one of `NOTE_MAPS`, or the path of a file that ends in .toml.

    Returns:
        A read-only array of shape (128,).

    Raises:
        DrumtokError: the name is not that of a map, or the file says something else.

    >>> note_map("gm")[[36, 40, 39]].tolist()
    [0, 1, -1]
    >>> LANES[note_map("td11")[58]]
    'floor'
    """
    if name in _NOTE_MAPS:
        return _NOTE_MAPS[name]
    base, listed = _map_file(name)
    return _drum_of_note(_ADDED_NOTES[base] | listed)


def listed_notes(name: str) -> dict[int, str]:
    """The notes that a map of one's own lists, note -> lane or `NO_DRUM`, in its order; none for one of `NOTE_MAPS`.

    Raises:
        DrumtokError: as `note_map` does.
    """
    return {} if name in _NOTE_MAPS else _map_file(name)[1]


def _map_file(name: str) -> tuple[str, dict[int, str]]:
    if not str(name).lower().endswith(MAP_ENDING):
        raise DrumtokError(f"note map {name!r} is unknown: known are {', '.join(NOTE_MAPS)}, or a {MAP_ENDING} file")
    try:
        return _read_map(name, os.stat(name).st_mtime_ns)
    except (OSError, ValueError) as error:
        raise DrumtokError(f"note map {name!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None


@lru_cache(maxsize=16)
def _read_map(name: str, changed: int) -> tuple[str, dict[int, str]]:
    """The base and the notes of a map of one's own; as long as its file does not change, it is read once."""
    said = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    unknown = sorted(said.keys() - {"base", "notes"})
    if unknown:
        raise DrumtokError(f"key {unknown[0]!r} is unknown: allowed are base and notes")
    base, notes = said.get("base", "gm"), said.get("notes", {})
    if not isinstance(base, str) or base not in _ADDED_NOTES:
        raise DrumtokError(f"base is {base!r}: allowed is one of {', '.join(NOTE_MAPS)}")
    if not isinstance(notes, dict):
        raise DrumtokError(f"notes is {notes!r}: allowed is a table such as [notes]")
    for note, lane in notes.items():
        if not (note.isascii() and note.isdecimal() and int(note) < 128):
            raise DrumtokError(f"notes has the key {note!r}: allowed are note numbers from 0 to 127")
        if not isinstance(lane, str) or lane not in (*LANES, NO_DRUM):
            raise DrumtokError(f"notes.{note} is {lane!r}: allowed is one of {', '.join((*LANES, NO_DRUM))}")
    return base, {int(note): lane for note, lane in notes.items()}


def written_notes(name: str = "gm") -> tuple[int, ...]:
    """The note that each drum is written as, in the order of `DRUMS`.

    It is the first note that the map itself lists for the drum, else the kit's own, else another that the drum is
    read from: always one that the same map reads as that drum.

    Args:
        name: one of `drumtok.midi.note_maps.NOTE_MAPS`, or the path of a file that ends in `.toml`.

    Raises:
        DrumtokError: there is no such map, the file is wrong, or it leaves a drum without a note.

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
        raise DrumtokError(f"note map {name!r} leaves no note to write {', '.join(without)} as: list one for each")
    return tuple(found)
