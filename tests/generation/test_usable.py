"""Patterns in no style keep the rules of `USABLE`."""

import pytest

from drumtok.generation.generate import generate
from drumtok.sampling.signatures import USABLE


@pytest.mark.slow  # measures the bundled weights, which change only when they are trained
@pytest.mark.parametrize("seed", [6, 7, 9, 12])  # without candidates to choose from, these break a rule
def test_a_candidate_that_is_usable_is_kept(seed):
    assert USABLE.broken(generate(seed)) == []
    assert USABLE.broken(generate(seed, candidates=1)) != []


@pytest.mark.slow
def test_nine_in_ten_patterns_are_usable_and_none_has_an_empty_bar():
    seeds = (5, 41, 91, 110, 135, 137, 174, 184, 195, 197)  # once wrote walls of snares, empty bars or solos
    made = [generate(seed) for seed in seeds]
    assert sum(not USABLE.broken(pattern) for pattern in made) >= 9
    assert all(pattern.hits.reshape(pattern.bars, -1).any(axis=1).all() for pattern in made)
