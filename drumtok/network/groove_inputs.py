"""`Performance`: the hits of a song and how they were played, as input of a groove network.

At every step the network reads the surrounding hits and the position in the bar, and the profile, tempo and style of
the whole song. Its decoder also reads how the hits were played one step, one bar and two bars before, and the running
means of `drumtok.network.groove_memory`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.pattern import Pattern
from drumtok.tokenizer.expression import Expression
from drumtok.tokenizer.tokens import BAR_ID, ids_to_hits

POSITIONS = 16  # positions in a bar; in a longer bar they start again
TEMPI = np.arange(44.0, 300.0, 4.0)  # beats per minute
TEMPO_WIDTH = 4.0  # width of the bell around each
EXACT_TEMPI = np.arange(40.0, 301.0)
TEMPO_FEATURES = len(TEMPI) + len(EXACT_TEMPI)
PROFILE = (POSITIONS + 1) * N_DRUMS
PLAYED = 3 * N_DRUMS  # inputs for how one step was played: hits, velocities, offsets
PAST = 3 * PLAYED  # those of the step before, and of a bar and two bars before

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Performance:
    """Hits on a grid and how they are played.

    Attributes:
        hits: (steps, 9) bool.
        velocity: (steps, 9) 1 to 127, 0 where there is no hit.
        offset: (steps, 9) in steps, 0 where there is no hit.
        per_bar: the steps of a bar.
        tempo: beats per minute.
        style: empty where unknown.
    """

    hits: NDArray[np.bool_]
    velocity: NDArray[np.uint8]
    offset: Floats
    per_bar: int
    tempo: float
    style: str = ""

    @classmethod
    def of(cls, pattern: Pattern, style: str = "") -> "Performance":
        """Build the performance of a pattern."""
        return cls(pattern.hits, pattern.velocity, pattern.offset, pattern.steps_per_bar, pattern.tempo, style)

    @classmethod
    def of_song(cls, ids: NDArray[np.integer], expression: Expression, tempo: float, style: str = "") -> "Performance":
        """Build the performance of a corpus song in a single meter."""
        hits = ids_to_hits(ids[ids != BAR_ID])
        velocity, offset = expression.on(hits)
        return cls(
            hits, velocity.astype(np.uint8), offset.astype(np.float32), int(np.argmax(ids == BAR_ID)), tempo, style
        )

    @property
    def positions(self) -> NDArray[np.int64]:
        """(steps,) the place of each step in its bar."""
        return np.arange(len(self.hits)) % self.per_bar % POSITIONS

    def profile(self) -> Floats:
        """Return (153,): the hits per beat of each drum, at each of the 16 positions of a bar and in total."""
        positions = self.positions
        often = np.zeros((POSITIONS, N_DRUMS), dtype=np.float32)
        np.add.at(often, positions, self.hits)
        often /= np.maximum(np.bincount(positions, minlength=POSITIONS), 1)[:, None]
        return np.append(often, 4 * self.hits.mean(axis=0) if len(self.hits) else np.zeros(N_DRUMS)).astype(np.float32)

    def past(self) -> Floats:
        """Return how the previous step and the steps one and two bars before were played: (steps, 81)."""
        played = played_as(self.hits, self.velocity, self.offset)
        past = np.zeros((len(played), 3, PLAYED), dtype=np.float32)
        for place, back in enumerate((1, self.per_bar, 2 * self.per_bar)):
            past[back:, place] = played[: max(len(played) - back, 0)]
        return past.reshape(-1, PAST)


def played_as(hits: NDArray[np.bool_], velocity: NDArray[np.integer], offset: NDArray[np.floating]) -> Floats:
    """Return how steps are played as (..., 27) numbers of order 1; arguments are (..., 9).

    >>> played_as(np.array([True, False]), np.array([96, 64]), np.array([0.25, 0])).tolist()
    [1.0, 0.0, 0.5, 0.0, 1.0, 0.0]
    """
    parts = (hits, scaled_velocity(velocity) * hits, scaled_offset(offset) * hits)
    return np.concatenate(parts, axis=-1, dtype=np.float32)


def scaled_velocity(velocity: Any) -> Any:
    """Scale velocities, 1 to 127, to the inputs of a network."""
    return velocity / 64 - 1


def scaled_offset(offset: Any) -> Any:
    """Scale offsets, -0.5 to 0.5, to the inputs of a network."""
    return offset * 4


def tempo_features(tempo: float) -> Floats:
    """Return (325,): how near a tempo is to each of `TEMPI`, and to each of `EXACT_TEMPI`, 0 to 1.

    Songs of the same exact tempo are often from the same session, with a drummer's characteristic timing. A tempo
    outside the range counts as the nearest one.

    >>> tempo_features(100.0)[[13, 14, 15]].astype(float).round(3).tolist()
    [0.368, 1.0, 0.368]
    >>> tempo_features(100.5)[len(TEMPI) + 59 :][:4].tolist()
    [0.0, 0.5, 0.5, 0.0]
    """
    tempo = min(max(tempo, EXACT_TEMPI[0]), EXACT_TEMPI[-1])
    bells = np.exp(-(((tempo - TEMPI) / TEMPO_WIDTH) ** 2))
    return np.append(bells, np.maximum(1 - np.abs(tempo - EXACT_TEMPI), 0)).astype(np.float32)
