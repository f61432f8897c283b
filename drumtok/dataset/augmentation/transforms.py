"""Augment patterns by pure functions `(pattern, rng) -> pattern`, as a drummer varies repetitions.

The first ones change single hits in some bars; those in `AUGMENTATIONS` change a whole pattern. All randomness comes
from the `rng` argument, and the input is not modified.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.notation import LEVELS
from drumtok.pattern import Pattern
from drumtok.tokenizer.bar_plan import PHRASE_BARS

KICK, SNARE, CLOSED, OPEN, FLOOR, _, HIGH, RIDE, CRASH = LANE_INDEX.values()
HATS = [CLOSED, OPEN, RIDE]

Rng = np.random.Generator
Mask = NDArray[np.bool_]


def unit(grid: int) -> int:
    """Return the steps of the shortest note of a fill: a sixteenth, or a triplet eighth.

    >>> [unit(grid) for grid in (3, 4, 6, 8)]
    [1, 1, 2, 2]
    """
    return max(grid // 4, grid // 3)


def with_velocity(pattern: Pattern, velocity: NDArray[np.uint8]) -> Pattern:
    """Return the pattern with hits where the velocity is above 0; hits that stay keep their offsets."""
    return replace(pattern, hits=velocity > 0, velocity=velocity)


def drop_kicks(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """Remove one kick in each bar with probability `chance`, never one on the bar's first step."""
    inside = np.arange(pattern.steps) % pattern.steps_per_bar > 0
    return _without(pattern, _one_a_bar(pattern, rng, chance, pattern.hits[:, KICK] & inside), [KICK])


