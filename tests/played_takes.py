"""Random performances, and the shape of a small groove network to train on them."""

import numpy as np

from drumtok.network.config import GrooveConfig
from drumtok.pattern import Pattern

CONFIG = GrooveConfig(take=12, width=16, hidden=10, reach=2, decoder=8, mixing=14, dropout=0.2, styles=("funk", "rock"))


def a_take(seed, bars=3, **rest):
    """Return random hits; each drum has a velocity and an offset of its own, with some noise."""
    rng = np.random.default_rng(seed)
    hits = rng.random((16 * bars, 9)) < 0.25
    velocity = np.clip(30 + 10 * np.arange(9) + rng.integers(-5, 6, hits.shape), 1, 127)
    offset = np.clip(0.04 * np.arange(9) - 0.1 + rng.normal(0, 0.03, hits.shape), -0.5, 0.5)
    return Pattern(hits, velocity, offset, **rest)
