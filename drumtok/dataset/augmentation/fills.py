"""Add drum fills in place of the last beats of a phrase, with a crash after them.

A fill is a function `(velocity, step, rng) -> velocity` on the steps that it replaces, shape (steps, 9); `step` is the
distance between its notes in steps. `add_fills` is an augmentation like those of `transforms`.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.augmentation.transforms import (
    CLOSED,
    CRASH,
    FLOOR,
    HATS,
    HIGH,
    KICK,
    OPEN,
    RIDE,
    SNARE,
    Rng,
    unit,
    with_velocity,
)
from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.notation import LEVELS
from drumtok.pattern import Pattern

LADDER = (SNARE, HIGH, LANE_INDEX["low"], FLOOR)  # round the kit
SOFT, LOUD = 64, LEVELS["X"]
NOTE_CHANCE = 0.85  # of each note after the first in a fill round the kit

Span = NDArray[np.uint8]


def toms(velocity: Span, step: int, rng: Rng) -> Span:
    """Play round the kit, from snare to floor tom, leaving out some notes; the kick continues."""
    made = _kick_only(velocity)
    notes = np.arange(0, len(made), step)
    played = rng.random(len(notes)) < NOTE_CHANCE
    played[0] = True
    drums = np.array(LADDER)[np.arange(len(notes)) * len(LADDER) // len(notes)]
    made[notes[played], drums[played]] = LEVELS["x"]
    return made


def snare_roll(velocity: Span, step: int, rng: Rng) -> Span:
    """Play the snare on every note, getting louder; the kick continues."""
    made = _kick_only(velocity)
    made[::step, SNARE] = _rising(len(made[::step]))
    return made


def linear(velocity: Span, step: int, rng: Rng) -> Span:
    """Alternate snare and kick, or two snares and a kick."""
    made = np.zeros_like(velocity)
    period = int(rng.integers(2, 4))
    notes = np.arange(0, len(made), step)
    drums = np.where(np.arange(len(notes)) % period == period - 1, KICK, SNARE)
    made[notes, drums] = LEVELS["x"]
    return made


def hat_roll(velocity: Span, step: int, rng: Rng) -> Span:
    """Play the closed hat on every step of the grid, getting louder; kick and snare continue."""
    made = velocity.copy()
    made[:, [OPEN, RIDE]] = 0
    made[:, CLOSED] = _rising(len(made))
    return made


def rest(velocity: Span, step: int, rng: Rng) -> Span:
    """Keep the hits of the first step and rest after them."""
    made = np.zeros_like(velocity)
    made[0] = velocity[0]
    return made


FILLS: dict[str, Callable[[Span, int, Rng], Span]] = {
    f.__name__.replace("_", "-"): f for f in (toms, snare_roll, linear, hat_roll, rest)
}


def add_fills(
    pattern: Pattern,
    rng: Rng,
    every: int = 8,
    beats: int = 2,
    kinds: Sequence[str] = tuple(FILLS),
    crash: float = 0.5,
) -> Pattern:
    """End every `every`-th bar with a fill, and start some of the bars after them with a crash.

    Args:
        every: bars from one fill to the next; 0 adds no fills.
        beats: the longest fill in quarter notes; each is at least one quarter note long, and at most a bar.
        kinds: names from `FILLS`, one drawn for each fill.
        crash: the probability of a crash, which replaces hats and ride on its step.

    Raises:
        DrumtokError: a kind is unknown.
    """
    for kind in kinds:
        if kind not in FILLS:
            raise DrumtokError(f"unknown fill {kind!r}, must be one of {', '.join(FILLS)}")
    velocity = pattern.velocity.copy()
    for bar in range(every, pattern.bars + 1, every) if every and kinds else ():
        end = bar * pattern.steps_per_bar
        length = min(int(rng.integers(1, beats + 1)) * pattern.grid, pattern.steps_per_bar)
        fill = FILLS[kinds[int(rng.integers(len(kinds)))]]
        velocity[end - length : end] = fill(velocity[end - length : end], unit(pattern.grid), rng)
        if rng.random() < crash and end < pattern.steps:
            velocity[end, HATS] = 0
            velocity[end, CRASH] = LEVELS["X"]
    return with_velocity(pattern, velocity)


def _kick_only(velocity: Span) -> Span:
    made = np.zeros_like(velocity)
    made[:, KICK] = velocity[:, KICK]
    return made


def _rising(count: int) -> Span:
    return np.linspace(SOFT, LOUD, count).astype(np.uint8)
