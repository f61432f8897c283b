"""Touch: how hard and how late each hit of a song was played, beside its words.

Words say what is hit. The touch of a song is two numbers for each of its hits, in order of their steps, on one step in
the order of `drumtok.drums.DRUMS`; a corpus keeps them, and what humanises patterns learns from them.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.pattern import Pattern

# What a corpus keeps of it, in the order of `Expression`; a 480th of a quarter note is 0.008 sixteenths.
TOUCHES: dict[str, np.dtype] = {"velocities": np.dtype("u1"), "offsets": np.dtype("<f2")}


class Expression(NamedTuple):
    """How the hits of a song were played.

    Attributes:
        velocity: (hits,) 1 to 127.
        offset: (hits,) how late each is, in steps, -0.5 to 0.5.
    """

    velocity: NDArray[np.integer]
    offset: NDArray[np.floating]

    @property
    def is_played(self) -> bool:
        """Whether somebody played it: not all velocities are one, and not all hits are exactly on the grid.

        What was drawn or typed has nothing of the kind to learn.
        """
        return bool(len(self.velocity) and self.offset.any() and (self.velocity != self.velocity[0]).any())


def touch_of(pattern: Pattern) -> Expression:
    """The touch of a pattern.

    >>> touch_of(Pattern.from_grid("kick |x---|\\nsnare |X-o-|", meter=(1, 4))).velocity.tolist()
    [100, 120, 40]
    """
    return Expression(pattern.velocity[pattern.hits], pattern.offset[pattern.hits])


def touched(pattern: Pattern, expression: Expression) -> Pattern:
    """The same hits, played so: the inverse of `touch_of`."""
    velocity, offset = np.zeros_like(pattern.velocity), np.zeros_like(pattern.offset)
    velocity[pattern.hits], offset[pattern.hits] = expression
    return replace(pattern, velocity=velocity, offset=offset)
