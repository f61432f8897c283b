"""The prior of the latents of each class, from `kits/prior.json`: a normal distribution fitted to real sounds."""

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.runtime.files import data_path
from drumtok.runtime.reading import read_text
from drumtok.sound.synthesis import REACH

FILE = "kits/prior.json"


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution of latents: its mean, (n,), and the Cholesky factor of its covariance, (n, n)."""

    mean: NDArray[np.float64]
    factor: NDArray[np.float64]

    def sample(self, rng: np.random.Generator, spread: float = 1.0) -> NDArray[np.float32]:
        """Draw a latent, (n,)."""
        drawn = self.mean + spread * self.factor @ rng.standard_normal(len(self.mean))
        return np.clip(drawn, -REACH, REACH).astype(np.float32)


@lru_cache(maxsize=1)
def priors() -> dict[str, Gaussian]:
    """Return the priors of the classes that have one."""
    rows = json.loads(read_text(data_path(FILE)))
    return {name: Gaussian(np.array(row["mean"]), np.array(row["factor"])) for name, row in rows.items()}


def prior_of(sound_class: str, size: int) -> Gaussian:
    """Return the prior of a class, standard normal where none was fitted."""
    return priors().get(sound_class) or Gaussian(np.zeros(size), np.eye(size))
