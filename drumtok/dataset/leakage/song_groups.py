"""Which songs of a corpus belong together, and which of those that do stand on two sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.clustering import clusters, merged
from drumtok.dataset.leakage.minhash import Signatures

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Song:
    """What is known of a song beside its words.

    Attributes:
        parts: the names of the parts that it was recombined from.
        file: what is the same for the sections of one file; empty for a song that is alone.
        official: its side was told by its corpus, not chosen.
    """

    parts: tuple[str, ...] = ()
    file: str = ""
    official: bool = False


class Families:
    """The songs of all sides together, and what they have to do with each other.

    Attributes:
        side: (songs,) how held-out the side of each is: 0 for training, more for what is held out more.
        official: (songs,) as in `Song`.
        cluster: (songs,) the first song of the cluster of near-duplicates that each is in.
        family: (songs,) the same for families: near-duplicates, sections of one file, songs with a part in common.
    """

    def __init__(self, songs: list[Song], side: Indices, signatures: Signatures) -> None:
        self.side = side
        self.official = np.array([song.official for song in songs], dtype=bool)
        self.cluster = clusters(signatures)
        self._part, self._part_song = _groups([song.parts for song in songs])
        file, file_song = _groups([(song.file,) if song.file else () for song in songs])
        self.family = _joined(_joined(self.cluster, self._part, self._part_song), file, file_song)

    def near_training(self) -> NDArray[np.bool_]:
        """(songs,) which have a near-duplicate in training."""
        least = np.full(len(self.side), self.side.max(initial=0))
        np.minimum.at(least, self.cluster, self.side)
        return least[self.cluster] == 0

    def clusters_on_two_sides(self) -> int:
        """Clusters of near-duplicates with songs on different sides."""
        return _on_two_sides(self.cluster, self.side)

    def parts_on_two_sides(self) -> int:
        """Parts of songs on different sides."""
        return _on_two_sides(self._part, self.side[self._part_song])

    def misplaced(self) -> int:
        """Songs of no official side with a near-duplicate on a more held-out side."""
        return int((~self.official & (self.side < _greatest(self.cluster, self.side))).sum())

    def misplaced_parts(self) -> int:
        """Parts of songs of no official side, with songs on a more held-out side."""
        side = self.side[self._part_song]
        wrong = ~self.official[self._part_song] & (side < _greatest(self._part, side))
        return len(np.unique(self._part[wrong]))


def _groups(names: Sequence[Sequence[str]]) -> tuple[Indices, Indices]:
    """For every name of every song, the number of the name and the song; both (names of all songs,)."""
    numbers: dict[str, int] = {}
    pairs = [(numbers.setdefault(name, len(numbers)), song) for song, own in enumerate(names) for name in own]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _joined(roots: Indices, group: Indices, song: Indices) -> Indices:
    """The roots when the songs of each group are joined."""
    if not len(group):
        return roots
    first = np.full(group.max() + 1, len(roots))
    np.minimum.at(first, group, song)
    return merged(roots, first[group], song)


def _greatest(group: Indices, side: Indices) -> Indices:
    """For each entry, the greatest side in its group."""
    greatest = np.zeros(group.max(initial=0) + 1, dtype=np.int64)
    np.maximum.at(greatest, group, side)
    return greatest[group]


def _on_two_sides(group: Indices, side: Indices) -> int:
    return len(np.unique(group[side < _greatest(group, side)]))
