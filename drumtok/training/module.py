"""The LightningModule and the DataModule of training; `trainer.py` runs them.

Everything that a step depends on is in Lightning's checkpoint or follows from the number of finished steps (the
learning rate, the order of the songs, dropout), so an interrupted run continues from its last checkpoint as if it had
not been interrupted. On the CPU the weights are identical to the bit.
"""

import copy
import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

from drumtok.network.config import GrooveConfig, ModelConfig
from drumtok.training.config import TrainingConfig
from drumtok.training.data.validation_batches import SongBatches
from drumtok.training.data.window_batches import IGNORE, TARGET, EpochSource, Split, WindowBatches
from drumtok.training.losses import hit_word_sums, train_loss
from drumtok.training.model import DrumLSTM
from drumtok.training.runs import RECORD

FASTER = "faster"  # the key of an optimiser's group for the factor of its learning rate
AGREE_EVERY = 20  # steps between synchronisations of the time, each of which makes devices wait


class LitDrums(pl.LightningModule):
    """A `DrumLSTM` in training; `groove_module.LitGroove` overrides what differs for a groove network.

    Attributes:
        network: the network in training.
        average: the moving average of its weights, or None; a submodule, so that it is in checkpoints and on the same
            device.
        figures: the figures of the last validation; the best network has the lowest `val_bits`.
        seconds: the duration of the run, including earlier parts of a resumed one.
        steps_per_epoch, epoch_words: optimiser steps and words of an epoch.
    """

    undecayed: tuple[str, ...] = ("word.weight", "position.weight")  # embeddings, whose rows are rarely trained
    labels: tuple[str, ...] = ("labels.",)  # have their own learning rate and do not decay
    sums = 3  # number of sums of a validation

    def __init__(
        self,
        model: ModelConfig | GrooveConfig,
        config: TrainingConfig,
        record: Mapping[str, Any] | None = None,
        weights: Mapping[str, NDArray[np.floating]] | None = None,
    ) -> None:
        """Make the network, with random or the given weights."""
        super().__init__()
        self._config, self._record = config, dict(record or {})
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.network = self.network_of(model)
        if weights is not None:
            self.network.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
        self.average = copy.deepcopy(self.network).requires_grad_(False) if config.average else None
        self.figures: dict[str, float] = {}
        self.seconds, self._seconds_before, self._began = 0.0, 0.0, 0.0
        self.steps_per_epoch, self.epoch_words = 1, 0
        self._sums = torch.zeros(self.sums, dtype=torch.float64)
        self._rhythm: int | None = 1  # epochs from one validation to the next

    def network_of(self, model: Any) -> Any:
        """Return a network for a config, with random weights."""
        return DrumLSTM(model)

    def loss_of(self, batch: Any) -> Tensor:
        """Return the loss of one batch of training."""
        return train_loss(self.network, batch)

    def count_of(self, batch: Any) -> Tensor:
        """Return the number of words that the loss of a batch averages."""
        return (batch[..., TARGET] != IGNORE).sum()

    def sums_of(self, batch: Any) -> Tensor:
        """Return the summands of a batch of whole songs in the sums of a validation."""
        return hit_word_sums(self.kept, batch)

    def figures_of(self, sums: list[float]) -> dict[str, float]:
        """Compute the figures from the sums of a validation."""
        bits, right, count = sums
        return {"val_bits": bits / max(count, 1), "val_accuracy": right / max(count, 1)}

    def summary_line(self) -> str:
        """Describe the figures of the last validation in words."""
        return f"{self.figures['val_bits']:.3f} bits per step, {self.figures['val_accuracy']:.1%} of the steps right"

    @property
    def kept(self) -> Any:
        """The network that is validated and exported."""
        return self.network if self.average is None else self.average

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW, which decays only matrices, not biases or embeddings, with a higher rate for labels."""
        decayed: list[torch.nn.Parameter] = []
        other: list[torch.nn.Parameter] = []
        labels: list[torch.nn.Parameter] = []
        for name, weight in self.network.named_parameters():
            is_matrix = weight.ndim == 2 and not name.endswith(self.undecayed)
            (labels if name.startswith(self.labels) else decayed if is_matrix else other).append(weight)
        groups: list[dict[str, Any]] = [
            {"params": decayed, FASTER: 1.0},
            {"params": other, FASTER: 1.0, "weight_decay": 0.0},
            {"params": labels, FASTER: self._config.label_rate, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self._config.learning_rate, weight_decay=self._config.weight_decay)

    def on_train_start(self) -> None:
        """Start the clock."""
        self._began = time.monotonic()
        self.steps_per_epoch = -(-int(self.trainer.num_training_batches) // self._config.accumulate)
        self._rhythm = self.trainer.check_val_every_n_epoch
        if self.trainer.ckpt_path:
            # after a checkpoint from a validation, Lightning must consider that one due, or it adds a step
            self.trainer.check_val_every_n_epoch = 1

    def training_step(self, batch: Any, batch_index: int) -> Tensor:
        """Return the loss of one batch: for a `DrumLSTM` windows, (windows, window, 9 + look-backs)."""
        # dropout uses the global generator; with this seed, a resumed run drops the same units
        within = batch_index % self._config.accumulate
        torch.manual_seed(hash((self._config.seed, self.global_step, self.global_rank, within)[: 3 + bool(within)]))
        loss = self.loss_of(batch) * self._weight(batch)
        self.log("train_bits", loss.detach() / math.log(2), prog_bar=True, batch_size=1, sync_dist=self._world > 1)
        return loss

    @property
    def _world(self) -> int:
        """The number of devices of all nodes."""
        return 1 if self._trainer is None else self.trainer.world_size

    def _weight(self, batch: Any) -> Tensor | float:
        """Return the weight of a device, so that the mean over devices is the mean over words or hits."""
        if self._world == 1:
            return 1.0
        count = self.count_of(batch).float()
        total = self.trainer.strategy.reduce(count.clone(), reduce_op="sum")
        return count * self._world / torch.as_tensor(total).clamp(min=1)

    def optimizer_step(self, epoch: int, batch_idx: int, optimizer: Any, optimizer_closure: Any = None) -> None:
        """Take a step at the schedule's learning rate, and average the weights after it."""
        rate = self._config.rate(self._fraction_done()) * self._config.rate_factor(self._world)
        for group in optimizer.param_groups:
            group["lr"] = rate * group[FASTER]
        decay = self._config.decay(self.global_step)
        super().optimizer_step(epoch, batch_idx, optimizer, optimizer_closure)
        if self.average is not None:
            with torch.no_grad():
                averaged: list[Tensor] = list(self.average.parameters())
                trained: list[Tensor] = list(self.network.parameters())
                torch._foreach_lerp_(averaged, trained, 1 - decay)  # averaged += (1 - decay) * (trained - averaged)

    def _fraction_done(self) -> float:
        if self.trainer.world_size == 1 or self.global_step % AGREE_EVERY == 0:
            now = self._seconds_before + time.monotonic() - self._began
            self.seconds = self.trainer.strategy.broadcast(now)
        return self._config.fraction_done(self.global_step, self.steps_per_epoch, self.seconds)

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """End the run after its steps or its time, with a validation independent of `validate_every`."""
        seconds, steps, epochs = self._config.seconds, self._config.steps, self._config.epochs
        if (seconds is not None and self.seconds >= seconds) or (steps is not None and self.global_step >= steps):
            self.trainer.should_stop = True
        at_end = self.trainer.should_stop or (epochs and self.trainer.current_epoch + 1 >= epochs)
        self.trainer.check_val_every_n_epoch = 1 if at_end else self._rhythm

    def on_validation_epoch_start(self) -> None:
        """Begin new sums."""
        self._sums = torch.zeros(self.sums, dtype=torch.float64)

    def validation_step(self, batch: Any, batch_index: int) -> None:
        """Add a batch of whole songs to the sums."""
        self._sums += self.sums_of(batch)

    def on_validation_epoch_end(self) -> None:
        """Compute the figures from the sums of all devices."""
        sums = self.trainer.strategy.reduce(self._sums.float().to(self.device), reduce_op="sum")
        self.figures = self.figures_of(sums.tolist())
        for name, value in self.figures.items():
            self.log(name, value, prog_bar=True, rank_zero_only=False)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what `open_run` reads, the time, and the figures of the last validation."""
        checkpoint[RECORD] = {**self._record, "seconds": self.seconds, "figures": self.figures}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Set the clock and the figures."""
        self.seconds = self._seconds_before = checkpoint[RECORD]["seconds"]
        self.figures = checkpoint[RECORD].get("figures", {})  # missing before 0.12.0


