"""`Pattern` -> MusicXML 4.0, as a part of unpitched percussion that notation programs open as drums.

The `dynamics` of a note are its velocity, in percent of forte (90), and its `attack` is its offset, in steps.
"""

from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from drumtok.drums import DRUMS, LANES
from drumtok.exchange.note_values import Span, spans
from drumtok.exchange.staff import FEET, HANDS, INSTRUMENT_OF, PLACES
from drumtok.notation import ACCENT_FROM, GHOST_BELOW
from drumtok.pattern import Pattern
from drumtok.version import __version__

DOCTYPE = (
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">'
)
FORTE = 90  # the velocity that dynamics of 100 percent mean
CHANNEL = 10


class _Notations(NamedTuple):
    """The signs at a note.

    Attributes:
        tuplet: of "start" and "stop", what its bracket does here.
        accent: whether it has the accent, which a chord has once, or programs draw it once for each of its notes.
    """

    tuplet: tuple[str, ...]
    accent: bool


def to_musicxml(pattern: Pattern) -> str:
    """Write a pattern as MusicXML: hands in the first voice, the kick in the second."""
    root = Element("score-partwise", version="4.0")
    title = "".join(letter if letter.isprintable() else "-" for letter in pattern.name or "drumtok")
    _add(_add(root, "work"), "work-title", title)
    _add(_add(_add(root, "identification"), "encoding"), "software", f"drumtok {__version__}")
    _add_part_list(root)
    part = _add(root, "part", id="P1")
    for number in range(max(pattern.bars, 1)):
        measure = _add(part, "measure", number=str(number + 1))
        if number == 0:
            _add_attributes(measure, pattern)
        _add_tempi(measure, pattern, number)
        if number < pattern.bars:
            _add_voices(measure, pattern[number])
    indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{DOCTYPE}\n{tostring(root, encoding="unicode")}'


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    own = SubElement(parent, name, attributes)
    own.text = text
    return own


def _add_part_list(root: Element) -> None:
    part = _add(_add(root, "part-list"), "score-part", id="P1")
    _add(part, "part-name", "Drums")
    for drum in DRUMS:
        _add(_add(part, "score-instrument", id=INSTRUMENT_OF[drum.lane]), "instrument-name", drum.name)
    for drum in DRUMS:
        own = _add(part, "midi-instrument", id=INSTRUMENT_OF[drum.lane])
        _add(own, "midi-channel", str(CHANNEL))
        _add(own, "midi-unpitched", str(drum.note + 1))  # counts from 1


def _add_attributes(measure: Element, pattern: Pattern) -> None:
    own = _add(measure, "attributes")
    _add(own, "divisions", str(pattern.grid))
    _add(_add(own, "key"), "fifths", "0")
    time = _add(own, "time")
    _add(time, "beats", str(pattern.meter[0]))
    _add(time, "beat-type", str(pattern.meter[1]))
    _add(_add(own, "clef"), "sign", "percussion")


def _add_tempi(measure: Element, pattern: Pattern, bar: int) -> None:
    """Add the tempi that begin in a bar."""
    for step, tempo in ((0, pattern.tempo), *pattern.tempo_changes):
        place = step - bar * pattern.steps_per_bar
        if not 0 <= place < pattern.steps_per_bar:
            continue
        own = _add(measure, "direction", placement="above")
        metronome = _add(_add(own, "direction-type"), "metronome")
        _add(metronome, "beat-unit", "quarter")
        _add(metronome, "per-minute", f"{tempo:.10g}")
        if place:
            _add(own, "offset", str(place), sound="yes")
        _add(own, "sound", tempo=f"{tempo:.10g}")


def _add_voices(measure: Element, bar: Pattern) -> None:
    """Add the notes of a bar, the second voice after going back to its beginning."""
    for voice in (HANDS, FEET):
        drums = [LANES.index(lane) for lane, place in PLACES.items() if place.voice == voice]
        if voice == FEET:
            _add(_add(measure, "backup"), "duration", str(bar.steps))
        hit: list[bool] = np.any(bar.hits[:, drums], axis=1).tolist()
        for _, beat in groupby(spans(hit, bar.grid, bar.meter), key=lambda span: span.group):
            _add_beat(measure, bar, list(beat), drums, voice)


def _add_beat(measure: Element, bar: Pattern, beat: list[Span], drums: list[int], voice: int) -> None:
    """Add the notes and rests of a beat; its triplets have one bracket."""
    triplets = [span for span in beat if span.value.triplet]
    for span in beat:
        ends = ("start",) * (span in triplets[:1]) + ("stop",) * (span in triplets[-1:])
        struck = [drum for drum in drums if bar.hits[span.start, drum]] if span.is_hit else []
        accented = [drum for drum in struck if bar.velocity[span.start, drum] >= ACCENT_FROM]
        for number, drum in enumerate(struck or [None]):
            notations = _Notations(tuplet=ends if number == 0 else (), accent=drum in accented[:1])
            _add_note(measure, bar, span, drum, voice, number > 0, notations)


def _add_note(
    measure: Element, bar: Pattern, span: Span, drum: int | None, voice: int, is_chord: bool, notations: _Notations
) -> None:
    """Add a note, or a rest without a drum; the order of the elements is that of the schema."""
    own = _add(measure, "note")
    velocity = 0 if drum is None else int(bar.velocity[span.start, drum])
    if is_chord:
        _add(own, "chord")
    if drum is None:
        _add(own, "rest")
    else:
        _add_played(own, bar, span, drum, velocity)
    _add(own, "duration", str(span.steps))
    if drum is not None:
        _add(own, "instrument", id=INSTRUMENT_OF[LANES[drum]])
    _add(own, "voice", str(voice))
    _add(own, "type", span.value.type)
    for _ in range(span.value.dots):
        _add(own, "dot")
    if span.value.triplet:
        ratio = _add(own, "time-modification")
        _add(ratio, "actual-notes", "3")
        _add(ratio, "normal-notes", "2")
    if drum is not None:
        _add(own, "stem", "up" if voice == HANDS else "down")
        ghost = {"parentheses": "yes"} if velocity < GHOST_BELOW else {}
        _add(own, "notehead", PLACES[LANES[drum]].head, **ghost)
    _add_notations(own, notations)


def _add_notations(note: Element, notations: _Notations) -> None:
    """Add the ends of a tuplet, and an accent, if there are any."""
    if not any(notations):
        return
    signs = _add(note, "notations")
    for end in notations.tuplet:
        _add(signs, "tuplet", type=end)
    if notations.accent:
        _add(_add(signs, "articulations"), "accent")


def _add_played(note: Element, bar: Pattern, span: Span, drum: int, velocity: int) -> None:
    """Add the place of a note on the staff, and how it is played."""
    place = PLACES[LANES[drum]]
    unpitched = _add(note, "unpitched")
    _add(unpitched, "display-step", place.step)
    _add(unpitched, "display-octave", str(place.octave))
    note.set("dynamics", f"{velocity / FORTE * 100:.2f}")
    if offset := np.float32(bar.offset[span.start, drum]):
        note.set("attack", np.format_float_positional(offset, trim="-"))
