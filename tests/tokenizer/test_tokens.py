"""Words and ids, and patterns from words and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, patterns

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.notation import DEFAULT_VELOCITY
from drumtok.pattern import Pattern
from drumtok.tokenizer.tokens import (
    BAR,
    BAR_ID,
    N_HIT_WORDS,
    VOCABULARY,
    from_ids,
    from_words,
    hits_to_ids,
    ids_to_hits,
    to_ids,
    to_words,
    word_ids,
)

ARABIC = "\u0660" * 9

plain = st.just(DEFAULT_VELOCITY)  # words contain no velocities


def test_the_vocabulary_is_every_word_of_nine_digits_and_bar():
    assert len(VOCABULARY) == 513
    assert len(set(VOCABULARY)) == 513
    assert VOCABULARY[0] == "0b000000000"
    assert VOCABULARY[511] == "0b111111111"
    assert VOCABULARY[BAR_ID] == BAR == "BAR"
    assert word_ids(VOCABULARY).tolist() == list(range(513))


@pytest.mark.parametrize("lane", range(9))
def test_each_drum_has_its_digit(lane):
    hits = np.zeros((4, 9), dtype=bool)
    hits[2, lane] = True
    word = "0b" + "".join("1" if digit == lane else "0" for digit in range(9))
    silence = "0b000000000"
    assert to_words(Pattern(hits, meter=(1, 4))) == [silence, silence, word, silence, "BAR"], LANES[lane]


def test_every_hit_word_and_back():
    ids = np.arange(N_HIT_WORDS)
    hits = ids_to_hits(ids)
    assert hits.shape == (512, 9)
    assert np.array_equal(hits_to_ids(hits), ids)
    assert ["0b" + "".join(map(str, row)) for row in hits.astype(int)] == list(VOCABULARY[:-1])


def test_the_words_of_a_bar():
    pattern = Pattern.from_grid("kick |x---x-|\nsnare |--x-x-|\ncrash |x-----|", meter=(6, 16), grid=4)
    assert to_words(pattern) == [
        "0b100000001",
        "0b000000000",
        "0b010000000",
        "0b000000000",
        "0b110000000",
        "0b000000000",
        "BAR",
    ]


@examples(200)
@given(patterns(velocity=plain))
def test_words_and_back(pattern):
    words = to_words(pattern)
    shape = {"grid": pattern.grid, "meter": pattern.meter, "tempo": pattern.tempo}
    assert len(words) == pattern.bars * (pattern.steps_per_bar + 1)
    assert [i for i, word in enumerate(words, 1) if word == "BAR"] == [
        bar * (pattern.steps_per_bar + 1) for bar in range(1, pattern.bars + 1)
    ]
    assert from_words(words, **shape) == pattern
    assert from_words(" ".join(words), **shape) == pattern
    ids = to_ids(pattern)
    assert ids.dtype == np.uint16
    assert from_ids(ids, **shape) == pattern
    assert word_ids(words).tolist() == ids.tolist()


@examples(80)
@given(patterns())
def test_words_keep_the_hits_whatever_the_velocities(pattern):
    assert np.array_equal(from_words(to_words(pattern), pattern.grid, pattern.meter).hits, pattern.hits)


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("0b0000000000", "'0b0000000000'"),  # ten digits, as in the README of LSTMetallica
        ("0b00000000", "'0b00000000'"),
        ("0b00000000x", "'0b00000000x'"),
        ("000000000", "'000000000'"),
        ("bar", "'bar'"),
        (f"0b{ARABIC}", f"'0b{ARABIC}'"),  # decimal digits of another script
    ],
)
def test_an_unknown_word_is_an_error_with_its_number(word, quoted):
    with pytest.raises(DrumtokError, match=f"word 3 must be 0b with 9 binary digits, or BAR, got {quoted}"):
        from_words(["0b000000000", "0b100000000", word])


STEP = "0b000000000 "


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (STEP * 15 + "BAR", "bar 1 must have 16 words in 4/4 on grid 4, got 15"),
        (STEP * 16 + "BAR " + STEP * 17 + "BAR", "bar 2 must have 16 words in 4/4 on grid 4, got 17"),
        ("BAR", "bar 1 must have 16 words in 4/4 on grid 4, got 0"),
        (STEP * 16, "the last word must be BAR, got 16 words after it"),
        (STEP * 16 + "BAR " + STEP, "the last word must be BAR, got 1 words after it"),
    ],
)
def test_an_incomplete_bar_is_an_error(words, message):
    with pytest.raises(DrumtokError, match=message):
        from_words(words)


@pytest.mark.parametrize("wrong", [-1, 513, 70_000])
def test_an_id_out_of_range_is_an_error(wrong):
    with pytest.raises(DrumtokError, match=f"id must be between 0 and 512, got {wrong}"):
        from_ids(np.array([0, wrong, 5]))


def test_no_words_give_no_bars():
    assert from_words("").bars == 0
    assert to_words(from_words("")) == []
