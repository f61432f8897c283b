"""Group the songs of a corpus that are related, and find the groups that are in more than one split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.clustering import merged
from drumtok.tokenizer.splits import SPLITS

Indices = NDArray[np.int64]
Keys = NDArray[Any]  # integers


@dataclass(frozen=True)
class SongOrigin:
    """What relates a song to others, besides its words.

    Attributes:
        parts: the names of the parts that it was recombined from.
        file: a name that the sections of one file share; empty for a single song.
        official: whether its source assigned its split.
    """

    parts: tuple[str, ...] = ()
    file: str = ""
    official: bool = False


class SongGroups:
    """The songs of all splits and their relations.

    Attributes:
        split: (songs,) an index of `SPLITS`, below 0 for a song that is left out.
        official: (songs,) as in `SongOrigin`.
        cluster: (songs,) the first song of each song's cluster of near-duplicates.
        related: (songs,) the first song of each song's group: near-duplicates, sections of one file, and songs with a
            part in common.
    """

    def __init__(
        self,
        split: NDArray[np.integer],
        official: NDArray[np.bool_],
        cluster: Indices,
        file: Keys,
        part: Keys,
        part_song: Indices,
    ) -> None:
        """Join the songs.

        Args:
            split, official, cluster: see the attributes.
            file: (songs,) a number that the sections of one file share.
            part, part_song: (parts of all songs,) a number for each part of each song, and the song.
        """
        self.split, self.official, self.cluster = split, official, cluster
        self._part, self._part_song = part, part_song
        self.related = _joined(_joined(cluster, file, np.arange(len(file))), part, part_song)

    @classmethod
    def of_origins(cls, split: NDArray[np.integer], origins: Sequence[SongOrigin], cluster: Indices) -> "SongGroups":
        """Group songs by their origins; `split` and `cluster` are as in the attributes."""
        official = np.array([origin.official for origin in origins], dtype=np.bool_)
        files: dict[str, int] = {}
        file = [files.setdefault(origin.file or f"\0{song}", len(files)) for song, origin in enumerate(origins)]
        parts: dict[str, int] = {}
        pairs = [
            (parts.setdefault(name, len(parts)), song) for song, origin in enumerate(origins) for name in origin.parts
        ]
        part, part_song = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return cls(split, official, cluster, np.array(file, dtype=np.int64), part, part_song)

    def near_training(self) -> NDArray[np.bool_]:
        """Return (songs,) which have a near-duplicate in training."""
        there = self.split >= 0
        least = np.full(len(self.split), len(SPLITS))
        np.minimum.at(least, self.cluster[there], self.split[there])
        return least[self.cluster] == 0

    def clusters_across_splits(self) -> int:
        """Count the clusters of near-duplicates with songs in different splits."""
        return len(np.unique(self.cluster[self._behind(self.cluster)]))

    def parts_across_splits(self) -> int:
        """Count the parts with songs in different splits."""
        return len(np.unique(self._part[self._behind(self._part, self._part_song)]))

    def misplaced(self) -> int:
        """Count the songs without an official split that have a near-duplicate in a more held-out split."""
        return int((self._behind(self.cluster) & ~self.official).sum())

    def misplaced_parts(self) -> int:
        """Count the parts of songs without an official split that are also in a more held-out split."""
        behind = self._behind(self._part, self._part_song)
        return len(np.unique(self._part[behind & ~self.official[self._part_song]]))

    def _behind(self, key: Keys, song: Indices | slice = slice(None)) -> NDArray[np.bool_]:
        """Return, for songs with keys, whether another song of the same key is in a more held-out split."""
        split = self.split[song]
        _, number = np.unique(key, return_inverse=True)
        greatest = np.full(number.max(initial=-1) + 1, -1)
        np.maximum.at(greatest, number, split)
        return (split >= 0) & (split < greatest[number])


def _joined(roots: Indices, key: Keys, song: Indices) -> Indices:
    """Return the roots after the songs of each key are joined."""
    if not len(key):
        return roots
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    return merged(roots, song[first][number], song)
