"""Find pieces of songs (bars, windows of two bars, lines of a role) in other songs, exactly or nearly equal.

They are compared as 64-bit numbers in arrays, so 100,000 songs of 40 bars take a few hundred megabytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.bar_hashes import BarHashes, Hashes, hash_bars, windows_of_two
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.tokenizer.tokens import BAR_ID

BARS, WINDOWS = "bars", "windows of two bars"
LINES = {role: f"{role} lines" for role in ROLES}
PIECES = (BARS, WINDOWS, *LINES.values())  # a line is a bar of one role's drums
NEARLY = (BARS, WINDOWS)  # the kinds whose near neighbours are searched
BATCH_WORDS = 2**19  # words of the songs that are hashed together

Ids = NDArray[np.uint16]


@dataclass(frozen=True)
class SongBatch:
    """The pieces of some songs.

    Attributes:
        ids, ends: the words of the songs, and where each ends.
        pieces: kind of `NEARLY` -> all pieces of that kind, silent ones too.
        keys: kind of `PIECES` -> (sounding pieces,) a number for each piece, equal for equal pieces.
        song: kind -> (sounding pieces,) the song within the batch of each.
    """

    ids: Ids
    ends: NDArray[np.int64]
    pieces: dict[str, BarHashes]
    keys: dict[str, Hashes]
    song: dict[str, NDArray[np.int64]]


def song_batches(songs: Iterable[Ids], words: int = BATCH_WORDS) -> Iterator[SongBatch]:
    """Yield songs in order, in batches of about `words` words."""
    kept: list[Ids] = []
    size = 0
    for ids in songs:
        kept.append(ids)
        size += len(ids)
        if size >= words:
            yield _batch(kept)
            kept, size = [], 0
    if kept:
        yield _batch(kept)


def _batch(songs: list[Ids]) -> SongBatch:
    ids, ends = np.concatenate(songs), np.cumsum([len(song) for song in songs])
    bars = hash_bars(ids)
    bar_ends = np.searchsorted(np.flatnonzero(ids == BAR_ID), ends)
    song_of_bar = np.searchsorted(bar_ends, np.arange(len(bars.lengths)), side="right")
    windows, song_of_window = windows_of_two(bars, song_of_bar)
    keys, song = {}, {}
    for kind, pieces, owner in ((BARS, bars, song_of_bar), (WINDOWS, windows, song_of_window)):
        sounding = pieces.sounding
        keys[kind], song[kind] = pieces.exact()[sounding], owner[sounding]
    for role, name in LINES.items():
        drums = [LANE_INDEX[drum] for drum in ROLES[role]]
        sounding = np.any(bars.lines[drums], axis=0)
        keys[name], song[name] = bars.exact(drums)[sounding], song_of_bar[sounding]
    return SongBatch(ids, ends, {BARS: bars, WINDOWS: windows}, keys, song)


def distinct(keys: Hashes) -> Hashes:
    """Return the different keys, sorted. (`np.unique` hashes, which is many times slower on random numbers.)"""
    ordered = np.sort(keys)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def place_in(table: Hashes, keys: Hashes) -> NDArray[np.int64]:
    """Return (keys,) the index of each key in a sorted table, or -1.

    >>> place_in(np.array([3, 5], dtype=np.uint64), np.array([5, 4, 9], dtype=np.uint64)).tolist()
    [1, -1, -1]
    """
    place = np.searchsorted(table, keys)
    place[place == len(table)] = -1
    place[table[place] != keys if len(table) else slice(None)] = -1
    return place


@dataclass
class PieceKeys:
    """The keys of one kind of pieces of many songs, collected batch by batch."""

    _keys: list[Hashes] = field(default_factory=list)
    _counts: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, batch: SongBatch, kind: str) -> None:
        """Add the pieces of one more batch."""
        self._keys.append(batch.keys[kind])
        self._counts.append(np.bincount(batch.song[kind], minlength=len(batch.ends)))

    def joined(self) -> tuple[Hashes, NDArray[np.int32]]:
        """Return the key and the song of every piece, both (pieces,)."""
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *self._keys])
        counts = np.concatenate([np.zeros(0, dtype=np.int64), *self._counts])
        return keys, np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def found_in_others(keys: Hashes, group: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return (pieces,) whether the key of each piece also occurs in another group.

    >>> found_in_others(np.array([5, 5, 6, 6, 5], dtype=np.uint64), np.array([0, 0, 1, 1, 2])).tolist()
    [True, True, False, False, True]
    """
    if not len(keys):
        return np.zeros(0, dtype=bool)
    order = np.argsort(keys, kind="stable")
    ordered = group[order]
    first = np.flatnonzero(np.append(True, np.diff(keys[order]) != 0))
    several = np.minimum.reduceat(ordered, first) != np.maximum.reduceat(ordered, first)
    found = np.empty(len(keys), dtype=bool)
    found[order] = np.repeat(several, np.diff(first, append=len(keys)))
    return found


class Neighbours:
    """Mark the pieces of songs that nearly equal pieces that are compared with them later.

    Two pieces are nearly equal if, ignoring which drum plays which line, they differ by at most one hit that is
    missing, added or moved. This holds if and only if they have a number in common, either their own or one that
    remains when a hit is removed. So neighbours are found exactly and in linear time.
    """

    def __init__(self) -> None:
        self._numbers: list[Hashes] = []
        self._owners: list[NDArray[np.int64]] = []
        self._count = 0
        self._table: Hashes | None = None

    def add(self, pieces: BarHashes) -> None:
        """Add the sounding pieces of one more batch."""
        sounding = pieces.sounding
        numbers, piece = _neighbour_numbers(pieces)
        self._numbers.append(numbers)
        self._owners.append((self._count + np.cumsum(sounding) - 1)[piece])
        self._count += int(sounding.sum())

    def compare(self, pieces: BarHashes) -> None:
        """Mark the pieces that nearly equal one of these."""
        if self._table is None:
            self._table = distinct(np.concatenate([np.zeros(0, dtype=np.uint64), *self._numbers]))
            self._marked = np.zeros(len(self._table) + 1, dtype=bool)  # the last entry is for keys outside the table
        self._marked[place_in(self._table, distinct(_neighbour_numbers(pieces)[0]))] = True

    def found(self) -> NDArray[np.bool_]:
        """Return (sounding pieces,) which are marked."""
        found = np.zeros(self._count, dtype=bool)
        if self._table is not None:
            for numbers, owners in zip(self._numbers, self._owners, strict=True):
                found[owners[self._marked[np.searchsorted(self._table, numbers)]]] = True
        return found


def _neighbour_numbers(pieces: BarHashes) -> tuple[Hashes, NDArray[np.int64]]:
    """Return the numbers of sounding pieces, whole and with each hit removed, and the piece of each."""
    whole = np.flatnonzero(pieces.sounding)
    less, piece = pieces.canonical_less_one()
    return np.concatenate([pieces.canonical()[whole], less]), np.concatenate([whole, piece])
