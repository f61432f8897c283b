"""The network of the sound model: a variational autoencoder of sounds, and a classifier of their classes."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from drumtok.sound.latents import N_CLASSES
from drumtok.sound.parameters import LEVELS, SIZE, TONES, floors, importance
from drumtok.sound.tones import PARTIALS, PITCH, SILENT

LEAK = 0.02  # slope below a floor, so that gradients do not vanish there
KINK = 2.0  # decibels up to which the loss of a difference is quadratic


class Encoded(NamedTuple):
    """The distribution of the latents of sounds, (batch, latent)."""

    mean: Tensor
    log_variance: Tensor


class SoundNet(nn.Module):
    """Encode parameters of sounds as latents, and decode them by class.

    Args:
        latent, hidden, ear: units of the latent, of the hidden layers, and of the classifier.
        mean, scale: mean and scale of the parameters in training, (SIZE,).
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, latent: int, hidden: int, ear: int, mean: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.encoder = nn.Sequential(
            nn.Linear(SIZE, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, 2 * latent)
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent + N_CLASSES, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, SIZE),
        )
        self.ear = nn.Sequential(nn.Linear(SIZE, ear), nn.SiLU(), nn.Dropout(0.3), nn.Linear(ear, N_CLASSES))

    def encode(self, vectors: Tensor) -> Encoded:
        """Return the latents of sounds, (batch, SIZE)."""
        return Encoded(*self.encoder(self.normal(vectors)).chunk(2, dim=1))

    def decode(self, latents: Tensor, classes: Tensor) -> Tensor:
        """Return the parameters of sounds, (batch, SIZE), of latents, (batch, latent), and numbers of classes."""
        joined = torch.cat([latents, one_hot(classes, N_CLASSES).to(latents.dtype)], dim=1)
        made: Tensor = self.decoder(joined)
        return made * self.scale + self.mean

    def classify(self, vectors: Tensor) -> Tensor:
        """Return logits of the classes, (batch, classes), from parameters that were analysed as not tonal."""
        logits: Tensor = self.ear(self.normal(vectors))
        return logits

    def normal(self, vectors: Tensor) -> Tensor:
        """Return standardised vectors."""
        return (vectors - self.mean) / self.scale


class DecibelLoss(nn.Module):
    """The absolute difference of reconstructed and real parameters above their floors, weighted by importance."""

    floor: Tensor
    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("floor", torch.from_numpy(floors()))
        self.register_buffer("weight", torch.from_numpy(importance()))

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        """Return the loss of each sound, (batch,)."""
        above = torch.maximum(made, self.floor)
        off = (above + LEAK * (made - above) - real).abs()
        off = torch.where(off < KINK, off**2 / (2 * KINK) + KINK / 2, off)
        there = (real[:, LEVELS] > SILENT + 1).to(real.dtype)  # ratio and ring of a missing partial are ignored
        mask = torch.ones_like(real)
        mask[:, :3] = there[:, PITCH : PITCH + 1]
        mask[:, 3 : 3 + PARTIALS] = there
        mask[:, 3 + 2 * PARTIALS : TONES] = there
        return (off * mask * self.weight).mean(dim=1)
