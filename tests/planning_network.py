"""A small random network whose bar clock always draws certain values of a plan."""

import numpy as np

from drumtok.network.bar_clock import PREFIX as OF_CLOCK
from drumtok.network.bar_clock import clock_shapes
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.engine import weight_shapes
from drumtok.network.plan_reader import PREFIX as OF_READER
from drumtok.network.plan_reader import SHAPES
from drumtok.tokenizer.bar_plan import COLUMN

CONFIG = ModelConfig(hidden=6, layers=1, width=4, lookback=(1,), phrase=0)


def network(**surest: int) -> Checkpoint:
    """Return a random network whose bar clock always draws the given values of a plan."""
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in weight_shapes(CONFIG).items()}
    weights |= {OF_CLOCK + name: np.zeros(shape, dtype=np.float32) for name, shape in clock_shapes(CONFIG).items()}
    weights |= {OF_READER + name: np.zeros(shape, dtype=np.float32) for name, shape in SHAPES.items()}
    for name, value in surest.items():
        weights[f"{OF_CLOCK}heads.{COLUMN[name]}.bias"][value] = 50
    return Checkpoint(CONFIG, weights, name="tiny")


def without_clock(checkpoint: Checkpoint) -> Checkpoint:
    """Return a network without its bar clock."""
    bare = {name: own for name, own in checkpoint.weights.items() if not name.startswith((OF_CLOCK, OF_READER))}
    return Checkpoint(checkpoint.config, bare, name=checkpoint.name)
