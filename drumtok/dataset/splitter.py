"""Assign songs to splits: near-duplicates stay together, official splits are kept, and each part is in one split.

The unit is a group: a source song with all its near-duplicates, including the other sections of its file. The rules,
in order:

1. A song with an official split keeps it.
2. A part of recombined loops is in the most strictly held-out split of the songs with an official split that contain
   it. The other parts are assigned by role within their set of parts that loops combine; a set with fewer than three
   parts of a role goes to one split as a whole. A loop is in the split of its parts, or left out if these differ.
3. A group is in the most held-out split of its songs with an official split, else of its loops. Its other songs go
   there too, so that no training song is a copy of a held-out one; its loops that belong elsewhere are left out.
4. The remaining groups are assigned so that validation and test each get a tenth of each source's songs.

Groups and parts are assigned in the order of the hashes of their names, independent of the order of reading.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.clustering import merged
from drumtok.tokenizer.splits import HELD_OUT_FRACTION, SPLITS

TRAIN, VALIDATION, TEST = range(len(SPLITS))
NO_SPLIT = -1

# An item: the number of its source, its official split or NO_SPLIT, its songs, its parts, a hash of its name for the
# order of assignment, and a hash that the sections of one file share.
ITEM = np.dtype(
    [("source", "<u2"), ("split", "i1"), ("songs", "<u4"), ("parts", "<u2"), ("order", "<u8"), ("file", "<u8")]
)

Items = NDArray[Any]  # of dtype ITEM
Numbers = NDArray[np.integer]


def name_hash(name: str, seed: int = 0) -> int:
    """Return the 64-bit hash of a name for the order of assignment, which depends on the seed."""
    salt = f"{seed}\0" * bool(seed)
    return int.from_bytes(hashlib.sha256((salt + name).encode(errors="surrogateescape")).digest()[:8], "big")


def groups_of(items: Items, clusters: Numbers) -> NDArray[np.int64]:
    """Number the groups: items are in one group if they share a cluster or a file, directly or through others.

    Args:
        clusters: (songs,) of the songs of all items, one after another.

    Returns:
        (items,) the number of each item's group.
    """
    item = np.repeat(np.arange(len(items)), items["songs"])
    _, file = np.unique(items["file"], return_inverse=True)
    _, cluster = np.unique(clusters, return_inverse=True)
    group = np.arange(len(items))
    while True:  # the smallest number propagates; long chains are rare
        before = group
        for owner, key in ((np.arange(len(items)), file), (item, cluster)):
            smallest = np.full(key.max(initial=-1) + 1, len(items))
            np.minimum.at(smallest, key, group[owner])
            group = group.copy()
            np.minimum.at(group, owner, smallest[key])
        if (group == before).all():
            return np.unique(group, return_inverse=True)[1]


def assign_splits(items: Items, groups: Numbers, parts: NDArray[np.uint64]) -> NDArray[np.int8]:
    """Assign each item to a split.

    Args:
        groups: (items,) as `groups_of` returns them.
        parts: the hashes of the names of the parts of all items, concatenated.

    Returns:
        (items,) an index of `SPLITS`, or NO_SPLIT for a loop that is left out.
    """
    split = items["split"].astype(np.int8)
    sounding, official = items["songs"] > 0, split >= 0
    loops = sounding & ~official & (items["parts"] > 0)
    free = sounding & ~official & ~loops
    of_parts = _split_by_parts(items, parts)
    pinned = np.full(groups.max(initial=-1) + 1, NO_SPLIT, dtype=np.int8)
    for some, where in ((sounding & official, split), (loops & (of_parts >= 0), of_parts)):
        top = np.full(len(pinned), NO_SPLIT, dtype=np.int8)
        np.maximum.at(top, groups[some], where[some])
        pinned = np.where(pinned >= 0, pinned, top)
    split[loops] = np.where(of_parts == pinned[groups], of_parts, NO_SPLIT)[loops]
    split[free] = pinned[groups[free]]
    rest = free & (split < 0)
    split[rest] = _split_groups(items[rest], groups[rest])
    return split


def _split_by_parts(items: Items, parts: NDArray[np.uint64]) -> NDArray[np.int8]:
    """Return (items,) the split of an item's parts, or NO_SPLIT if they differ or are missing."""
    owner = np.repeat(np.arange(len(items)), items["parts"])
    begin = np.cumsum(items["parts"], dtype=np.int64) - items["parts"]
    hashes, number = np.unique(parts, return_inverse=True)
    role = np.full(len(hashes), np.iinfo(np.int64).max)
    np.minimum.at(role, number, np.arange(len(parts)) - begin[owner])
    combined = merged(np.arange(len(hashes)), number[begin[owner]], number)
    split = np.full(len(hashes), NO_SPLIT, dtype=np.int8)
    np.maximum.at(split, number, items["split"][owner])
    _assign_parts(split, role, combined)
    least, most = np.full(len(items), len(SPLITS)), np.full(len(items), NO_SPLIT)
    np.minimum.at(least, owner, split[number])
    np.maximum.at(most, owner, split[number])
    return np.where(least == most, most, NO_SPLIT).astype(np.int8)


