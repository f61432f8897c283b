"""A Hydrogen pattern (.h2pattern) or song (.h2song) -> `Pattern`."""

import re
from dataclasses import replace
from xml.etree.ElementTree import Element

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.exchange.hydrogen_kit import LANE_OF_NUMBER, NUMBERED_KITS
from drumtok.exchange.hydrogen_write import LEAD_TICKS, TICKS
from drumtok.exchange.placed_hits import PlacedHit, placed, velocity_of
from drumtok.exchange.xml_reading import number_of, read_xml, text_of
from drumtok.grids import DEFAULT_METER, DEFAULT_TEMPO, Meter, parse_meter
from drumtok.midi.drum_names import drum_from_name
from drumtok.pattern import Pattern

WHOLE = 4 * TICKS
_CONTROL = re.compile(r"\b(TEMPO|METER|GRID)=(\S+)")


def from_h2pattern(text: str) -> Pattern:
    """Read a Hydrogen pattern, the inverse of `to_h2pattern` except for offsets that Hydrogen cannot store.

    Notes of instruments that are not in the kit are left out.

    Raises:
        DrumtokError: it is not a Hydrogen pattern, or its length is not a whole number of bars.
    """
    root = read_xml(text, "drumkit_pattern", "pattern_for_drumkit", "pattern")
    own = root if root.tag == "pattern" else root.find("pattern")
    if own is None:
        raise DrumtokError("a Hydrogen pattern must contain an element pattern, got none")
    controls = dict(_CONTROL.findall(text_of(own, "info")))
    size = _size(own)
    meter = parse_meter(controls["METER"]) if "METER" in controls else _meter(own, size)
    made = _made(_hits(own, dict(LANE_OF_NUMBER)), size, meter, controls)
    return replace(made, name=text_of(own, "name") or text_of(own, "pattern_name"))


def from_h2song(text: str) -> Pattern:
    """Read the order of patterns of a Hydrogen song; patterns that play together are read together.

    Raises:
        DrumtokError: it is not a Hydrogen song, or its meter changes.
    """
    root = read_xml(text, "song")
    lanes = _lanes(root)
    patterns = {
        text_of(own, "name") or text_of(own, "pattern_name"): own for own in root.iterfind("patternList/pattern")
    }
    hits: list[PlacedHit] = []
    meters: set[Meter] = set()
    length = 0
    for group in root.iterfind("patternSequence/group"):
        together = [
            patterns[name] for each in group.iterfind("patternID") if (name := (each.text or "").strip()) in patterns
        ]
        size = max(map(_size, together), default=WHOLE)
        for own in together:
            hits += [hit._replace(time=hit.time + length / TICKS) for hit in _hits(own, lanes)]
        meters.add(next((_meter(own, size) for own in together if _size(own) == size), DEFAULT_METER))
        length += size
    if len(meters) > 1:
        raise DrumtokError(f"meter of a song must not change, got {', '.join(f'{a}/{b}' for a, b in sorted(meters))}")
    controls = dict(_CONTROL.findall(text_of(root, "notes"))) | {"TEMPO": text_of(root, "bpm", str(DEFAULT_TEMPO))}
    made = _made(hits, length, meters.pop() if meters else DEFAULT_METER, controls)
    per_bar = made.steps_per_bar
    timeline = {
        int(number_of(own, "BAR")) * per_bar: number_of(own, "BPM") for own in root.iterfind("BPMTimeLine/newBPM")
    }
    changes = tuple(sorted((step, tempo) for step, tempo in timeline.items() if 0 < step < made.steps))
    is_active = text_of(root, "isTimelineActivated", "true") == "true"
    return replace(made, name=text_of(root, "name"), tempo_changes=changes if is_active else ())


def _lanes(song: Element) -> dict[int, str]:
    """Return the drum of each instrument: by its name, else by its number."""
    found = dict(LANE_OF_NUMBER)
    for own in song.iterfind("instrumentList/instrument"):
        number = int(number_of(own, "id"))
        named = drum_from_name(text_of(own, "name"))
        if text_of(own, "drumkit") in NUMBERED_KITS or named is None:
            continue
        found.pop(number, None)
        if named in LANES:
            found[number] = named
    return found


def _size(pattern: Element) -> int:
    size = int(number_of(pattern, "size", WHOLE))
    if size < 0:
        raise DrumtokError(f"size must be at least 0, got {size}")
    return size if size > 0 else WHOLE  # the first versions wrote -1


def _meter(pattern: Element, size: int) -> Meter:
    """Return the meter of a pattern: 4/4 if it is as long as some bars of 4/4, else one bar as long as the pattern.

    >>> own = Element("pattern")
    >>> _meter(own, 144), _meter(own, 384), _meter(own, 168)
    ((3, 4), (4, 4), (7, 8))
    """
    if size % WHOLE == 0:
        return DEFAULT_METER
    for denominator in (int(number_of(pattern, "denominator", 4)), 4, 8, 16):
        if denominator in (1, 2, 4, 8, 16, 32) and size * denominator % WHOLE == 0:
            return size * denominator // WHOLE, denominator
    raise DrumtokError(f"size must be a whole number of sixteenths of {TICKS // 4} ticks, got {size}")


def _hits(pattern: Element, lanes: dict[int, str]) -> list[PlacedHit]:
    """Return the hits of a pattern's notes; the first versions group them by instrument."""
    found = []
    for own in pattern.iter("note"):
        number = int(number_of(own, "instrument", -1))
        if number not in lanes or text_of(own, "note_off") == "true":
            continue
        late = max(min(number_of(own, "leadlag", 0), 1), -1) * LEAD_TICKS
        time = (number_of(own, "position", 0) + late) / TICKS
        found.append(PlacedHit(time, lanes[number], velocity_of(number_of(own, "velocity", 0.8))))
    return found


def _made(hits: list[PlacedHit], size: int, meter: Meter, controls: dict[str, str]) -> Pattern:
    bars, rest = divmod(size * meter[1], WHOLE * meter[0])
    if rest:
        raise DrumtokError(f"size must be whole bars of {meter[0]}/{meter[1]}, got {size} ticks")
    try:
        grid = int(controls["GRID"]) if "GRID" in controls else None
        tempo = float(controls.get("TEMPO", DEFAULT_TEMPO))
    except ValueError:
        raise DrumtokError(f"TEMPO and GRID must be numbers, got {controls}") from None
    return placed(hits, bars, meter, grid, tempo)
