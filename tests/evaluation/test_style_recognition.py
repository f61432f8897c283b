"""The style of textbook beats is recognised, by rules, tempo and onsets."""

from dataclasses import replace

import pytest
from textbook_beats import textbook_beats

from drumtok.evaluation.fitting_grid import fitting_song
from drumtok.evaluation.style_recognition import StyleRecogniser, onset_profile, starter_recogniser
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures

BEATS = textbook_beats()


@pytest.mark.parametrize("beat", BEATS, ids=lambda beat: beat.style)
def test_a_textbook_beat_keeps_its_rules_and_is_among_the_first_three(beat):
    assert signatures()[beat.style].broken(beat) == []
    assert beat.style in starter_recogniser().likeliest(beat, 3)


def test_most_textbook_beats_are_recognised_at_first():
    missed = [beat.style for beat in BEATS if starter_recogniser().likeliest(beat) != [beat.style]]
    assert len(BEATS) - len(missed) >= 25, missed


def test_the_tempo_separates_styles_of_the_same_hits():
    (beat,) = (beat for beat in BEATS if beat.style == "dubstep")
    assert starter_recogniser().likeliest(replace(beat, tempo=78)) == ["half-time"]


def test_a_meter_in_which_no_style_lives_has_none():
    odd = Pattern.from_grid("kick |x-----------------|", meter=(9, 8))
    assert starter_recogniser().likeliest(odd, 3) == []


def test_without_grooves_the_rules_and_tempo_decide():
    (beat,) = (beat for beat in BEATS if beat.style == "reggae")
    assert StyleRecogniser([]).likeliest(beat) == ["reggae"]


def test_the_profile_holds_what_lies_between_the_sixteenths():
    roll = Pattern.from_grid("closed |xx--" + "----" * 7 + "|", grid=8)
    profile = onset_profile(roll).reshape(-1, 9)
    assert profile.shape == (18, 9)
    assert profile[0, 2] == 1
    assert profile[-1, 2] == 1
    assert profile[-2, 2] == 0
    triplet = onset_profile(Pattern.from_grid("ride |x-xx-xx-xx-x|", grid=3)).reshape(-1, 9)
    assert triplet[-2].max() == 1
    assert triplet[-1].max() == 0


@pytest.mark.parametrize(("grid", "lane"), [(3, "x-xx-xx-xx-x"), (4, "x-x-x-x-x-x-x-xx"), (8, "x---xxxx" * 4)])
def test_a_file_is_read_on_the_grid_that_fits(grid, lane):
    beat = Pattern.from_grid(f"closed |{lane}|", grid=grid)
    (section,) = fitting_song(to_midi_bytes(beat)).sections
    assert (section.grid, section.hits.tolist()) == (grid, beat.hits.tolist())


def test_human_timing_is_no_reason_for_a_finer_grid():
    beat = Pattern.from_grid("closed |x-x-x-x-x-x-x-x-|")
    late = replace(beat, offset=beat.hits * 0.12)
    assert fitting_song(to_midi_bytes(late)).sections[0].grid == 4
