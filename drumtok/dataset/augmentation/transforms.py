"""Augmentations: pure functions `(pattern, rng) -> pattern`, what drummers change in what they repeat.

Those above `AUGMENTATIONS` change one hit of a bar here and there; those in it change a whole pattern. None keeps
anything between calls: the randomness is the argument, and the pattern that comes in stays as it is.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.notation import LEVELS
from drumtok.pattern import Pattern

KICK, SNARE, CLOSED, OPEN, FLOOR, _, HIGH, RIDE, CRASH = LANE_INDEX.values()
HATS = [CLOSED, OPEN, RIDE]
PHRASE = 4  # bars

Rng = np.random.Generator
Mask = NDArray[np.bool_]


def unit(grid: int) -> int:
    """The steps of the shortest note that a drummer fills in with: a sixteenth, or a triplet eighth.

    >>> [unit(grid) for grid in (3, 4, 6, 8)]
    [1, 1, 2, 2]
    """
    return max(grid // 4, grid // 3)


def with_velocity(pattern: Pattern, velocity: NDArray[np.uint8]) -> Pattern:
    """The pattern with other hits: one where the velocity is above 0; hits that stay keep their offsets."""
    return replace(pattern, hits=velocity > 0, velocity=velocity)


def drop_kicks(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """In each bar, with `chance`, one kick is left out, never one on the bar's first step."""
    inside = np.arange(len(pattern)) % pattern.steps_per_bar > 0
    return _silenced(pattern, _one_a_bar(pattern, rng, chance, pattern.hits[:, KICK] & inside), [KICK])


