"""Style fidelity: the fraction of pieces that keep all rules of their style."""

import numpy as np
import pytest
from textbook_beats import textbook_beats

from drumtok.evaluation.style_fidelity import Kept, fidelity_ratios, style_fidelity
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures

BEATS = {beat.style: beat for beat in textbook_beats()}
ROCK, HOUSE = BEATS["rock"], BEATS["house"]
SILENCE = Pattern(np.zeros((16, 9), dtype=bool))


def write(style):
    """Return a beat of a style and silence; without a style, a rock beat and a house beat."""
    return [ROCK, HOUSE] if style is None else [BEATS.get(style, SILENCE), SILENCE]


def test_pieces_that_keep_all_rules_are_counted_with_the_rule_that_is_broken_most_often():
    rock = signatures()["rock"]
    assert Kept.of([ROCK, ROCK], rock) == Kept(2, 2, "")
    assert Kept.of([], rock).fraction is None
    half = Kept.of([ROCK, SILENCE, Pattern.from_grid("kick |x---------------|")], rock)
    assert half == Kept(1, 3, "snare on 2, 4")
    assert half.fraction == pytest.approx(1 / 3)


def test_each_style_of_the_grid_is_compared_with_real_grooves_and_with_pieces_of_no_style():
    found = style_fidelity(write, 4, [])
    assert found.keys() == {name for name, own in signatures().items() if 4 in own.grids}
    assert (found["house"].asked, found["house"].no_style.fraction) == (Kept(1, 2, "kick on beats"), 0.5)
    assert found["house"].real.fraction == 1  # the starter grooves keep the rules
    assert found["house"].as_data()["kept"] == 0.5


def test_songs_of_a_style_stand_in_for_our_grooves():
    song = Pattern(np.concatenate([ROCK.hits] * 4 + [SILENCE.hits] * 4), style="rock")  # only the first four bars count
    assert style_fidelity(write, 4, [song, Pattern(SILENCE.hits, style="rock")])["rock"].real == Kept(1, 2, "kick on 1")


def test_the_mean_gives_each_style_the_same_weight():
    found = style_fidelity(write, 4, [])
    ratios = fidelity_ratios(found)
    assert ratios["style_kept"].value == pytest.approx(np.mean([own.asked.fraction for own in found.values()]))
    assert ratios["natural_style_kept"].counts.sum() == sum(bool(own.real.pieces) for own in found.values())
    assert fidelity_ratios({}) == {}
