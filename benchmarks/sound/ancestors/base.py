"""What the ancestors share: the sounds that they are trained on, batches of them, and a step of the optimiser."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

FRAMES = 16_384  # of a sound, 0.37 seconds: as many as WaveGAN makes, and as the metrics compare


class Ancestor(nn.Module, ABC):
    """A model that makes one-shots of one class.

    Args:
        sounds: what it is trained on, (sounds, frames), with a peak of 1; one-shots have `FRAMES`.
    """

    sounds: Tensor

    def __init__(self, sounds: Tensor) -> None:
        super().__init__()
        self.register_buffer("sounds", sounds)

    @abstractmethod
    def step(self) -> None:
        """Train for one step of the optimiser, on a random batch."""

    @abstractmethod
    def sample(self, count: int) -> Tensor:
        """Make sounds, (count, frames)."""


class LossAncestor(Ancestor):
    """An ancestor that lowers one loss by Adam; `build` makes its networks, `batch` and `rate` are its budget."""

    batch = 32
    rate = 1e-3
    _optimiser: torch.optim.Optimizer | None = None

    @abstractmethod
    def loss(self, chosen: Tensor) -> Tensor:
        """Return the loss of some of the sounds, by their numbers, (batch,)."""

    def step(self) -> None:
        """Train for one step of Adam, on a random batch."""
        if self._optimiser is None:
            self._optimiser = torch.optim.Adam(self.parameters(), self.rate, fused=True)
        self._optimiser.zero_grad()
        self.loss(torch.randint(len(self.sounds), (self.batch,))).backward()
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)
        self._optimiser.step()


def draw_near(latents: Tensor, count: int) -> Tensor:
    """Draw latents, (count, size), from the normal distribution of those of real sounds, (sounds, size)."""
    centred = latents - latents.mean(dim=0)
    # Random mixtures of real latents have their covariance, which needs not be factorised: it may be singular.
    return latents.mean(dim=0) + torch.randn(count, len(latents)) @ centred / max(len(latents) - 1, 1) ** 0.5
