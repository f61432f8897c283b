"""The nine drums of the kit and the note maps: one table each, every look-up derived from them.

The order of the drums is the order of the digits in a word. It is that of the LSTMetallica corpus
(Choi, Fazekas, Sandler, "Text-based LSTM networks for Automatic Music Composition", arXiv:1604.05358).
"""

import os
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError


@dataclass(frozen=True)
class Drum:
    """One drum: its lane name in grid notation, its full name, the note written and the notes read as it."""

    lane: str
    name: str
    note: int
    notes: tuple[int, ...]


DRUMS = (
    Drum("kick", "kick", 36, (35, 36)),
    Drum("snare", "snare", 38, (37, 38, 40)),
    Drum("closed", "closed hi-hat", 42, (42, 44, 22)),  # 22: Roland hat edge, closed
    Drum("open", "open hi-hat", 46, (46, 26)),  # 26: Roland hat edge, open
    Drum("floor", "floor tom", 41, (41, 43)),
    Drum("low", "low tom", 45, (45, 47)),
    Drum("high", "high tom", 48, (48, 50)),
    Drum("ride", "ride", 51, (51, 53, 55, 59)),
    Drum("crash", "crash", 49, (49, 52, 57)),
)
N_DRUMS = len(DRUMS)
LANES = tuple(drum.lane for drum in DRUMS)
LANE_INDEX = {lane: index for index, lane in enumerate(LANES)}

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
