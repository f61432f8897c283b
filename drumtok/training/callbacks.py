"""Callbacks of training: checkpoints, exports, sampled patterns, a line for each validation."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from numpy.typing import NDArray
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

from drumtok.network.checkpoint import Checkpoint, save_checkpoint
from drumtok.pattern import Pattern
from drumtok.runtime.files import write_atomically
from drumtok.tokenizer.labels import ANY
from drumtok.training.config import TrainingConfig
from drumtok.training.module import LitDrums
from drumtok.training.run_folder import RunFolder
from drumtok.training.runs import corpus_digest
from drumtok.version import __version__

SAMPLE_BARS = 8


class Exporter:
    """Export checkpoints of the network in training.

    Args:
        manifest: the manifest of the corpus.
        grid: the steps per quarter note of the corpus.
        config: the training settings.
        init: the network that the run started from.
    """

    def __init__(
        self, manifest: Mapping[str, Any], grid: int, config: TrainingConfig, init: Checkpoint | None = None
    ) -> None:
        self._grid, self._config, self._init = grid, config, init
        self._kinds = (ANY, *manifest.get("kinds", {}))
        self._corpus = {"digest": corpus_digest(manifest), "sources": manifest.get("sources", [])}

    def weights(self, module: LitDrums) -> dict[str, NDArray[np.float32]]:
        """Return the current weights of the validated network."""
        return {name: tensor.float().cpu().numpy() for name, tensor in module.kept.state_dict().items()}

    def checkpoint(self, module: LitDrums) -> Checkpoint:
        """Return the validated network."""
        weights = self.weights(module)
        return Checkpoint(module.network.config, weights, self._grid, self._kinds, self.provenance(module))

    def save(self, module: LitDrums, path: Path) -> None:
        """Write the network."""
        save_checkpoint(self.checkpoint(module), path)

    def sample(self, module: LitDrums, seed: int) -> Pattern:
        """Sample a pattern, to listen to the progress of the network."""
        from drumtok.generation.generate import generate  # imported here, since training itself does not generate

        return generate(seed, bars=SAMPLE_BARS, checkpoint=self.checkpoint(module))

    def provenance(self, module: LitDrums) -> dict[str, Any]:
        steps = module.trainer.global_step
        figures = {name: float(value) for name, value in module.figures.items() if math.isfinite(value)}
        return {
            "drumtok": __version__,
            "corpus": self._corpus,
            "epochs": round(steps / module.steps_per_epoch, 3),
            "steps": steps,
            "words": round(steps / module.steps_per_epoch * module.epoch_words),
            "seconds": round(module.seconds, 1),
            "seed": self._config.seed,
            "config": asdict(self._config),
            **figures,
            **({"init": {"name": self._init.name, **self._init.provenance}} if self._init else {}),
        }


class ExportBest(pl.Callback):
    """Write `best.safetensors` after each best validation so far, so that a killed run leaves one too."""

    def __init__(self, exporter: Exporter, path: Path) -> None:
        self._exporter, self._path, self._best = exporter, path, math.inf

    def state_dict(self) -> dict[str, Any]:
        """Return the best figure, for a resumed run."""
        return {"best": self._best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the best figure, except in another folder, which has no export yet."""
        self._best = state_dict["best"] if self._path.exists() else math.inf

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Export the network if it is the best."""
        assert isinstance(module, LitDrums)
        bits = module.figures["val_bits"]
        if bits < self._best:
            self._best = bits
            if trainer.is_global_zero:
                self._exporter.save(module, self._path)


class SamplePattern(pl.Callback):
    """Write a pattern as grid notation and as MIDI at every validation, to listen to the progress.

    The seed is always that of the run, so that differences come from the network.
    """

    def __init__(self, exporter: Exporter, folder: Path, seed: int) -> None:
        self._exporter, self._folder, self._seed = exporter, folder, seed

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Write `epoch-0003.txt` and `epoch-0003.mid`."""
        assert isinstance(module, LitDrums)
        if not trainer.is_global_zero:
            return
        from drumtok.midi.files import write_midi

        pattern = self._exporter.sample(module, self._seed)
        title = f"epoch {trainer.current_epoch + 1}, step {trainer.global_step}, {module.figures['val_bits']:.3f} bits"
        stem = self._folder / f"epoch-{trainer.current_epoch + 1:04}"
        write_atomically(stem.with_suffix(".txt"), f"# {title}\n{pattern.to_grid()}\n".encode())
        write_midi(pattern, stem.with_suffix(".mid"), text=f"drumtok {__version__}, in training: {title}")


class ReportValidation(pl.Callback):
    """Report a line with the figures of every validation."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Report the line."""
        assert isinstance(module, LitDrums)
        if trainer.is_global_zero:
            self._report(
                f"epoch {trainer.current_epoch + 1}, step {trainer.global_step}, {module.seconds:.0f} s: "
                f"{module.summary_line()}"
            )


class Patience(EarlyStopping):
    """Early stopping with the patience of the configuration, not that of the checkpoint of a resumed run."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the count."""
        super().load_state_dict({**state_dict, "patience": self.patience})


class FirstCheckpoint(pl.Callback):
    """Save a checkpoint before the first step, so that a run can be resumed whenever it is killed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Save it, unless the run is resumed."""
        if trainer.ckpt_path is None:
            trainer.save_checkpoint(self._path)


class TimedCheckpoint(ModelCheckpoint):
    """Save a checkpoint every few minutes, but not in the middle of a step, since it has no gradients.

    Nor right before a validation, which a run that is resumed from it would skip.
    """

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *rest: Any) -> None:
        """Save if it is time."""
        epoch, every = trainer.current_epoch + 1, trainer.check_val_every_n_epoch or 1
        done = trainer.fit_loop.epoch_loop.batch_progress.current.completed  # this one is counted later
        if (done + 1) % trainer.accumulate_grad_batches:
            return
        if not (trainer.is_last_batch and (epoch % every == 0 or epoch == trainer.max_epochs)):
            super().on_train_batch_end(trainer, module, *rest)


def make_callbacks(
    exporter: Exporter, folder: RunFolder, config: TrainingConfig, report: Callable[[str], None]
) -> list[pl.Callback]:
    """Return the callbacks of a run; Lightning calls those that save checkpoints last, with the state of the others."""
    where: dict[str, Any] = {"dirpath": str(folder.checkpoints), "enable_version_counter": False}
    after_validation: dict[str, Any] = {"save_on_train_epoch_end": False, **where}
    return [
        FirstCheckpoint(folder.last),
        ExportBest(exporter, folder.best_export),
        SamplePattern(exporter, folder.samples, config.seed),
        ReportValidation(report),
        Patience("val_bits", patience=config.patience, mode="min", check_on_train_epoch_end=False),
        ModelCheckpoint(filename="best", monitor="val_bits", mode="min", **after_validation),
        # two for last.ckpt, after a validation and by time, since each can only have one trigger
        ModelCheckpoint(filename=folder.last.stem, **after_validation),
        TimedCheckpoint(
            filename=folder.last.stem, train_time_interval=timedelta(minutes=config.checkpoint_minutes), **where
        ),
    ]
