"""Near-duplicate songs: found with MinHash over their half bars, joined into clusters.

Near-duplicates are the same bars in another order, the same lines on other drums, a song with one bar of four
changed, a performance recorded again on another kit with a few hits lost or moved by a step.

The features of a song are its half bars, each as it is whichever drum plays which line, and each up to four times as
it comes again: so their order does not matter, a loop of one bar is still known by it when one bar in it is new, and
a loop that goes on for longer is the same. On the 1,150 files of the Groove MIDI Dataset, with one hit of 33 moved or
lost, half bars find 79 % of the copies where whole bars find 52 %, and join as few of the official test songs to
training, 4. Quarters of bars find 93 %, but join 11, and 13 songs in one cluster. Windows of two bars would lose
songs whose bars come in another order.

Needs datasketch, which `drumtok[train]` brings, for the permutations of its MinHash.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.barsums import mixed, sum_bars, weights
from drumtok.errors import DrumtokError
from drumtok.tokens import BAR_ID

BANDS, ROWS = 42, 3  # two songs with THRESHOLD of their features in common share a band with a chance of 99 %
PERMUTATIONS = BANDS * ROWS
SEED = 1
OCCURRENCES = 4  # a half bar counts so often in a song, at most
# Songs are near-duplicates from this estimated share of common features, of all that either has. One bar of four
# changed leaves 3/5, one bar of two 1/3, which is another song: the threshold lies in the middle, three standard
# errors of the estimate from both.
THRESHOLD = (3 / 5 + 1 / 3) / 2
_NEIGHBOURS = 16  # songs in one bucket that each is compared with: a bucket of any size takes linear time
_BLOCK = 2**14  # rows that are read at once
_NONE = np.uint32(2**32 - 1)  # datasketch's sign for a set without members

_PIECE = 2**13  # rows that a worker compares at once: 4 MB

Signatures = NDArray[np.uint32]
Piece = tuple[Signatures, NDArray[np.uint64], NDArray[np.int64], int]
Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def signatures(ids: NDArray[np.uint16], ends: NDArray[np.integer]) -> Signatures:
    """The MinHash signatures of songs, those of datasketch's scheme `affine32`.

    Args:
        ids: the words of the songs one after the other, `BAR` after every bar.
        ends: (songs,) where each song ends in it.

    Returns:
        (songs, PERMUTATIONS); the share of equal numbers of two rows estimates the share of features that the songs
        have in common. A song in which nothing sounds has the greatest number everywhere.

    Raises:
        DrumtokError: datasketch is not installed.
    """
    factors, summands = _permutations()
    features, song = _features(ids, ends)
    made = np.full((len(ends), PERMUTATIONS), _NONE)
    if len(song):
        first = np.flatnonzero(np.diff(song, prepend=-1))
        hashes = _finalised(features)
        for n in range(PERMUTATIONS):  # one after the other: their memory stays small and near
            made[song[first], n] = np.minimum.reduceat(hashes * factors[n] + summands[n], first)
    return made


@cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    try:
        from datasketch.minhash import MinHash
    except ModuleNotFoundError as error:
        raise DrumtokError(f"finding near-duplicates needs {error.name}: pip install 'drumtok[train]'") from error
    factors, summands = MinHash(PERMUTATIONS, seed=SEED, scheme="affine32").permutations
    return factors, summands


def _features(ids: NDArray[np.uint16], ends: NDArray[np.integer]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The features of all songs and the song of each, in the order of the songs."""
    pieces = sum_bars(ids, halves=True)
    piece_ends = 2 * np.searchsorted(np.flatnonzero(ids == BAR_ID), ends)
    song = np.searchsorted(piece_ends, np.arange(len(pieces.lengths)), side="right")
    sounding = np.flatnonzero(pieces.sounding)
    number, song = pieces.canonical()[sounding], song[sounding]
    order = np.lexsort((number, song))
    number, song = number[order], song[order]
    new = np.append(True, (np.diff(song) != 0) | (np.diff(number) != 0))[: len(song)]
    at = np.arange(len(song))
    occurrence = at - np.maximum.accumulate(np.where(new, at, 0))
    counted = occurrence < OCCURRENCES
    features = mixed(number[counted] + weights(OCCURRENCES)[occurrence[counted]])
    return (features >> np.uint64(32)).astype(np.uint32), song[counted]


