"""Cluster near-duplicate songs by their signatures (`drumtok.dataset.leakage.minhash`), sorting in temporary files.

Each song takes 9 bytes of memory. Records of 24 bytes are sorted: those of a band are divided among temporary files by
their keys, and one file is sorted at a time. A file has about `SORTED_ROWS` records, more only if as many songs agree
in a band.
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

SORTED_ROWS = 2**18  # records that are sorted at once, 6 MB
RECORD = np.dtype([("key", "<u8"), ("next", "<u8"), ("place", "<i8")])  # the keys of two bands, and the song
_NEIGHBOURS = 16  # number of songs in its bucket that each song is compared with, so that time is linear in the size
_BLOCK = 2**12  # rows that are read at once
COMPARED_ROWS = 2**11  # rows that a worker compares at once, 1 MB

Places = NDArray[np.int64]
Records = NDArray[Any]  # of dtype RECORD
Comparison = tuple[Signatures, NDArray[np.uint64], Places, int]
Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def clusters(
    signatures: Signatures,
    spread: Spread = map,
    folder: Path | None = None,
    sorted_rows: int = SORTED_ROWS,
    compared_rows: int = COMPARED_ROWS,
) -> Places:
    """Join songs that are near-duplicates, directly or through others.

    Songs with equal signatures are joined first. The others are compared if they agree in a band of ROWS numbers; in a
    band with many songs, each is compared with a few that agree with it in the next band too. So time grows linearly
    with the number of songs, and the clusters do not depend on their order.

    Args:
        signatures: (songs, PERMUTATIONS), which may be mapped from disk.
        spread: a function like `map`, which may run in other processes.
        folder: where temporary files are made if there are more songs than `sorted_rows`.
        sorted_rows: records that are sorted at once.
        compared_rows: rows that are compared by one call.

    Returns:
        (songs,) the first song of each song's cluster; a song without hits is alone.

    >>> clusters(np.array([[5] * PERMUTATIONS, [6] * PERMUTATIONS, [5] * PERMUTATIONS], dtype=np.uint32)).tolist()
    [0, 1, 0]
    """
    signatures, roots = np.asarray(signatures), np.arange(len(signatures))
    kept = _first_of_equal(signatures, roots, folder, sorted_rows)
    submitted: deque[Places] = deque()  # the places of the rows of each comparison that has not returned

    def comparisons() -> Iterator[Comparison]:
        for band in range(BANDS):
            for records in _sorted_by_key(_records(signatures, kept, band), int(kept.sum()), folder, sorted_rows):
                for some, own in _blocks(records, roots, compared_rows):
                    places = some["place"].copy()
                    submitted.append(places)
                    yield signatures[places], some["key"].copy(), _roots(roots, places), own

    for one, other in spread(near_pairs, comparisons()):
        places = submitted.popleft()
        _join(roots, places[one], places[other])
    for begin in range(0, len(roots), _BLOCK):  # a root comes before the songs of its cluster
        roots[begin : begin + _BLOCK] = _roots(roots, roots[begin : begin + _BLOCK])
    return roots


def _blocks(records: Records, roots: Places, size: int) -> Iterator[tuple[Records, int]]:
    """Yield the records to compare, in blocks of `size` plus the neighbours after them, each with its size."""
    records = records[_in_question(records["key"], _roots(roots, records["place"]))]
    records = records[np.lexsort((records["place"], records["next"], records["key"]))]
    for begin in range(0, len(records), size):
        yield records[begin : begin + size + _NEIGHBOURS], min(size, len(records) - begin)


def _first_of_equal(signatures: Signatures, roots: Places, folder: Path | None, sorted_rows: int) -> NDArray[np.bool_]:
    """Join equal rows; return (rows,) whether each has hits and is the first of its equals."""
    silent = _keys(np.full((1, PERMUTATIONS), SILENT))
    kept = np.zeros(len(roots), dtype=np.bool_)
    for records in _sorted_by_key(_records(signatures, ~kept), len(kept), folder, sorted_rows):
        records = records[records["key"] != silent]
        begins = _begins(records["key"])
        first = np.minimum.reduceat(records["place"], begins)
        roots[records["place"]] = np.repeat(first, np.diff(begins, append=len(records)))
        kept[first] = True
    return kept


def _records(signatures: Signatures, chosen: NDArray[np.bool_], band: int | None = None) -> Iterator[Records]:
    """Yield the records of chosen rows in order, block by block; with keys of a band, or of whole rows."""
    bands = (band, (band + 1) % BANDS) if band is not None else ()
    columns = [slice(ROWS * number, ROWS * (number + 1)) for number in bands] or [slice(None)]
    for begin in range(0, len(signatures), _BLOCK):
        own = np.flatnonzero(chosen[begin : begin + _BLOCK])
        made = np.zeros(len(own), dtype=RECORD)
        made["place"] = begin + own
        for field, some in zip(("key", "next"), columns, strict=False):
            made[field] = _keys(signatures[begin : begin + _BLOCK, some][own], some)
        yield made


def _keys(rows: Signatures, columns: slice = slice(None)) -> NDArray[np.uint64]:
    """Return a key for each row, equal for equal rows."""
    factors = weights(PERMUTATIONS)[columns] | np.uint64(1)
    return mixed((rows * factors).sum(axis=1, dtype=np.uint64))


def _sorted_by_key(blocks: Iterable[Records], count: int, folder: Path | None, sorted_rows: int) -> Iterator[Records]:
    """Yield records sorted by key, about `sorted_rows` at a time, all those of a key together."""
    n_files = -(-count // sorted_rows)
    if n_files <= 1:
        yield _sorted(np.concatenate([np.zeros(0, dtype=RECORD), *blocks]))
        return
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile(dir=folder)) for _ in range(n_files)]
        for block in blocks:
            number = (block["key"] >> np.uint64(32)) * np.uint64(n_files) >> np.uint64(32)
            order = np.argsort(number, kind="stable")
            ends = np.searchsorted(number[order], range(1, n_files))
            for file, own in zip(files, np.split(order, ends), strict=True):
                file.write(block[own].tobytes())
        for file in files:
            file.seek(0)
            yield _sorted(np.frombuffer(file.read(), dtype=RECORD))


def _sorted(records: Records) -> Records:
    return records[np.argsort(records["key"])]


def _begins(key: NDArray[np.uint64]) -> Places:
    """Return where each key begins, in rows in which equal keys are adjacent."""
    return np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])


def _in_question(key: NDArray[np.uint64], roots: Places) -> NDArray[np.bool_]:
    """Return (rows,) whether the adjacent rows with the same key have different roots."""
    if not len(key):
        return np.zeros(0, dtype=np.bool_)
    begins = _begins(key)
    several = np.minimum.reduceat(roots, begins) != np.maximum.reduceat(roots, begins)
    return np.repeat(several, np.diff(begins, append=len(key)))


def _roots(roots: Places, places: Places) -> Places:
    """Return (places,) the root of each, following `roots` to the end."""
    found = roots[places]
    while not np.array_equal(found, above := roots[found]):
        found = above
    return found


def _join(roots: Places, one: Places, other: Places) -> None:
    """Join pairs of places in `roots`, in time that does not depend on the number of places."""
    while len(one):
        one, other = _roots(roots, one), _roots(roots, other)
        low, high = np.minimum(one, other), np.maximum(one, other)
        apart = low != high
        one, other = low[apart], high[apart]
        np.minimum.at(roots, other, one)


def near_pairs(comparison: Comparison) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find near-duplicates among rows in an order in which candidates are near each other.

    Args:
        comparison: (rows, PERMUTATIONS) signatures, the key and the root of each, and how many rows are compared with
            those after them.

    Returns:
        The places of both rows of each pair that joins two clusters.
    """
    block, key, roots, own = comparison
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
    """Return the roots after pairs of places are joined.

    Args:
        roots: (places,) the smallest place of each place's cluster.
        one, other: (pairs,) places whose clusters become one.
    """
    while True:
        low, high = np.minimum(roots[one], roots[other]), np.maximum(roots[one], roots[other])
        if (low == high).all():
            return roots
        roots = roots.copy()
        np.minimum.at(roots, high, low)
        while not np.array_equal(roots, roots[roots]):
            roots = roots[roots]
