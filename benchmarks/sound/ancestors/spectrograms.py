"""Spectrograms that networks are trained on, and sounds of them by the method of Griffin and Lim."""

import torch
from torch import Tensor

from benchmarks.sound.ancestors.base import FRAMES

WINDOW, HOP = 1024, 256
BINS, MOMENTS = WINDOW // 2, FRAMES // HOP  # of a spectrogram
HIGHEST, RANGE = 48.0, 80.0  # decibels: of a loud sine, and down to the lowest level
ROUNDS, MOMENTUM = 32, 0.9  # of the search for phases


def levels_of(waves: Tensor) -> Tensor:
    """Return spectrograms, (sounds, BINS, MOMENTS), from 0 for silence to 1 for the loudest."""
    magnitude = _transform(waves).abs()[:, :BINS, :MOMENTS]
    return ((20 * torch.log10(magnitude + 1e-6) - HIGHEST) / RANGE + 1).clamp(0, 1)


def waves_of(levels: Tensor) -> Tensor:
    """Return sounds, (sounds, FRAMES), of spectrograms, with phases that agree from one moment to the next."""
    magnitude = 10 ** (((levels.clamp(0, 1) - 1) * RANGE + HIGHEST) / 20) * (levels > 0)
    magnitude = torch.nn.functional.pad(magnitude, (0, 1, 0, 1))
    phases = torch.polar(torch.ones_like(magnitude), 2 * torch.pi * torch.rand_like(magnitude))
    before = torch.zeros_like(phases)
    for _ in range(ROUNDS):
        again = _transform(_inverse(magnitude * phases))
        phases = again - MOMENTUM / (1 + MOMENTUM) * before
        phases = phases / phases.abs().clamp(min=1e-9)
        before = again
    return _inverse(magnitude * phases)


def _transform(waves: Tensor) -> Tensor:
    window = torch.hann_window(WINDOW)
    return torch.stft(waves, WINDOW, HOP, window=window, pad_mode="constant", return_complex=True)


def _inverse(spectra: Tensor) -> Tensor:
    return torch.istft(spectra, WINDOW, HOP, window=torch.hann_window(WINDOW), length=FRAMES)
