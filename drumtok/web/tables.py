"""The tables that the page reads and plays MIDI by, made of drumtok's own, so that each stands once."""

from dataclasses import asdict, fields
from functools import cache
from typing import Any

from drumtok.drums import DRUMS
from drumtok.midi import map_hints, map_likelihood
from drumtok.midi.events import FAULT_WORDS
from drumtok.midi.note_maps import load_note_map, note_map_names
from drumtok.pattern import Pattern
from drumtok.web.name_tables import name_tables


@cache
def page_tables() -> dict[str, Any]:
    """Return the tables as JSON values: drums, note maps, faults of files in words, and the words of names of tracks.

    >>> page_tables()["note_maps"]["gm"]["written"]
    [36, 38, 42, 46, 41, 45, 48, 51, 49]
    """
    return {
        "hints": _hints(),
        "drums": [{"lane": drum.lane, "name": drum.name, "note": drum.note} for drum in DRUMS],
        "note_maps": {name: _note_map(name) for name in note_map_names()},
        "faults": FAULT_WORDS,
        "names": name_tables(),
        "defaults": {own.name: own.default for own in fields(Pattern) if own.name == "note_length"},
    }


def _note_map(name: str) -> dict[str, Any]:
    """Return the drum of each of the 128 notes, the note of each drum, and the positions of the hi-hat's pedal."""
    own = load_note_map(name)
    return {
        "title": own.title,
        "drum_of": own.drum_of.tolist(),
        "written": list(own.written),
        "hats": asdict(own.hats),
    }


def _hints() -> dict[str, Any]:
    """Return what note maps are suggested by (`drumtok.midi.map_hints`)."""
    fits, hints = map_likelihood, map_hints
    return {
        "kinds": list(fits.KINDS),
        "lane_kinds": fits.LANE_KINDS,
        "places": fits.PLACES,
        "place_of_step": fits.PLACE_OF_STEP.tolist(),
        "shaken": list(fits.SHAKEN),
        "written": fits.WRITTEN,
        "choice": fits.CHOICE,
        "absent": fits.ABSENT,
        "gm_prior": fits.GM_PRIOR,
        "gm_and_more": fits.GM_AND_MORE,
        "doubtful": hints.DOUBTFUL,
        "margin": hints.MARGIN,
        "fewest": hints.FEWEST,
        "outside": hints.OUTSIDE,
        "fitting": hints.FITTING,
        "percussion": hints.PERCUSSION,
        "octaves": list(hints.OCTAVES),
    }
