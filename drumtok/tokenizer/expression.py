"""Expression: the velocity and microtiming of each hit of a song, stored beside its words.

Words encode which drums are hit. Expression is two numbers for each hit, ordered by step and, within a step, by
`drumtok.drums.DRUMS`. A corpus stores them to train the groove network.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.pattern import Pattern

# The arrays of a corpus, in the order of the fields of `Expression`; a 480th of a quarter note is 0.008 sixteenths.
EXPRESSION_DTYPES: dict[str, np.dtype] = {"velocities": np.dtype("u1"), "offsets": np.dtype("<f2")}


class Expression(NamedTuple):
    """The velocity and microtiming of the hits of a song.

    Attributes:
        velocity: (hits,) 1 to 127.
        offset: (hits,) the lateness of each in steps, -0.5 to 0.5.
    """

    velocity: NDArray[np.integer]
    offset: NDArray[np.floating]

    @property
    def is_played(self) -> bool:
        """Whether a person played it: velocities differ, and not all hits are exactly on the grid.

        Programmed patterns have no expression to learn.
        """
        return bool(len(self.velocity) and self.offset.any() and (self.velocity != self.velocity[0]).any())

    def on(self, hits: NDArray[np.bool_]) -> tuple[NDArray, NDArray]:
        """Return the velocities and offsets at hits, (steps, 9) each, 0 elsewhere.

        >>> Expression(np.array([90]), np.array([0.5])).on(np.array([[False, True, False]]))
        (array([[ 0, 90,  0]]), array([[0. , 0.5, 0. ]]))
        """
        velocity, offset = np.zeros(hits.shape, self.velocity.dtype), np.zeros(hits.shape, self.offset.dtype)
        velocity[hits], offset[hits] = self
        return velocity, offset


def expression_of(pattern: Pattern) -> Expression:
    """Return the expression of a pattern.

    >>> expression_of(Pattern.from_grid("kick |x---|\\nsnare |X-o-|", meter=(1, 4))).velocity.tolist()
    [100, 120, 40]
    """
    return Expression(pattern.velocity[pattern.hits], pattern.offset[pattern.hits])


def with_expression(pattern: Pattern, expression: Expression) -> Pattern:
    """Return a pattern with another expression of its hits: the inverse of `expression_of`."""
    velocity, offset = expression.on(pattern.hits)
    return replace(pattern, velocity=velocity, offset=offset)
