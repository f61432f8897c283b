"""Signatures of songs by which near-duplicates are known: MinHash over their half bars (`drumtok.dataset.leakage.clustering` joins them).

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

from functools import cache

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.bar_hashes import mixed, sum_bars, weights
from drumtok.errors import DrumtokError
from drumtok.tokenizer.tokens import BAR_ID

BANDS, ROWS = 42, 3  # two songs with THRESHOLD of their features in common share a band with a chance of 99 %
PERMUTATIONS = BANDS * ROWS
SEED = 1
OCCURRENCES = 4  # a half bar counts so often in a song, at most
# Songs are near-duplicates from this estimated share of common features, of all that either has. One bar of four
# changed leaves 3/5, one bar of two 1/3, which is another song: the threshold lies in the middle, three standard
# errors of the estimate from both.
THRESHOLD = (3 / 5 + 1 / 3) / 2
SILENT = np.uint32(2**32 - 1)  # datasketch's sign for a set without members

Signatures = NDArray[np.uint32]


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
    made = np.full((len(ends), PERMUTATIONS), SILENT)
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
