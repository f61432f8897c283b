"""drumtok's own sound model, trained on the sounds of one class as the others are."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from benchmarks.sound.ancestors.base import FRAMES, LossAncestor
from drumtok.sound.classes import CLASSES, SOUND_CLASSES
from drumtok.sound.latents import network_of
from drumtok.sound.parameters import analyse
from drumtok.sound.voices import SoundModel
from drumtok.training.data.sound_vectors import SoundVectors, changed
from drumtok.training.sound_config import SoundTrainingConfig
from drumtok.training.sound_model import DecibelLoss, SoundNet
from drumtok.training.sound_training import LEAST_SCALE, WARM_UP, save_sounds

CONFIG = SoundTrainingConfig()
# The latent of the bundled network is for the sounds of all classes. With as many numbers, the few sounds of one class
# are so far apart that most latents between them decode to nearly the same sound.
SOUNDS_PER_NUMBER = 5


class OwnModel(LossAncestor):
    """The variational autoencoder of sound parameters, with a constant learning rate and without a classifier.

    Args:
        sound_class: what the sounds are; the parameters of one with a pitch include partials.
    """

    batch = CONFIG.batch

    def __init__(self, sounds: Tensor, sound_class: str) -> None:
        super().__init__(sounds)
        self._class = sound_class
        self._config = replace(CONFIG, latent=int(np.clip(len(sounds) // SOUNDS_PER_NUMBER, 1, CONFIG.latent)))
        vectors = np.concatenate([analyse(wave[None], [CLASSES[sound_class].tonal]) for wave in sounds.numpy()])
        number = np.full(len(vectors), SOUND_CLASSES.index(sound_class))
        self._data = SoundVectors(vectors, vectors, number, [""] * len(vectors))
        mean, scale = vectors.mean(axis=0), vectors.std(axis=0).clip(LEAST_SCALE)
        self.network = SoundNet(self._config.latent, CONFIG.hidden, CONFIG.ear, *map(torch.from_numpy, (mean, scale)))
        self.decibels, self._steps = DecibelLoss(), 0

    def loss(self, chosen: Tensor) -> Tensor:
        """Return decibels and weighted divergence, as `LitSound` does."""
        vectors = changed(torch.from_numpy(self._data.vectors)[chosen], CONFIG.augment, torch.default_generator)
        mean, log_variance = self.network.encode(vectors)
        latents = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance.clamp(-8, 4))
        off = self.decibels(self.network.decode(latents, torch.from_numpy(self._data.classes)[chosen]), vectors).mean()
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
        self._steps += 1
        return torch.as_tensor(off + CONFIG.kl * min(1, self._steps / WARM_UP) * divergence)

    def sample(self, count: int) -> Tensor:
        """Render sounds of the checkpoint that this model is written to, (count, FRAMES)."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sound.safetensors"
            save_sounds(self.network, self._data, self._config, path)
            model = SoundModel(network_of(path))
        rng = np.random.default_rng(int(torch.randint(2**31, ())))
        latents = (model.sample(self._class, rng) for _ in range(count))
        waves = [torch.from_numpy(model.render(self._class, each, take=take)) for take, each in enumerate(latents)]
        return torch.stack([pad(wave[:FRAMES], (0, max(FRAMES - len(wave), 0))) for wave in waves])
