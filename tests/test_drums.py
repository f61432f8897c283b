"""The nine drums and the note maps, compared with the table in the description of the formats."""

import numpy as np
import pytest

from drumtok.drums import DRUMS, LANE_INDEX, LANES, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.note_maps import note_map

# digit of the word, lane, note written, notes read
TABLE = """
0 kick   36  35 36
1 snare  38  37 38 39 40
2 closed 42  42 44 22
3 open   46  46 26
4 floor  41  41 43
5 low    45  45 47
6 high   48  48 50
7 ride   51  51 53 59
8 crash  49  49 52 55 57
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("digit", "lane", "note", "notes"), [(int(d), ln, int(n), set(r)) for d, ln, n, *r in ROWS])
def test_the_drums_are_those_of_the_table(digit, lane, note, notes):
    drum = DRUMS[digit]
    assert (drum.lane, drum.note, set(map(str, drum.notes))) == (lane, note, notes)
    assert LANES[digit] == lane
    assert LANE_INDEX[lane] == digit
    assert np.flatnonzero(note_map("gm") == digit).tolist() == sorted(map(int, notes))


def test_each_drum_is_read_from_the_note_that_it_is_written_as():
    assert note_map("gm")[[drum.note for drum in DRUMS]].tolist() == list(range(N_DRUMS))


def test_notes_outside_the_kit_are_no_drum():
    kit = {int(note) for row in ROWS for note in row[3:]}
    assert np.flatnonzero(note_map("gm") == -1).tolist() == [note for note in range(128) if note not in kit]
    assert note_map("gm")[[54, 56, 58, 60, 81]].tolist() == [-1] * 5


def test_td11_is_gm_and_the_rim_of_tom_3():
    different = np.flatnonzero(note_map("td11") != note_map("gm"))
    assert different.tolist() == [58]
    assert LANES[note_map("td11")[58]] == "floor"
    assert [LANES[drum] for drum in note_map("td11")[[22, 26]]] == ["closed", "open"]


def test_paper_is_gm_without_the_clap_and_with_55_as_the_ride():
    different = np.flatnonzero(note_map("paper") != note_map("gm"))
    assert different.tolist() == [39, 55]
    assert note_map("paper")[[39, 55]].tolist() == [-1, LANE_INDEX["ride"]]
    assert [LANES[drum] for drum in note_map("gm")[[39, 55]]] == ["snare", "crash"]


def test_a_note_map_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        note_map("gm")[58] = 4


def test_an_unknown_map_is_named_with_those_there_are():
    with pytest.raises(DrumtokError, match=r"unknown note map 'xg', must be one of gm, .*td11 or a \.toml file"):
        note_map("xg")
