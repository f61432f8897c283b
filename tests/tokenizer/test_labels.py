"""Labels of songs: the vocabulary of a corpus, and the source that a style implies."""

from dataclasses import fields, replace

import pytest

from drumtok.generation.compose import conditioning_for
from drumtok.generation.generate import generate
from drumtok.sampling.config import SamplingConfig
from drumtok.tokenizer.labels import (
    CHANGED,
    HITS_CLASSES,
    LABELS,
    TEMPO_CLASSES,
    Conditioning,
    LabelIds,
    LabelVocabulary,
    labels_of,
)

SONGS = [
    {"style": style, "source": source, "meter": "4/4"}
    for style, source in (("rock", "groove"), ("trap", "mine"), ("rock", "mine"), ("trap", "mine"), ("", "groove"))
]


def test_a_style_whose_songs_share_a_source_implies_it():
    expected = LabelVocabulary(
        styles=("rock", "trap"),
        tempos=TEMPO_CLASSES,
        sources=("groove", "mine"),
        hits=HITS_CLASSES,
        meters=("4/4",),
        source_of_style=("", "mine"),
    )
    assert labels_of(SONGS) == expected
    assert labels_of(reversed(SONGS)) == expected


@pytest.mark.parametrize(
    ("conditioning", "source"),
    [
        (Conditioning(style="trap"), "mine"),
        (Conditioning(style="rock"), ""),
        (Conditioning(), ""),
        (Conditioning(style="trap", source="groove"), "groove"),
        (Conditioning(style="waltz"), ""),
    ],
)
def test_only_a_style_of_one_source_implies_it(conditioning, source):
    assert labels_of(SONGS).implied(conditioning) == replace(conditioning, source=source)
    assert replace(labels_of(SONGS), source_of_style=()).implied(conditioning) == conditioning  # as in older files


def test_a_pattern_of_a_style_is_written_like_its_source(small_checkpoint):
    implying = replace(small_checkpoint, config=replace(small_checkpoint.config, source_of_style=("groove", "")))
    assert conditioning_for(SamplingConfig(style="funk"), implying).source == "groove"
    assert conditioning_for(SamplingConfig(style="rock"), implying).source == ""
    made = generate(3, bars=4, style="funk", checkpoint=implying)
    assert made == generate(3, bars=4, style="funk", source="groove", checkpoint=small_checkpoint)
    assert made != generate(3, bars=4, style="funk", checkpoint=small_checkpoint)


def test_the_table_has_a_row_for_each_field():
    names = [label.name for label in LABELS]
    assert names == [field.name for field in fields(Conditioning)] == list(LabelIds._fields)
    assert {label.values for label in LABELS if label.values} < {field.name for field in fields(LabelVocabulary)}


def test_augmented_songs_keep_their_source_and_cut_songs_their_start():
    conditioning = Conditioning("beat", "rock", 90.0, CHANGED, 2.0, starts_mid_song=True)
    assert conditioning.only(("kind",)) == Conditioning("beat", source=CHANGED, starts_mid_song=True)
    assert replace(conditioning, source="groove").only(()) == Conditioning(starts_mid_song=True)
