"""Corpus files in words and groove files in grid notation, both with control words."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, level_velocities, patterns

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.notation import DEFAULT_VELOCITY
from drumtok.pattern import Pattern
from drumtok.tokenizer.text import (
    SPLITS,
    control_words,
    corpus_words,
    format_grooves,
    format_song,
    groove_entries,
    parse_grooves,
    parse_songs,
    read_controls,
    song_entries,
)

S = "0b000000000"
KICK = "0b100000000"
BEAT = f"{KICK} {S} {S} {S}"
WHOLE_BAR = f"{' '.join([BEAT] * 4)} BAR"

plain = st.just(DEFAULT_VELOCITY)
labels = st.text(st.characters(codec="utf-8", exclude_characters="#|", exclude_categories=("Z", "C")), max_size=8)


def lanes_of(pattern):
    return {LANES[drum] for drum in pattern.hits.any(axis=0).nonzero()[0]}


def test_control_words_of_the_formats():
    assert read_controls(["STYLE=funk", "TEMPO=96", "METER=4/4", "GRID=16"]) == {
        "style": "funk",
        "tempo": 96.0,
        "meter": (4, 4),
        "grid": 4,
    }
    for whole_note, grid in ((12, 3), (16, 4), (24, 6), (32, 8)):
        assert read_controls([f"GRID={whole_note}"]) == {"grid": grid}


def test_control_words_are_one_word_each():
    pattern = replace(Pattern.from_grid("", meter=(6, 8), tempo=137.5), name=" a b\t# c|d ", style="drum and bass")
    assert control_words(pattern) == ["NAME=a-b-c-d", "STYLE=drum-and-bass", "TEMPO=137.5", "METER=6/8", "GRID=16"]


@examples(150)
@given(patterns(), labels, labels, st.floats(4, 1000))
def test_control_words_and_back(pattern, name, style, tempo):
    labelled = replace(pattern, name=name, style=style, tempo=tempo)
    values = {"name": "", "style": "", **read_controls(control_words(labelled))}
    assert values == {"name": name, "style": style, "tempo": tempo, "meter": pattern.meter, "grid": pattern.grid}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("TEMPO=fast", "TEMPO must be a number, got 'fast'"),
        ("GRID=", "GRID must be steps to a whole note"),
        ("GRID=18", "GRID must be steps to a whole note, 12, 16, 24 or 32, got '18'"),
        ("METER=4", "meter must be NUMERATOR/DENOMINATOR such as 4/4, got '4'"),
        ("KEY=c", "unknown control word 'KEY=c', must be one of NAME, STYLE, TEMPO, METER, GRID, PARTS, SPLIT"),
        ("style=funk", "unknown control word 'style=funk'"),
        ("PARTS=a++b", r"PARTS must be names of parts with \+ between, got 'a\+\+b'"),
        ("PARTS=", "PARTS must be names of parts"),
        ("SPLIT=dev", "SPLIT must be one of train, validation, test, got 'dev'"),
    ],
)
def test_an_invalid_control_word_is_an_error(word, message):
    with pytest.raises(DrumtokError, match=message):
        read_controls([word])


@examples(80)
@given(st.lists(st.text(), max_size=4), st.sampled_from(("", *SPLITS)))
def test_parts_and_split_and_back(parts, split):
    written = [re.sub(r"-+", "-", "-".join(re.findall(r"[^\s#|]+", part.replace("+", "-")))) for part in parts]
    if all(written):
        read = read_controls(corpus_words(parts, split))
        assert [re.sub("-+", "-", part) for part in read.pop("parts", ())] == written
        assert read == ({"split": split} if split else {})
    else:
        with pytest.raises(DrumtokError, match="PARTS must be names of parts"):
            corpus_words(parts, split)


def test_parts_and_split_are_fields_of_the_entry():
    pattern = replace(Pattern.from_grid("kick |x---|", meter=(1, 4)), name="one")
    line = format_song(pattern, ["a", "b+c"], "test")
    assert line.startswith("NAME=one TEMPO=120 METER=1/4 GRID=16 PARTS=a+b-c SPLIT=test 0b1")
    (entry,) = song_entries(["", line])
    assert (entry.pattern, entry.pattern.name, entry.parts, entry.split, entry.line) == (
        pattern,
        "one",
        ("a", "b-c"),
        "test",
        2,
    )
    assert list(parse_songs(line)) == [pattern]
    first, second = groove_entries("kick |x---------------|\n\nPARTS=k+s SPLIT=train METER=1/4\nsnare |x---|\n")
    assert (first.parts, first.split, first.line) == ((), "", 1)
    assert (second.parts, second.split, second.line) == (("k", "s"), "train", 3)


# Corpus files


@examples(80)
@given(st.lists(patterns(velocity=plain, max_bars=2), max_size=3), labels)
def test_songs_and_back(songs, style):
    songs = [replace(song, style=style) for song in songs]
    text = "\n".join(map(format_song, songs))
    read = list(parse_songs(text + "\n"))
    assert read == songs
    assert [song.style for song in read] == [style] * len(songs)


def test_the_line_of_a_song():
    pattern = replace(Pattern.from_grid("kick |x---|\nsnare |--x-|", meter=(1, 4), tempo=96), name="one", style="funk")
    assert format_song(pattern) == (
        "NAME=one STYLE=funk TEMPO=96 METER=1/4 GRID=16 0b100000000 0b000000000 0b010000000 0b000000000 BAR"
    )


def test_one_long_line_without_control_words_is_one_song():
    (song,) = parse_songs(f"{WHOLE_BAR}  {WHOLE_BAR}\t{WHOLE_BAR}")
    assert (song.bars, song.meter, song.grid, song.tempo) == (3, (4, 4), 4, 120)
    assert song == Pattern.from_grid("kick |x---x---x---x---|x---x---x---x---|x---x---x---x---|")


def test_empty_lines_are_skipped():
    assert [song.bars for song in parse_songs(f"\n{WHOLE_BAR}\n\n  \nTEMPO=90 {WHOLE_BAR} {WHOLE_BAR}\n")] == [1, 2]
    assert list(parse_songs("\n \n")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # ten digits on line 2; control words count when words are numbered
        (
            f"{WHOLE_BAR}\nTEMPO=90 {KICK} 0b0000000000",
            "line 2: word 3 must be 0b with 9 binary digits, or BAR, got '0b0000000000'",
        ),
        (f"{KICK} STYLE=funk", "line 1: word 2 must be 0b with 9 binary digits, or BAR, got 'STYLE=funk'"),
        (f"\n\n{BEAT} BAR", "line 3: bar 1 must have 16 words in 4/4 on grid 4, got 4"),
        (f"METER=5/4 {WHOLE_BAR}", "line 1: bar 1 must have 20 words in 5/4 on grid 4, got 16"),
        (f"GRID=20 {WHOLE_BAR}", "line 1: grid must be one of 3, 4, 6, 8, got 5"),
        (f"TEMPO=nan {WHOLE_BAR}", "line 1: tempo must be between 4 and 1000 BPM, got nan"),
        (f"MOOD=calm {WHOLE_BAR}", "line 1: unknown control word 'MOOD=calm'"),
        (BEAT, "line 1: the last word must be BAR, got 4 words after it"),
    ],
)
def test_an_invalid_corpus_line_is_an_error_with_its_place(text, message):
    with pytest.raises(DrumtokError, match=message):
        list(parse_songs(text))


# Groove files


@examples(80)
@given(st.lists(patterns(velocity=level_velocities, max_bars=3), min_size=1, max_size=3), labels)
def test_grooves_and_back(grooves, name):
    grooves = [replace(groove, name=name) for groove in grooves]
    read = list(parse_grooves(format_grooves(grooves)))
    assert read == grooves
    assert [groove.name for groove in read] == [name] * len(grooves)


def test_a_groove_file():
    text = """# Two grooves.

