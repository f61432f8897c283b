"""Exports have the structure that other tools expect, and files of these tools are read."""

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from strategies import patterns

from drumtok import Pattern
from drumtok.drums import DRUMS, LANES
from drumtok.exchange.hydrogen_kit import INSTRUMENTS, LANE_OF_NUMBER, NUMBER_OF_LANE
from drumtok.exchange.hydrogen_read import from_h2pattern, from_h2song
from drumtok.exchange.hydrogen_write import to_h2pattern, to_h2song
from drumtok.exchange.live_code import STRUDEL_SOUNDS, TIDAL_SOUNDS, to_strudel, to_tidal
from drumtok.exchange.musicxml_read import from_musicxml
from drumtok.exchange.musicxml_write import to_musicxml

BEAT = Pattern.from_grid("kick |x---x---x---x---|\nsnare |----X--o----X---|\nclosed |x-x-x-x-x-x-x-x-|", tempo=96)
# The children of a note, in the order that the MusicXML 4.0 schema requires (complexType note).
NOTE_ORDER = (
    *("chord", "unpitched", "rest", "duration", "instrument", "voice", "type", "dot", "time-modification"),
    *("stem", "notehead", "notations"),
)
H2_NOTE = [
    *("position", "leadlag", "velocity", "pan_L", "pan_R", "pitch", "key", "length", "instrument", "note_off"),
    "probability",
]
# A pattern in Hydrogen's current format, with an instrument outside the kit and a note that is two ticks late.
NEWER_PATTERN = """<?xml version="1.0" encoding="UTF-8"?>
<drumkit_pattern xmlns="http://www.hydrogen-music.org/drumkit_pattern">
 <drumkit_name>GMRockKit</drumkit_name>
 <pattern>
  <formatVersion>2</formatVersion><name>Six</name><size>144</size><denominator>8</denominator>
  <noteList>
   <note><position>0</position><leadlag>0</leadlag><velocity>0.8</velocity><pan>0</pan><key>C0</key>
    <length>-1</length><instrument>0</instrument><type>Kick</type><note_off>false</note_off></note>
   <note><position>72</position><leadlag>0.4</leadlag><velocity>1</velocity><instrument>2</instrument></note>
   <note><position>96</position><instrument>11</instrument></note>
  </noteList>
 </pattern>
</drumkit_pattern>"""


