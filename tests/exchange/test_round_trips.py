"""Formats of other tools: every pattern that is written is read back, and damaged text is a single error."""

import re
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import offsets, patterns

from drumtok import DrumtokError, Pattern
from drumtok.exchange.csv_format import from_csv, to_csv
from drumtok.exchange.hydrogen_read import from_h2pattern, from_h2song
from drumtok.exchange.hydrogen_write import to_h2pattern, to_h2song
from drumtok.exchange.musicxml_read import from_musicxml
from drumtok.exchange.musicxml_write import to_musicxml
from drumtok.tokenizer.formats import BY_ENDING, TEXT_FORMATS, read_patterns, write_pattern

inner_offsets = st.floats(-0.375, 0.375, width=32)
BEAT = Pattern.from_grid("kick |X---x---x-o-x---|x---x---x-o-x---|\nopen |------x---------|----------------|", tempo=96)


def near(one, other, first=1e-4):
    """Assert that patterns are equal up to rounding of offsets; those of the first step may differ by `first`."""
    assert (one.grid, one.meter, one.tempo, one.bars) == (other.grid, other.meter, other.tempo, other.bars)
    assert (one.velocity == other.velocity).all()
    assert np.allclose(one.offset[:1], other.offset[:1], atol=first)
    assert np.allclose(one.offset[1:], other.offset[1:], atol=1e-4)
    return True


@given(pattern=patterns(offset=offsets))
def test_csv_holds_hits_velocities_and_offsets(pattern):
    assert list(from_csv(to_csv(pattern))) == [pattern]
    assert list(from_csv(f"{to_csv(pattern)}\n{to_csv(pattern)}\n")) == [pattern, pattern]


@given(pattern=patterns(offset=inner_offsets, min_bars=1))
def test_a_hydrogen_pattern_holds_hits_velocities_and_offsets(pattern):
    """A note can be at most 5 of 48 ticks early on the first step, which cuts up to 0.06 steps of triplets off."""
    assert near(from_h2pattern(to_h2pattern(pattern)), pattern, first=0.07)


@given(pattern=patterns(offset=inner_offsets, min_bars=1))
def test_a_hydrogen_song_holds_hits_and_velocities(pattern):
    made = from_h2song(to_h2song(pattern))
    assert (made.grid, made.meter, made.tempo) == (pattern.grid, pattern.meter, pattern.tempo)
    assert (made.velocity == pattern.velocity).all()


@given(pattern=patterns(offset=inner_offsets, min_bars=1))
def test_musicxml_holds_hits_velocities_and_offsets(pattern):
    made = from_musicxml(to_musicxml(pattern))
    assert near(made, pattern) if pattern.hits.any() else made.bars == 0


def test_changes_of_tempo_are_kept():
    changing = replace(BEAT, tempo_changes=((16, 120.0),))
    for write, read in ((to_h2song, from_h2song), (to_musicxml, from_musicxml)):
        assert read(write(changing)).tempo_changes == ((16, 120.0),)


@pytest.mark.parametrize("ending", [".mid", *(ending for ending, each in BY_ENDING.items() if each.read)])
def test_every_format_is_written_and_read_by_its_ending(tmp_path, ending):
    write_pattern(BEAT, tmp_path / f"beat{ending}")
    (made,) = read_patterns(tmp_path / f"beat{ending}")
    assert (made.hits == BEAT.hits).all()


def test_code_is_only_written(tmp_path):
    write_pattern(BEAT, tmp_path / "beat.js")
    with pytest.raises(DrumtokError, match=r"cannot read .*beat\.js.*only written"):
        read_patterns(tmp_path / "beat.js")
    with pytest.raises(DrumtokError, match=r"file must end in \.mid, \.txt"):
        write_pattern(BEAT, tmp_path / "beat.doc")


@given(data=st.data(), form=st.sampled_from([name for name, each in TEXT_FORMATS.items() if each.read]))
def test_damaged_text_is_one_error_or_a_pattern(data, form):
    text = TEXT_FORMATS[form].write(BEAT)
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.sampled_from(["", "9", "-", "<", "nan", "x" * 9])) + text[at + 1 :]
    with suppress(DrumtokError):
        list(TEXT_FORMATS[form].read(damaged))


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (from_h2pattern, "<song/>", "outermost element must be drumkit_pattern"),
        (from_h2pattern, "kick", "text must be XML"),
        (from_h2song, "<song><patternSequence/>", "text must be XML"),
        (from_musicxml, "<score-timewise/>", "outermost element must be score-partwise, got 'score-timewise'"),
        (lambda text: list(from_csv(text)), "bar,step\n", "CSV must begin with a line"),
    ],
)
def test_errors_name_what_is_wrong(read, text, message):
    with pytest.raises(DrumtokError, match=re.escape(message)):
        read(text)
