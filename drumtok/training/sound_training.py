"""Train the sound model: the Lightning module, the prior of its latents, and the checkpoint."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, IterableDataset

from drumtok.runtime.weights import write_weights
from drumtok.sound.latents import FORMAT
from drumtok.training.data.sound_vectors import SoundVectors, changed
from drumtok.training.sound_config import SoundTrainingConfig
from drumtok.training.sound_model import DecibelLoss, SoundNet
from drumtok.training.sound_prior import prior_of
from drumtok.version import __version__

WARM_UP = 300  # steps until the divergence has its full weight
LEAST_SCALE = 3.0  # decibels by which parameters are divided, at least


class Batches(IterableDataset[tuple[Tensor, Tensor, Tensor]]):
    """Randomly chosen and augmented sounds: their parameters, those of a toneless analysis, and their classes.

    A sound is drawn with a weight of one over the square root of the size of its class.
    """

    def __init__(self, sounds: SoundVectors, config: SoundTrainingConfig) -> None:
        super().__init__()
        self._sounds, self._config = sounds, config

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(self._config.seed)
        arrays = (self._sounds.vectors, self._sounds.toneless, self._sounds.classes)
        vectors, toneless, classes = map(torch.from_numpy, arrays)
        weights = torch.bincount(classes).float()[classes] ** -0.5
        for _ in range(self._config.steps):
            drawn = torch.multinomial(weights, self._config.batch, replacement=True, generator=generator)
            own, bare = (changed(found[drawn], self._config.augment, generator) for found in (vectors, toneless))
            yield own, bare, classes[drawn]


class LitSound(pl.LightningModule):
    """A `SoundNet` in training."""

    def __init__(self, network: SoundNet, config: SoundTrainingConfig) -> None:
        super().__init__()
        self.network, self.loss, self._config = network, DecibelLoss(), config

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], number: int) -> Tensor:
        """Return the loss of a batch: decibels, divergence and the nats of the classes."""
        vectors, toneless, classes = batch
        mean, log_variance = self.network.encode(vectors)
        latents = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance.clamp(-8, 4))
        decibels = self.loss(self.network.decode(latents, classes), vectors).mean()
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
        nats = cross_entropy(self.network.classify(toneless), classes, label_smoothing=0.05)
        self.log_dict({"decibels": decibels, "divergence": divergence, "nats": nats}, prog_bar=True)
        return torch.as_tensor(decibels + self._config.kl * min(1, number / WARM_UP) * divergence + nats)

    def configure_optimizers(self) -> Any:
        """Return AdamW with one cycle of the learning rate."""
        rate, steps = self._config.learning_rate, self._config.steps
        optimiser = torch.optim.AdamW(self.network.parameters(), rate, weight_decay=1e-3)
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps + 1, pct_start=0.1)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": cycle, "interval": "step"}}


def train_sounds(sounds: SoundVectors, config: SoundTrainingConfig, **options: Any) -> SoundNet:
    """Train a network.

    Args:
        options: options of `pl.Trainer`.
    """
    pl.seed_everything(config.seed, verbose=False)
    mean, scale = sounds.vectors.mean(axis=0), sounds.vectors.std(axis=0).clip(LEAST_SCALE)
    network = SoundNet(config.latent, config.hidden, config.ear, torch.from_numpy(mean), torch.from_numpy(scale))
    trainer = pl.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_model_summary=False, **options
    )
    trainer.fit(LitSound(network, config), DataLoader(Batches(sounds, config), batch_size=None))
    return network.eval()


@torch.no_grad()
def save_sounds(network: SoundNet, sounds: SoundVectors, config: SoundTrainingConfig, path: Path) -> None:
    """Write the checkpoint of a trained network, with the prior of the latents of its sounds.

    Raises:
        DrumtokError: a weight is not finite, or the file cannot be written.
    """
    weights = {name: weight.numpy() for name, weight in network.state_dict().items()}
    weights |= prior_of(network.encode(torch.from_numpy(sounds.vectors)).mean.numpy(), sounds.classes)
    description = {
        "format": FORMAT,
        "config": {"latent": config.latent, "hidden": config.hidden, "ear": config.ear},
        "provenance": {
            "drumtok": __version__,
            "sounds": len(sounds.vectors),
            "sources": sorted(set(sounds.sources)),
            "held_out": sorted(config.held_out),
            "steps": config.steps,
            "seed": config.seed,
        },
    }
    write_weights(path, description, weights)