@given(pattern=patterns(min_bars=1, max_bars=2))
def test_measures_are_full_and_elements_in_order(pattern):
    root = fromstring(to_musicxml(pattern))
    for measure in root.iterfind("part/measure"):
        length = {"1": 0, "2": 0}
        for note in measure.iterfind("note"):
            names = [child.tag for child in note]
            assert names == sorted(names, key=NOTE_ORDER.index)
            if note.find("chord") is None:
                length[note.findtext("voice")] += int(note.findtext("duration"))
        assert set(length.values()) == {pattern.steps_per_bar}
        tuplets = [tuplet.get("type") for tuplet in measure.iter("tuplet")]
        assert tuplets == ["start", "stop"] * (len(tuplets) // 2)


def test_musicxml_is_drum_notation():
    root = fromstring(to_musicxml(BEAT))
    assert root.findtext("part/measure/attributes/clef/sign") == "percussion"
    assert [int(e.text) for e in root.iter("midi-unpitched")] == [drum.note + 1 for drum in DRUMS]
    first = root.find("part/measure/note")
    assert (first.findtext("notehead"), first.findtext("type")) == ("x", "eighth")
    kicks = [e for e in root.iter("note") if e.findtext("voice") == "2" and e.find("rest") is None]
    assert {(e.findtext("stem"), e.find("instrument").get("id")) for e in kicks} == {("down", "P1-I36")}
    assert root.find("part/measure/direction/sound").get("tempo") == "96"
    ghosts = [note for note in root.iter("note") if note.find("notehead[@parentheses='yes']") is not None]
    assert [note.find("instrument").get("id") for note in ghosts] == ["P1-I38"]
    assert len(list(root.iter("accent"))) == 2


def test_a_chord_has_one_accent():
    root = fromstring(
        to_musicxml(Pattern.from_grid("snare  |X---x---|\nclosed |X---X---|\ncrash  |X-------|", meter=(2, 4)))
    )
    chords = [note.find("chord") is not None for note in root.iter("note") if note.find(".//accent") is not None]
    assert chords == [False, True]


def test_notes_of_another_program_are_read_by_their_midi_notes():
    text = """<score-partwise><part-list><score-part id="P1"><part-name>Drums</part-name>
    <score-instrument id="A"><instrument-name>Any</instrument-name></score-instrument>
    <score-instrument id="B"><instrument-name>Ride Cymbal</instrument-name></score-instrument>
    <midi-instrument id="A"><midi-unpitched>39</midi-unpitched></midi-instrument></score-part></part-list>
    <part id="P1"><measure number="1"><attributes><divisions>24</divisions>
    <time><beats>2</beats><beat-type>4</beat-type></time></attributes>
    <note><unpitched/><duration>12</duration><instrument id="A"/></note>
    <note><rest/><duration>12</duration></note>
    <note><unpitched/><duration>24</duration><instrument id="A"/></note>
    <note><chord/><unpitched/><duration>24</duration><instrument id="B"/></note>
    <backup><duration>48</duration></backup><forward><duration>36</duration></forward>
    <note><unpitched/><duration>12</duration><instrument id="B"/></note></measure></part></score-partwise>"""
    assert from_musicxml(text).to_grid() == "snare  |x---x---|\nride   |----x-x-|"


def test_hydrogen_files_have_the_elements_of_its_schema():
    root = fromstring(to_h2pattern(BEAT))
    assert root.tag == "{http://www.hydrogen-music.org/drumkit_pattern}drumkit_pattern"
    names = [child.tag.rpartition("}")[2] for child in root]
    assert names == ["drumkit_name", "author", "license", "pattern"]
    own = [child.tag.rpartition("}")[2] for child in root[-1]]
    assert own == ["name", "info", "category", "size", "denominator", "noteList"]
    notes = list(root[-1][-1])
    assert len(notes) == BEAT.hits.sum()
    assert all([child.tag.rpartition("}")[2] for child in note] == H2_NOTE for note in notes)


def test_a_song_has_a_pattern_for_each_bar_that_differs():
    song = fromstring(to_h2song(BEAT + BEAT + Pattern.from_grid("crash |x---------------|", tempo=96)))
    assert [e.text for e in song.iterfind("patternList/pattern/name")] == ["Pattern 1", "Pattern 2"]
    assert [e.text for e in song.iter("patternID")] == ["Pattern 1", "Pattern 1", "Pattern 2"]
    assert song.findtext("bpm") == "96"
    numbers = [e.findtext("id") for e in song.iterfind("instrumentList/instrument")]
    assert {e.text for e in song.iterfind("patternList/pattern/noteList/note/instrument")} <= set(numbers)


def test_instruments_of_a_song_sound_at_every_velocity():
    """The names and files are those of the kit that Hydrogen has: a song with other ones is silent."""
    for own in fromstring(to_h2song(BEAT)).iterfind("instrumentList/instrument"):
        assert own.findtext("drumkit") == "GMRockKit"
        layers = own.findall("instrumentComponent/layer")
        lows, highs = ([float(layer.findtext(end)) for layer in layers] for end in ("min", "max"))
        assert ([0.0, *highs], [*lows, 1.0]) == ([*lows, 1.0], [0.0, *highs])
        assert len({layer.findtext("filename") for layer in layers}) == len(layers)


def test_each_drum_has_its_instrument_of_the_kit():
    names = [INSTRUMENTS[NUMBER_OF_LANE[lane]].name for lane in LANES]
    assert names == ["Kick", "Snare", "Hat Closed", "Hat Open", "Floor Tom", "Tom 2", "Tom 1", "Ride", "Crash"]
    assert all(LANE_OF_NUMBER[number] == lane for lane, number in NUMBER_OF_LANE.items())


def test_patterns_of_newer_versions_are_read():
    made = from_h2pattern(NEWER_PATTERN)
    assert (made.meter, made.grid, made.bars, made.name) == ((6, 8), 4, 1, "Six")
    assert made.to_grid() == "kick   |x-----------|\nsnare  |------X-----|"
    assert made.offset[6, 1] == pytest.approx(2 / 12)
    assert made.velocity[0, 0] == 102


def test_instruments_of_other_kits_are_known_by_name():
    text = to_h2song(BEAT).replace("<drumkit>GMRockKit</drumkit>", "<drumkit>Mine</drumkit>")
    text = text.replace("<name>Kick</name>", "<name>Ride Cymbal</name>").replace(
        "<name>Hat Closed</name>", "<name>Shaker</name>"
    )
    made = from_h2song(text)
    assert [lane for lane, hit in zip(LANES, made.hits.any(axis=0), strict=True) if hit] == ["snare", "ride"]


def test_code_has_a_sound_and_a_gain_for_every_hit():
    for write, sounds in ((to_strudel, STRUDEL_SOUNDS), (to_tidal, TIDAL_SOUNDS)):
        code = write(BEAT + BEAT)
        for lane in ("kick", "snare", "closed"):
            hits = int((BEAT + BEAT).hits[:, LANES.index(lane)].sum())
            assert code.replace("[", " ").replace("]", " ").split().count(sounds[lane]) == hits
        assert code.count("(") == code.count(")")
        assert code.count("[") == code.count("]")
        assert "0.94" in code
        assert "0.31" in code
