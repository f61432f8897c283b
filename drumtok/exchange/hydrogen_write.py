"""`Pattern` -> a Hydrogen pattern (.h2pattern) or song (.h2song)."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from drumtok.drums import LANES
from drumtok.exchange.hydrogen_kit import FIRST_NOTE, INSTRUMENTS, KIT, NUMBER_OF_LANE
from drumtok.pattern import Pattern
from drumtok.version import __version__

TICKS = 48  # of a quarter note
LEAD_TICKS = 5  # that a leadlag of 1 means
PATTERN_NAMESPACE = "http://www.hydrogen-music.org/drumkit_pattern"


def to_h2pattern(pattern: Pattern) -> str:
    """Write a pattern as one Hydrogen pattern, as long as all its bars.

    The tempo is written to its info, because a Hydrogen pattern has no tempo.
    """
    root = Element("drumkit_pattern", xmlns=PATTERN_NAMESPACE)
    _texts(root, drumkit_name=KIT, author=f"drumtok {__version__}", license="")
    _add_pattern(root, pattern, pattern.name or "drumtok", _info(pattern))
    return _text(root)


def to_h2song(pattern: Pattern) -> str:
    """Write a pattern as a Hydrogen song: a Hydrogen pattern for each bar that differs, and their order.

    A change of tempo applies to the whole bar in which it lies.
    """
    root = Element("song")
    _texts(root, version="0.9.7", bpm=f"{pattern.tempo:.10g}", volume="0.5", metronomeVolume="0.5")
    _texts(root, name=_printable(pattern.name or "drumtok"), author=f"drumtok {__version__}", notes=_info(pattern))
    _texts(root, license="", loopEnabled="true", patternModeMode="true", mode="song")
    _texts(root, humanize_time="0", humanize_velocity="0", swing_factor="0")
    component = SubElement(SubElement(root, "componentList"), "drumkitComponent")
    _texts(component, id="0", name="Main", volume="1")
    instruments = SubElement(root, "instrumentList")
    for number in range(len(INSTRUMENTS)):
        _add_instrument(instruments, number)
    names = _names_of_bars(pattern)
    patterns, _, sequence = (
        SubElement(root, name) for name in ("patternList", "virtualPatternList", "patternSequence")
    )
    for bar, name in zip(pattern, names, strict=True):
        if names.index(name) == len(sequence):
            _add_pattern(patterns, bar, name, "")
        _texts(SubElement(sequence, "group"), patternID=name)
    if pattern.tempo_changes:
        timeline = SubElement(root, "BPMTimeLine")
        for step, tempo in ((0, pattern.tempo), *pattern.tempo_changes):
            _texts(SubElement(timeline, "newBPM"), BAR=str(step // pattern.steps_per_bar), BPM=f"{tempo:.10g}")
    _texts(root, isTimelineActivated="true" if pattern.tempo_changes else "false")
    return _text(root)


def _names_of_bars(pattern: Pattern) -> list[str]:
    """Return the name of each bar; equal bars have the same name."""
    known: dict[tuple[bytes, bytes], str] = {}
    return [
        known.setdefault((bar.velocity.tobytes(), bar.offset.tobytes()), f"Pattern {len(known) + 1}") for bar in pattern
    ]


def _add_pattern(parent: Element, pattern: Pattern, name: str, info: str) -> None:
    own = SubElement(parent, "pattern")
    per_step = TICKS // pattern.grid
    _texts(own, name=_printable(name), info=info, category="drumtok", size=str(pattern.steps * per_step))
    _texts(own, denominator=str(pattern.meter[1]))
    notes = SubElement(own, "noteList")
    for step, drum in np.argwhere(pattern.hits).tolist():
        late = float(pattern.offset[step, drum]) * per_step  # ticks
        shift = 0 if abs(late) <= LEAD_TICKS else int(late)
        position = max(step * per_step + shift, 0)
        lead = (step * per_step + late - position) / LEAD_TICKS
        _texts(
            SubElement(notes, "note"),
            position=str(position),
            leadlag=f"{min(max(lead, -1), 1):.6g}",
            velocity=f"{pattern.velocity[step, drum] / 127:.6f}",
            pan_L="0.5",
            pan_R="0.5",
            pitch="0",
            key="C0",
            length="-1",
            instrument=str(NUMBER_OF_LANE[LANES[drum]]),
            note_off="false",
            probability="1",
        )


def _add_instrument(parent: Element, number: int) -> None:
    instrument = INSTRUMENTS[number]
    own = SubElement(parent, "instrument")
    _texts(own, id=str(number), name=instrument.name, drumkit=KIT, volume=f"{instrument.volume:g}", isMuted="false")
    _texts(own, pan_L=f"{min(1, 1 - instrument.pan):g}", pan_R=f"{min(1, 1 + instrument.pan):g}", gain="1")
    _texts(own, Attack="0", Decay="0", Sustain="1", Release="1000", muteGroup="-1")
    _texts(own, midiOutChannel="9", midiOutNote=str(FIRST_NOTE + number))
    component = SubElement(own, "instrumentComponent")
    _texts(component, component_id="0", gain="1")
    for file, low, high in instrument.layers():
        _texts(SubElement(component, "layer"), filename=file, min=f"{low:g}", max=f"{high:g}", gain="1", pitch="0")


def _info(pattern: Pattern) -> str:
    """Return what the formats cannot store, written as in drumtok's text files."""
    return f"TEMPO={pattern.tempo:.10g} METER={pattern.meter[0]}/{pattern.meter[1]} GRID={pattern.grid}"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "-" for letter in text)


def _texts(parent: Element, **texts: str) -> None:
    """Add elements with a text each."""
    for name, text in texts.items():
        SubElement(parent, name).text = text


def _text(root: Element) -> str:
    indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")
