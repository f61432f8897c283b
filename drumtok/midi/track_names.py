"""Classify the name of a track or file: a drum kit, one drum, a melodic instrument, or none of these.

Only whole words count. A name with a word that instruments are not named with (`Ride With the Wind`) is taken for the
title of a song, which is no evidence.
"""

import re
from enum import Enum
from pathlib import Path

from drumtok.midi.drum_names import OTHER, PRODUCTS, drums_in_name, words_of


class NameKind(Enum):
    """The kinds of names."""

    KIT = "a drum kit"
    DRUM = "one drum"
    MELODIC = "a melodic instrument"
    NONE = ""


_KIT = re.compile(
    r"\b(drums?|drum ?(set|kit|loop|track|machine)s?|kit|perc|percs|percussions?|batterie|bateria|batteria|schlagzeug"
    r"|slagverk|trommeln|perkussion|percusion|cymbals?)\b|^(drummer|beats?)$"
)
_TUNED_DRUM = re.compile(r"\b(steel|tongue|hang|kettle|synth|melodic|tuned|talking) (drums?|percussions?)\b")
_MELODIC_WORDS = (
    "bass basses bassline basslines sub chord chords melody melodies melodie melodia lead leads pad pads piano pianos "
    "pno keys keyboard keyboards key pluck plucks arp arps arpeggio synth synths string strings guitar guitars gtr git "
    "vox vocal vocals voice voices choir brass organ flute flutes violin violins viola cello contrabass saxophone sax "
    "alto tenor soprano baritone trumpet trombone horn horns tuba clarinet oboe bassoon harp accordion harmonica banjo "
    "ukulele mandolin sitar marimba xylophone vibraphone vibes glockenspiel celesta rhodes wurlitzer clavinet clav "
    "harpsichord kalimba koto timpani solo riff theme harmony singer bells chimes treble gitarre klavier geige "
    "guitarra bajo teclado basse guitare"
)
# Words of titles of songs, which no instrument is named with.
_TITLE_WORDS = (
    "the of my your our his her you me we he she they this these it is are am was be do don dont t re ll ve wanna "
    "gonna gotta let lets like love loves night day boy girl baby yeah into over away again never always when where "
    "what who how why if so too just can will would should for from with without by at to lightning wind world life "
    "man woman heart"
)
_MELODIC, _TITLE = frozenset(_MELODIC_WORDS.split()), frozenset(_TITLE_WORDS.split())


def name_kind(name: str) -> NameKind:
    """Return the kind of a name.

    >>> [name_kind(name).name for name in ("Drums", "EZdrummer", "Snare 2", "Steel Drums", "Bass", "Oh Starry Night")]
    ['KIT', 'KIT', 'DRUM', 'MELODIC', 'MELODIC', 'NONE']
    >>> name_kind("Little Drummer Boy").name, name_kind("Dont You Wanna Ride").name
    ('NONE', 'NONE')
    """
    words = words_of(name)
    text = " ".join(words)
    if _TUNED_DRUM.search(text):
        return NameKind.MELODIC
    if not _TITLE.isdisjoint(words):
        return NameKind.NONE
    lanes = drums_in_name(name)
    if len(lanes) == 1 and lanes != {OTHER}:
        return NameKind.DRUM
    if len(lanes) > 1 or PRODUCTS.search(name) or _KIT.search(text):
        return NameKind.KIT
    if lanes:
        return NameKind.DRUM
    return NameKind.NONE if _MELODIC.isdisjoint(words) else NameKind.MELODIC


def path_is_melodic(path: str) -> bool:
    """Check whether the innermost component of a path that has a kind, file or folder, is melodic.

    >>> path_is_melodic("Drum Pack/Bass/01.mid"), path_is_melodic("Piano Sessions/Drums 2.mid")
    (True, False)
    """
    parts = Path(path).with_suffix("").parts
    kinds = [kind for kind in map(name_kind, reversed(parts)) if kind is not NameKind.NONE]
    return kinds[:1] == [NameKind.MELODIC]
