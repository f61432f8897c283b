"""Patterns without a style can be used as they are."""

import pytest

from drumtok.generation.generate import generate
from drumtok.sampling.signatures import USABLE


@pytest.mark.slow  # a metric of the bundled weights, which change with a training alone
@pytest.mark.parametrize("seed", [1, 5, 9, 13])  # without a clear backbeat or pulse where one candidate is written
def test_a_candidate_that_is_usable_is_kept(seed):
    assert USABLE.broken(generate(seed)) == []
    assert USABLE.broken(generate(seed, candidates=1)) != []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 41, 91, 110, 135, 137, 174, 184, 195, 197])  # walls of snares, empty bars, solos
def test_seeds_that_once_failed_are_usable(seed):
    made = generate(seed)
    assert USABLE.broken(made) == []
    assert made.hits.reshape(made.bars, -1).any(axis=1).all()
