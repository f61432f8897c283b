"""Clusters of near-duplicate songs out of their signatures (`drumtok.dataset.leakage.minhash`), by a shuffle to files.

Of all songs 9 bytes each are in memory. What is sorted are records of 24 bytes: those of a band are dealt to temporary
files by their keys, and one file is sorted at a time. It holds about `PART` of them, and more only where so many songs
agree in a band.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.bar_hashes import mixed, weights
from drumtok.dataset.leakage.minhash import BANDS, PERMUTATIONS, ROWS, SILENT, THRESHOLD, Signatures

PART = 2**18  # records that are sorted at once, 6 MB
RECORD = np.dtype([("key", "<u8"), ("next", "<u8"), ("place", "<i8")])  # its bands' numbers and the place of a song
_NEIGHBOURS = 16  # songs in one bucket that each is compared with: a bucket of any size takes linear time
_BLOCK = 2**12  # rows that are read at once
_PIECE = 2**11  # rows that a worker compares at once, 1 MB

Places = NDArray[np.int64]
Records = NDArray[Any]  # of dtype RECORD
Piece = tuple[Signatures, NDArray[np.uint64], Places, int]
Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def clusters(signatures: Signatures, spread: Spread = map, folder: Path | None = None) -> Places:
    """Joins near-duplicates, and what is a near-duplicate of one of them, and so on.

    Equal signatures are one from the start. Of the others those are compared that agree in a band of ROWS numbers;
    where a band has many songs, each with a few of those that agree with it in the next band too. So time grows as
    the number of songs, and the clusters do not depend on their order.

    Args:
        signatures: (songs, PERMUTATIONS), which may be mapped from disk.
        spread: does work on units in any process, and gives the results in order.
        folder: where temporary files go, those of many songs.

    Returns:
        (songs,) the first song of the cluster that each is in; one in which nothing sounds is alone.

    >>> clusters(np.array([[5] * PERMUTATIONS, [6] * PERMUTATIONS, [5] * PERMUTATIONS], dtype=np.uint32)).tolist()
    [0, 1, 0]
    """
    signatures, roots = np.asarray(signatures), np.arange(len(signatures))
    kept = _first_of_equal(signatures, roots, folder)
    given: deque[Places] = deque()  # the places of the rows of each piece that is given out

    def pieces() -> Iterator[Piece]:
        for band in range(BANDS):
            for records in _shuffled(_records(signatures, kept, band), int(kept.sum()), folder):
                records = records[_in_question(records["key"], _roots(roots, records["place"]))]
                records = records[np.lexsort((records["place"], records["next"], records["key"]))]
                for begin in range(0, len(records), _PIECE):
                    some = records[begin : begin + _PIECE + _NEIGHBOURS]
                    places = some["place"].copy()
                    given.append(places)
                    own = min(_PIECE, len(records) - begin)
                    yield signatures[places], some["key"].copy(), _roots(roots, places), own

    for one, other in spread(near_pairs, pieces()):
        places = given.popleft()
        _join(roots, places[one], places[other])
    for begin in range(0, len(roots), _BLOCK):  # a root stands before what it is the root of
        roots[begin : begin + _BLOCK] = _roots(roots, roots[begin : begin + _BLOCK])
    return roots


def _first_of_equal(signatures: Signatures, roots: Places, folder: Path | None) -> NDArray[np.bool_]:
    """Joins equal rows; gives (rows,) whether each is the first of its equals, and sounds."""
    silent = _numbers(np.full((1, PERMUTATIONS), SILENT))
    kept = np.zeros(len(roots), dtype=np.bool_)
    for records in _shuffled(_records(signatures, ~kept), len(kept), folder):
        records = records[records["key"] != silent]
        begins = _begins(records["key"])
        first = np.minimum.reduceat(records["place"], begins)
        roots[records["place"]] = np.repeat(first, np.diff(begins, append=len(records)))
        kept[first] = True
    return kept


def _records(signatures: Signatures, chosen: NDArray[np.bool_], band: int | None = None) -> Iterator[Records]:
    """The records of chosen rows in their order, block by block; without a band by the whole rows."""
    bands = (band, (band + 1) % BANDS) if band is not None else ()
    columns = [slice(ROWS * number, ROWS * (number + 1)) for number in bands] or [slice(None)]
    for begin in range(0, len(signatures), _BLOCK):
        own = np.flatnonzero(chosen[begin : begin + _BLOCK])
        made = np.zeros(len(own), dtype=RECORD)
        made["place"] = begin + own
        for field, some in zip(("key", "next"), columns, strict=False):
            made[field] = _numbers(signatures[begin : begin + _BLOCK, some][own], some)
        yield made


def _numbers(rows: Signatures, columns: slice = slice(None)) -> NDArray[np.uint64]:
    """A number for each of the rows, equal for equal ones."""
    factors = weights(PERMUTATIONS)[columns] | np.uint64(1)
    return mixed((rows * factors).sum(axis=1, dtype=np.uint64))


def _shuffled(blocks: Iterable[Records], count: int, folder: Path | None) -> Iterator[Records]:
    """Records sorted by key, a part of them at a time, those of a key together."""
    parts = -(-count // PART)
    if parts <= 1:
        yield _sorted(np.concatenate([np.zeros(0, dtype=RECORD), *blocks]))
        return
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile(dir=folder)) for _ in range(parts)]
        for block in blocks:
            part = (block["key"] >> np.uint64(32)) * np.uint64(parts) >> np.uint64(32)
            order = np.argsort(part, kind="stable")
            for file, own in zip(files, np.split(order, np.searchsorted(part[order], range(1, parts))), strict=True):
                file.write(block[own].tobytes())
        for file in files:
            file.seek(0)
            yield _sorted(np.frombuffer(file.read(), dtype=RECORD))


def _sorted(records: Records) -> Records:
    return records[np.argsort(records["key"])]


def _begins(key: NDArray[np.uint64]) -> Places:
    """Where each key begins, in rows in which equal ones stand together."""
    return np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])


def _in_question(key: NDArray[np.uint64], roots: Places) -> NDArray[np.bool_]:
    """(rows,) whether among the rows of its key, which stand together, there are several roots."""
    if not len(key):
        return np.zeros(0, dtype=np.bool_)
    begins = _begins(key)
    several = np.minimum.reduceat(roots, begins) != np.maximum.reduceat(roots, begins)
    return np.repeat(several, np.diff(begins, append=len(key)))


def _roots(roots: Places, places: Places) -> Places:
    """(places,) the root of each: `roots` leads there step by step."""
    found = roots[places]
    while not np.array_equal(found, above := roots[found]):
        found = above
    return found


def _join(roots: Places, one: Places, other: Places) -> None:
    """Joins pairs of places, in time that does not depend on how many others there are."""
    while len(one):
        one, other = _roots(roots, one), _roots(roots, other)
        low, high = np.minimum(one, other), np.maximum(one, other)
        apart = low != high
        one, other = low[apart], high[apart]
        np.minimum.at(roots, other, one)


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
