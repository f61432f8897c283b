"""The parts of loops, their validity checks and their splits.

A part is a `Pattern` with hits of only one role and a unique name. Parts are divided among the splits before loops are
made (`in_split`), so loops of different splits share no part. `part_library` reads them from files.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from drumtok.drums import LANE_INDEX, LANES, N_DRUMS, ROLES
from drumtok.errors import DrumtokError
from drumtok.pattern import GRIDS, Pattern
from drumtok.tokenizer.splits import HELD_OUT, HELD_OUT_FRACTION, SPLITS, TRAINING

AUGMENT_FOLDER = "augment"  # the data folder with the bundled parts and recipes

PartLibrary = Mapping[str, tuple[Pattern, ...]]  # role -> its parts


def styles_of(library: PartLibrary) -> list[str]:
    """Return the styles that have parts of every role."""
    per_role = [{part.style for part in library[role]} for role in ROLES]
    return sorted(set.intersection(*per_role))


def part_splits(library: PartLibrary) -> dict[str, str]:
    """Assign each part's name to one of `SPLITS`.

    The parts of a role and style are assigned in the order of the hashes of their names, independent of their order in
    the library: `HELD_OUT_FRACTION` of them, at least one, to each held-out split. If there are fewer than three, all
    are for training. Parts with the same content stay together.
    """
    assigned = {}
    for role in ROLES:
        same = defaultdict(list)
        for part in sorted(library[role], key=lambda part: part.name):
            same[content_hash(part)].append(part)
        styles = defaultdict(list)
        for parts in same.values():
            styles[parts[0].style].append(parts)
        for groups in styles.values():
            groups.sort(key=lambda parts: _name_hash(parts[0].name))
            size = max(round(HELD_OUT_FRACTION * len(groups)), 1) if len(groups) > 2 else 0
            names = [name for name in reversed(HELD_OUT) for _ in range(size)]  # test comes first
            for place, parts in enumerate(groups):
                split = names[place] if place < len(names) else TRAINING
                assigned.update({part.name: split for part in parts})
    return assigned


def in_split(library: PartLibrary, split: str) -> PartLibrary:
    """Return the parts of one of `SPLITS`.

    Raises:
        DrumtokError: the split is unknown.
    """
    if split not in SPLITS:
        raise DrumtokError(f"unknown split {split!r}, must be one of {', '.join(SPLITS)}")
    assigned = part_splits(library)
    return {role: tuple(part for part in parts if assigned[part.name] == split) for role, parts in library.items()}


def content_hash(pattern: Pattern) -> bytes:
    """Hash the meter and the hits of a pattern as an endless loop, independent of its grid and length.

    >>> once, twice = (Pattern.from_grid(f"kick {marks}", meter=(1, 4)) for marks in ("x---", "x---x---"))
    >>> content_hash(once) == content_hash(twice) == content_hash(once.regridded(8))
    True
    """
    bars = pattern.hits.reshape(pattern.bars, pattern.steps_per_bar * N_DRUMS)
    lengths = [n for n in range(1, pattern.bars + 1) if pattern.bars % n == 0]
    period = next((n for n in lengths if (bars[n:] == bars[:-n]).all()), 0)
    steps, drums = np.nonzero(pattern.hits[: period * pattern.steps_per_bar])
    at = np.stack([steps * math.lcm(*GRIDS) // pattern.grid, drums]).astype(np.int64)
    return hashlib.sha256(f"{pattern.meter} {period} ".encode() + at.tobytes()).digest()


def _name_hash(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()


def check_part(part: Pattern, role: str) -> None:
    """Check that a pattern is a part of a role.

    Raises:
        DrumtokError: the part has no name, no hits, hits of drums of another role, or a hat that is open and closed on
            the same step.
    """
    allowed = ROLES[role]
    others = [LANES[i] for i in np.flatnonzero(part.hits.any(axis=0)) if LANES[i] not in allowed]
    if not part.name:
        raise DrumtokError(f"a {role} part must have a name (control word NAME), got none")
    if others:
        raise DrumtokError(f"drums of {role} part {part.name!r} must be {', '.join(allowed)}, got {', '.join(others)}")
    if not part.hits.any():
        raise DrumtokError(f"{role} part {part.name!r} must have hits, got none")
    both = np.flatnonzero(part.hits[:, LANE_INDEX["closed"]] & part.hits[:, LANE_INDEX["open"]])
    if both.size:
        raise DrumtokError(f"hat of {role} part {part.name!r} must be closed or open, got both on step {both[0] + 1}")
