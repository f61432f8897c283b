"""The parts that loops are made of: what a part is, how they are told apart, and the sides that they are dealt to.

A part is a `Pattern` of one role's lanes alone, with a name that no other part has. The unit of a split is the part:
`on_side` leaves those of one side, so that what is made of them stays on that side. `pools.py` reads them.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from drumtok.drums import LANE_INDEX, LANES, N_DRUMS, ROLES
from drumtok.errors import DrumtokError
from drumtok.pattern import GRIDS, Pattern
from drumtok.tokenizer.text import DEALT_SPLITS, HELD_OUT

POOL = "augment"  # the data folder of drumtok's own pool and recipes
HELD_OUT_SHARE = 0.1  # of the parts of each role and style go to each of the held-out sides, one part at least

Pool = Mapping[str, tuple[Pattern, ...]]  # role -> its parts


def styles_of(pool: Pool) -> list[str]:
    """The styles that have parts of every role."""
    per_role = [{part.style for part in pool[role]} for role in ROLES]
    return sorted(set.intersection(*per_role))


def sides(pool: Pool) -> dict[str, str]:
    """part name -> its side of `DEALT_SPLITS`.

    The parts of a role and style are dealt out in the order of their names' hashes, whatever their order in the pool;
    where there are fewer than three, all are for training. Parts of the same music are dealt as one.
    """
    side_of = {}
    for role in ROLES:
        same = defaultdict(list)
        for part in sorted(pool[role], key=lambda part: part.name):
            same[content_hash(part)].append(part)
        styles = defaultdict(list)
        for parts in same.values():
            styles[parts[0].style].append(parts)
        for groups in styles.values():
            groups.sort(key=lambda parts: _name_sum(parts[0].name))
            share = max(round(HELD_OUT_SHARE * len(groups)), 1) if len(groups) > 2 else 0
            for place, parts in enumerate(groups):
                side = HELD_OUT[place // share] if place < share * len(HELD_OUT) else DEALT_SPLITS[0]
                side_of.update({part.name: side for part in parts})
    return side_of


def on_side(pool: Pool, side: str) -> Pool:
    """The parts of one side of `DEALT_SPLITS`.

    Raises:
        DrumtokError: the side is unknown.
    """
    if side not in DEALT_SPLITS:
        raise DrumtokError(f"side {side!r} is unknown: allowed are {', '.join(DEALT_SPLITS)}")
    side_of = sides(pool)
    return {role: tuple(part for part in parts if side_of[part.name] == side) for role, parts in pool.items()}


def content_hash(pattern: Pattern) -> bytes:
    """A sum over what is heard when the pattern is repeated for ever: meter and hits, whatever its grid and length.

    >>> once, twice = (Pattern.from_grid(f"kick {marks}", meter=(1, 4)) for marks in ("x---", "x---x---"))
    >>> music(once) == music(twice) == music(once.regridded(8))
    True
    """
    bars = pattern.hits.reshape(pattern.bars, pattern.steps_per_bar * N_DRUMS)
    lengths = [n for n in range(1, pattern.bars + 1) if pattern.bars % n == 0]
    period = next((n for n in lengths if (bars[n:] == bars[:-n]).all()), 0)
    steps, drums = np.nonzero(pattern.hits[: period * pattern.steps_per_bar])
    at = np.stack([steps * math.lcm(*GRIDS) // pattern.grid, drums]).astype(np.int64)
    return hashlib.sha256(f"{pattern.meter} {period} ".encode() + at.tobytes()).digest()


def _name_sum(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()


def check_part(part: Pattern, role: str) -> None:
    """Holds a pattern to what a part of a role is.

    Raises:
        DrumtokError: it has no name or no hits, hits of another role's lanes, or a hat open and closed on one step.
    """
    allowed = ROLES[role]
    others = [LANES[i] for i in np.flatnonzero(part.hits.any(axis=0)) if LANES[i] not in allowed]
    if not part.name:
        raise DrumtokError(f"a {role} part has no name: its control words need NAME")
    if others:
        raise DrumtokError(
            f"{role} part {part.name!r} has hits of {', '.join(others)}: allowed are {', '.join(allowed)}"
        )
    if not part.hits.any():
        raise DrumtokError(f"{role} part {part.name!r} has no hits: allowed are parts that sound")
    both = np.flatnonzero(part.hits[:, LANE_INDEX["closed"]] & part.hits[:, LANE_INDEX["open"]])
    if both.size:
        raise DrumtokError(f"{role} part {part.name!r}: the hat is closed and open on step {both[0] + 1}")
