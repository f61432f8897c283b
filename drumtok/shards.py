"""Shards: the songs of one side of a corpus as numbered files of ids, written in order and mapped from disk.

A shard is arrays in NumPy's format: `.ids` of all words, and for each song where it ends (`.ends`), the numbers of its
kind, style and source (`.kinds`, `.styles`, `.sources`) and its tempo (`.tempos`).
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.labels import KINDS, Told
from drumtok.tokens import BAR_ID

MANIFEST, SONGS, REPORT = "manifest.json", "songs.jsonl", "report.jsonl"  # what else a corpus's folder holds
SHARD_WORDS = 2**24
BLOCK = 2**18  # words that are copied at once
IDS = np.dtype("<u2")
Source = tuple[str, float]  # the name of a source, and how often training takes each of its songs


class Split:
    """The songs of one side of a corpus, mapped from disk.

    Attributes:
        lengths: (songs,) the words of each song.
        weights: (songs,) how often training takes each, float32; 1 is once an epoch.
    """

    def __init__(self, folder: Path, name: str, sources: Sequence[Source] = (), styles: Sequence[str] = ()) -> None:
        """Opens it.

        Args:
            sources: of the corpus, in the order of their numbers.
            styles: of the corpus, in the order of their numbers.
        """
        self._shards = [np.load(path, mmap_mode="r") for path in _paths(folder, name, "ids")]
        self._ends = [np.load(path) for path in _paths(folder, name, "ends")]
        self._first = np.cumsum([0, *map(len, self._ends)])  # the number of each shard's first song
        self._kinds = _whole(folder, name, "kinds", np.uint8)
        self._styles, self._style_names = _whole(folder, name, "styles", np.uint32), styles
        self._tempos = _whole(folder, name, "tempos", np.float32)
        self.lengths = np.concatenate([np.zeros(0, dtype=np.int64), *[np.diff(ends, prepend=0) for ends in self._ends]])
        self._sources, self._source_names = _whole(folder, name, "sources", np.uint16), [name for name, _ in sources]
        self.weights = np.array([weight for _, weight in sources], dtype=np.float32)[self._sources]

    def __len__(self) -> int:
        return len(self.lengths)

    def told(self, index: int) -> Told:
        """What is known of one song."""
        style = self._style_names[self._styles[index]]
        source = self._source_names[self._sources[index]]
        return Told(KINDS[self._kinds[index]], style, float(self._tempos[index]), source)

    def song(self, index: int) -> NDArray[np.uint16]:
        """The ids of one song, a view of the file."""
        shard = int(np.searchsorted(self._first, index, side="right")) - 1
        end = int(self._ends[shard][index - self._first[shard]])
        return self._shards[shard][end - int(self.lengths[index]) : end]


def _paths(folder: Path, name: str, array: str) -> list[Path]:
    return sorted(folder.glob(f"{name}-*.{array}.npy"))


def _whole(folder: Path, name: str, array: str, dtype: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=dtype), *[np.load(path) for path in _paths(folder, name, array)]])


def write_split(
    folder: Path, name: str, ids: Path, chosen: NDArray[np.bool_], lengths: NDArray[Any], labels: dict[str, NDArray]
) -> NDArray[np.int64]:
    """Writes the shards of one side in the order of the songs; few words are in memory at a time.

    Args:
        ids: a file of the words of all songs, one after another, of dtype `IDS`.
        chosen: (songs,) which of them are on this side.
        lengths: (songs,) the words of each.
        labels: the arrays `kinds`, `styles`, `tempos` and `sources` of all songs.

    Returns:
        (513,) how often each word occurs.
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    begins = ends - lengths
    words = np.zeros(BAR_ID + 1, dtype=np.int64)
    for number, songs in enumerate(_cut(np.flatnonzero(chosen), lengths)):
        stem = folder / f"{name}-{number:05}"
        own = np.cumsum(lengths[songs], dtype=np.int64)
        with open(ids, "rb") as source, open(f"{stem}.ids.npy", "wb") as shard:
            header = {"descr": IDS.str, "fortran_order": False, "shape": (int(own[-1]),)}
            np.lib.format.write_array_header_1_0(shard, header)
            for block in _blocks(source, begins[songs], ends[songs]):
                shard.write(block)
                words += np.bincount(np.frombuffer(block, dtype=IDS), minlength=len(words))
        np.save(f"{stem}.ends.npy", own)
        for array, label in labels.items():
            np.save(f"{stem}.{array}.npy", label[songs])
    return words


def _cut(songs: NDArray[np.int64], lengths: NDArray[Any]) -> Iterator[NDArray[np.int64]]:
    """The songs of each shard: a shard is closed by the song that fills it."""
    ends = np.cumsum(lengths[songs], dtype=np.int64)
    begin = before = 0
    while begin < len(songs):
        end = min(int(np.searchsorted(ends, before + SHARD_WORDS)) + 1, len(songs))
        yield songs[begin:end]
        begin, before = end, int(ends[end - 1])


def _blocks(file: Any, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[bytes]:
    """The bytes of songs; those that stand one after another are read together."""
    new = np.append(True, begins[1:] != ends[:-1])
    last = np.append(np.flatnonzero(new)[1:] - 1, len(ends) - 1)
    for begin, end in zip(begins[new].tolist(), ends[last].tolist(), strict=True):
        file.seek(begin * IDS.itemsize, os.SEEK_SET)
        for at in range(begin, end, BLOCK):
            yield file.read((min(at + BLOCK, end) - at) * IDS.itemsize)