def add_kicks(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """Add one kick in each bar with probability `chance`: off the beat, near another kick, not on a snare."""
    kick, near = pattern.hits[:, KICK], np.zeros(pattern.steps, dtype=bool)
    for distance in (1, 2):
        shift = distance * unit(pattern.grid)
        near |= np.roll(kick, shift) | np.roll(kick, -shift)
    places = near & ~kick & ~pattern.hits[:, SNARE] & _off_beat(pattern)
    return _with_hits(pattern, _one_a_bar(pattern, rng, chance, places), KICK, LEVELS["x"])


def ghost_snares(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """Add one snare ghost note in each bar with probability `chance`: off the beat, not on a kick or snare."""
    places = ~pattern.hits[:, KICK] & ~pattern.hits[:, SNARE] & _off_beat(pattern)
    return _with_hits(pattern, _one_a_bar(pattern, rng, chance, places), SNARE, LEVELS["o"])


def open_hats(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """Turn one closed hat into an open one in each bar with probability `chance`: midway between beats if possible."""
    step_of_beat = np.arange(pattern.steps) % pattern.grid
    closed = pattern.hits[:, CLOSED]
    between = closed & (step_of_beat == (pattern.grid + 1) // 2)  # in triplets the last one
    places = between if between.any() else closed & _off_beat(pattern)
    steps = _one_a_bar(pattern, rng, chance, places)
    velocity = pattern.velocity.copy()
    velocity[steps, OPEN] = velocity[steps, CLOSED]
    velocity[steps, CLOSED] = 0
    return with_velocity(pattern, velocity)


def drop_hats(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """Remove hats and ride on one step off the beat in each bar with probability `chance`."""
    places = pattern.hits[:, HATS].any(axis=1) & (np.arange(pattern.steps) % pattern.grid > 0)
    return _without(pattern, _one_a_bar(pattern, rng, chance, places), HATS)


def ride_for_hat(pattern: Pattern, rng: Rng) -> Pattern:
    """Move the hits of the hats to the ride; of two on one step the louder is kept."""
    velocity = pattern.velocity.copy()
    velocity[:, RIDE] = velocity[:, HATS].max(axis=1)
    velocity[:, [CLOSED, OPEN]] = 0
    return with_velocity(pattern, velocity)


def mirror_toms(pattern: Pattern, rng: Rng) -> Pattern:
    """Swap high and floor tom, so that fills run the other way."""
    drums = np.arange(N_DRUMS)
    drums[[FLOOR, HIGH]] = HIGH, FLOOR
    hits, velocity, offset = pattern.hits[:, drums], pattern.velocity[:, drums], pattern.offset[:, drums]
    return replace(pattern, hits=hits, velocity=velocity, offset=offset)


def drop_lane(pattern: Pattern, rng: Rng) -> Pattern:
    """Remove all hits of one drum, never of the only one."""
    sounding = np.flatnonzero(pattern.hits.any(axis=0))
    if sounding.size < 2:
        return pattern
    return _without(pattern, np.arange(pattern.steps), [int(rng.choice(sounding))])


def thin_hats(pattern: Pattern, rng: Rng) -> Pattern:
    """Remove the hats between eighths, or without such hats those between beats."""
    steps, hats = np.arange(pattern.steps), pattern.hits[:, HATS].any(axis=1)
    off_eighth = (2 * steps % pattern.grid > 0) & hats
    gone = off_eighth if off_eighth.any() else (steps % pattern.grid > 0) & hats
    return _without(pattern, np.flatnonzero(gone), HATS)


def thicken_hats(pattern: Pattern, rng: Rng) -> Pattern:
    """Add a softer closed hat midway between successive ones that are at most a beat apart."""
    velocity = pattern.velocity.copy()
    closed = np.flatnonzero(pattern.hits[:, CLOSED])
    gaps = np.diff(closed)
    first = closed[:-1][(gaps % 2 == 0) & (gaps <= pattern.grid)]
    between = (first + closed[np.searchsorted(closed, first) + 1]) // 2
    between = between[~pattern.hits[between, OPEN]]
    velocity[between, CLOSED] = (LEVELS["o"] + LEVELS["x"]) // 2
    return with_velocity(pattern, velocity)


def rotate_bars(pattern: Pattern, rng: Rng) -> Pattern:
    """Rotate the bars of every phrase of four by the same number; bars after the last phrase stay."""
    first = int(rng.integers(1, PHRASE_BARS))
    bars = np.arange(pattern.bars)
    whole = pattern.bars // PHRASE_BARS * PHRASE_BARS
    bars[:whole] = bars[:whole] // PHRASE_BARS * PHRASE_BARS + (bars[:whole] + first) % PHRASE_BARS
    steps = (bars[:, None] * pattern.steps_per_bar + np.arange(pattern.steps_per_bar)).ravel()
    return pattern.take(steps)


def half_time(pattern: Pattern, rng: Rng) -> Pattern:
    """Halve the speed at the same tempo: twice the bars, every hit on twice its step with the same offset."""
    velocity = np.zeros((2 * pattern.steps, N_DRUMS), dtype=np.uint8)
    offset = np.zeros(velocity.shape, dtype=np.float32)
    velocity[::2], offset[::2] = pattern.velocity, pattern.offset
    changes = tuple((2 * step, tempo) for step, tempo in pattern.tempo_changes)
    return replace(pattern, hits=velocity > 0, velocity=velocity, offset=offset, tempo_changes=changes)


def double_time(pattern: Pattern, rng: Rng) -> Pattern:
    """Double the speed at the same tempo and repeat to the same length; hits between two steps are removed."""
    steps = np.tile(np.arange(0, pattern.steps, 2), 2)[: pattern.steps]
    return pattern.take(steps)


AUGMENTATIONS: dict[str, Callable[[Pattern, Rng], Pattern]] = {
    f.__name__.replace("_", "-"): f
    for f in (ride_for_hat, mirror_toms, drop_lane, thin_hats, thicken_hats, rotate_bars, half_time, double_time)
}


def _off_beat(pattern: Pattern) -> Mask:
    """Return (steps,) where a sixteenth or a triplet off the beat is."""
    steps = np.arange(pattern.steps)
    return (steps % pattern.grid > 0) & (steps % unit(pattern.grid) == 0)


def _one_a_bar(pattern: Pattern, rng: Rng, chance: float, places: Mask) -> NDArray[np.intp]:
    """Draw one of the places of each bar that has any, in the bars drawn with probability `chance`."""
    steps = []
    for bar in np.flatnonzero(rng.random(pattern.bars) < chance):
        first = bar * pattern.steps_per_bar
        found = np.flatnonzero(places[first : first + pattern.steps_per_bar])
        if found.size:
            steps.append(first + rng.choice(found))
    return np.array(steps, dtype=np.intp)


def _without(pattern: Pattern, steps: NDArray[np.intp], drums: list[int]) -> Pattern:
    velocity = pattern.velocity.copy()
    velocity[steps[:, None], drums] = 0
    return with_velocity(pattern, velocity)


def _with_hits(pattern: Pattern, steps: NDArray[np.intp], drum: int, level: int) -> Pattern:
    velocity = pattern.velocity.copy()
    velocity[steps, drum] = level
    return with_velocity(pattern, velocity)
