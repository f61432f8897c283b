"""Fills: what a drummer plays instead of the last beats of a phrase, and the crash after it.

A fill is a function `(velocity, step, rng) -> velocity` on the steps that it takes the place of, shape (steps, 9);
`step` is the distance of its notes. `add_fills` is an augmentation like those of `drumtok.dataset.augmentation.transforms`.
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

LADDER = (SNARE, HIGH, LANE_INDEX["low"], FLOOR)  # the way round the kit
SOFT, LOUD = 64, LEVELS["X"]
KEPT = 0.85  # chance that a note of a fill round the kit is played, after the first

Span = NDArray[np.uint8]


def toms(velocity: Span, step: int, rng: Rng) -> Span:
    """Round the kit, snare to floor tom, a note left out here and there; the kick goes on."""
    made = _kick_alone(velocity)
    notes = np.arange(0, len(made), step)
    played = rng.random(len(notes)) < KEPT
    played[0] = True
    lanes = np.array(LADDER)[np.arange(len(notes)) * len(LADDER) // len(notes)]
    made[notes[played], lanes[played]] = LEVELS["x"]
    return made


def snare_roll(velocity: Span, step: int, rng: Rng) -> Span:
    """The snare on every note, louder and louder; the kick goes on."""
    made = _kick_alone(velocity)
    made[::step, SNARE] = _rising(len(made[::step]))
    return made


def linear(velocity: Span, step: int, rng: Rng) -> Span:
    """Snare and kick in turn, or two snares to a kick."""
    made = np.zeros_like(velocity)
    period = int(rng.integers(2, 4))
    notes = np.arange(0, len(made), step)
    lanes = np.where(np.arange(len(notes)) % period == period - 1, KICK, SNARE)
    made[notes, lanes] = LEVELS["x"]
    return made


def hat_roll(velocity: Span, step: int, rng: Rng) -> Span:
    """The closed hat on every step of the grid, louder and louder; kick and snare go on."""
    made = velocity.copy()
    made[:, [OPEN, RIDE]] = 0
    made[:, CLOSED] = _rising(len(made))
    return made


def rest(velocity: Span, step: int, rng: Rng) -> Span:
    """Silence after what is on the first step."""
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
    """Ends every `every`-th bar with a fill, and begins the bar after it, with chance `crash`, with a crash.

    Args:
        every: bars from fill to fill; 0 is no fills.
        beats: the longest fill; each is from one quarter note to this long, and no longer than the bar.
        kinds: names from `FILLS`, one drawn for each fill.
        crash: the hand that strikes it leaves hat and ride silent on that step.

    Raises:
        DrumtokError: a kind is unknown.
    """
    for kind in kinds:
        if kind not in FILLS:
            raise DrumtokError(f"fill {kind!r} is unknown: known are {', '.join(FILLS)}")
    velocity = pattern.velocity.copy()
    for bar in range(every, pattern.bars + 1, every) if every and kinds else ():
        end = bar * pattern.steps_per_bar
        length = min(int(rng.integers(1, beats + 1)) * pattern.grid, pattern.steps_per_bar)
        fill = FILLS[kinds[int(rng.integers(len(kinds)))]]
        velocity[end - length : end] = fill(velocity[end - length : end], unit(pattern.grid), rng)
        if rng.random() < crash and end < len(pattern):
            velocity[end, HATS] = 0
            velocity[end, CRASH] = LEVELS["X"]
    return with_velocity(pattern, velocity)


def _kick_alone(velocity: Span) -> Span:
    made = np.zeros_like(velocity)
    made[:, KICK] = velocity[:, KICK]
    return made


def _rising(count: int) -> Span:
    return np.linspace(SOFT, LOUD, count).astype(np.uint8)
