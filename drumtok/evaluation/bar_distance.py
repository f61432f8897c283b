"""Distances between bars: how far a bar is from the nearest known one, and how a piece's bars resemble each other.

The distance of two bars is the Hamming distance of their hits weighted by drum: the hits that one has and the other
has not, those of kick and snare counting double, for by these a groove is told from another.
"""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES
from drumtok.evaluation.rhythm_features import Bars

Distances = NDArray[np.float32]

HEAVY, LIGHT = 2.0, 1.0
HEAVY_DRUMS = ("kick", "snare")
DRUM_WEIGHTS = np.array([HEAVY if lane in HEAVY_DRUMS else LIGHT for lane in LANES], dtype=np.float32)
BLOCK, KNOWN_BLOCK = 512, 2048  # bars of a product of matrices, of few MiB, so that it is searched while in the cache


def nearest_distance(bars: Bars, known: Bars) -> Distances:
    """The distance of each bar to the nearest known bar, by exact search.

    |a - b| = a + b - 2ab for hits, so all distances are a product of matrices; sums of small whole numbers are exact
    in 32-bit floats. Bars that are there many times are searched once.

    Args:
        bars: (n, steps, 9).
        known: (m, steps, 9).

    Returns:
        (n,) float32, infinite where nothing is known.

    >>> silence, kick = np.zeros((2, 4, 9), dtype=bool)
    >>> kick[0, 0] = True
    >>> nearest_distance(np.array([silence, kick]), np.array([kick])).tolist()
    [2.0, 0.0]
    """
    steps = bars.shape[1]
    (unique, again), (others, _) = _unique(bars), _unique(known)
    weights = np.tile(DRUM_WEIGHTS, steps)
    nearest = np.full(len(unique), np.inf, dtype=np.float32)
    asked = np.column_stack([unique * (-2 * weights), np.ones(len(unique), dtype=np.float32)])  # (n, steps * 9 + 1)
    for first in range(0, len(others), KNOWN_BLOCK):
        block = others[first : first + KNOWN_BLOCK].astype(np.float32)
        columns = np.ascontiguousarray(np.column_stack([block, block @ weights]).T)  # b and its weight
        for start in range(0, len(unique), BLOCK):
            part = slice(start, start + BLOCK)
            np.minimum(nearest[part], (asked[part] @ columns).min(axis=1), out=nearest[part])
    nearest += unique @ weights
    return nearest[again]


def _unique(bars: Bars) -> tuple[Bars, NDArray[np.intp]]:
    """The different bars, flat (different, steps * 9), and which of them each bar is."""
    flat = bars.reshape(len(bars), bars.shape[1] * bars.shape[2])  # -1 would not do where there is no bar
    packed = np.packbits(flat, axis=1)
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, again = np.unique(rows, return_index=True, return_inverse=True)
    return flat[first], again


def self_similarity(bars: Bars) -> Distances:
    """(n, n) how alike each two of n bars are: the share of their weighted hits that both have, 1 if both are silent.

    >>> kick, both = np.zeros((2, 4, 9), dtype=bool)
    >>> kick[0, 0] = both[0, :3] = True  # kick, snare and closed hi-hat weigh 5: of 2 + 5 they share 2 + 2
    >>> self_similarity(np.array([kick, both])).round(2).astype(str).tolist()
    [['1.0', '0.57'], ['0.57', '1.0']]
    """
    flat = bars.reshape(len(bars), -1).astype(np.float32)
    weighted = flat * np.tile(DRUM_WEIGHTS, bars.shape[1])
    own = weighted.sum(axis=1)
    total = own[:, None] + own
    shared = 2 * weighted @ flat.T
    return np.divide(shared, total, out=np.ones_like(shared), where=total > 0)
