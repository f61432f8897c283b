"""The tables that the page reads and plays MIDI by, made of drumtok's own, so that each stands once."""

from functools import cache
from typing import Any

from drumtok.midi.note_maps import load_note_map, note_map_names


@cache
def page_tables() -> dict[str, Any]:
    """Return the tables as JSON values: `note_maps`, name -> title, drum of each of the 128 notes, note of each drum.

    >>> page_tables()["note_maps"]["gm"]["written"]
    [36, 38, 42, 46, 41, 45, 48, 51, 49]
    """
    return {"note_maps": {name: _note_map(name) for name in note_map_names()}}


def _note_map(name: str) -> dict[str, Any]:
    own = load_note_map(name)
    return {"title": own.title, "drum_of": own.drum_of.tolist(), "written": list(own.written)}
