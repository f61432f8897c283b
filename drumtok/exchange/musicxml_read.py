"""MusicXML -> `Pattern`: the unpitched notes of all parts, by the MIDI notes of their instruments."""

from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.exchange.musicxml_write import FORTE
from drumtok.exchange.placed_hits import LANE_OF_NOTE, PlacedHit, placed
from drumtok.exchange.xml_reading import number_of, read_xml, text_of
from drumtok.grids import DEFAULT_METER, DEFAULT_TEMPO, GRIDS, Meter, parse_meter
from drumtok.midi.drum_names import drum_from_name
from drumtok.notation import DEFAULT_VELOCITY
from drumtok.pattern import Pattern


@dataclass
class _Score:
    """What was read of a score: hits, tempi by their time in quarter notes, the meter, divisions and length."""

    hits: list[PlacedHit] = field(default_factory=list)
    tempi: dict[float, float] = field(default_factory=dict)
    meters: set[Meter] = field(default_factory=set)
    divisions: set[float] = field(default_factory=set)
    measures: int = 0


def from_musicxml(text: str) -> Pattern:
    """Read the drums of a score in one meter, the inverse of `to_musicxml`.

    The MIDI note of an instrument, or else its name, gives its drum; notes of other instruments are left out.

    Raises:
        DrumtokError: it is not a partwise score, or its meter changes.
    """
    root = read_xml(text, "score-partwise")
    lanes, score = _lanes(root), _Score()
    for part in root.iterfind("part"):
        _read_part(part, lanes.get(part.get("id", ""), {}), score)
    if len(score.meters) > 1:
        raise DrumtokError(f"meter of a score must not change, got {', '.join(f'{a}/{b}' for a, b in score.meters)}")
    meter = score.meters.pop() if score.meters else DEFAULT_METER
    divisions = score.divisions.pop() if len(score.divisions) == 1 else 0
    grid = int(divisions) if divisions in GRIDS else None
    tempo = score.tempi.pop(0.0, DEFAULT_TEMPO)
    made = placed(score.hits, score.measures, meter, grid, tempo)
    if not made.hits.any():
        made = made[:0]  # a score has at least one measure
    steps = {round(time * made.grid): later for time, later in score.tempi.items()}
    changes = tuple(sorted((step, later) for step, later in steps.items() if 0 < step < made.steps))
    return replace(made, name=text_of(root, "work/work-title"), tempo_changes=changes)


def _lanes(root: Element) -> dict[str, dict[str, str]]:
    """Return the drum of each instrument of each part."""
    found: dict[str, dict[str, str]] = {}
    for part in root.iterfind("part-list/score-part"):
        own = found.setdefault(part.get("id", ""), {})
        for instrument in part.iterfind("score-instrument"):
            lane = drum_from_name(text_of(instrument, "instrument-name"))
            if lane in LANES:
                own[instrument.get("id", "")] = str(lane)
        for midi in part.iterfind("midi-instrument"):
            note = int(number_of(midi, "midi-unpitched", 0)) - 1
            if note in LANE_OF_NOTE:
                own[midi.get("id", "")] = LANE_OF_NOTE[note]
            elif note >= 0:
                own.pop(midi.get("id", ""), None)
    return found


def _read_part(part: Element, lanes: dict[str, str], score: _Score) -> None:
    """Add the hits of a part."""
    divisions, begin, meter = 1.0, 0.0, DEFAULT_METER  # the beginning of the measure in quarter notes
    measures = 0
    for measure in part.iterfind("measure"):
        now = last = 0.0  # in divisions from the beginning of the measure
        for own in measure:
            if own.tag == "attributes":
                divisions = number_of(own, "divisions", divisions)
                if divisions <= 0:
                    raise DrumtokError(f"divisions must be above 0, got {divisions:g}")
                score.divisions.add(divisions)
                if own.find("time") is not None:
                    meter = parse_meter(f"{text_of(own, 'time/beats')}/{text_of(own, 'time/beat-type')}")
                    score.meters.add(meter)
            elif own.tag == "note" and own.find("grace") is None:
                length = number_of(own, "duration", 0)
                last = last if own.find("chord") is not None else now
                _add_hit(own, begin, last, divisions, lanes, score)
                now = last + length if own.find("chord") is None else now
            elif own.tag in ("backup", "forward"):
                now += number_of(own, "duration", 0) * (1 if own.tag == "forward" else -1)
            elif own.tag in ("direction", "sound"):
                _add_tempo(own, begin + (now + number_of(own, "offset", 0)) / divisions, score)
        begin += 4 * meter[0] / meter[1]
        measures += 1
    score.measures = max(score.measures, measures)


def _add_hit(note: Element, begin: float, at: float, divisions: float, lanes: dict[str, str], score: _Score) -> None:
    """Add a note if it is struck and belongs to a drum."""
    instrument = note.find("instrument")
    only = next(iter(lanes)) if len(lanes) == 1 else ""
    lane = lanes.get(only if instrument is None else instrument.get("id", ""))
    held = any(tie.get("type") == "stop" for tie in note.iterfind("tie"))
    if note.find("unpitched") is None or held or lane is None:
        return
    try:
        late = float(note.get("attack", 0))
        level = float(note.get("dynamics", DEFAULT_VELOCITY / FORTE * 100))
    except ValueError:
        raise DrumtokError("attack and dynamics of a note must be numbers") from None
    velocity = min(max(round(level * FORTE / 100), 1), 127)
    score.hits.append(PlacedHit(begin + (at + late) / divisions, lane, velocity))


def _add_tempo(own: Element, time: float, score: _Score) -> None:
    """Add the tempo of a direction or a sound."""
    for sound in own.iter("sound"):
        if sound.get("tempo"):
            try:
                score.tempi[time] = float(sound.get("tempo", ""))
            except ValueError:
                raise DrumtokError(f"tempo must be a number, got {sound.get('tempo')!r}") from None
