"""DDSP (Engel et al. 2020): a network that controls harmonics of one pitch and filtered noise."""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from benchmarks.sound.ancestors.base import FRAMES, LossAncestor, draw_near
from benchmarks.sound.ancestors.spectrograms import BINS, MOMENTS, levels_of
from drumtok.sound.bands import RATE

LATENT, HIDDEN = 16, 128
HARMONICS, NOISES = 30, 65  # harmonics, and bands of noise
LOWEST, HIGHEST = 40.0, 1000.0  # hertz of the pitch
POOLED = 8  # bins of a spectrogram that the encoder sees as one
WINDOW, HOP = 512, 256  # of the noise
WINDOWS = (2048, 512, 128)  # of the spectra that the loss compares


class DDSP(LossAncestor):
    """An encoder of spectrograms, a GRU that decodes latents to controls, harmonics, and noise."""

    batch = 8

    def __init__(self, sounds: Tensor) -> None:
        super().__init__(sounds)
        self._levels = levels_of(sounds).unflatten(1, (-1, POOLED)).mean(dim=2)  # (sounds, BINS / POOLED, MOMENTS)
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(BINS // POOLED * MOMENTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, LATENT)
        )
        self.before = nn.Sequential(nn.Linear(LATENT + 1, HIDDEN), nn.LayerNorm(HIDDEN), nn.ReLU())
        self.recurrent = nn.GRU(HIDDEN, HIDDEN, batch_first=True)
        self.controls = nn.Linear(HIDDEN, 2 + HARMONICS + NOISES)

    def loss(self, chosen: Tensor) -> Tensor:
        """Return the difference of spectra of three sizes, linear and logarithmic."""
        made, real = self.decode(self.encoder(self._levels[chosen])), self.sounds[chosen]
        off = torch.zeros(())
        for size in WINDOWS:
            window = torch.hann_window(size)
            one, other = (
                torch.stft(waves, size, size // 4, window=window, pad_mode="constant", return_complex=True).abs()
                for waves in (made, real)
            )
            off = off + (one - other).abs().mean()
            off = off + (torch.log(one + 1e-3) - torch.log(other + 1e-3)).abs().mean()
        return off

    def sample(self, count: int) -> Tensor:
        """Make sounds of latents near those of the training sounds, (count, FRAMES)."""
        return self.decode(draw_near(self.encoder(self._levels), count))

    def decode(self, latents: Tensor) -> Tensor:
        """Return sounds, (batch, FRAMES), of latents, (batch, LATENT)."""
        time = torch.linspace(0, 1, MOMENTS + 1).expand(len(latents), -1)[..., None]
        flow = torch.cat([latents[:, None].expand(-1, MOMENTS + 1, -1), time], dim=2)
        controls = self.controls(self.recurrent(self.before(flow))[0])
        pitch, level, harmonics, noise = controls.split([1, 1, HARMONICS, NOISES], dim=2)
        hertz = LOWEST * (HIGHEST / LOWEST) ** torch.sigmoid(pitch)
        levels = _positive(level) * torch.softmax(harmonics, dim=2)
        return harmonic_sound(hertz[..., 0], levels) + noise_sound(_positive(noise - 4))


def _positive(numbers: Tensor) -> Tensor:
    """Return numbers from 0 to 2, as the article maps them."""
    return 2 * torch.sigmoid(numbers) ** 2.303 + 1e-7


def harmonic_sound(hertz: Tensor, levels: Tensor) -> Tensor:
    """Return a pitch's harmonics, (batch, FRAMES).

    Args:
        hertz: of the pitch at moments, (batch, moments).
        levels: of the harmonics, (batch, moments, HARMONICS); those above half the sampling rate are silent.
    """
    number = torch.arange(1, HARMONICS + 1)
    levels = levels * (hertz[..., None] * number < RATE / 2)
    phase = 2 * torch.pi * torch.cumsum(_stretched(hertz[:, None]) / RATE, dim=2)  # (batch, 1, FRAMES)
    return (_stretched(levels.transpose(1, 2)) * torch.sin(phase * number[:, None])).sum(dim=1)


def _stretched(moments: Tensor) -> Tensor:
    return interpolate(moments, FRAMES, mode="linear", align_corners=True)


def noise_sound(levels: Tensor) -> Tensor:
    """Return noise, (batch, FRAMES), with levels of its bands at moments, (batch, moments, NOISES)."""
    window = torch.hann_window(WINDOW)
    noise = 2 * torch.rand(len(levels), FRAMES) - 1
    spectra = torch.stft(noise, WINDOW, HOP, window=window, pad_mode="constant", return_complex=True)
    gains = interpolate(levels, spectra.shape[1], mode="linear", align_corners=True).transpose(1, 2)
    return torch.istft(spectra * gains, WINDOW, HOP, window=window, length=FRAMES)
