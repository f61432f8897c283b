"""Sampling settings: ranges, densities, combinations, and the summary."""

import pytest

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.sampling.config import SamplingConfig


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0}, "temperature must be above 0, got 0; greedy takes the likeliest word"),
        ({"temperature": 0.0}, "temperature must be above 0, got 0.0; greedy takes the likeliest word"),
        ({"temperature": -0.5}, "temperature must be above 0, got -0.5$"),
        ({"top_k": 0}, "top_k must be at least 1, got 0"),
        ({"top_p": 0.0}, "top_p must be above 0 and at most 1, got 0.0"),
        ({"top_p": 1.1}, "top_p must be above 0 and at most 1, got 1.1"),
        ({"min_p": -0.1}, "min_p must be between 0 and 1, got -0.1"),
        ({"min_p": 2.0}, "min_p must be between 0 and 1, got 2.0"),
        ({"repetition": 4.5}, "repetition must be between -4 and 4, got 4.5"),
        ({"repetition": -5.0}, "repetition must be between -4 and 4, got -5.0"),
        ({"repetition": 1.0, "repetition_bars": 0}, "repetition_bars must be between 1 and 64, got 0"),
        ({"repetition": 1.0, "repetition_bars": 65}, "repetition_bars must be between 1 and 64, got 65"),
        ({"forbid": ("cowbell",)}, "forbid must be one of kick, snare, "),
        ({"keep": ("cowbell",)}, "keep must be one of kick, snare, "),
        ({"intensity": 1.1}, "intensity must be between 0 and 1, got 1.1"),
        ({"intensity_curve": (0.5, -1.0)}, "intensity_curve must be between 0 and 1, got -1.0"),
        ({"plan": "verse"}, "plan must be NAME:BARS, .*, got 'verse'"),
        ({"fill_bars": (2, 0)}, "fill_bars must be at least 1, got 0"),
        ({"particles": 0, "keep": ("kick",)}, "particles must be between 1 and 1024, got 0"),
        ({"particles": 1025, "keep": ("kick",)}, "particles must be between 1 and 1024, got 1025"),
        ({"form": ""}, "form must be letters from A to Z such as AABA, got ''"),
        ({"form": "A-B"}, "form must be letters from A to Z such as AABA, got 'A-B'"),
        ({"form": "AÄ"}, "form must be letters from A to Z such as AABA, got 'AÄ'"),
        ({"form": "AB", "section": 0}, "section must be between 1 and 8, got 0"),
        ({"form": "AB", "variation": -0.1}, "variation must be between 0 and 1, got -0.1"),
        ({"density": ("kick",)}, "density must be DRUM=HITS such as kick=4, got 'kick'"),
        ({"density": ("kick=many",)}, "density must be DRUM=HITS such as kick=4, got 'kick=many'"),
        ({"density": ("cowbell=4",)}, "the drum of density must be one of kick, snare, .*, got 'cowbell=4'"),
        ({"density": ("kick=4", "kick=5")}, "density must name each drum once, got kick twice"),
    ],
)
def test_values_out_of_range(settings, message):
    with pytest.raises(DrumtokError, match=message):
        SamplingConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": False}, "temperature must be a float, got False"),
        ({"top_k": 2.5}, "top_k must be an int, got 2.5"),
        ({"forbid": "kick"}, "forbid must be a tuple, got 'kick'"),
        ({"fill_bars": (1.0,)}, "fill_bars must be an int, got 1.0"),
    ],
)
def test_values_of_the_wrong_type(settings, message):
    with pytest.raises(TypeError, match=message):
        SamplingConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"repetition_bars": 2}, "repetition_bars requires repetition"),
        ({"particles": 8}, "particles requires keep or fill_bars or form"),
        ({"section": 2}, "section requires form"),
        ({"variation": 0.5}, "variation requires form"),
        ({"form": "AB", "bars": 5}, "bars must be a multiple of 2, the letters of form AB, got 5"),
        ({"form": "AB", "bars": 1}, "bars must be a multiple of 2, the letters of form AB, got 1"),
        ({"form": "AB", "bars": 18}, "bars must be at most 16, 8 for each letter of form AB, got 18"),
        ({"form": "AB", "section": 8, "bars": 8}, "bars must be 16 for form AB in sections of 8, got 8"),
        ({"form": "A" * 129, "section": 8}, "form must have at most 1024 bars, got 1032"),
        ({"form": "AB", "keep": ("kick",)}, "form cannot be combined with keep or fill_bars"),
        ({"form": "AB", "variation": 0.0, "particles": 4}, "particles requires a variation above 0"),
        ({"loop": False, "fill_bars": (1,)}, "loop cannot be combined with keep or fill_bars"),
        ({"plan": "a:4,b:4", "bars": 9}, "bars must be 8, as many as the plan has, got 9"),
        ({"plan": "a:1000,b:25"}, "plan must have at most 1024 bars, got 1025"),
        ({"plan": "a:4", "form": "AB"}, "plan cannot be combined with form"),
        ({"intensity": 0.5, "loop": True}, "intensity cannot be combined with loop"),
        ({"fills": 0.0, "keep": ("kick",)}, "fills cannot be combined with keep"),
        ({"intensity_curve": (0.5,), "greedy": True}, "intensity_curve cannot be combined with greedy"),
        ({"intensity": 0.5, "intensity_curve": (0.5,)}, "intensity cannot be combined with intensity_curve"),
        ({"plan": "a:4", "candidates": 2}, "candidates cannot be combined with plan"),
        ({"greedy": True, "form": "AB"}, "greedy cannot be combined with form"),
        ({"greedy": True, "loop": False}, "greedy cannot be combined with loop"),
        ({"greedy": True, "temperature": 0.9}, "greedy cannot be combined with temperature"),
        ({"greedy": True, "top_k": 3}, "greedy cannot be combined with top_k"),
        ({"greedy": True, "top_p": 0.5}, "greedy cannot be combined with top_p"),
        ({"greedy": True, "min_p": 0.5}, "greedy cannot be combined with min_p"),
        ({"greedy": True, "keep": ("kick",)}, "greedy cannot be combined with keep"),
        ({"greedy": True, "fill_bars": (1,)}, "greedy cannot be combined with fill_bars"),
        (
            {"density": ("kick=4",), "forbid": ("kick",)},
            "density cannot be combined with forbid for the same drum, kick",
        ),
        ({"density": ("kick=4",), "keep": ("kick",)}, "density cannot be combined with keep for the same drum, kick"),
        (
            {"forbid": ("ride", "kick"), "keep": ("kick", "snare")},
            "forbid cannot be combined with keep for the same drum, kick",
        ),
        ({"forbid": LANES}, "forbid must leave at least one drum to write, got all 9"),
        ({"keep": LANES}, "keep must leave at least one drum to write, got all 9"),
    ],
)
def test_settings_that_cannot_be_combined(settings, message):
    with pytest.raises(DrumtokError, match=message):
        SamplingConfig(**settings)


