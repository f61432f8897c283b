"""What is told of songs, and what follows from it."""

from dataclasses import replace

import pytest

from drumtok.generation.compose import conditioning_for
from drumtok.generation.generate import generate
from drumtok.sampling.config import SamplingConfig
from drumtok.tokenizer.labels import HITS_CLASSES, TEMPO_CLASSES, Conditioning, LabelVocabulary, labels_of

SONGS = [
    {"style": style, "source": source}
    for style, source in (("rock", "groove"), ("trap", "mine"), ("rock", "mine"), ("trap", "mine"), ("", "groove"))
]


def test_a_style_of_one_source_has_a_home():
    expected = LabelVocabulary(
        ("rock", "trap"), TEMPO_CLASSES, ("groove", "mine"), HITS_CLASSES, source_of_style=("", "mine")
    )
    assert labels_of(SONGS) == expected
    assert labels_of(reversed(SONGS)) == expected


@pytest.mark.parametrize(
    ("told", "source"),
    [
        (Conditioning(style="trap"), "mine"),
        (Conditioning(style="rock"), ""),
        (Conditioning(), ""),
        (Conditioning(style="trap", source="groove"), "groove"),
        (Conditioning(style="waltz"), ""),
    ],
)
def test_only_a_style_at_home_implies_its_source(told, source):
    assert labels_of(SONGS).implied(told) == replace(told, source=source)
    assert replace(labels_of(SONGS), source_of_style=()).implied(told) == told  # networks of before know of no homes


def test_a_pattern_of_a_style_is_asked_for_as_of_its_home(small_checkpoint):
    at_home = replace(small_checkpoint, config=replace(small_checkpoint.config, source_of_style=("groove", "")))
    assert conditioning_for(SamplingConfig(style="funk"), at_home).source == "groove"
    assert conditioning_for(SamplingConfig(style="rock"), at_home).source == ""
    made = generate(3, bars=4, style="funk", checkpoint=at_home)
    assert made == generate(3, bars=4, style="funk", source="groove", checkpoint=small_checkpoint)
    assert made != generate(3, bars=4, style="funk", checkpoint=small_checkpoint)
