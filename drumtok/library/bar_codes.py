"""Bars as bits, so that the distance of two bars is the number of bits in which they differ.

The distance is that of `drumtok.evaluation.bar_distance`: hits that only one of two bars has, each with the weight of
its drum. A drum of weight 2 stands in a code twice.
"""

import numpy as np
from numpy.typing import NDArray

from drumtok.evaluation.bar_distance import DRUM_WEIGHTS
from drumtok.evaluation.rhythm_features import Bars

Codes = NDArray[np.uint64]  # (bars, words)

WORD = 64  # bits
COLUMNS = np.repeat(np.arange(len(DRUM_WEIGHTS)), DRUM_WEIGHTS.astype(int))  # the drum of each bit of a step


def encode_bars(bars: Bars) -> Codes:
    """Return the codes of bars, (bars, steps, 9) -> (bars, words).

    >>> kick, snare_and_hat = np.zeros((2, 16, 9), dtype=bool)
    >>> kick[0, 0] = snare_and_hat[0, 1:3] = True
    >>> distances(encode_bars(kick[None])[0], encode_bars(np.array([kick, snare_and_hat]))).tolist()
    [0, 5]
    """
    length = bars.shape[1] * len(COLUMNS)
    bits = np.zeros((len(bars), length + -length % WORD), dtype=bool)
    bits[:, :length] = bars[:, :, COLUMNS].reshape(len(bars), length)
    return np.packbits(bits, axis=1).view(np.uint64)


def distances(code: NDArray[np.uint64], codes: Codes) -> NDArray[np.uint16]:
    """Return the distance of one bar to each of others of the same length."""
    found = np.zeros(len(codes), dtype=np.uint16)
    for word in range(codes.shape[1]):
        found += np.bitwise_count(codes[:, word] ^ code[word])
    return found


def distinct(codes: Codes) -> tuple[Codes, NDArray[np.int32]]:
    """Return the codes that differ, and the index of each code among them."""
    rows = np.ascontiguousarray(codes).view(np.dtype((np.void, codes.shape[1] * codes.itemsize))).ravel()
    _, first, places = np.unique(rows, return_index=True, return_inverse=True)
    return codes[first], places.astype(np.int32)
