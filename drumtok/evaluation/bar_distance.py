"""Distances between bars: to the nearest known bar, and among the bars of a piece.

The distance of two bars is the Hamming distance of their hits, weighted by drum: hits that only one of the bars has are
counted, twice for kick and snare, which define a groove more than the other drums.
"""

import numpy as np
from numpy.typing import NDArray

from drumtok.evaluation.rhythm_features import Bars
from drumtok.tokenizer.bar_plan import LANE_WEIGHTS

Distances = NDArray[np.float32]

DRUM_WEIGHTS = LANE_WEIGHTS.astype(np.float32)
BLOCK, KNOWN_BLOCK = 512, 2048  # bars of one matrix product, which fits in the processor's cache


def nearest_distance(bars: Bars, known: Bars, *, block: int = BLOCK, known_block: int = KNOWN_BLOCK) -> Distances:
    """Return the distance of each bar to the nearest known bar, by exact search.

    |a - b| = a + b - 2ab for hits, so all distances come from a matrix product; sums of small integers are exact in
    32-bit floats. Repeated bars are searched once.

    Args:
        bars: (n, steps, 9).
        known: (m, steps, 9).
        block, known_block: the numbers of bars and known bars in one matrix product.

    Returns:
        (n,) float32, infinite if there are no known bars.

    >>> silence, kick = np.zeros((2, 4, 9), dtype=bool)
    >>> kick[0, 0] = True
    >>> nearest_distance(np.array([silence, kick]), np.array([kick])).tolist()
    [2.0, 0.0]
    """
    steps = bars.shape[1]
    (unique, places), (others, _) = _unique(bars), _unique(known)
    weights = np.tile(DRUM_WEIGHTS, steps)
    nearest = np.full(len(unique), np.inf, dtype=np.float32)
    queries = np.column_stack([unique * (-2 * weights), np.ones(len(unique), dtype=np.float32)])  # (n, steps * 9 + 1)
    for first in range(0, len(others), known_block):
        known_bars = others[first : first + known_block].astype(np.float32)
        columns = np.ascontiguousarray(np.column_stack([known_bars, known_bars @ weights]).T)  # b and its weight
        for start in range(0, len(unique), block):
            part = slice(start, start + block)
            np.minimum(nearest[part], (queries[part] @ columns).min(axis=1), out=nearest[part])
    nearest += unique @ weights
    return nearest[places]


def _unique(bars: Bars) -> tuple[Bars, NDArray[np.intp]]:
    """Return the distinct bars, flat as (distinct, steps * 9), and the index of each bar among them."""
    flat = bars.reshape(len(bars), bars.shape[1] * bars.shape[2])  # -1 fails without bars
    packed = np.packbits(flat, axis=1)
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, places = np.unique(rows, return_index=True, return_inverse=True)
    return flat[first], places


def self_similarity(bars: Bars) -> Distances:
    """Return the similarity of every pair of n bars, (n, n).

    It is the fraction of their weighted hits that both bars have, or 1 if both are silent.

    >>> kick, both = np.zeros((2, 4, 9), dtype=bool)
    >>> kick[0, 0] = both[0, :3] = True  # kick, snare and closed hi-hat weigh 5: of 2 + 5, 2 + 2 are shared
    >>> self_similarity(np.array([kick, both])).round(2).astype(str).tolist()
    [['1.0', '0.57'], ['0.57', '1.0']]
    """
    flat = bars.reshape(len(bars), -1).astype(np.float32)
    weighted = flat * np.tile(DRUM_WEIGHTS, bars.shape[1])
    own = weighted.sum(axis=1)
    total = own[:, None] + own
    shared = 2 * weighted @ flat.T
    return np.divide(shared, total, out=np.ones_like(shared), where=total > 0)
