"""Find a style in the name of a file or of its folders."""

import re
from functools import cache

from drumtok.sampling.signatures import signatures

WORDS = re.compile(r"[^a-z0-9&]+|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")


@cache
def style_in(name: str) -> str:
    """Return the style in a path, or nothing: that of the file's name before those of its folders, the longest first.

    >>> style_in("Loops/Deep House/124 bpm.mid"), style_in("rock/beat 7.mid"), style_in("housekeeping.mid")
    ('deep-house', 'rock', '')
    """
    for part in reversed(name.lower().split("/")):
        if found := _style_of(part):
            return found
    return ""


@cache
def _style_of(part: str) -> str:
    words = [word for word in WORDS.split(part) if word]
    longest = max(map(len, _spellings()))
    for length in range(min(longest, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            if style := _spellings().get(tuple(words[start : start + length])):
                return style
    return ""


@cache
def _spellings() -> dict[tuple[str, ...], str]:
    """Return the words of every spelling of every style -> its name."""
    found: dict[tuple[str, ...], str] = {}
    for name, own in signatures().items():
        for spelling in (name, own.title, *own.aliases):
            found.setdefault(tuple(word for word in WORDS.split(spelling.lower()) if word), name)
    found.pop((), None)
    return found
