"""Shards: the songs of one side of a corpus as numbered files of ids, written in order and mapped from disk.

A shard is three arrays in NumPy's format: `.ids` of all words, `.ends` where each song ends, `.kinds` what it is.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.context import KINDS

SHARD_WORDS = 2**24


class Split:
    """The songs of one side of a corpus, mapped from disk.

    Attributes:
        lengths: (songs,) the words of each song.
    """

    def __init__(self, folder: Path, name: str) -> None:
        ends = [np.load(path) for path in sorted(folder.glob(f"{name}-*.ends.npy"))]
        self._shards = [np.load(path, mmap_mode="r") for path in sorted(folder.glob(f"{name}-*.ids.npy"))]
        self._first = np.cumsum([0, *map(len, ends)])  # the number of each shard's first song
        self._ends = ends
        kinds = [np.load(path) for path in sorted(folder.glob(f"{name}-*.kinds.npy"))]
        self._kinds = np.concatenate(kinds or [np.zeros(0, dtype=np.uint8)])
        self.lengths = np.concatenate([np.diff(e, prepend=0) for e in ends] or [np.zeros(0, dtype=np.int64)])

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def weights(self) -> NDArray[np.float32]:
        """(songs,) how often each song is shown in an epoch, on average."""
        return np.ones(len(self), dtype=np.float32)

    def kind(self, index: int) -> str:
        """What one song is, one of `drumtok.context.KINDS`."""
        return KINDS[self._kinds[index]]

    def song(self, index: int) -> NDArray[np.uint16]:
        """The ids of one song, a view of the file."""
        shard = int(np.searchsorted(self._first, index, side="right")) - 1
        end = int(self._ends[shard][index - self._first[shard]])
        return self._shards[shard][end - int(self.lengths[index]) : end]


class ShardWriter:
    """Writes songs of one split to numbered shards of a bounded size."""

    def __init__(self, folder: Path, split: str) -> None:
        self._folder, self._split, self._shard = folder, split, 0
        self._songs: list[NDArray[np.uint16]] = []
        self._kinds: list[int] = []
        self._words = 0

    def add(self, ids: NDArray[np.uint16], kind: str) -> None:
        self._songs.append(ids)
        self._kinds.append(KINDS.index(kind))
        self._words += len(ids)
        if self._words >= SHARD_WORDS:
            self.flush()

    def flush(self) -> None:
        if not self._songs:
            return
        stem = self._folder / f"{self._split}-{self._shard:05}"
        np.save(f"{stem}.ids.npy", np.concatenate(self._songs))
        np.save(f"{stem}.ends.npy", np.cumsum([len(ids) for ids in self._songs], dtype=np.int64))
        np.save(f"{stem}.kinds.npy", np.array(self._kinds, dtype=np.uint8))
        self._songs, self._kinds, self._words, self._shard = [], [], 0, self._shard + 1
