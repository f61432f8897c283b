"""What is told of songs, and what follows from it."""

from dataclasses import replace

import pytest

from drumtok.generation.compose import told_by
from drumtok.generation.generate import generate
from drumtok.sampling.config import SamplingConfig
from drumtok.tokenizer.labels import HITS_CLASSES, TEMPO_CLASSES, Labels, Told, labels_of

SONGS = [
    {"style": style, "source": source}
    for style, source in (("rock", "groove"), ("trap", "mine"), ("rock", "mine"), ("trap", "mine"), ("", "groove"))
]


def test_a_style_of_one_source_has_a_home():
    expected = Labels(("rock", "trap"), TEMPO_CLASSES, ("groove", "mine"), HITS_CLASSES, homes=("", "mine"))
    assert labels_of(SONGS) == expected
    assert labels_of(reversed(SONGS)) == expected


@pytest.mark.parametrize(
    ("told", "source"),
    [
        (Told(style="trap"), "mine"),
        (Told(style="rock"), ""),
        (Told(), ""),
        (Told(style="trap", source="groove"), "groove"),
        (Told(style="waltz"), ""),
    ],
)
def test_only_a_style_at_home_implies_its_source(told, source):
    assert labels_of(SONGS).implied(told) == replace(told, source=source)
    assert replace(labels_of(SONGS), homes=()).implied(told) == told  # networks of before know of no homes


def test_a_pattern_of_a_style_is_asked_for_as_of_its_home(small_checkpoint):
    at_home = replace(small_checkpoint, config=replace(small_checkpoint.config, homes=("groove", "")))
    assert told_by(SamplingConfig(style="funk"), at_home).source == "groove"
    assert told_by(SamplingConfig(style="rock"), at_home).source == ""
    made = generate(3, bars=4, style="funk", checkpoint=at_home)
    assert made == generate(3, bars=4, style="funk", source="groove", checkpoint=small_checkpoint)
    assert made != generate(3, bars=4, style="funk", checkpoint=small_checkpoint)
