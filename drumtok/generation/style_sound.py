"""How the hits of a style sound: the level of its kicks and snares, and where its swung hits lie."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

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
LOUDEST = 127


def levels_of(style: str | None) -> dict[str, float]:
    """Return the levels of a style, by drum.

    >>> levels_of("jazz")["kick"] < levels_of(None)["kick"]
    True
    """
    own = signatures().get(style or "")
    return {**LEVELS, **(own.levels if own else {})}


def at_levels(pattern: Pattern, style: str | None) -> Pattern:
    """Raise the kicks and snares that are softer than the style plays them, each drum by one factor.

    Kicks have at least half of their level.

    >>> soft = Pattern.from_grid("kick |o---o---|", meter=(2, 4))
    >>> at_levels(soft, None).velocity.max()
    np.uint8(100)
    """
    velocity = pattern.velocity.astype(np.float64)
    for lane, level in levels_of(style).items():
        drum = LANE_INDEX[lane]
        hit = np.flatnonzero(pattern.hits[:, drum])
        if len(hit):
            loudest = np.sort(velocity[hit, drum])[len(hit) * 2 // 3 :]
            factor = max(level / (loudest.sum() / len(loudest)), 1)
            softest = FLOORS.get(lane, 0.0) * level
            velocity[hit, drum] = np.floor(np.clip(velocity[hit, drum] * factor, softest, LOUDEST) + 0.5)
    return replace(pattern, velocity=velocity.astype(np.uint8))


def in_triplets(pattern: Pattern, style: str | None) -> Pattern:
    """Move the sixteenths beside the beats to the triplets that they stand for, in a style that swings in triplets.

    >>> ride = Pattern.from_grid("ride |x--x|", meter=(1, 4))
    >>> print(in_triplets(ride, "jazz").offset[3].max(), in_triplets(ride, "jazz").offset[3].min().round(2))
    0.0 -0.33
    """
    own = signatures().get(style or "")
    if own is None or not own.triplets or pattern.grid != DEFAULT_GRID:
        return pattern
    offset = np.tile(np.array(TRIPLET_OFFSETS, dtype=np.float32), pattern.steps // DEFAULT_GRID + 1)[: pattern.steps]
    return replace(pattern, offset=np.where(pattern.hits, offset[:, None], 0))
