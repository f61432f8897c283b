"""Classify the name of a track or file: a drum kit, one drum, a melodic instrument, or none of these.

Only whole words count. A name with a word that does not occur in names of instruments (`Ride With the Wind`) is taken
for the title of a song, which does not count.
"""

import re
from enum import Enum
from pathlib import Path

from drumtok.midi.drum_names import OTHER, PRODUCTS, drums_in_name, is_abbreviated, words_of


class NameKind(Enum):
    """The kinds of names."""

    KIT = "a drum kit"
    DRUM = "one drum"
    CYMBALS = "cymbals of any kind"
    MELODIC = "a melodic instrument"
    NONE = ""


KIT = re.compile(
    r"\b(drums?|drum ?(set|kit|loop|track|machine)s?|kit|percs?|percussions?|breakbeats?|drumbeats?|beat ?box)\b"
    r"|\bsmart drummer\b|^(drummer\b|beats?$)"
)
LAST_KIT = re.compile(r"\b(drum|live|trap|house)?kit$")  # after any words: `SoCal Kit`
CYMBALS = re.compile(r"\bcymb(al|als)?\b")
TUNED_DRUM = re.compile(
    r"\b(steel|tongue|hang|kettle|synth|melodic|tuned|talking) (drums?|percussions?)\b"
    r"|^bells$|\b(tubular|church|hand|orchestral|music|glass) bells?\b"
)
_INSTRUMENT_WORDS = (
    "piano pianos pno keyboard keyboards string strings guitar guitars gtr git vocal vocals choir brass organ "
    "flute flutes violin violins viola cello contrabass saxophone sax trumpet trombone horn horns tuba clarinet "
    "oboe bassoon harp accordion harmonica banjo ukulele mandolin sitar marimba xylophone vibraphone vibes "
    "glockenspiel celesta rhodes wurlitzer clavinet clav harpsichord kalimba koto timpani cimbalom dulcimer"
)
# Words of melodic tracks that also describe the sound or role of a drum: `Synth Kick`, `Drum Solo`.
_ROLE_WORDS = (
    "bass basses bassline basslines sub chord chords melody melodies lead leads pad pads keys key pluck plucks arp "
    "arps arpeggio synth synths vox voice voices alto tenor soprano baritone solo riff riffs theme harmony singer "
    "bells chimes treble reese rh lh"
)
HEADS = frozenset(("lead", "leads", "pad", "pads", "theme", "melody", "chords", "arp"))  # at the end of a name
SOUNDS = frozenset(("bass", "sub", "synth"))
# Words of song titles that do not occur in names of instruments.
_TITLE_WORDS = (
    "the of my your our his her you me we he she they this these it is are am was be do don dont t re ll ve wanna "
    "gonna gotta let lets like love loves night day boy girl baby yeah into over away again never always when where "
    "what who how why if so too just can will would should for from with without by at to lightning wind world life "
    "man woman heart"
)
INSTRUMENTS, TITLE = frozenset(_INSTRUMENT_WORDS.split()), frozenset(_TITLE_WORDS.split())
MELODIC = INSTRUMENTS | frozenset(_ROLE_WORDS.split())


def name_kind(name: str) -> NameKind:
    """Return the kind of a name.

    >>> [name_kind(name).name for name in ("Drums", "EZdrummer", "Snare 2", "Steel Drums", "Bass", "Oh Starry Night")]
    ['KIT', 'KIT', 'DRUM', 'MELODIC', 'MELODIC', 'NONE']
    >>> name_kind("Little Drummer Boy").name, name_kind("Dont You Wanna Ride").name
    ('NONE', 'NONE')
    """
    words = words_of(name)
    text = " ".join(words)
    if TUNED_DRUM.search(text):
        return NameKind.MELODIC
    if is_title(name):
        return NameKind.KIT if LAST_KIT.search(text) else NameKind.NONE
    lanes = drums_in_name(name)
    if len(lanes) == 1 and _is_instrument(name, words):
        return NameKind.MELODIC
    if len(lanes) == 1 and lanes != {OTHER}:
        return NameKind.DRUM
    if len(lanes) > 1 or PRODUCTS.search(name) or KIT.search(text) or LAST_KIT.search(text):
        return NameKind.KIT
    if lanes:
        return NameKind.DRUM
    if CYMBALS.search(text):
        return NameKind.CYMBALS
    return NameKind.NONE if MELODIC.isdisjoint(words) else NameKind.MELODIC


def is_title(name: str) -> bool:
    """Check whether a name contains a word that does not occur in names of instruments.

    >>> is_title("Mr. Tambourine Man"), is_title("Tambourine 2")
    (True, False)
    """
    return not TITLE.isdisjoint(words_of(name))


def _is_instrument(name: str, words: tuple[str, ...]) -> bool:
    """Check whether a name with a drum is that of an instrument (`Crash Guitar`), or consists of initials."""
    if words[-1] in INSTRUMENTS | HEADS:
        return True
    return is_abbreviated(name) and (words[-1] in MELODIC or not (MELODIC - SOUNDS).isdisjoint(words))


def file_is_kit(path: str) -> bool:
    """Check whether the last component of a path is the name of a kit or of fills.

    >>> file_is_kit("Rock/Drum Loop 2.mid"), file_is_kit("Fills/Fill 03.mid"), file_is_kit("Fill Me In.mid")
    (True, True, False)
    """
    stem = Path(path).stem
    return name_kind(stem) is NameKind.KIT or words_of(stem) in (("fill",), ("fills",))


def path_is_melodic(path: str) -> bool:
    """Check whether the innermost component of a path that has a kind, file or folder, is melodic.

    >>> path_is_melodic("Drum Pack/Bass/01.mid"), path_is_melodic("Piano Sessions/Drums 2.mid")
    (True, False)
    """
    parts = Path(path).with_suffix("").parts
    kinds = [kind for kind in map(name_kind, reversed(parts)) if kind is not NameKind.NONE]
    return kinds[:1] == [NameKind.MELODIC]