def add_kicks(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """In each bar, with `chance`, one kick more: off the beat, a sixteenth or two from another, not on a snare."""
    kick, near = pattern.hits[:, KICK], np.zeros(len(pattern), dtype=bool)
    for distance in (1, 2):
        shift = distance * unit(pattern.grid)
        near |= np.roll(kick, shift) | np.roll(kick, -shift)
    places = near & ~kick & ~pattern.hits[:, SNARE] & _off_beat(pattern)
    return _struck(pattern, _one_a_bar(pattern, rng, chance, places), KICK, LEVELS["x"])


def ghost_snares(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """In each bar, with `chance`, one ghost note on the snare: off the beat, where neither kick nor snare is."""
    places = ~pattern.hits[:, KICK] & ~pattern.hits[:, SNARE] & _off_beat(pattern)
    return _struck(pattern, _one_a_bar(pattern, rng, chance, places), SNARE, LEVELS["o"])


def open_hats(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """In each bar, with `chance`, one closed hat is opened: one between two beats, else any off the beat.

    The closed hat is silent on that step: a hat is not both.
    """
    step_of_beat = np.arange(len(pattern)) % pattern.grid
    closed = pattern.hits[:, CLOSED]
    between = closed & (step_of_beat == (pattern.grid + 1) // 2)  # in triplets the last one
    places = between if between.any() else closed & _off_beat(pattern)
    steps = _one_a_bar(pattern, rng, chance, places)
    velocity = pattern.velocity.copy()
    velocity[steps, OPEN] = velocity[steps, CLOSED]
    velocity[steps, CLOSED] = 0
    return with_velocity(pattern, velocity)


def drop_hats(pattern: Pattern, rng: Rng, chance: float = 1.0) -> Pattern:
    """In each bar, with `chance`, hats and ride are silent on one step off the beat."""
    places = pattern.hits[:, HATS].any(axis=1) & (np.arange(len(pattern)) % pattern.grid > 0)
    return _silenced(pattern, _one_a_bar(pattern, rng, chance, places), HATS)


def ride_for_hat(pattern: Pattern, rng: Rng) -> Pattern:
    """The hand goes from the hat to the ride: closed and open hits are the ride's, the louder stays."""
    velocity = pattern.velocity.copy()
    velocity[:, RIDE] = velocity[:, HATS].max(axis=1)
    velocity[:, [CLOSED, OPEN]] = 0
    return with_velocity(pattern, velocity)


def mirror_toms(pattern: Pattern, rng: Rng) -> Pattern:
    """High and floor tom change places, so that fills run the other way."""
    lanes = np.arange(N_DRUMS)
    lanes[[FLOOR, HIGH]] = HIGH, FLOOR
    hits, velocity, offset = pattern.hits[:, lanes], pattern.velocity[:, lanes], pattern.offset[:, lanes]
    return replace(pattern, hits=hits, velocity=velocity, offset=offset)


def drop_lane(pattern: Pattern, rng: Rng) -> Pattern:
    """One lane that sounds is silent throughout, never the only one."""
    sounding = np.flatnonzero(pattern.hits.any(axis=0))
    if sounding.size < 2:
        return pattern
    return _silenced(pattern, np.arange(len(pattern)), [int(rng.choice(sounding))])


def thin_hats(pattern: Pattern, rng: Rng) -> Pattern:
    """Sparser hats: what is on no eighth goes; where all is on eighths, what is on no beat."""
    steps, hats = np.arange(len(pattern)), pattern.hits[:, HATS].any(axis=1)
    off_eighth = (2 * steps % pattern.grid > 0) & hats
    gone = off_eighth if off_eighth.any() else (steps % pattern.grid > 0) & hats
    return _silenced(pattern, np.flatnonzero(gone), HATS)


def thicken_hats(pattern: Pattern, rng: Rng) -> Pattern:
    """Denser hats: a softer closed hit midway between two closed ones that are a beat apart or less."""
    velocity = pattern.velocity.copy()
    closed = np.flatnonzero(pattern.hits[:, CLOSED])
    gaps = np.diff(closed)
    first = closed[:-1][(gaps % 2 == 0) & (gaps <= pattern.grid)]
    between = (first + closed[np.searchsorted(closed, first) + 1]) // 2
    between = between[~pattern.hits[between, OPEN]]
    velocity[between, CLOSED] = (LEVELS["o"] + LEVELS["x"]) // 2
    return with_velocity(pattern, velocity)


def rotate_bars(pattern: Pattern, rng: Rng) -> Pattern:
    """Every phrase of four bars begins with another of its bars, all with the same one; bars after the last stay."""
    first = int(rng.integers(1, PHRASE))
    bars = np.arange(pattern.bars)
    whole = pattern.bars // PHRASE * PHRASE
    bars[:whole] = bars[:whole] // PHRASE * PHRASE + (bars[:whole] + first) % PHRASE
    steps = (bars[:, None] * pattern.steps_per_bar + np.arange(pattern.steps_per_bar)).ravel()
    return replace(pattern, hits=pattern.hits[steps], velocity=pattern.velocity[steps], offset=pattern.offset[steps])


def half_time(pattern: Pattern, rng: Rng) -> Pattern:
    """Twice as slow at the same tempo: twice the bars, every hit on twice its step, as far off it as before."""
    velocity = np.zeros((2 * len(pattern), N_DRUMS), dtype=np.uint8)
    offset = np.zeros(velocity.shape, dtype=np.float32)
    velocity[::2], offset[::2] = pattern.velocity, pattern.offset
    return replace(pattern, hits=velocity > 0, velocity=velocity, offset=offset)


def double_time(pattern: Pattern, rng: Rng) -> Pattern:
    """Twice as fast at the same tempo, played twice: as many bars; what falls between two steps is left out."""
    steps = np.tile(np.arange(0, len(pattern), 2), 2)[: len(pattern)]
    return replace(pattern, hits=pattern.hits[steps], velocity=pattern.velocity[steps], offset=pattern.offset[steps])


AUGMENTATIONS: dict[str, Callable[[Pattern, Rng], Pattern]] = {
    f.__name__.replace("_", "-"): f
    for f in (ride_for_hat, mirror_toms, drop_lane, thin_hats, thicken_hats, rotate_bars, half_time, double_time)
}


def _off_beat(pattern: Pattern) -> Mask:
    """(steps,) where a sixteenth or a triplet that is on no beat falls."""
    steps = np.arange(len(pattern))
    return (steps % pattern.grid > 0) & (steps % unit(pattern.grid) == 0)


def _one_a_bar(pattern: Pattern, rng: Rng, chance: float, places: Mask) -> NDArray[np.intp]:
    """One of the places of each bar that has any, for the bars that `chance` takes."""
    steps = []
    for bar in np.flatnonzero(rng.random(pattern.bars) < chance):
        first = bar * pattern.steps_per_bar
        found = np.flatnonzero(places[first : first + pattern.steps_per_bar])
        if found.size:
            steps.append(first + rng.choice(found))
    return np.array(steps, dtype=np.intp)


def _silenced(pattern: Pattern, steps: NDArray[np.intp], lanes: list[int]) -> Pattern:
    velocity = pattern.velocity.copy()
    velocity[steps[:, None], lanes] = 0
    return with_velocity(pattern, velocity)


def _struck(pattern: Pattern, steps: NDArray[np.intp], lane: int, level: int) -> Pattern:
    velocity = pattern.velocity.copy()
    velocity[steps, lane] = level
    return with_velocity(pattern, velocity)
