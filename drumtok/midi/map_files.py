"""Read note map files: TOML with the notes that a map adds to another map, or changes in it.

title = "My kit"
source = ["https://example.com/manual.pdf, page 12"]
base = "gm"       # the default; "none" begins without any note
[notes]
44 = "kick"       # of several notes of a drum the first is the one that is written
36 = "none"       # not a drum
[hats]
open_below = 20   # the position of the pedal (controller 4) below which hi-hats are open
"""

import os
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.hats import HatRules
from drumtok.runtime.reading import read_regular, why_of

NO_DRUM = "none"  # the lane of a note that is not a drum, and the base of a map that names all its notes
MAP_ENDING = ".toml"
KEYS = ("title", "source", "base", "notes", "hats")
LARGEST = 1 << 20  # bytes; a map has 128 notes


@dataclass(frozen=True, eq=False)
class MapFile:
    """The contents of a note map file.

    Attributes:
        title: what the notes belong to, such as a product.
        sources: where its table is published.
        base: the map that it is based on, or `NO_DRUM`.
        notes: note -> lane or `NO_DRUM`, in the order of the file.
        hats: the pedal positions at which hi-hats are open; None uses those of the base.
    """

    title: str
    sources: tuple[str, ...]
    base: str
    notes: dict[int, str]
    hats: HatRules | None = None


def read_map_file(path: str, bases: Collection[str]) -> MapFile:
    """Read a note map file; cached until the file changes.

    Args:
        bases: the maps that it may be based on.

    Raises:
        DrumtokError: the file cannot be read, or is not a note map.
    """
    try:
        return _read(path, os.stat(path).st_mtime_ns, tuple(bases))
    except (OSError, ValueError) as error:
        raise DrumtokError(f"cannot read note map {path!r}: {why_of(error)}") from None


@lru_cache(maxsize=64)
def _read(path: str, changed: int, bases: tuple[str, ...]) -> MapFile:
    data = read_regular(path, LARGEST + 1)
    if len(data) > LARGEST:
        raise DrumtokError(f"it must have at most {LARGEST:,} bytes")
    try:
        table = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise DrumtokError("it is not UTF-8 text") from None
    except RecursionError:
        raise DrumtokError("its tables are nested too deep") from None
    unknown = sorted(table.keys() - set(KEYS))
    if unknown:
        raise DrumtokError(f"unknown key {unknown[0]!r}, must be one of {', '.join(KEYS)}")
    title, base = table.get("title", ""), table.get("base", "gm")
    if not isinstance(title, str):
        raise DrumtokError(f"title must be a text, got {title!r}")
    if not isinstance(base, str) or base not in (*bases, NO_DRUM):
        raise DrumtokError(f"base must be one of {', '.join((*bases, NO_DRUM))}, got {base!r}")
    notes, hats = _notes(table.get("notes", {})), _hats(table["hats"]) if "hats" in table else None
    return MapFile(title, _sources(table.get("source", [])), base, notes, hats)


def _sources(value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise DrumtokError(f"source must be a text or a list of texts, got {value!r}")
    return tuple(listed)


def _hats(value: Any) -> HatRules:
    if not isinstance(value, dict):
        raise DrumtokError(f"hats must be a table such as [hats], got {value!r}")
    known = [field.name for field in fields(HatRules)]
    unknown = sorted(value.keys() - set(known))
    if unknown:
        raise DrumtokError(f"unknown key hats.{unknown[0]}, must be one of {', '.join(known)}")
    return HatRules(**value)


def _notes(value: Any) -> dict[int, str]:
    if not isinstance(value, dict):
        raise DrumtokError(f"notes must be a table such as [notes], got {value!r}")
    for note, lane in value.items():
        if not (note.isascii() and note.isdecimal() and len(note) < 4 and int(note) < 128):
            raise DrumtokError(f"key of notes must be a note number from 0 to 127, got {note!r}")
        if not isinstance(lane, str) or lane not in (*LANES, NO_DRUM):
            raise DrumtokError(f"notes.{note} must be one of {', '.join((*LANES, NO_DRUM))}, got {lane!r}")
    return {int(note): lane for note, lane in value.items()}
