"""Random songs, as arrays of hits and as word ids, for tests of near-duplicates and leaks."""

import numpy as np

from drumtok.tokenizer.tokens import BAR_ID, hits_to_ids

DENSITIES = np.array([0.3, 0.15, 0.5, 0.05, 0.02, 0.02, 0.02, 0.1, 0.03])  # the fraction of steps with a hit, by drum


def some_bars(rng, count, steps=16):
    """Return the hits of random bars, (bars, steps, 9)."""
    return rng.random((count, steps, 9)) < DENSITIES


def song(bars):
    """Return the word ids of bars."""
    return np.pad(hits_to_ids(bars), ((0, 0), (0, 1)), constant_values=BAR_ID).ravel()