STYLE=house TEMPO=124 METER=4/4 GRID=16   # four on the floor
kick   |x---x---x---x---|
open   |--x---x---x---x-|

kick   |x---x---x---x---|
clsoed |----------------|
"""
    with pytest.raises(DrumtokError, match=r"line 8: lane must be one of .*, got 'clsoed'"):
        list(parse_grooves(text))
    text = text.replace("clsoed", "closed") + "\nNAME=waltz METER=3/4 GRID=12\nride |x-xx-xx-x|\n"
    house, waltz = parse_grooves(text)
    assert (house.style, house.tempo, house.bars, lanes_of(house)) == ("house", 124, 2, {"kick", "open"})
    assert (waltz.name, waltz.tempo, waltz.meter, waltz.grid) == ("waltz", 120, (3, 4), 3)
    assert waltz.hits[:, 7].astype(int).tolist() == [1, 0, 1, 1, 0, 1, 1, 0, 1]


def test_grid_notation_without_control_words_is_one_groove():
    (groove,) = parse_grooves("# mine\nkick |x---x---x---x---|\n\nkick |x---------------|\n")
    assert groove.bars == 2
    first, second = parse_grooves("kick |x---x---x---x---|\nTEMPO=90\nsnare |x---------------|\n")
    assert (first.tempo, lanes_of(first)) == (120, {"kick"})
    assert (second.tempo, lanes_of(second)) == (90, {"snare"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kick |x---------------|\n\nTEMPO=quick\nkick |x---|", "line 3: TEMPO must be a number, got 'quick'"),
        ("TEMPO=90 METER=1/4\n\nkick |x---|\nsnare |x-|", "line 4: lane 'snare' has 2 steps, line 3 has 4"),
        ("TEMPO=90\nkick |x-?-|", "line 2: mark must be one of"),
    ],
)
def test_an_invalid_groove_line_is_an_error_with_its_place(text, message):
    with pytest.raises(DrumtokError, match=message):
        list(parse_grooves(text))
