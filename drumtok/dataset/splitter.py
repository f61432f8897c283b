"""Who goes to which side of a corpus: near-duplicates together, official splits as they are, parts on one side only.

The unit is a group: a source song with all its near-duplicates, the sections of one file among them. The rules, in
their order:

1. A song with an official split keeps it.
2. A part of recombined loops goes where such songs of it are, to the most held out side of these. The other parts
   are dealt out by role within their pool, which is the parts that loops join; a pool with fewer than three parts of
   a role goes to one side as a whole. A loop goes where its parts are; one whose parts are on different sides is left
   out.
3. A group goes to the most held out side of its songs with an official split, else of its loops. Its free songs go
   there too, so that nothing trained on is a copy of what is tested; a loop of it that belongs elsewhere is left out.
4. The other groups are dealt out, a tenth of each source's songs to each of validation and test.

To deal is to go through them in the order of their names' sums, whatever the order of reading.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.clustering import merged
from drumtok.tokenizer.text import SPLITS

HELD_OUT_SHARE = 0.1  # of the songs of a source without an official split go to each of validation and test
TRAIN, VALIDATION, TEST = range(len(SPLITS))
NO_SIDE = -1

# What is known of an item: the number of its source, its official split or NO_SIDE, its songs, its parts, the place
# of its name in the order of dealing, and a sum of source and name without what tells the sections of a file apart.
ITEM = np.dtype(
    [("source", "<u2"), ("split", "i1"), ("songs", "<u4"), ("parts", "<u2"), ("order", "<u8"), ("stem", "<u8")]
)

Items = NDArray[Any]  # of dtype ITEM
Numbers = NDArray[np.integer]


def name_sum(name: str, seed: int = 0) -> int:
    """The place of a name in the order of dealing: 8 bytes of a sum; every seed gives another order."""
    salt = f"{seed}\0" * bool(seed)
    return int.from_bytes(hashlib.sha256((salt + name).encode(errors="surrogateescape")).digest()[:8], "big")


def groups_of(items: Items, clusters: Numbers) -> NDArray[np.int64]:
    """(items,) a number for each group: items with songs of one cluster, or with one stem, and whoever they join.

    Args:
        clusters: (songs,) of the songs of all items, one after another.
    """
    item = np.repeat(np.arange(len(items)), items["songs"])
    _, stem = np.unique(items["stem"], return_inverse=True)
    _, cluster = np.unique(clusters, return_inverse=True)
    group = np.arange(len(items))
    while True:  # the smallest number spreads; chains of more than a few links are rare
        before = group
        for owner, key in ((np.arange(len(items)), stem), (item, cluster)):
            smallest = np.full(key.max(initial=-1) + 1, len(items))
            np.minimum.at(smallest, key, group[owner])
            group = group.copy()
            np.minimum.at(group, owner, smallest[key])
        if (group == before).all():
            return np.unique(group, return_inverse=True)[1]


def sides_of(items: Items, groups: Numbers, parts: NDArray[np.uint64]) -> NDArray[np.int8]:
    """(items,) the side of each: a place in `SPLITS`, or NO_SIDE of a loop that is left out.

    Args:
        groups: (items,) as `groups_of` gives them.
        parts: the sums of the names of the parts of all items, one after another.
    """
    side = items["split"].astype(np.int8)
    sounds, official = items["songs"] > 0, side >= 0
    loops = sounds & ~official & (items["parts"] > 0)
    free = sounds & ~official & ~loops
    of_parts = _by_parts(items, parts)
    pinned = np.full(groups.max(initial=-1) + 1, NO_SIDE, dtype=np.int8)
    for some, where in ((sounds & official, side), (loops & (of_parts >= 0), of_parts)):
        top = np.full(len(pinned), NO_SIDE, dtype=np.int8)
        np.maximum.at(top, groups[some], where[some])
        pinned = np.where(pinned >= 0, pinned, top)
    side[loops] = np.where(of_parts == pinned[groups], of_parts, NO_SIDE)[loops]
    side[free] = pinned[groups[free]]
    rest = free & (side < 0)
    side[rest] = _deal_groups(items[rest], groups[rest])
    return side


def _by_parts(items: Items, parts: NDArray[np.uint64]) -> NDArray[np.int8]:
    """(items,) the one side of its parts, NO_SIDE where they are on several or there are none."""
    owner = np.repeat(np.arange(len(items)), items["parts"])
    begin = np.cumsum(items["parts"], dtype=np.int64) - items["parts"]
    sums, number = np.unique(parts, return_inverse=True)
    role = np.full(len(sums), np.iinfo(np.int64).max)
    np.minimum.at(role, number, np.arange(len(parts)) - begin[owner])
    pool = merged(np.arange(len(sums)), number[begin[owner]], number)
    side = np.full(len(sums), NO_SIDE, dtype=np.int8)
    np.maximum.at(side, number, items["split"][owner])
    _deal_parts(side, role, pool)
    least, most = np.full(len(items), len(SPLITS)), np.full(len(items), NO_SIDE)
    np.minimum.at(least, owner, side[number])
    np.maximum.at(most, owner, side[number])
    return np.where(least == most, most, NO_SIDE).astype(np.int8)


def _deal_parts(side: NDArray[np.int8], role: Numbers, pool: Numbers) -> None:
    """Gives a side to the parts that have none yet.

    Args:
        side, role: (parts,) of each, in the order of dealing.
        pool: (parts,) a number for each pool: parts that loops join, such as those of a style.
    """
    poor = []
    for one in np.unique(pool):
        own = np.flatnonzero((pool == one) & (side < 0))
        roles = [own[role[own] == number] for number in np.unique(role[own])]
        if len(own) < (pool == one).sum() or min(map(len, roles)) >= len(SPLITS):
            for parts in roles:
                side[parts] = deal(np.ones(len(parts), dtype=np.int64))
        else:  # it has no parts to hold out: its loops stay together
            poor.append(own)
    for parts, whole in zip(poor, deal(np.ones(len(poor), dtype=np.int64)), strict=True):
        side[parts] = whole


def _deal_groups(items: Items, groups: Numbers) -> NDArray[np.int8]:
    """The side of each of the items of groups that nothing binds; a group counts to the source it is first in."""
    _, first, number, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    order = np.full(len(first), np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(order, number, items["order"])
    source = items["source"][first]
    side = np.zeros(len(first), dtype=np.int8)
    for one in np.unique(source):
        own = np.flatnonzero(source == one)
        own = own[np.argsort(order[own], kind="stable")]
        side[own] = deal(sizes[own])
    return side[number]


def deal(sizes: Numbers) -> NDArray[np.int8]:
    """The side of each group by its size, in the order in which they are dealt.

    Validation takes those that still fit into its share, then test; one of them that takes none gets the last of the
    other's several, or the first of the smallest for training. With fewer than three groups all are for training.

    >>> deal(np.array([1] * 10)).tolist()
    [1, 2, 0, 0, 0, 0, 0, 0, 0, 0]
    >>> deal(np.array([5, 1, 7, 2, 3, 2])).tolist()
    [0, 1, 0, 2, 0, 0]
    """
    side = np.zeros(len(sizes), dtype=np.int8)
    if len(sizes) < 3:
        return side
    share = max(round(HELD_OUT_SHARE * int(sizes.sum())), 1)
    room = {VALIDATION: share, TEST: share}
    for index, size in enumerate(sizes.tolist()):
        fits = next((held for held, left in room.items() if size <= left), TRAIN)
        side[index] = fits
        if fits:
            room[fits] -= size
    for held, other in ((VALIDATION, TEST), (TEST, VALIDATION)):
        if not (side == held).any():
            several = np.flatnonzero(side == other)[1:]
            training = np.flatnonzero(side == TRAIN)
            side[several[-1] if len(several) else training[np.argmin(sizes[training])]] = held
    return side
