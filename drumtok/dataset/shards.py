"""Shards: the songs of one side of a corpus as numbered files of ids, written in order and mapped from disk.

A shard is arrays in NumPy's format: `.ids` of all words, `.velocities` and `.offsets` of all hits, and for each song
where its words and its hits end (`.ends`, `.hits`), the numbers of its kind, style and source (`.kinds`, `.styles`,
`.sources`), its tempo (`.tempos`) and whether it was played (`.played`, `drumtok.tokenizer.expression.Expression.is_played`).
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.pattern import DEFAULT_GRID
from drumtok.tokenizer.expression import EXPRESSION_DTYPES, Expression
from drumtok.tokenizer.labels import KINDS, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, hits_per_quarter

MANIFEST, SONGS, REPORT = "manifest.json", "songs.jsonl", "report.jsonl"  # what else a corpus's folder holds
SHARD_WORDS = 2**24
BLOCK = 2**18  # words that are copied at once
IDS = np.dtype("<u2")
STREAMS = {"ids": IDS, **EXPRESSION_DTYPES}  # what of all songs stands one after another
Source = tuple[str, float]  # the name of a source, and how often training takes each of its songs


class CorpusSplit:
    """The songs of one side of a corpus, mapped from disk.

    Attributes:
        lengths: (songs,) the words of each song.
        weights: (songs,) how often training takes each, float32; 1 is once an epoch.
        played: (songs,) whether each was, by `drumtok.tokenizer.expression.Expression.is_played`.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        sources: Sequence[Source] = (),
        styles: Sequence[str] = (),
        grid: int = DEFAULT_GRID,
    ) -> None:
        """Opens it.

        Args:
            sources: of the corpus, in the order of their numbers.
            styles: of the corpus, in the order of their numbers.
            grid: steps per quarter note.
        """
        self._grid = grid
        self._shards = {
            stream: [np.load(path, mmap_mode="r") for path in _paths(folder, name, stream)] for stream in STREAMS
        }
        self._ends, self._hits = ([np.load(path) for path in _paths(folder, name, array)] for array in ("ends", "hits"))
        self._first = np.cumsum([0, *map(len, self._ends)])  # the number of each shard's first song
        self._kinds = _whole(folder, name, "kinds", np.uint8)
        self._styles, self._style_names = _whole(folder, name, "styles", np.uint32), styles
        self._tempos = _whole(folder, name, "tempos", np.float32)
        self.played = _whole(folder, name, "played", np.bool_)
        self.lengths = np.concatenate([np.zeros(0, dtype=np.int64), *[np.diff(ends, prepend=0) for ends in self._ends]])
        self._sources, self._source_names = _whole(folder, name, "sources", np.uint16), [name for name, _ in sources]
        self.weights = np.array([weight for _, weight in sources], dtype=np.float32)[self._sources]

    def __len__(self) -> int:
        return len(self.lengths)

    def conditioning(self, index: int) -> Conditioning:
        """What is known of one song."""
        style = self._style_names[self._styles[index]]
        source = self._source_names[self._sources[index]]
        hits = hits_per_quarter(self.song(index), self._grid)
        return Conditioning(KINDS[self._kinds[index]], style, float(self._tempos[index]), source, hits)

    def song(self, index: int) -> NDArray[np.uint16]:
        """The ids of one song, a view of the file."""
        return self._of_song("ids", self._ends, index)

    def expression(self, index: int) -> Expression:
        """How one song was played, views of the files."""
        return Expression(*(self._of_song(stream, self._hits, index) for stream in EXPRESSION_DTYPES))

    def _of_song(self, stream: str, ends: list[NDArray[np.int64]], index: int) -> NDArray[Any]:
        shard = int(np.searchsorted(self._first, index, side="right")) - 1
        place = int(index - self._first[shard])
        begin = int(ends[shard][place - 1]) if place else 0
        return self._shards[stream][shard][begin : int(ends[shard][place])]


def _paths(folder: Path, name: str, array: str) -> list[Path]:
    return sorted(folder.glob(f"{name}-*.{array}.npy"))


def _whole(folder: Path, name: str, array: str, dtype: Any) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=dtype), *[np.load(path) for path in _paths(folder, name, array)]])


class Stream(NamedTuple):
    """What a file holds of all songs, one after another.

    Attributes:
        path: the file, of the dtype that `STREAMS` says.
        lengths: (songs,) how many of it each song has.
    """

    path: Path
    lengths: NDArray[Any]


def write_split(
    folder: Path, name: str, streams: dict[str, Stream], chosen: NDArray[np.bool_], labels: dict[str, NDArray]
) -> NDArray[np.int64]:
    """Writes the shards of one side in the order of the songs; little is in memory at a time.

    Args:
        streams: each of `STREAMS`.
        chosen: (songs,) which of the songs are on this side.
        labels: the arrays `kinds`, `styles`, `tempos`, `sources` and `played` of all songs.

    Returns:
        (513,) how often each word occurs.
    """
    ends = {stream: np.cumsum(own.lengths, dtype=np.int64) for stream, own in streams.items()}
    words = np.zeros(BAR_ID + 1, dtype=np.int64)
    for number, songs in enumerate(_cut(np.flatnonzero(chosen), streams["ids"].lengths)):
        stem = f"{folder / name}-{number:05}"
        for stream, (path, lengths) in streams.items():
            blocks = _copy(path, f"{stem}.{stream}.npy", STREAMS[stream], ends[stream][songs], lengths[songs])
            for block in blocks:
                if stream == "ids":
                    words += np.bincount(np.frombuffer(block, dtype=IDS), minlength=len(words))
        for array, stream in (("ends", "ids"), ("hits", "velocities")):
            np.save(f"{stem}.{array}.npy", np.cumsum(streams[stream].lengths[songs], dtype=np.int64))
        for array, label in labels.items():
            np.save(f"{stem}.{array}.npy", label[songs])
    return words


def _copy(path: Path, shard: str, dtype: np.dtype, ends: NDArray[np.int64], lengths: NDArray[Any]) -> Iterator[bytes]:
    """Writes what stands in a file of some songs as an array of its own, block by block, and gives each block."""
    with open(path, "rb") as source, open(shard, "wb") as file:
        header = {"descr": dtype.str, "fortran_order": False, "shape": (int(lengths.sum(dtype=np.int64)),)}
        np.lib.format.write_array_header_1_0(file, header)
        for block in _blocks(source, ends - lengths, ends, dtype.itemsize):
            file.write(block)
            yield block


def _cut(songs: NDArray[np.int64], lengths: NDArray[Any]) -> Iterator[NDArray[np.int64]]:
    """The songs of each shard: a shard is closed by the song that fills it."""
    ends = np.cumsum(lengths[songs], dtype=np.int64)
    begin = before = 0
    while begin < len(songs):
        end = min(int(np.searchsorted(ends, before + SHARD_WORDS)) + 1, len(songs))
        yield songs[begin:end]
        begin, before = end, int(ends[end - 1])


def _blocks(file: Any, begins: NDArray[np.int64], ends: NDArray[np.int64], size: int) -> Iterator[bytes]:
    """The bytes of songs, `size` to a value; those that stand one after another are read together."""
    new = np.append(True, begins[1:] != ends[:-1])
    last = np.append(np.flatnonzero(new)[1:] - 1, len(ends) - 1)
    for begin, end in zip(begins[new].tolist(), ends[last].tolist(), strict=True):
        file.seek(begin * size, os.SEEK_SET)
        for at in range(begin, end, BLOCK):
            yield file.read((min(at + BLOCK, end) - at) * size)
