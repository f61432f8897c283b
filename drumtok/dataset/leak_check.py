"""The proof that a build owes: what of the held-out sides stands in training, beside what chance explains.

It is the part of `drumtok.dataset.leakage.report` that a build can fail by, out of numbers that the first pass left: near-duplicates
and parts on two sides, and windows of two bars. `drumtok corpus check` measures more.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.clustering import merged
from drumtok.dataset.leakage.overlap import WINDOWS, distinct, found_in_others, place_in
from drumtok.dataset.leakage.report import Leak, Leaks, share_of
from drumtok.dataset.splitter import NO_SIDE, TRAIN, Items
from drumtok.tokenizer.text import HELD_OUT, SPLITS

MOST_WINDOWS = 2**18  # of a larger corpus as many are drawn by their numbers: memory is bounded, shares exact to 0.2 %
_BLOCK = 2**16  # numbers that are read at once


def prove(
    items: Items,
    sides: NDArray[np.int8],
    clusters: NDArray[np.int64],
    parts: NDArray[np.uint64],
    windows: Path,
    counts: NDArray[np.integer],
) -> Leaks:
    """What leaks, as far as a build can fail by it.

    Args:
        items, parts: as in `drumtok.dataset.splitter.sides_of`.
        sides: (items,) what that gave.
        clusters: (songs,) of near-duplicates.
        windows, counts: the numbers of the windows of two bars of all songs, and (songs,) how many each has.
    """
    owner = np.repeat(np.arange(len(items)), items["songs"])
    family = _families(items, clusters, owner, parts)
    songs = _Members(clusters, sides[owner], items["split"][owner] != NO_SIDE)
    owner = np.repeat(np.arange(len(items)), np.where(items["songs"] > 0, items["parts"], 0))
    sounding = np.repeat(items["songs"] > 0, items["parts"])
    named = _Members(parts[sounding], sides[owner], items["split"][owner] != NO_SIDE)
    keys, song = _drawn(windows, counts)
    here = songs.side[song]
    known = distinct(keys[here == TRAIN])
    leaks = {}
    for side, name in enumerate(SPLITS):
        if name in HELD_OUT:
            own = np.flatnonzero(here == side)
            found, free = place_in(known, keys[own]) >= 0, ~songs.official[song[own]]
            shares = [share_of(found[some], family[song[own][some]]) for some in (slice(None), free)]
            every, near = songs.side == side, songs.least == TRAIN
            leaks[name] = Leak(
                int(every.sum()), {WINDOWS: shares[0]}, {WINDOWS: shares[1]}, {}, int((every & near).sum())
            )
    own = np.flatnonzero(here == TRAIN)
    of_training = family[song[own]]
    return Leaks(
        leaks,
        {WINDOWS: share_of(found_in_others(keys[own], of_training), of_training)},
        len(np.unique(family[songs.side == TRAIN])),
        len(np.unique(songs.group[songs.behind])),
        len(np.unique(named.group[named.behind])),
        int((songs.behind & ~songs.official).sum()),
        len(np.unique(named.group[named.behind & ~named.official])),
    )


class _Members:
    """Members of groups on sides: songs in clusters, or songs that a part is in.

    Attributes:
        group, side, official: (members,) of each.
        least: the least held-out side in its group.
        behind: whether its side is less held out than another one in its group.
    """

    def __init__(self, group: NDArray[Any], side: NDArray[np.int8], official: NDArray[np.bool_]) -> None:
        self.group, self.side, self.official = group, side, official
        there = side != NO_SIDE
        _, number = np.unique(group, return_inverse=True)
        least = np.full(number.max(initial=-1) + 1, len(SPLITS), dtype=np.int8)
        greatest = np.full(len(least), NO_SIDE, dtype=np.int8)
        np.minimum.at(least, number[there], side[there])
        np.maximum.at(greatest, number[there], side[there])
        self.least, self.behind = least[number], there & (side < greatest[number])


def _drawn(path: Path, counts: NDArray[np.integer]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The numbers of windows, all or those that a large corpus is judged by, and the song of each."""
    ends = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    every = np.uint64(-(-total // MOST_WINDOWS) or 1)
    keys, song = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
    with open(path, "rb") as file:
        for begin in range(0, total, _BLOCK):
            block = np.fromfile(file, dtype=np.uint64, count=min(_BLOCK, total - begin))
            chosen = np.flatnonzero(block % every == 0)
            keys.append(block[chosen])
            song.append(np.searchsorted(ends, begin + chosen, side="right"))
    return np.concatenate(keys), np.concatenate(song)


def _families(
    items: Items, clusters: NDArray[np.int64], owner: NDArray[np.int64], parts: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """(songs,) the first song of the family of each: near-duplicates, sections of one file, songs with a common part.

    Args:
        owner: (songs,) the item of each.
    """
    first_song = np.cumsum(items["songs"], dtype=np.int64) - items["songs"]  # it stands for the item
    sounding = np.repeat(items["songs"] > 0, items["parts"])
    of_part = np.repeat(first_song, items["parts"])[sounding]
    roots = clusters
    for key, song in ((items["stem"][owner], np.arange(len(owner))), (parts[sounding], of_part)):
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        if len(group):
            roots = merged(roots, song[first][group], song)
    return roots
