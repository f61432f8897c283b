"""Seeds and generators: the randomness of one pattern."""

import secrets
from typing import NamedTuple, TypeGuard

import numpy as np

from drumtok.errors import DrumtokError

SEEDS = 2**31  # fresh seeds are below this


class Randomness(NamedTuple):
    """The generator that a pattern is drawn from.

    Attributes:
        generator: draws the words.
        seed: the seed of the generator, or None if the caller passed a generator.
    """

    generator: np.random.Generator
    seed: int | None

    @property
    def label(self) -> str:
        """The seed as it appears in a pattern's name, empty without one."""
        return "" if self.seed is None else f"seed {self.seed}"

    def for_expression(self) -> np.random.Generator:
        """Return the generator of velocities and offsets; with a seed it is independent of the generator of words."""
        return self.generator if self.seed is None else np.random.default_rng((self.seed, 1))


def randomness(rng: np.random.Generator | int | None) -> Randomness:
    """Return the randomness for an `rng` argument: an int is a seed, None draws a fresh seed.

    Raises:
        TypeError: `rng` is of another type.
        DrumtokError: the seed is negative.
    """
    if isinstance(rng, np.random.Generator):
        return Randomness(rng, None)
    if rng is None:
        rng = fresh_seed()
    if not is_int(rng):
        raise TypeError(f"rng must be a numpy.random.Generator, an int or None, got {type(rng).__name__}")
    if rng < 0:
        raise DrumtokError(f"seed must be at least 0, got {rng}")
    return Randomness(np.random.default_rng(int(rng)), int(rng))


def fresh_seed() -> int:
    """Draw a seed at random."""
    return secrets.randbelow(SEEDS)


def is_int(value: object) -> TypeGuard[int]:
    """Return whether a value is an int, NumPy's included and bools excluded."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
