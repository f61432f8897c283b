"""Songs with sections, a count-in and an ending, and rewritten sections."""

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.generation.song import WrittenSong, rewrite, sections_of, write_song
from drumtok.generation.song_arrangement import arrangement
from drumtok.generation.song_config import SongConfig
from drumtok.pattern import Pattern
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.plan_text import Section

PLAN = "a:2,b:1,fill,a:3"


@pytest.fixture(scope="module")
def song(small_checkpoint):
    return write_song(SongConfig(plan=PLAN, style="rock", count_in=True), 1, checkpoint=small_checkpoint)


def test_the_sections_are_those_of_the_plan_between_count_in_and_ending(song):
    assert [(section.name, section.bars) for section in song.sections] == [
        ("count-in", 1), ("a", 2), ("b", 1), ("a", 3), ("ending", 1),
    ]  # fmt: skip
    assert song.pattern.bars == 8
    assert song.markers == [(0, "count-in"), (16, "a"), (48, "b"), (64, "a"), (112, "ending")]
    assert song.bars_of("a") == [range(1, 3), range(4, 7)]
    assert song.pattern.name == "drumtok seed 1"


def test_a_count_in_clicks_the_beats_and_the_ending_is_kick_and_crash(song):
    count_in, ending = song.pattern[0], song.pattern[7]
    assert count_in.to_grid().splitlines() == ["closed |x---x---x---x---|"]
    assert [line[:9] for line in ending.to_grid().splitlines()] == ["kick   |X", "crash  |X"]
    assert ending.hits.sum() == 2


def test_a_song_may_begin_and_end_with_its_sections(small_checkpoint):
    config = SongConfig(plan="a:2", ending=False, meter="3/4")
    made = write_song(config, 1, checkpoint=small_checkpoint)
    assert (made.pattern.bars, made.pattern.meter, made.sections) == (2, (3, 4), (Section("a", 2),))


@pytest.mark.parametrize(("minutes", "bars"), [(0.1, 5), (0.5, 17), (1.0, 29)])
def test_a_song_of_some_minutes_has_an_arrangement(small_checkpoint, minutes, bars):
    made = write_song(SongConfig(minutes=minutes, tempo=120), 2, checkpoint=small_checkpoint)
    assert made.pattern.bars == bars
    assert abs(made.pattern.seconds - minutes * 60) <= 8
    assert made.sections[-1].name == "ending"


@pytest.mark.parametrize("bars", range(4, 300, 7))
def test_arrangements_have_about_the_bars_in_whole_phrases(bars):
    sections = arrangement(bars)
    assert abs(sum(section.bars for section in sections) - bars) <= 2
    assert all(section.bars and section.bars % 4 == 0 and section.fill for section in sections)
    if bars >= 14:
        assert (sections[0].name, sections[-1].name) == ("intro", "outro")
        assert "chorus" in {section.name for section in sections}
    assert all(section.intensity is None for section in arrangement(bars, with_intensity=False))


def test_a_section_is_written_again_wherever_the_song_has_it(song, small_checkpoint):
    made = rewrite(song, "a", SamplingConfig(), 5, checkpoint=small_checkpoint)
    old, new = (each.hits.reshape(8, 16, 9) for each in (song.pattern, made.pattern))
    assert (old[[0, 3, 7]] == new[[0, 3, 7]]).all()
    assert (old[1:3] != new[1:3]).any()
    assert (new[4:6] == new[1:3]).all()
    assert made.sections == song.sections
    assert made.pattern.velocity[song.pattern.hits.nonzero()].any()


def test_bars_that_only_a_repeat_has_stay(small_checkpoint):
    plain, fill = (Pattern.from_grid(f"snare |{steps}|") for steps in ("x---x---x---x---", "xxxxxxxxxxxxxxxx"))
    song = WrittenSong(plain + fill + plain, (Section("a", 1), Section("a", 2)))
    made = rewrite(song, "a", SamplingConfig(forbid=("snare",)), 1, checkpoint=small_checkpoint)
    assert (made.pattern[1].hits == fill.hits).all()
    assert (made.pattern[0].hits == made.pattern[2].hits).all()
    assert not made.pattern[0].hits[:, 1].any()


def test_sections_are_read_from_markers():
    pattern = Pattern(np.zeros((64, 9)))
    assert sections_of(pattern, [(0.0, "a"), (8.0, "b")]) == (Section("a", 2), Section("b", 2))
    assert sections_of(pattern, [(4.0, "a"), (99.0, "late")]) == (Section("", 1), Section("a", 3))
    with pytest.raises(DrumtokError, match="the song must have markers that name its sections, got none"):
        sections_of(pattern, [])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"minutes": 0.0}, "minutes must be above 0 and at most 60, got 0.0"),
        ({"minutes": 1.0, "plan": "a:1"}, "minutes cannot be combined with plan"),
        ({"plan": "a"}, "plan must be NAME:BARS"),
        ({"intensity": 0.1, "intensity_curve": (0.1,)}, "intensity cannot be combined with intensity_curve"),
        ({"minutes": 60.0, "tempo": 200.0}, "minutes must be at most 1024 bars at this tempo, got 3000 bars"),
    ],
)
def test_what_is_no_song(small_checkpoint, settings, message):
    with pytest.raises(DrumtokError, match=message):
        write_song(SongConfig(**settings), 1, checkpoint=small_checkpoint)


def test_a_section_that_a_song_lacks_is_named_with_those_it_has(song):
    with pytest.raises(DrumtokError, match=r"section must be one of the song \(count-in, a, b, ending\), got 'c'"):
        song.bars_of("c")
