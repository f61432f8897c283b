"""`train()`: a run, from a corpus to exported networks, on Lightning's Trainer."""

import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import RichProgressBar
from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger
from pytorch_lightning.utilities.exceptions import MisconfigurationException
from torch import distributed

from drumtok.errors import DrumtokError
from drumtok.network.checkpoint import load_checkpoint, save_checkpoint
from drumtok.network.config import GrooveConfig, ModelConfig
from drumtok.training.callbacks import Exporter, make_callbacks
from drumtok.training.config import TrainingConfig
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.groove_module import GrooveData, GrooveExporter, LitGroove
from drumtok.training.loss_curve import draw_curves
from drumtok.training.module import DrumData, LitDrums
from drumtok.training.runs import Run
from drumtok.training.song_cache import with_song_cache

LOG_EVERY = 10  # steps
NOISE = (  # warnings of Lightning and torch that users of drumtok cannot act on
    ".*does not have many workers.*",
    ".*dataloader is not resumable.*",  # it is, by the number of steps: DrumData.train_dataloader
    ".*is smaller than the logging interval.*",
    ".*exists and is not empty.*",
    ".*`isinstance\\(treespec, LeafSpec\\)` is deprecated.*",
    ".*but CUDA is not available.*",
    ".*'pin_memory' argument is set.*",
    ".*It is recommended to use `self.log.*sync_dist.*",  # LitDrums adds up the devices' sums itself
)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in training; the message explains how to resume."""


def make_trainer(config: TrainingConfig, **options: Any) -> pl.Trainer:
    """Return Lightning's Trainer with the settings of a run.

    Args:
        options: for `pl.Trainer`, such as loggers and callbacks.

    Raises:
        DrumtokError: the accelerator or the devices are not available.
    """
    devices: int | str = int(config.devices) if config.devices.isdecimal() else config.devices
    try:
        return pl.Trainer(
            accelerator=config.accelerator,
            devices=devices,
            num_nodes=config.num_nodes,
            strategy=config.strategy,
            accumulate_grad_batches=config.accumulate,
            precision=config.precision,  # type: ignore[arg-type]
            max_epochs=config.epochs or -1,  # -1: until it is stopped
            gradient_clip_val=config.clip or None,
            num_sanity_val_steps=0,
            reload_dataloaders_every_n_epochs=1,  # DrumData draws the order of each epoch when it makes the loader
            log_every_n_steps=LOG_EVERY,
            enable_model_summary=False,
            **options,
        )
    except (MisconfigurationException, ImportError, ValueError, RuntimeError, TypeError) as error:
        problem = str(error).strip().splitlines()[0]
        raise DrumtokError(f"accelerator {config.accelerator!r}, devices {config.devices!r}: {problem}") from error


def make_loggers(folder: Path) -> list[Logger]:
    """Make the loggers of a run: CSV for the loss curve, and TensorBoard; a resumed run adds a version of each."""
    return [CSVLogger(folder, "csv", flush_logs_every_n_steps=LOG_EVERY), TensorBoardLogger(folder, "tensorboard")]


def train(run: Run, report: Callable[[str], None] = print) -> Path:
    """Train a network, and write all output to the folder of the run.

    Args:
        report: called with a line for every validation, one before the first and one after the last.

    Returns:
        The exported best network.

    Raises:
        DrumtokError: a value is invalid, or a resumed run has nothing left to do.
        Interrupted: Ctrl-C was pressed.
    """
    with quiet():
        module, data = _parts(run)
        exporter = _exporter(run)
        trainer = _trainer(run, data, exporter, report)
        steps_per_epoch = data.steps_per_epoch(trainer.world_size)
        is_over = run.training.fraction_done(run.steps, steps_per_epoch, run.seconds) >= 1
        # A run that was killed after its last step still has to be exported.
        if is_over and (run.folder.is_finished() or not run.folder.best_export.exists()):
            raise DrumtokError(f"the run in {str(run.folder.path)!r} is over, set more epochs or minutes")
        if is_over:
            trainer.fit_loop.epoch_loop.max_steps = run.steps  # it is restored, and takes no further step
            module.steps_per_epoch = steps_per_epoch
        if trainer.is_global_zero:
            run.folder.make()
            report(_announcement(run, module, data))
        _fit(trainer, module, data, run)
        if trainer.is_global_zero:
            exporter.save(module, run.folder.last_export)
            if isinstance(run.model, ModelConfig):
                _fit_caches(run, report)
            draw_curves(run.folder.path / "csv", run.folder.curves)
            report(f"the best network: {run.folder.best_export}")
    return run.folder.best_export


def _fit_caches(run: Run, report: Callable[[str], None]) -> None:
    """Add song caches, fitted to the validation songs, to the exported networks, if there are such songs."""
    songs = run.corpus.split("validation")
    if not run.training.cache_steps or not len(songs):
        return
    for path in (run.folder.last_export, run.folder.best_export):
        network = load_checkpoint(path)
        fitted, bits = with_song_cache(network, songs, steps=run.training.cache_steps, seed=run.training.seed)
        save_checkpoint(fitted, path)
    report(f"the best network with a song cache: {bits:.3f} bits per step")


def _exporter(run: Run) -> Exporter:
    kind = GrooveExporter if isinstance(run.model, GrooveConfig) else Exporter
    return kind(run.corpus.manifest, run.corpus.grid, run.training, run.init)


def _parts(run: Run) -> tuple[LitDrums, DrumData]:
    if isinstance(run.model, GrooveConfig):
        module: LitDrums = LitGroove(run.model, run.training, run.record())
        data: DrumData = GrooveData(run)
        module.epoch_words = data.windows.words
        return module, data
    begun = None if run.init is None else run.init.weights
    module = LitDrums(run.model, run.training, run.record(), begun)
    songs = run.corpus.split("train")
    # a corpus of one or two songs holds none out, so the figures only show how well they are memorised
    held_out = run.corpus.split("validation")
    mixed = Epochs(songs, run.mixture, run.training.seed, run.corpus.grid, run.pools())
    data = DrumData(mixed, held_out if len(held_out) else songs, run.model, run.training)
    module.epoch_words = data.windows.words
    return module, data


def _trainer(run: Run, data: DrumData, exporter: Exporter, report: Callable[[str], None]) -> pl.Trainer:
    terminal = sys.stdout.isatty()
    callbacks = make_callbacks(exporter, run.folder, run.training, report)
    trainer = make_trainer(
        run.training,
        callbacks=[*callbacks, RichProgressBar()] if terminal else callbacks,
        enable_progress_bar=terminal,
        logger=make_loggers(run.folder.path),
        default_root_dir=run.folder.path,
    )
    steps = data.steps_per_epoch(trainer.world_size)
    trainer.check_val_every_n_epoch = run.training.epochs_between_validations(steps)
    return trainer


def _announcement(run: Run, module: LitDrums, data: DrumData) -> str:
    size = sum(weight.numel() for weight in module.network.parameters())
    held_out = len(run.corpus.split("validation"))
    return (
        f"{len(run.corpus.split('train'))} songs, {data.windows.words} words, "
        f"{f'validated on {held_out} songs' if held_out else 'validated on the same songs, none being held out'}; "
        f"{size / 1e6:.1f} million weights; writing to {run.folder.path}"
    )


def _fit(trainer: pl.Trainer, module: LitDrums, data: DrumData, run: Run) -> None:
    """Call Lightning's fit, and raise `Interrupted` on Ctrl-C in place of its exit code 1."""
    in_main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT) if in_main else None
    _meet_again(trainer)
    try:
        trainer.fit(module, data, ckpt_path=run.checkpoint, weights_only=True)  # nothing is unpickled
    except SystemExit:
        if not trainer.interrupted:
            raise
        if in_main:
            signal.signal(signal.SIGINT, handler)  # Lightning leaves it ignored
        last = run.folder.last
        how = f"continue with --resume {run.folder.path}" if last.exists() else "before the first checkpoint"
        raise Interrupted(f"stopped at step {trainer.global_step}; {how}") from None


def _meet_again(trainer: pl.Trainer) -> None:
    """Let ranks that torchrun has restarted find each other.

    The store has stale entries of the earlier processes, so each attempt uses its own keys.
    """
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    if attempt == "0" or trainer.world_size == 1:
        return
    store, rank, world = next(distributed.rendezvous("env://"))
    backend = distributed.get_default_backend_for_device(trainer.strategy.root_device)
    own = distributed.PrefixStore(f"attempt {attempt}", store)
    distributed.init_process_group(backend, store=own, rank=rank, world_size=world)  # Lightning does not change it


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Lightning's tips, and its warnings that a user cannot act on."""
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for pattern in NOISE:
                warnings.filterwarnings("ignore", pattern)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
