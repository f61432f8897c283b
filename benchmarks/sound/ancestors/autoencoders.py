"""Autoencoders of spectrograms: dense, convolutional, and variational ones.

New sounds of the first two are of latents from the normal distribution that those of the training sounds have; of a
variational one, from the standard normal distribution.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from benchmarks.sound.ancestors.base import LossAncestor, draw_near
from benchmarks.sound.ancestors.spectrograms import BINS, MOMENTS, levels_of, waves_of

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
CHANNELS, LATENT = (1, 8, 16, 32, 32), 16  # of the convolutional ones, each of half the size of the one before


class SpectrogramAutoencoder(LossAncestor):
    """An autoencoder of spectrograms, whose loss is the squared error.

    Args:
        encoder: from spectrograms, (batch, 1, BINS, MOMENTS), to latents, (batch, n).
        decoder: from latents to spectrograms before the logistic function.
    """

    def __init__(self, sounds: Tensor, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__(sounds)
        self.encoder, self.decoder = encoder, decoder
        self._levels = levels_of(sounds)[:, None]

    def loss(self, chosen: Tensor) -> Tensor:
        """Return the mean squared error of levels."""
        levels = self._levels[chosen]
        return ((self._decoded(self.encoder(levels)) - levels) ** 2).mean()

    def sample(self, count: int) -> Tensor:
        """Make sounds of latents near those of the training sounds, (count, FRAMES)."""
        return waves_of(self._decoded(self._latents(count))[:, 0])

    def _decoded(self, latents: Tensor) -> Tensor:
        return torch.sigmoid(self.decoder(latents))

    def _latents(self, count: int) -> Tensor:
        return draw_near(self.encoder(self._levels), count)


class Variational(SpectrogramAutoencoder):
    """A variational autoencoder: a normal distribution for each sound, drawn towards the standard one.

    Args:
        encoder: to means and logarithms of variances, (batch, 2 * LATENT).
        weight: of the divergence beside the mean squared error.
    """

    def __init__(self, sounds: Tensor, encoder: nn.Module, decoder: nn.Module, weight: float) -> None:
        super().__init__(sounds, encoder, decoder)
        self._weight = weight

    def loss(self, chosen: Tensor) -> Tensor:
        """Return the mean squared error of levels, and the weighted divergence in nats."""
        levels = self._levels[chosen]
        mean, log_variance = self.encoder(levels).chunk(2, dim=1)
        decoded = self._decoded(mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance.clamp(-10, 4)))
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
        return ((decoded - levels) ** 2).mean() + self._weight * divergence

    def _latents(self, count: int) -> Tensor:
        return torch.randn(count, LATENT)


def dense(sounds: Tensor, units: Sequence[int], activation: str) -> SpectrogramAutoencoder:
    """Return an autoencoder of dense layers.

    Args:
        units: of the encoder's layers, the last of which is the latent; the decoder has them the other way round.
        activation: of the layers between, one of `ACTIVATIONS`.
    """
    sizes = [BINS * MOMENTS, *units]
    encoder = nn.Sequential(nn.Flatten(), *_dense_layers(sizes, activation))
    decoder = nn.Sequential(*_dense_layers(sizes[::-1], activation), nn.Unflatten(1, (1, BINS, MOMENTS)))
    return SpectrogramAutoencoder(sounds, encoder, decoder)


def _dense_layers(sizes: Sequence[int], activation: str) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), ACTIVATIONS[activation]()]
    return layers[:-1]


def convolutional(sounds: Tensor) -> SpectrogramAutoencoder:
    """Return an autoencoder of four convolutions each way, with a latent of 16 numbers."""
    return SpectrogramAutoencoder(sounds, _encoder(LATENT), _decoder())


def variational(sounds: Tensor, weight: float) -> Variational:
    """Return the convolutional autoencoder as a variational one, with a weight of its divergence."""
    return Variational(sounds, _encoder(2 * LATENT), _decoder(), weight)


def _size() -> tuple[int, int, int]:
    halved = 2 ** (len(CHANNELS) - 1)
    return CHANNELS[-1], BINS // halved, MOMENTS // halved


def _encoder(outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    for before, after in pairwise(CHANNELS):
        layers += [nn.Conv2d(before, after, 4, 2, 1), nn.ReLU()]
    channels, bins, moments = _size()
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * bins * moments, outputs))


def _decoder() -> nn.Module:
    channels, bins, moments = _size()
    layers: list[nn.Module] = [nn.Linear(LATENT, channels * bins * moments), nn.Unflatten(1, (channels, bins, moments))]
    for before, after in pairwise(CHANNELS[::-1]):
        layers += [nn.ReLU(), nn.ConvTranspose2d(before, after, 4, 2, 1)]
    return nn.Sequential(*layers)
