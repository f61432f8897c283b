"""The words in names of tracks, as JSON values for the page, with regular expressions for JavaScript."""

import re
from typing import Any

from drumtok.midi import drum_names, name_languages, track_names

WORD, ALPHANUMERIC, LETTER = r"[\p{L}\p{N}_]", r"[\p{L}\p{N}]", r"[\p{L}\p{Nl}\p{No}]"
NEEDLESS_ESCAPE = re.compile(r"\\([ \-&~#])")  # an error in JavaScript
# Parts of regular expressions that differ in JavaScript, where \b and \w only match ASCII.
REWRITES = (
    (r"[^\W\d_]", LETTER),
    (r"[^\W_]", ALPHANUMERIC),
    (r"\w", WORD),
    (r"\d", r"\p{Nd}"),
    (r"\b", rf"(?:(?<={WORD})(?!{WORD})|(?<!{WORD})(?={WORD}))"),
)


def script_regex(pattern: re.Pattern[str]) -> str:
    r"""Convert a regular expression of names to JavaScript, for use with the flag u.

    >>> script_regex(re.compile(r"[^\W_]+\d"))
    '[\\p{L}\\p{N}]+\\p{Nd}'
    """
    text = NEEDLESS_ESCAPE.sub(r"\1", pattern.pattern)
    for old, new in REWRITES:
        text = text.replace(old, new)
    return text


def name_tables() -> dict[str, Any]:
    """Return the tables of `drumtok.midi.drum_names`, `name_languages` and `track_names`."""
    return {
        "kinds": drum_names.KINDS_OF,
        "drums": [[drum.lane, sorted(drum.kinds)] for drum in drum_names.NAMED_DRUMS],
        "other": drum_names.OTHER,
        "abbreviations": sorted(drum_names.ABBREVIATIONS),
        "qualities": sorted(drum_names.QUALITIES),
        "products": script_regex(drum_names.PRODUCTS),
        "splits": [script_regex(split) for split in drum_names.SPLITS],
        "phrases": [[script_regex(phrase), to.replace("\\", "$")] for phrase, to in drum_names.PHRASES],
        "english": name_languages.ENGLISH,
        "foreign": script_regex(name_languages.FOREIGN),
        "patterns": {
            "kit": script_regex(track_names.KIT),
            "lastKit": script_regex(track_names.LAST_KIT),
            "cymbals": script_regex(track_names.CYMBALS),
            "tunedDrum": script_regex(track_names.TUNED_DRUM),
        },
        "instruments": sorted(track_names.INSTRUMENTS),
        "melodic": sorted(track_names.MELODIC),
        "heads": sorted(track_names.HEADS),
        "sounds": sorted(track_names.SOUNDS),
        "title": sorted(track_names.TITLE),
    }
