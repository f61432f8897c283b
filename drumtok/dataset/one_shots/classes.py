"""Find the class of a sound in the name of its file, or in the class column of a table."""

import re

from drumtok.drums import LANE_INDEX
from drumtok.midi.drum_names import OTHER, drum_from_name, drums_in_name, words_of
from drumtok.sound.classes import SOUND_CLASSES

# class -> its words, for sounds that are missing from the table of drums
WORDS = {
    "brush": "brush brushes brushed",
    "rim": "rim rims rimshot rimshots rimclick sidestick stick",
    "clap": "clap claps clp cp handclap handclaps",
    "snap": "snap snaps fingersnap",
    "cowbell": "cowbell cowbells",
    "tambourine": "tambourine tambourines tamb tamborine",
    "shaker": "shaker shakers maraca maracas cabasa",
    "conga": "conga congas bongo bongos tumba quinto",
}
_CLASS_OF_WORD = {word: name for name, words in WORDS.items() for word in words.split()}
_CLASS_OF_LANE = {lane: lane if lane in SOUND_CLASSES else "tom" for lane in LANE_INDEX}
_ENDING = re.compile(r"\.[A-Za-z0-9]{2,4}$")


def class_from_name(name: str) -> str | None:
    """Return the class of the only sound that a path names, or None.

    The file's name counts first, then its folders from the innermost outwards.

    >>> [class_from_name(name) for name in ("Kit 1/Snare Rim 2.wav", "Hats/Open 3.aif", "Claps/07.flac", "Vox.wav")]
    ['rim', 'open', 'clap', None]
    """
    parts = [part for part in re.split(r"[/\\]", _ENDING.sub("", name)) if part]
    if parts and parts[-1].lower() in SOUND_CLASSES:
        return parts[-1].lower()
    for part in reversed(parts):
        named = {_CLASS_OF_WORD[word] for word in words_of(part) if word in _CLASS_OF_WORD}
        lanes = drums_in_name(part) - {"snare", OTHER}  # a brushed snare; a rim of a snare; a conga
        if named:
            return named.pop() if len(named) == 1 and not lanes else None
        if drums_in_name(part):
            break
    lane = drum_from_name("/".join(parts))
    return None if lane is None else _CLASS_OF_LANE.get(lane)
