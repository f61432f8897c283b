"""What songs have in common: their bars, windows of two bars and lines as sorted numbers, found exactly or nearly.

Everything is an array of 64-bit numbers, so 100,000 songs of 40 bars take a few hundred megabytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.bar_hashes import Bars, Sums, sum_bars, windows_of_two
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.tokenizer.tokens import BAR_ID

BARS, WINDOWS = "bars", "windows of two bars"
LINES = {role: f"{role} lines" for role in ROLES}
KINDS = (BARS, WINDOWS, *LINES.values())  # a line is a bar of one role's drums
NEARLY = (BARS, WINDOWS)  # the kinds that are looked for nearly, too
_BATCH_WORDS = 2**19  # words of the songs that are looked at together

Ids = NDArray[np.uint16]


@dataclass(frozen=True)
class Batch:
    """The sounding pieces of some songs.

    Attributes:
        ids, ends: the words of the songs, and where each ends.
        pieces: kind of `NEARLY` -> all pieces of that kind, silent ones too.
        keys: kind of `KINDS` -> (sounding pieces,) a number for each, equal for equal ones.
        song: kind -> (sounding pieces,) the song within the batch that each is in.
    """

    ids: Ids
    ends: NDArray[np.int64]
    pieces: dict[str, Bars]
    keys: dict[str, Sums]
    song: dict[str, NDArray[np.int64]]


def batches(songs: Iterable[Ids]) -> Iterator[Batch]:
    """Songs in batches of a bounded size, in order."""
    kept: list[Ids] = []
    words = 0
    for ids in songs:
        kept.append(ids)
        words += len(ids)
        if words >= _BATCH_WORDS:
            yield _batch(kept)
            kept, words = [], 0
    if kept:
        yield _batch(kept)


def _batch(songs: list[Ids]) -> Batch:
    ids, ends = np.concatenate(songs), np.cumsum([len(song) for song in songs])
    bars = sum_bars(ids)
    bar_ends = np.searchsorted(np.flatnonzero(ids == BAR_ID), ends)
    song_of_bar = np.searchsorted(bar_ends, np.arange(len(bars.lengths)), side="right")
    windows, song_of_window = windows_of_two(bars, song_of_bar)
    keys, song = {}, {}
    for kind, pieces, of in ((BARS, bars, song_of_bar), (WINDOWS, windows, song_of_window)):
        sounding = pieces.sounding
        keys[kind], song[kind] = pieces.exact()[sounding], of[sounding]
    for role, name in LINES.items():
        lanes = [LANE_INDEX[lane] for lane in ROLES[role]]
        sounding = np.any(bars.lines[lanes], axis=0)
        keys[name], song[name] = bars.exact(lanes)[sounding], song_of_bar[sounding]
    return Batch(ids, ends, {BARS: bars, WINDOWS: windows}, keys, song)


def distinct(keys: Sums) -> Sums:
    """The different ones, sorted. (`np.unique` hashes, which is many times slower on numbers that are random.)"""
    ordered = np.sort(keys)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def place_in(table: Sums, keys: Sums) -> NDArray[np.int64]:
    """(keys,) where each stands in a sorted table, -1 where it does not.

    >>> place_in(np.array([3, 5], dtype=np.uint64), np.array([5, 4, 9], dtype=np.uint64)).tolist()
    [1, -1, -1]
    """
    place = np.searchsorted(table, keys)
    place[place == len(table)] = -1
    place[table[place] != keys if len(table) else slice(None)] = -1
    return place


@dataclass
class Keys:
    """The numbers of one kind of pieces of many songs, put together batch by batch."""

    _keys: list[Sums] = field(default_factory=list)
    _counts: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, batch: Batch, kind: str) -> None:
        """The pieces of one more batch."""
        self._keys.append(batch.keys[kind])
        self._counts.append(np.bincount(batch.song[kind], minlength=len(batch.ends)))

    def joined(self) -> tuple[Sums, NDArray[np.int32]]:
        """The number of every piece and the song that it is in, both (pieces,)."""
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *self._keys])
        counts = np.concatenate([np.zeros(0, dtype=np.int64), *self._counts])
        return keys, np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def found_in_others(keys: Sums, group: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(pieces,) which are in some other group too.

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
    """Pieces of songs, of which those are marked that are nearly equal to pieces that are shown later.

    Nearly equal is: the same, whichever drum plays which line, but for at most one hit that is missing, added or
    elsewhere. Two pieces are so if and only if they have one number in common, or one that is left when a hit is
    taken away; so it is found exactly and in linear time.
    """

    def __init__(self) -> None:
        self._numbers: list[Sums] = []
        self._owners: list[NDArray[np.int64]] = []
        self._count = 0
        self._table: Sums | None = None

    def add(self, pieces: Bars) -> None:
        """The sounding pieces of one more batch."""
        sounding = pieces.sounding
        numbers, piece = _numbers(pieces)
        self._numbers.append(numbers)
        self._owners.append((self._count + np.cumsum(sounding) - 1)[piece])
        self._count += int(sounding.sum())

    def show(self, pieces: Bars) -> None:
        """Marks those that are near to one of these."""
        if self._table is None:
            self._table = distinct(np.concatenate([np.zeros(0, dtype=np.uint64), *self._numbers]))
            self._seen = np.zeros(len(self._table) + 1, dtype=bool)  # the last one is of what is not in the table
        self._seen[place_in(self._table, distinct(_numbers(pieces)[0]))] = True

    def found(self) -> NDArray[np.bool_]:
        """(sounding pieces,) which are marked."""
        found = np.zeros(self._count, dtype=bool)
        if self._table is not None:
            for numbers, owners in zip(self._numbers, self._owners, strict=True):
                found[owners[self._seen[np.searchsorted(self._table, numbers)]]] = True
        return found


def _numbers(pieces: Bars) -> tuple[Sums, NDArray[np.int64]]:
    """The numbers of sounding pieces, whole and with each hit taken away, and the piece of each."""
    whole = np.flatnonzero(pieces.sounding)
    less, piece = pieces.canonical_less_one()
    return np.concatenate([pieces.canonical()[whole], less]), np.concatenate([whole, piece])