def _finalised(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finaliser of MurmurHash3, with which datasketch mixes what it is given."""
    x = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def clusters(signatures: Signatures, rows: NDArray[np.int64] | None = None, spread: Spread = map) -> NDArray[np.int64]:
    """Joins near-duplicates, and what is a near-duplicate of one of them, and so on.

    Equal signatures are one from the start. Of the others those are compared that agree in a band of ROWS numbers;
    where a band has many songs, each with a few of those that agree with it in the next band too. So time grows as
    the number of songs, and the clusters do not depend on their order.

    Args:
        signatures: (songs, PERMUTATIONS), which may be mapped from disk.
        rows: those of them that are meant, all by default.
        spread: does work on units in any process, and gives the results in order.

    Returns:
        (rows,) the first of them of the cluster that each is in; one in which nothing sounds is alone.

    >>> clusters(np.array([[5] * PERMUTATIONS, [6] * PERMUTATIONS, [5] * PERMUTATIONS], dtype=np.uint32)).tolist()
    [0, 1, 0]
    """
    rows = np.arange(len(signatures)) if rows is None else rows
    numbers = _row_numbers(signatures, rows, slice(None))
    silent = _row_numbers(np.full((1, PERMUTATIONS), _NONE), np.zeros(1, dtype=np.int64), slice(None))
    sounding = np.flatnonzero(numbers != silent)
    _, first, inverse = np.unique(numbers[sounding], return_index=True, return_inverse=True)
    roots = _joined(signatures, rows[sounding[first]], spread)[inverse]
    smallest = np.full(len(first), len(rows))
    np.minimum.at(smallest, roots, sounding)
    labels = np.arange(len(rows))
    labels[sounding] = smallest[roots]
    return labels


def _row_numbers(signatures: Signatures, rows: NDArray[np.int64], band: slice) -> NDArray[np.uint64]:
    """A number for each of the rows, equal for those that agree in a band."""
    factors = weights(PERMUTATIONS)[band] | np.uint64(1)
    numbers = np.empty(len(rows), dtype=np.uint64)
    for start in range(0, len(rows), _BLOCK):
        block = signatures[rows[start : start + _BLOCK], band]
        numbers[start : start + _BLOCK] = (block * factors).sum(axis=1, dtype=np.uint64)
    return mixed(numbers)


def _joined(signatures: Signatures, rows: NDArray[np.int64], spread: Spread) -> NDArray[np.int64]:
    """(rows,) the root of each of these rows, the place of one of its cluster.

    The rows are sorted by what they have in a band, and the pieces of that order in which there is something to join
    are given out; what is joined meanwhile is left out of them, which changes no cluster.
    """
    roots = np.arange(len(rows))
    given: deque[NDArray[np.int64]] = deque()  # the places of the rows of each piece that is given out

    def pieces() -> Iterator[Piece]:
        bands = (slice(ROWS * band, ROWS * (band + 1)) for band in (*range(BANDS), 0))
        for key, next_key in pairwise(_row_numbers(signatures, rows, band) for band in bands):
            order = np.lexsort((next_key, key))
            order = order[_in_question(key[order], roots[order])]
            for begin in range(0, len(order), _PIECE):
                some = order[begin : begin + _PIECE + _NEIGHBOURS]
                given.append(some)
                yield signatures[rows[some]], key[some], roots[some], min(_PIECE, len(order) - begin)

    for one, other in spread(near_pairs, pieces()):
        some = given.popleft()
        roots = merged(roots, some[one], some[other])
    return roots


def _in_question(key: NDArray[np.uint64], roots: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(rows,) whether among the rows of its key, which stand together, there are several roots."""
    if not len(key):
        return np.zeros(0, dtype=np.bool_)
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    several = np.minimum.reduceat(roots, first) != np.maximum.reduceat(roots, first)
    return np.repeat(several, np.diff(first, append=len(key)))


def near_pairs(piece: Piece) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The near-duplicates among rows in an order in which those to compare are near each other.

    Args:
        piece: (rows, PERMUTATIONS) signatures, the key and the root of each, and how many rows are compared with
            those behind them.

    Returns:
        The places of the one and the other of pairs that join what was apart.
    """
    block, key, roots, own = piece
    _, first, number = np.unique(roots, return_index=True, return_inverse=True)
    joined = first[number]
    pairs = [(np.zeros(0, dtype=np.int64),) * 2]
    for distance in range(1, min(_NEIGHBOURS + 1, len(key))):
        one = np.flatnonzero(key[distance:] == key[:-distance])
        one = one[one < own]
        one = one[joined[one] != joined[one + distance]]
        near = one[(block[one] == block[one + distance]).mean(axis=1) >= THRESHOLD]
        joined = merged(joined, near, near + distance)
        pairs.append((near, near + distance))
    return np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])


def merged(roots: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Joins pairs of places.

    Args:
        roots: (places,) the smallest place of the cluster that each is in.
        one, other: (pairs,) places whose clusters become one.

    Returns:
        The roots then.
    """
    while True:
        low, high = np.minimum(roots[one], roots[other]), np.maximum(roots[one], roots[other])
        if (low == high).all():
            return roots
        roots = roots.copy()
        np.minimum.at(roots, high, low)
        while not np.array_equal(roots, roots[roots]):
            roots = roots[roots]
