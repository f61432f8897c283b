"""Where the drums of a file end: early first beats, rolls, silence at the end, and distant ends of tracks."""

import numpy as np
import pytest
from midi_bytes import make_midi

from drumtok.drums import LANE_INDEX
from drumtok.midi.files import from_midi_bytes
from drumtok.tokenizer.bulk import plain_files
from drumtok.tokenizer.config import EncodeConfig

KICK, SNARE, HAT = 36, 38, 42
BAR = 1920
BEAT = [(tick, HAT) for tick in range(0, 2 * BAR, 240)] + [(0, KICK), (480, SNARE), (BAR, KICK)]


def read(notes, end):
    data = make_midi(notes, end=end, length=1)
    song = from_midi_bytes(data)
    hits = sum(int(section.hits.sum()) for section in song.sections)
    assert hits + song.merged + sum(song.outside.values()) == song.notes == len(notes)
    assert not plain_files([("a.mid", data)], EncodeConfig()).numbers or len(song.reason) == 0
    (pattern,) = song.sections
    return pattern, song


@pytest.mark.parametrize("early", [1, 20, 59, 60])
def test_an_early_one_belongs_to_step_0_of_the_loop(early):
    pattern, song = read([*BEAT, (2 * BAR - early, SNARE)], 2 * BAR)
    assert pattern.bars == 2
    assert pattern.hits[0, LANE_INDEX["snare"]]
    assert pattern.offset[0, LANE_INDEX["snare"]] == pytest.approx(-early / 120)
    assert song.reason == "1 note just before the end of the loop read as its first step"


def test_an_early_one_of_a_drum_that_is_there_is_merged():
    pattern, song = read([*BEAT, (2 * BAR - 20, KICK)], 2 * BAR)
    assert (pattern.bars, song.merged) == (2, 1)


def test_a_roll_up_to_the_end_stays_at_the_end():
    # thirty-seconds, the last of which ties with the end
    roll = [(tick, SNARE) for tick in range(2 * BAR - 480, 2 * BAR, 60)]
    pattern, song = read([*BEAT, *roll], 2 * BAR)
    assert pattern.bars == 2
    assert not pattern.hits[0, LANE_INDEX["snare"]]
    assert pattern.hits[-4:, LANE_INDEX["snare"]].all()
    assert song.reason == "1 note of a roll just before the end of the loop read as its last step"


def test_a_hit_on_the_end_itself_is_the_next_bar():
    assert read([*BEAT, (2 * BAR, SNARE)], 2 * BAR + 10)[0].bars == 3


@pytest.mark.parametrize(("end", "bars"), [(3, 3), (10, 10), (11, 2), (27_663, 2)])
def test_an_end_far_from_the_last_hit_is_not_believed(end, bars):
    pattern, song = read(BEAT, end * BAR)
    assert pattern.bars == bars
    silent = f"{end - 2:,} silent bars after the last hit are left out"
    assert song.reason == (silent if bars != end else "")


def test_a_long_song_may_end_with_long_silence():
    song = [(bar * BAR, pitch) for bar in range(20) for pitch in (KICK, HAT)]
    assert read(song, 40 * BAR)[0].bars == 40
    assert read(song, 41 * BAR)[0].bars == 20


def test_meter_changes_far_from_the_last_hit_are_left_out():
    song = from_midi_bytes(make_midi(BEAT, meters=[(0, 4, 4), (500 * BAR, 3, 4)]))
    assert [section.bars for section in song.sections] == [2]
    assert song.reason == "498 silent bars after the last hit are left out"


@pytest.mark.parametrize("end", [2 * BAR, 2 * BAR - 1])
def test_notes_without_hits_are_no_pattern_wherever_they_end(end):
    assert from_midi_bytes(make_midi([(0, 60), (480, 64)], channel=0, end=end)).sections == ()


def test_plain_files_end_where_they_end_alone():
    files = [(f"{end}.mid", make_midi(BEAT, end=end * BAR)) for end in (2, 3, 10, 11)]
    plain = plain_files(files, EncodeConfig())
    assert (plain.numbers, plain.bars) == ([0, 1, 2], [2, 3, 10])
    assert np.sum(plain.hits) == 3 * len(BEAT)
