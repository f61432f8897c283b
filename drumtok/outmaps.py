"""Note maps on output: the note that each drum is written as, by a map of drumtok's own or a user's TOML file.

A file of one's own is the same that notes are read by: `base`, the map that it adds to, and `[notes]`, note = lane, or
"none" for a note that is no drum.

    base = "gm"
    [notes]
    44 = "kick"
    48 = "snare"
"""

import tomllib
from pathlib import Path
from typing import Any

from drumtok.drums import DRUMS, LANES, note_map
from drumtok.errors import DrumtokError

NO_DRUM = "none"
KEYS = ("base", "notes")


def written_notes(name: str = "gm") -> tuple[int, ...]:
    """The note that each drum is written as, in the order of `DRUMS`.

    It is the first note that the map itself lists for the drum, else the kit's own, else another that the drum is
    read from: always one that the same map reads as that drum.

    Args:
        name: one of `drumtok.drums.NOTE_MAPS`, or the path of a file that ends in `.toml`.

    Raises:
        DrumtokError: there is no such map, the file is wrong, or it leaves a drum without a note.

    >>> written_notes("gm")
    (36, 38, 42, 46, 41, 45, 48, 51, 49)
    """
    base, listed = _read(name) if name.endswith(".toml") else (name, {})
    lane_of = {note: LANES[drum] for note, drum in enumerate(note_map(base)) if drum >= 0} | listed
    found, without = [], []
    for drum in DRUMS:
        candidates = (*(note for note, lane in listed.items() if lane == drum.lane), drum.note, *drum.notes)
        own = [note for note in candidates if lane_of.get(note) == drum.lane]
        found += own[:1]
        without += [drum.lane] * (not own)
    if without:
        raise DrumtokError(f"note map {name!r} leaves no note to write {', '.join(without)} as: list one for each")
    return tuple(found)


def _read(name: str) -> tuple[str, dict[int, str]]:
    """The base of a map file and the lanes of the notes that it lists, in its order."""
    try:
        table = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise DrumtokError(f"cannot read note map {name!r}: {error.strerror or error}") from None
    except ValueError as error:  # no UTF-8, or no TOML
        raise DrumtokError(f"note map {name!r} is no TOML: {error}") from None
    for key in table:
        if key not in KEYS:
            raise DrumtokError(f"note map {name!r}: key {key!r} is unknown: known are {', '.join(KEYS)}")
    base, notes = table.get("base", "gm"), table.get("notes", {})
    if not isinstance(base, str) or not isinstance(notes, dict):
        raise DrumtokError(f"note map {name!r}: allowed are base, the name of a map, and the table [notes]")
    return base, {_note(key, name): _lane(key, lane, name) for key, lane in notes.items()}


def _note(key: str, name: str) -> int:
    if not (key.isdecimal() and int(key) <= 127):
        raise DrumtokError(f"note map {name!r}: note {key!r} is none: allowed are 0 to 127")
    return int(key)


def _lane(key: str, lane: Any, name: str) -> str:
    if not isinstance(lane, str) or lane not in (*LANES, NO_DRUM):
        raise DrumtokError(f"note map {name!r}: note {key} is {lane!r}: allowed are {', '.join((*LANES, NO_DRUM))}")
    return lane