class DrumData(pl.LightningDataModule):
    """The windows of the training songs and the whole validation songs."""

    def __init__(self, train: EpochSource, validation: Split, model: ModelConfig, config: TrainingConfig) -> None:
        super().__init__()
        self._validation, self._lookback, self._config = validation, model.lookback, config
        self.windows: Any = WindowBatches(
            train,
            config.window,
            config.batch,
            model.lookback,
            config.seed,
            model.labels,
            config.conditioning,
            config.cut,
        )

    def steps_per_epoch(self, world: int) -> int:
        """Return the steps of an epoch on `world` devices, which share its batches."""
        self.windows.set_batches_per_step(world * self._config.accumulate)
        return len(self.windows) // (world * self._config.accumulate)

    def train_dataloader(self) -> DataLoader:
        """Return the remaining batches of the current epoch.

        Lightning calls this for every epoch.
        """
        world = self.trainer.world_size if self.trainer else 1
        done = self.trainer.global_step if self.trainer else 0
        epoch, steps = divmod(done, self.steps_per_epoch(world))
        self.windows.set_epoch(epoch, skip=steps * world * self._config.accumulate)
        return self.loader(self.windows, self._config.workers)

    def val_dataloader(self) -> DataLoader:
        """Return the batches of the validation songs."""
        batches = SongBatches(self._validation, self._lookback, multiple=self.trainer.world_size if self.trainer else 1)
        return self.loader(batches)

    def loader(self, batches: Any, workers: int = 0) -> DataLoader:
        """Return the batches of this device, every n-th in order, since Lightning's division would shuffle them."""
        trainer = self.trainer
        dealt: DistributedSampler | None = None
        if trainer is not None and trainer.world_size > 1:
            dealt = DistributedSampler(batches, trainer.world_size, trainer.global_rank, shuffle=False)
        pinned = torch.cuda.is_available()
        return DataLoader(batches, batch_size=None, sampler=dealt, num_workers=workers, pin_memory=pinned)
