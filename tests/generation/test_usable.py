"""Patterns that are asked for in no style are of use at once."""

import pytest

from drumtok.generation.generate import generate
from drumtok.sampling.signatures import USABLE


@pytest.mark.parametrize("seed", [5, 41, 110, 184])  # of the network alone: no snare, a wall of snares, empty bars
def test_seeds_that_failed_are_usable(seed):
    assert USABLE.broken(generate(seed)) == []
    assert USABLE.broken(generate(seed, candidates=1)) != []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [91, 135, 137, 174, 195, 197])  # a wall of snares, grooves that stop, solos
def test_more_seeds_that_failed_are_usable(seed):
    made = generate(seed)
    assert USABLE.broken(made) == []
    assert made.hits.reshape(made.bars, -1).any(axis=1).all()
