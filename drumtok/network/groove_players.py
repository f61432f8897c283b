"""Players: choose the velocity and offset of each hit from the logits that `GrooveEngine` passes in order."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from drumtok.network.groove_bins import OFFSET_MIDDLES, VELOCITY_MIDDLES, CopulaSampler
from drumtok.network.groove_levels import LevelKeeper, offset_levels, velocity_levels
from drumtok.network.matmul import Array
from drumtok.tokenizer.expression import Expression

# Velocities are slightly correlated over a performance (`CopulaSampler`), because the level of a drum varies more
# between songs than independent draws would. Offsets, and toms' velocities, keep their levels (`LevelKeeper`).
LEAN = 0.15
ALL_BINS = slice(None)


class ExpressionLogits(NamedTuple):
    """Logits of hits, in order of their steps and drums.

    Attributes:
        velocity: (hits, 64), over the bins of `drumtok.network.groove_bins`.
        offset: (hits, 60).
    """

    velocity: Array
    offset: Array


class Player(Protocol):
    """Choose the velocity and offset of each hit; hits are numbered in order."""

    def velocity(self, number: int, logits: Array) -> int:
        """Choose a velocity, given the logits of its bins."""

    def offset(self, number: int, logits: Array) -> float:
        """Choose an offset in steps, given the logits of its bins."""


class DrawingPlayer:
    """Sample velocities and offsets.

    Args:
        rng: the randomness.
        best_guess: the logits of all hits before any is played.
        drums: the drum of each hit.
        allowed: the bins that the velocity of each hit may have.
    """

    def __init__(
        self, rng: np.random.Generator, best_guess: ExpressionLogits, drums: Sequence[int], allowed: Sequence[slice]
    ) -> None:
        self._drums, self._allowed = drums, allowed
        self._velocities, self._offsets = CopulaSampler(rng, LEAN), CopulaSampler(rng, 0.0)
        self._velocity_keeper = LevelKeeper(velocity_levels(), VELOCITY_MIDDLES, best_guess.velocity)
        self._offset_keeper = LevelKeeper(offset_levels(), OFFSET_MIDDLES, best_guess.offset)

    def velocity(self, number: int, logits: Array) -> int:
        """Sample a velocity."""
        allowed = self._allowed[number]
        shift = self._velocity_keeper.shift(self._drums[number], number, logits, allowed)
        drawn = self._velocities.velocity(logits, allowed, shift)
        self._velocity_keeper.add(drawn)
        return drawn

    def offset(self, number: int, logits: Array) -> float:
        """Sample an offset."""
        shift = self._offset_keeper.shift(self._drums[number], number, logits, ALL_BINS)
        drawn = self._offsets.offset(logits, shift)
        self._offset_keeper.add(drawn)
        return drawn


class RecordingPlayer:
    """Repeat a recorded performance, and record the logits."""

    def __init__(self, played: Expression) -> None:
        self._played = played
        self._logits: tuple[list[Array], list[Array]] = [], []

    def velocity(self, number: int, logits: Array) -> int:
        """Return the velocity as played."""
        self._logits[0].append(logits)
        return int(self._played.velocity[number])

    def offset(self, number: int, logits: Array) -> float:
        """Return the offset as played."""
        self._logits[1].append(logits)
        return float(self._played.offset[number])

    @property
    def logits(self) -> ExpressionLogits:
        """The logits of all hits so far."""
        return ExpressionLogits(*(np.array(logits, dtype=np.float32) for logits in self._logits))
