"""Write and memory-map shards: the songs of one split of a corpus as numbered files, in order.

A shard consists of NumPy arrays: `.ids` of all words, `.velocities` and `.offsets` of all hits, and for each song
where its words and its hits end (`.ends`, `.hits`), the numbers of its kind, style and source (`.kinds`, `.styles`,
`.sources`, `.meters`), its tempo (`.tempos`) and whether it is a performance (`.played`, `Expression.is_played` of
`drumtok.tokenizer.expression`).
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

MANIFEST, SONGS, REPORT = "manifest.json", "songs.jsonl", "report.jsonl"  # the other files of a corpus
SHARD_WORDS = 2**24
BLOCK = 2**18  # words that are copied at once
IDS = np.dtype("<u2")
STREAMS = {"ids": IDS, **EXPRESSION_DTYPES}  # the arrays in which all songs are concatenated
WeightedSource = tuple[str, float]  # the name of a source, and how often an epoch contains each of its songs


class CorpusSplit:
    """The songs of one split of a corpus, memory-mapped.

    Attributes:
        lengths: (songs,) the words of each song.
        weights: (songs,) how often an epoch contains each song, float32.
        played: (songs,) whether each song is a performance, as `Expression.is_played`.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        sources: Sequence[WeightedSource] = (),
        styles: Sequence[str] = (),
        meters: Sequence[str] = (),
        grid: int = DEFAULT_GRID,
    ) -> None:
        """Open a split.

        Args:
            sources, styles, meters: those of the corpus, in the order of their numbers.
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
        self._meters, self._meter_names = _whole(folder, name, "meters", np.uint16), meters
        self._tempos = _whole(folder, name, "tempos", np.float32)
        self.played = _whole(folder, name, "played", np.bool_)
        self.lengths = np.concatenate([np.zeros(0, dtype=np.int64), *[np.diff(ends, prepend=0) for ends in self._ends]])
        self._sources, self._source_names = _whole(folder, name, "sources", np.uint16), [name for name, _ in sources]
        self.weights = np.array([weight for _, weight in sources], dtype=np.float32)[self._sources]

    def __len__(self) -> int:
        return len(self.lengths)

    def conditioning(self, index: int) -> Conditioning:
        """Return the labels of one song."""
        style = self._style_names[self._styles[index]]
        source = self._source_names[self._sources[index]]
        meter = self._meter_names[self._meters[index]]
        hits = hits_per_quarter(self.song(index), self._grid)
        return Conditioning(KINDS[self._kinds[index]], style, float(self._tempos[index]), source, hits, meter)

    def song(self, index: int) -> NDArray[np.uint16]:
        """Return the word ids of one song, a view of the file."""
        return self._of_song("ids", self._ends, index)

    def expression(self, index: int) -> Expression:
        """Return the expression of one song, views of the files."""
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
    """A file with the concatenated values of all songs.

    Attributes:
        path: the file, of the dtype in `STREAMS`.
        lengths: (songs,) the number of values of each song.
    """

    path: Path
    lengths: NDArray[Any]


def write_split(
    folder: Path,
    name: str,
    streams: dict[str, Stream],
    chosen: NDArray[np.bool_],
    labels: dict[str, NDArray],
    shard_words: int = SHARD_WORDS,
) -> NDArray[np.int64]:
    """Write the shards of one split, in the order of the songs and in bounded memory.

    Args:
        streams: each of `STREAMS`.
        chosen: (songs,) which songs are in this split.
        labels: the arrays `kinds`, `styles`, `meters`, `tempos`, `sources` and `played` of all songs.
        shard_words: words after which a shard ends, with the song that reaches them.

    Returns:
        (513,) the count of each word.
    """
    ends = {stream: np.cumsum(own.lengths, dtype=np.int64) for stream, own in streams.items()}
    words = np.zeros(BAR_ID + 1, dtype=np.int64)
    for number, songs in enumerate(_songs_per_shard(np.flatnonzero(chosen), streams["ids"].lengths, shard_words)):
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
    """Copy the values of some songs to an array file; yield each block of bytes."""
    with open(path, "rb") as source, open(shard, "wb") as file:
        header = {"descr": dtype.str, "fortran_order": False, "shape": (int(lengths.sum(dtype=np.int64)),)}
        np.lib.format.write_array_header_1_0(file, header)
        for block in _blocks(source, ends - lengths, ends, dtype.itemsize):
            file.write(block)
            yield block


def _songs_per_shard(songs: NDArray[np.int64], lengths: NDArray[Any], shard_words: int) -> Iterator[NDArray[np.int64]]:
    """Yield the songs of each shard; a shard ends with the song that fills it."""
    ends = np.cumsum(lengths[songs], dtype=np.int64)
    begin = before = 0
    while begin < len(songs):
        end = min(int(np.searchsorted(ends, before + shard_words)) + 1, len(songs))
        yield songs[begin:end]
        begin, before = end, int(ends[end - 1])


def _blocks(file: Any, begins: NDArray[np.int64], ends: NDArray[np.int64], size: int) -> Iterator[bytes]:
    """Yield the bytes of songs, with `size` bytes per value; adjacent songs are read together."""
    new = np.append(True, begins[1:] != ends[:-1])
    last = np.append(np.flatnonzero(new)[1:] - 1, len(ends) - 1)
    for begin, end in zip(begins[new].tolist(), ends[last].tolist(), strict=True):
        file.seek(begin * size, os.SEEK_SET)
        for at in range(begin, end, BLOCK):
            yield file.read((min(at + BLOCK, end) - at) * size)
