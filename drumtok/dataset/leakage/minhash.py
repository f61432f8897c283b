"""Compute the MinHash signatures for finding near-duplicate songs (`clustering` joins them).

Near-duplicates are the same bars in another order, the same lines on other drums, a song with one bar of four changed,
or a performance that was recorded again on another kit with a few hits lost or moved by a step.

The features of a song are its half bars, ignoring which drum plays which line, each counted up to four times. So the
order of bars does not matter, and a one-bar loop is recognised after one of its bars has changed, or if it is longer.
On the 1,150 files of the Groove MIDI Dataset, with one hit of 33 moved or lost, half bars find 79 % of the copies where
whole bars find 52 %, and join as few of the official test songs to training: 4. Quarters of bars find 93 %, but join
11, and put 13 songs into one cluster. Windows of two bars would miss songs whose bars are reordered.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.bar_hashes import hash_bars, mixed, weights
from drumtok.tokenizer.tokens import BAR_ID

BANDS, ROWS = 42, 3  # two songs at THRESHOLD agree in at least one band with a probability of 99 %
PERMUTATIONS = BANDS * ROWS
SEED = 1
OCCURRENCES = 4  # a half bar counts at most this often in a song
# Songs are near-duplicates from this Jaccard similarity of their features. One bar of four changed leaves 3/5; one bar
# of two leaves 1/3 and makes another song. The threshold is midway, three standard errors of the estimate from both.
THRESHOLD = (3 / 5 + 1 / 3) / 2
SILENT = np.uint32(2**32 - 1)  # the signature of a song without hits

Signatures = NDArray[np.uint32]


def signatures(ids: NDArray[np.uint16], ends: NDArray[np.integer]) -> Signatures:
    """Compute the MinHash signatures of songs.

    Args:
        ids: the words of the songs, concatenated, with `BAR` after every bar.
        ends: (songs,) where each song ends in `ids`.

    Returns:
        (songs, PERMUTATIONS); the fraction of equal numbers in two rows estimates the Jaccard similarity of the
        songs' features. A song without hits has `SILENT` everywhere.
    """
    factors, summands = permutations()
    features, song = _features(ids, ends)
    made = np.full((len(ends), PERMUTATIONS), SILENT)
    if len(song):
        first = np.flatnonzero(np.diff(song, prepend=-1))
        hashes = _finalised(features)
        for n in range(PERMUTATIONS):  # one at a time, so that the arrays stay in the processor's cache
            made[song[first], n] = np.minimum.reduceat(hashes * factors[n] + summands[n], first)
    return made


@cache
def permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the factors and summands (PERMUTATIONS,) of the affine permutations `h -> a * h + b` modulo 2^32.

    The factors are odd, which makes each map a bijection. `RandomState` gives the same numbers in every NumPy.
    """
    rng = np.random.RandomState(SEED)
    factors = rng.randint(0, 2**31, PERMUTATIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, rng.randint(0, 2**32, PERMUTATIONS, dtype=np.uint32)


def _features(ids: NDArray[np.uint16], ends: NDArray[np.integer]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the features of all songs and the song of each, ordered by song."""
    pieces = hash_bars(ids, halves=True)
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
    """Mix the bits of 32-bit hashes with the finaliser of MurmurHash3."""
    x = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))
