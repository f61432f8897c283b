"""How the hits of a style sound: the level of its kicks and snares, its accents, and where its swung hits lie."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.grids import DEFAULT_GRID
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures

# The least mean velocity of the loudest third of the hits of a drum. The drummers of the Groove MIDI Dataset play an
# electronic kick whose pad reports about half the velocity of their snare (medians of a song: 60 and 83), which a kit
# of samples would play far too softly.
LEVELS: Mapping[str, float] = MappingProxyType({"kick": 100.0, "snare": 100.0})
TRIPLET_OFFSETS = (0.0, 1 / 3, 0.0, -1 / 3)  # from the sixteenths of a beat to the nearest triplets, in steps
FLOORS: Mapping[str, float] = MappingProxyType({"kick": 0.5})  # of the level: a kick is no ghost note
GHOST_LEVEL = 0.75  # mean velocity of the snare hits beside the accents at most, as a fraction of that of the accents
LOUDEST = 127


def levels_of(style: str | None) -> dict[str, float]:
    """Return the levels of a style, by drum.

    >>> levels_of("jazz")["kick"] < levels_of(None)["kick"]
    True
    """
    own = signatures().get(style or "")
    return {**LEVELS, **(own.levels if own else {})}


def floors_of(style: str | None) -> dict[str, float]:
    """Return the least velocity of the hits of a drum in a style, as a fraction of its level, by drum.

    >>> floors_of("techno")["kick"] > floors_of("jazz")["kick"]
    True
    """
    own = signatures().get(style or "")
    return {**FLOORS, **(own.floors if own else {})}


def at_levels(pattern: Pattern, style: str | None) -> Pattern:
    """Raise the kicks and snares that are softer than the style plays them, each drum by one factor.

    No kick is softer than the floor of the style. If the style has accents, the other hits of the snare are softened
    first.

    >>> soft = Pattern.from_grid("kick |o---o---|", meter=(2, 4))
    >>> at_levels(soft, None).velocity.max()
    np.uint8(100)
    """
    own = signatures().get(style or "")
    pattern = with_accents(pattern, own.accents) if own and own.accents else pattern
    velocity, floors = pattern.velocity.astype(np.float64), floors_of(style)
    for lane, level in levels_of(style).items():
        drum = LANE_INDEX[lane]
        hit = np.flatnonzero(pattern.hits[:, drum])
        if len(hit):
            loudest = np.sort(velocity[hit, drum])[len(hit) * 2 // 3 :]
            factor = max(level / (loudest.sum() / len(loudest)), 1)
            softest = floors.get(lane, 0.0) * level
            velocity[hit, drum] = np.floor(np.clip(velocity[hit, drum] * factor, softest, LOUDEST) + 0.5)
    return replace(pattern, velocity=velocity.astype(np.uint8))


def with_accents(pattern: Pattern, beats: Sequence[int]) -> Pattern:
    """Soften the snare hits beside the accents by one factor, to at most `GHOST_LEVEL` of the accents on average.

    Args:
        beats: the beats of a bar on which the snare has its accents, counted from 1.

    >>> with_accents(Pattern.from_grid("snare |x--x--x--x--|", 3), (2, 4)).velocity[::3, 1].tolist()
    [75, 100, 75, 100]
    """
    beat, snare = pattern.grid * 4 // pattern.meter[1], LANE_INDEX["snare"]
    hit, velocity = np.flatnonzero(pattern.hits[:, snare]), pattern.velocity.copy()
    accented = np.isin(hit % pattern.steps_per_bar, [(number - 1) * beat for number in beats])
    if accented.all() or not accented.any():
        return pattern
    others, own = hit[~accented], velocity[:, snare].astype(np.float64)
    accent, ghost = own[hit[accented]].sum() / accented.sum(), own[others].sum() / len(others)
    factor = min(GHOST_LEVEL * accent / ghost, 1)
    velocity[others, snare] = np.maximum(np.floor(own[others] * factor + 0.5), 1).astype(np.uint8)
    return replace(pattern, velocity=velocity)


def in_triplets(
    pattern: Pattern, style: str | None, source: Pattern | None = None, kept: NDArray[np.bool_] | None = None
) -> Pattern:
    """Move the sixteenths beside the beats to the triplets that they stand for, in a style that swings in triplets.

    A pattern that is made from another one swings as that one does, whatever its style, unless the other one has no
    hits off the beat.

    Args:
        source: the pattern that it continues or keeps cells of.
        kept: (steps, 9) true for cells whose offset stays.

    >>> ride = Pattern.from_grid("ride |x--x|", meter=(1, 4))
    >>> print(in_triplets(ride, "jazz").offset[3].max(), in_triplets(ride, "jazz").offset[3].min().round(2))
    0.0 -0.33
    """
    own = signatures().get(style or "")
    swings = None if source is None else swings_in_triplets(source)
    if pattern.grid != DEFAULT_GRID or not (own is not None and own.triplets if swings is None else swings):
        return pattern
    moved = pattern.hits if kept is None else pattern.hits & ~kept
    return replace(pattern, offset=np.where(moved, _triplets(pattern.steps)[:, None], pattern.offset))


def swings_in_triplets(pattern: Pattern) -> bool | None:
    """Return whether at least half of the hits off the beat are nearer to a triplet than to a sixteenth.

    Without hits off the beat, or on another grid, this is None.

    >>> ride = Pattern.from_grid("ride |x--xx---|", meter=(1, 4))
    >>> swings_in_triplets(ride), swings_in_triplets(in_triplets(ride, "jazz")), swings_in_triplets(ride[1])
    (False, True, None)
    """
    off_beat = pattern.hits & (np.arange(pattern.steps) % DEFAULT_GRID != 0)[:, None]
    if pattern.grid != DEFAULT_GRID or not off_beat.any():
        return None
    steps, drums = np.nonzero(off_beat)
    offset, triplet = pattern.offset[steps, drums], _triplets(pattern.steps)[steps]
    return bool((abs(offset - triplet) < abs(offset)).mean() >= 0.5)


def _triplets(steps: int) -> NDArray[np.float32]:
    """Return the offset of each step from the nearest triplet or beat, (steps,)."""
    return np.resize(np.array(TRIPLET_OFFSETS, dtype=np.float32), steps)
