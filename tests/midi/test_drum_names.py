"""Finding drums in the names of files and folders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.drums import LANES
from drumtok.midi.drum_names import NAMED_DRUMS, OTHER, QUALITIES, WORDS, drum_from_name
from drumtok.midi.note_maps import note_map

# note -> its name in the General MIDI standard
GENERAL_MIDI = {
    35: "Acoustic Bass Drum",
    36: "Bass Drum 1",
    37: "Side Stick",
    38: "Acoustic Snare",
    40: "Electric Snare",
    41: "Low Floor Tom",
    42: "Closed Hi Hat",
    43: "High Floor Tom",
    44: "Pedal Hi-Hat",
    45: "Low Tom",
    46: "Open Hi-Hat",
    47: "Low-Mid Tom",
    48: "Hi-Mid Tom",
    49: "Crash Cymbal 1",
    50: "High Tom",
    51: "Ride Cymbal 1",
    52: "Chinese Cymbal",
    53: "Ride Bell",
    54: "Tambourine",
    55: "Splash Cymbal",
    56: "Cowbell",
    57: "Crash Cymbal 2",
    58: "Vibraslap",
    59: "Ride Cymbal 2",
    60: "Hi Bongo",
    61: "Low Bongo",
    62: "Mute Hi Conga",
    63: "Open Hi Conga",
    64: "Low Conga",
    65: "High Timbale",
    66: "Low Timbale",
    67: "High Agogo",
    69: "Cabasa",
    70: "Maracas",
    75: "Claves",
    76: "Hi Wood Block",
    81: "Open Triangle",
}


@pytest.mark.parametrize(
    ("name", "lane"),
    [
        ("01_Kick.mid", "kick"),
        ("KICK 4.MID", "kick"),
        ("kickdrum_01", "kick"),
        ("kickloop 3", "kick"),
        ("BD01", "kick"),
        ("808Kicks", "kick"),
        ("bass-drum", "kick"),
        ("Drum & Bass Kick 174", "kick"),
        ("good_Snare.mid", "snare"),
        ("SnareRoll2", "snare"),
        ("Drum and Bass - Snare", "snare"),
        ("SD_120bpm", "snare"),
        ("808 clap", "snare"),
        ("Finger Snaps", "snare"),
        ("RimShot 1", "snare"),
        ("sidestick", "snare"),
        ("02_Trap_Hat.mid", "closed"),
        ("Hi_Hat_01.mid", "closed"),
        ("HiHats.midi", "closed"),
        ("hi-hat closed", "closed"),
        ("closedhat", "closed"),
        ("HH_7", "closed"),
        ("808 CH", "closed"),
        ("open hat 3.mid", "open"),
        ("OpenHat", "open"),
        ("openhats", "open"),
        ("Hi_Hat_01_open", "open"),
        ("Open_Trap_Hat_9", "open"),
        ("HHOpen", "open"),
        ("hhopen", "open"),
        ("909 OH", "open"),
        ("Floor Tom", "floor"),
        ("floortom2", "floor"),
        ("Tom (low)", "low"),
        ("Mid Tom", "low"),
        ("Tom_03.mid", "low"),
        ("Toms", "low"),
        ("HiTom", "high"),
        ("rack tom", "high"),
        ("Synth Tom High", "high"),
        ("Ride_1", "ride"),
        ("RideBell", "ride"),
        ("crash", "crash"),
        ("China Cymbal", "crash"),
    ],
)
def test_drums_in_names(name, lane):
    assert drum_from_name(name) == lane


@pytest.mark.parametrize("name", GENERAL_MIDI.values())
def test_general_midi_names_give_the_drum_of_their_note(name):
    (note,) = (note for note, its_name in GENERAL_MIDI.items() if its_name == name)
    drum = note_map("gm")[note]
    assert drum_from_name(name) == (LANES[drum] if drum >= 0 else OTHER)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "01.mid",
        "808",
        "Groove 120 BPM.mid",
        "Kick and Snare.mid",
        "Kick_Snare_Hat",
        "open closed hats",
        "Hat & Shaker",
        "Ride or Crash",
        "Cymbal",  # of which kind?
        "808 Bass",
        "Track 3 Ch 10.mid",
        # words within words
        "That chat.mid",
        "Pride",
        "Tomorrow",
        "Override",
        "Sidekick",
        "Brim",
        "the 3rd",
    ],
)
def test_a_name_with_no_drum_or_two_gives_none(name):
    assert drum_from_name(name) is None


@pytest.mark.parametrize(
    ("path", "lane"),
    [
        ("Kicks/01.mid", "kick"),
        ("Pack/Kicks/Bouncy/01.mid", "kick"),
        ("C:\\Packs\\Snares\\Take 7.mid", "snare"),
        ("Kicks/Snare 1.mid", "snare"),  # the name comes first
        ("Snares/Kicks/7.mid", "kick"),  # then the folder it lies in
        ("Kick Pack/Snare and Hat.mid", None),  # the folder does not decide between two drums
        ("Hats/Shaker 1.mid", OTHER),  # another drum
        ("Kick Ass Pack/Melodies/Chords 3.mid", None),  # no drum
        ("Kick Ass Pack/Bass/01.mid", None),
        ("Hats/Open 3.mid", "open"),
        ("Hats/Closed/3.mid", "closed"),
        ("Hi-Hats/Open/3.mid", "open"),
        ("Open Hats/Hat 3.mid", "open"),
        ("Open Hats/Closed Hat 3.mid", "closed"),
        ("Hats/02 Open/Hat 3.mid", "open"),
        ("Open Air Techno/Hat 3.mid", "closed"),
        ("Toms/Floor 2.mid", "floor"),
        ("Toms/Floor/Tom 2.mid", "floor"),
        ("High Energy/Toms/Tom 2.mid", "low"),
        ("/Floor Toms/Tom 2.mid", "floor"),
        ("Rides/", "ride"),
    ],
)
def test_folders_narrow_the_name(path, lane):
    assert drum_from_name(path) == lane


def test_the_tables_are_complete():
    assert {drum.lane for drum in NAMED_DRUMS} == {*LANES, OTHER}
    assert {kind for drum in NAMED_DRUMS for kind in drum.kinds} == set(WORDS)
    words = [word for row in WORDS.values() for word in row.split()]
    assert len(set(words)) == len(words)
    assert set(WORDS) >= QUALITIES
    assert len({drum.kinds for drum in NAMED_DRUMS}) == len(NAMED_DRUMS)


@given(st.text())
def test_any_text_gives_a_drum_or_none(text):
    assert drum_from_name(text) in {*LANES, OTHER, None}