def _assign_parts(split: NDArray[np.int8], role: Numbers, combined: Numbers) -> None:
    """Assign the parts that have no split yet, in place.

    Args:
        split, role: (parts,) of each, in the order of assignment.
        combined: (parts,) the number of the set of parts that loops combine, such as those of a style.
    """
    small = []
    for number in np.unique(combined):
        own = np.flatnonzero((combined == number) & (split < 0))
        roles = [own[role[own] == one] for one in np.unique(role[own])]
        if len(own) < (combined == number).sum() or min(map(len, roles)) >= len(SPLITS):
            for parts in roles:
                split[parts] = assign_by_size(np.ones(len(parts), dtype=np.int64))
        else:  # too few parts to hold any out, so its loops stay together
            small.append(own)
    for parts, whole in zip(small, assign_by_size(np.ones(len(small), dtype=np.int64)), strict=True):
        split[parts] = whole


def _split_groups(items: Items, groups: Numbers) -> NDArray[np.int8]:
    """Return the split of each item of unconstrained groups; a group belongs to the source of its first item."""
    _, first, number, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    order = np.full(len(first), np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(order, number, items["order"])
    source = items["source"][first]
    split = np.zeros(len(first), dtype=np.int8)
    for one in np.unique(source):
        own = np.flatnonzero(source == one)
        own = own[np.argsort(order[own], kind="stable")]
        split[own] = assign_by_size(sizes[own])
    return split[number]


def assign_by_size(sizes: Numbers) -> NDArray[np.int8]:
    """Assign groups of these sizes, in this order, to splits.

    Validation takes the groups that still fit into its fraction, then test. If one of them gets none, it takes the
    other's last of several, or the first of the smallest in training. Fewer than three groups are all for training.

    >>> assign_by_size(np.array([1] * 10)).tolist()
    [1, 2, 0, 0, 0, 0, 0, 0, 0, 0]
    >>> assign_by_size(np.array([5, 1, 7, 2, 3, 2])).tolist()
    [0, 1, 0, 2, 0, 0]
    """
    split = np.zeros(len(sizes), dtype=np.int8)
    if len(sizes) < 3:
        return split
    wanted = max(round(HELD_OUT_FRACTION * int(sizes.sum())), 1)
    room = {VALIDATION: wanted, TEST: wanted}
    for index, size in enumerate(sizes.tolist()):
        split[index] = next((held for held, left in room.items() if size <= left), TRAIN)
        if split[index] != TRAIN:
            room[int(split[index])] -= size
    for held, other in ((VALIDATION, TEST), (TEST, VALIDATION)):
        if not (split == held).any():
            several = np.flatnonzero(split == other)[1:]
            training = np.flatnonzero(split == TRAIN)
            split[several[-1] if len(several) else training[np.argmin(sizes[training])]] = held
    return split
