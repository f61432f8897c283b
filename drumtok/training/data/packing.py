"""Pack the songs of an epoch into the rows of the batches.

A row has its own songs, whole if they fit, so devices with separate rows read separate songs. The rows have nearly the
same length. Songs are dealt only by their lengths; the words of a row are read when it is used.
"""

import heapq
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.tokenizer.tokens import BAR_ID

CUT_PHRASE = 8  # bars; songs are cut after phrases
SPILL = 0.01  # fraction of a row that may be left out of an epoch, so that a slightly too long song stays whole


class Stretch(NamedTuple):
    """Words of a song.

    Attributes:
        song: the index of the song.
        begin, end: the bounds of the piece of the song, which is read as a separate song.
        start, stop: the bounds of the words in the song.
    """

    song: int
    begin: int
    end: int
    start: int
    stop: int


def deal(
    lengths: NDArray[np.int64], origins: NDArray[np.integer], rows: int, room: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Deal songs to rows: roughly the longest first, each to the emptiest row.

    A song that is longer than a row, or no longer fits in any row, is spread over consecutive rows: so if rows are
    dealt to devices in order, few songs are shared, mostly by neighbouring devices.

    Args:
        lengths: (songs,) their numbers of words.
        origins: (songs,) songs with the same origin are dealt together.
        rows: the number of rows.
        room: the words of a row; exceeded if the songs are longer than all rows together.
        rng: for the order.

    Returns:
        For each row (songs, 3): a song, its first word there and the end.

    >>> [row.tolist() for row in deal(np.array([7, 5, 2]), np.arange(3), 2, 7, np.random.default_rng(0))]
    [[[0, 0, 7]], [[1, 0, 5], [2, 0, 2]]]
    """
    _, unit_of = np.unique(origins, return_inverse=True)
    sizes = np.bincount(unit_of, weights=lengths).astype(np.int64)
    rooms = np.full(rows, max(room, -(-int(lengths.sum()) // rows)))
    spill = int(SPILL * rooms[0])
    long = sizes[unit_of] > rooms[0] + spill
    first = _poured(np.flatnonzero(long), lengths, rooms)
    rooms -= _words(first, rows)
    row = _rows_of(sizes, rooms + spill, rng)[unit_of]
    whole = np.stack([row, np.arange(len(row)), np.zeros_like(row), lengths], axis=1)[row >= 0]
    rooms -= _words(whole, rows)
    dealt = np.concatenate([first, whole, _poured(np.flatnonzero((row < 0) & ~long), lengths, rooms)])
    dealt = dealt[np.argsort(dealt[:, 0], kind="stable")]
    return np.split(dealt[:, 1:], np.searchsorted(dealt[:, 0], np.arange(1, rows)))


def _words(dealt: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """Return the number of words dealt to each row: (rows,)."""
    return np.bincount(dealt[:, 0], weights=dealt[:, 3] - dealt[:, 2], minlength=rows).astype(np.int64)


def _rows_of(sizes: NDArray[np.int64], rooms: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the row of each unit, or -1 if it fits in none; the short ones at the end even out the rows."""
    row_of = np.full(len(sizes), -1)
    emptiest = [(-room, row) for row, room in enumerate(rooms.tolist())]
    heapq.heapify(emptiest)
    order = np.argsort(-sizes * (1 + rng.random(len(sizes))))
    for unit, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        left, row = emptiest[0]
        if left + size <= 0:
            row_of[unit] = row
            heapq.heapreplace(emptiest, (left + size, row))
    return row_of


def _poured(songs: NDArray[np.int64], lengths: NDArray[np.int64], rooms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fill row after row with songs: (stretches, 4), the row, song, first word and end of each stretch."""
    ends, full = np.cumsum(lengths[songs]), np.cumsum(np.maximum(rooms, 0))
    edges = np.union1d(ends, np.append(0, full[full < ends[-1:].sum()]))
    row, place = (np.searchsorted(bounds, edges[:-1], side="right") for bounds in (full, ends))
    start = edges[:-1] - (ends - lengths[songs])[place]
    return np.stack([row, songs[place], start, start + np.diff(edges)], axis=1)


class PackedRow:
    """Stretches of songs in a drawn order, their ends joined, cut in windows from a drawn place on.

    The windows differ by one word at most. Where the row is longer than they may be, some words are left out.

    Args:
        stretches: as of `Stretch`.
        windows: how many.
        most: words of a window.
        rng: draws the order of the stretches, the place of the cut and the order of the windows.
    """

    def __init__(self, stretches: list[Stretch], windows: int, most: int, rng: np.random.Generator) -> None:
        self._stretches = rng.permutation(np.array(stretches, dtype=np.int64).reshape(-1, len(Stretch._fields)))
        self._ends = np.cumsum(self._stretches[:, -1] - self._stretches[:, -2])
        self._words = int(self._ends[-1]) if stretches else 0
        self._phase = int(rng.integers(max(self._words, 1)))
        self._bounds = np.arange(windows + 1) * min(self._words, windows * most) // windows
        self._order = rng.permutation(windows)

    def window(self, number: int) -> Iterator[Stretch]:
        """Yield the stretches of a window."""
        at, until = (self._phase + self._bounds[self._order[number] + np.arange(2)]).tolist()
        while at < until:
            place = int(np.searchsorted(self._ends, at % self._words, side="right"))
            stretch = Stretch(*self._stretches[place].tolist())
            start = stretch.stop - int(self._ends[place]) + at % self._words
            stop = min(stretch.stop, start + until - at)
            yield stretch._replace(start=start, stop=stop)
            at += stop - start


def cuts_of(ids: NDArray[np.integer], rng: np.random.Generator) -> list[int]:
    """Return where a song is cut: after half of its phrases, or after one bar if it has a single phrase.

    Returns:
        The indices of the first words of all pieces except the first.
    """
    bars = np.flatnonzero(ids == BAR_ID)[:-1] + 1
    if len(bars) < CUT_PHRASE:
        return rng.permutation(bars)[:1].tolist()
    phrases = bars[CUT_PHRASE - 1 :: CUT_PHRASE]
    return phrases[rng.random(len(phrases)) < 0.5].tolist()
