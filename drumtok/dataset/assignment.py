"""The items and songs of a build and the splits that they are assigned to."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.splitter import NO_SPLIT, Items


@dataclass(frozen=True)
class Assignment:
    """The split of each item and song.

    Attributes:
        items: (items,) of dtype `drumtok.dataset.splitter.ITEM`.
        songs: (songs,) of dtype `drumtok.dataset.ingest.SONG`.
        parts: the hashes of the names of the parts of all items, concatenated.
        clusters: (songs,) the cluster of near-duplicates of each song.
        groups: (items,) as in `drumtok.dataset.splitter.groups_of`.
        splits: (items,) an index of `SPLITS`, or NO_SPLIT.
    """

    items: Items
    songs: NDArray[Any]
    parts: NDArray[np.uint64]
    clusters: NDArray[np.int64]
    groups: NDArray[np.int64]
    splits: NDArray[np.int8]

    @cached_property
    def song_splits(self) -> NDArray[np.int8]:
        """(songs,) as `splits`."""
        return np.repeat(self.splits, self.items["songs"])

    @cached_property
    def song_sources(self) -> NDArray[np.uint16]:
        """(songs,) the number of each song's source."""
        return np.repeat(self.items["source"], self.items["songs"])

    @cached_property
    def official(self) -> NDArray[np.bool_]:
        """(songs,) whether the source assigned the split."""
        return np.repeat(self.items["split"] != NO_SPLIT, self.items["songs"])
