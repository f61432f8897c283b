"""Check a corpus for leaks while it is built, from the work files of the first pass.

It only compares windows of two bars, which can make a build fail; `drumtok corpus check` compares more.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.check import Pieces, leak_report
from drumtok.dataset.leakage.overlap import WINDOWS
from drumtok.dataset.leakage.report import LeakReport
from drumtok.dataset.leakage.song_groups import SongGroups
from drumtok.dataset.splitter import NO_SPLIT, Items

MAX_WINDOWS = 2**18  # larger corpora are sampled to this many, which bounds memory with fractions accurate to 0.2 %
_BLOCK = 2**16  # keys that are read at once


def check_build(
    items: Items,
    splits: NDArray[np.int8],
    clusters: NDArray[np.int64],
    parts: NDArray[np.uint64],
    windows: Path,
    counts: NDArray[np.integer],
) -> LeakReport:
    """Report the leaks that can make a build fail.

    Args:
        items, parts: as in `drumtok.dataset.splitter.assign_splits`.
        splits: (items,) as returned by `assign_splits`.
        clusters: (songs,) the cluster of near-duplicates of each song.
        windows, counts: a file with the keys of the two-bar windows of all songs, and (songs,) their numbers.
    """
    owner = np.repeat(np.arange(len(items)), items["songs"])
    first_song = np.cumsum(items["songs"], dtype=np.int64) - items["songs"]  # it represents the item
    sounding = np.repeat(items["songs"] > 0, items["parts"])
    groups = SongGroups(
        splits[owner],
        items["split"][owner] != NO_SPLIT,
        clusters,
        items["file"][owner],
        parts[sounding],
        np.repeat(first_song, items["parts"])[sounding],
    )
    return leak_report(groups, [_sample(windows, counts)])


def _sample(path: Path, counts: NDArray[np.integer], most: int = MAX_WINDOWS) -> Pieces:
    """Read the windows; of more than `most`, only those whose keys are divisible by some number."""
    ends = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    every = np.uint64(-(-total // most) or 1)
    keys, song = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
    with open(path, "rb") as file:
        for begin in range(0, total, _BLOCK):
            block = np.fromfile(file, dtype=np.uint64, count=min(_BLOCK, total - begin))
            chosen = np.flatnonzero(block % every == 0)
            keys.append(block[chosen])
            song.append(np.searchsorted(ends, begin + chosen, side="right"))
    return Pieces(WINDOWS, np.concatenate(keys), np.concatenate(song))