def test_settings_that_go_together():
    SamplingConfig(greedy=True, repetition=1.0, density=("kick=4",), forbid=("ride",))
    SamplingConfig(top_k=9, top_p=0.5, min_p=0.1, temperature=2.0)
    SamplingConfig(form="AABA", section=2, variation=0.5, particles=4, loop=False, density=("closed=8",))
    SamplingConfig(plan="a:4,fill,b:4@0.5", bars=8, intensity=0.3, fills=0.5, density=("closed=8",))
    SamplingConfig(keep=("kick",), fill_bars=(2, 4), density=("closed=8",), forbid=("crash",), particles=4)


@pytest.mark.parametrize(
    ("settings", "bars"),
    [
        ({"form": "AABA"}, 4),
        ({"form": "AABA", "bars": 4}, 1),
        ({"form": "AAB", "bars": 24}, 8),
        ({"form": "AAB", "section": 5}, 5),
        ({"form": "AAB", "section": 5, "bars": 15}, 5),
        ({"form": "A" * 128, "section": 8}, 8),
    ],
)
def test_the_bars_of_a_section(settings, bars):
    assert SamplingConfig(**settings).section_bars == bars


def test_densities_are_read_from_their_texts():
    assert SamplingConfig().densities == {}
    assert SamplingConfig(density=("ride=0.5", "kick=4")).densities == {"ride": 0.5, "kick": 4.0}


def test_the_summary_names_what_differs_from_the_defaults():
    assert SamplingConfig(temperature=0.5, top_p=0.9, bars=2, tempo=90.0).summary() == ""
    summary = SamplingConfig(
        top_k=8, repetition=1.0, repetition_bars=2, density=("kick=4", "closed=8"), kind="fill"
    ).summary()
    assert summary == ", kind fill, density kick=4,closed=8, top-k 8, repetition 1.0, repetition-bars 2"
    assert SamplingConfig(keep=("kick", "snare"), fill_bars=(4, 8), particles=8).summary() == (
        ", keep kick,snare, fill-bars 4,8, particles 8"
    )
