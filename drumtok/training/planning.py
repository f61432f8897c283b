"""`with_plans`: give a trained network a bar clock and a plan reader, so that it writes pieces by a plan."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray

from drumtok.dataset.corpus import Corpus, default_corpus, open_corpus
from drumtok.errors import DrumtokError
from drumtok.network.bar_clock import PREFIX as OF_CLOCK
from drumtok.network.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from drumtok.network.engine import Engine
from drumtok.network.plan_reader import PREFIX as OF_READER
from drumtok.training.bar_clock import ClockBatches, LitClock, PlannedSong, planned_songs
from drumtok.training.plan_reader import fitted_reader, read_bars
from drumtok.training.run_folder import RunFolder, new_run_folder
from drumtok.training.runs import corpus_digest
from drumtok.training.trainer import quiet


@dataclass(frozen=True)
class PlanConfig:
    """How bar clock and plan reader are trained.

    Attributes:
        epochs: epochs of the bar clock, of which the best on the validation songs is kept.
        reader_steps: optimiser steps of the plan reader.
        seed: the seed of the initial weights and the order of the songs.
    """

    epochs: int = 25
    reader_steps: int = 400
    seed: int = 0


def with_plans(
    network: Checkpoint, corpus: Corpus, config: PlanConfig | None = None, report: Callable[[str], None] = print
) -> Checkpoint:
    """Return the network with a bar clock and a plan reader; its other weights do not change.

    Args:
        corpus: the bar clock is trained on its training songs; its validation songs are used to choose the best epoch
            and to fit the plan reader.
        report: called with a line for each.

    Raises:
        DrumtokError: the corpus has another grid, or has no songs of several bars in one of these splits.
    """
    config = config or PlanConfig()
    if corpus.grid != network.grid:
        raise DrumtokError(f"the corpus must be of grid {network.grid}, that of the network, got {corpus.grid}")
    songs = {name: planned_songs(corpus.split(name), corpus.grid) for name in ("train", "validation")}
    for name, own in songs.items():
        if not own:
            raise DrumtokError(f"the corpus must have {name} songs of two bars or more, got none")
    clock, bits = _trained_clock(network, songs, config, report)
    rng = np.random.default_rng(config.seed)
    bars = read_bars(Engine(network), songs["validation"], rng)
    reader = fitted_reader(bars, network.grid, steps=config.reader_steps, seed=config.seed)
    report(f"a plan reader, fitted to {len(bars.bars)} bars")
    learned = {"corpus": corpus_digest(corpus.manifest), **asdict(config), "validation_bits": round(bits, 3)}
    others = {name: array for name, array in network.weights.items() if not name.startswith((OF_CLOCK, OF_READER))}
    provenance = {**network.provenance, "plan": learned}
    return replace(network, weights={**others, **clock, **reader}, provenance=provenance)


def train_plans(
    init: Path, corpus: Path | None, out: Path | None, config: PlanConfig, report: Callable[[str], None] = print
) -> Path:
    """Add a bar clock and a plan reader to a checkpoint, and write it to the folder of a run.

    Args:
        init: the checkpoint.
        corpus: by default one is built from the fetched sources.
        out: the folder; by default a new one.
        config, report: as in `with_plans`.

    Returns:
        The checkpoint that was written.

    Raises:
        DrumtokError: as in `with_plans`, or a path cannot be used.
    """
    folder = RunFolder(out or new_run_folder())
    folder.check_free()
    made = with_plans(load_checkpoint(init), open_corpus(corpus or default_corpus()), config, report)
    folder.make()
    save_checkpoint(made, folder.best_export)
    report(f"the network with plans: {folder.best_export}")
    return folder.best_export


def _trained_clock(
    network: Checkpoint, songs: dict[str, list[PlannedSong]], config: PlanConfig, report: Callable[[str], None]
) -> tuple[dict[str, NDArray[np.float32]], float]:
    labels, grid, rng = network.config.labels, network.grid, np.random.default_rng(config.seed)
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(config.seed)
        module = LitClock(network.config, config.epochs)
        trainer = pl.Trainer(
            accelerator="cpu",
            max_epochs=config.epochs,
            gradient_clip_val=1.0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
        trainer.fit(
            module,
            torch.utils.data.DataLoader(ClockBatches(songs["train"], labels, grid, rng), batch_size=None),
            torch.utils.data.DataLoader(ClockBatches(songs["validation"], labels, grid), batch_size=None),
        )
    bits = min(module.bits)
    report(f"a bar clock: {bits:.2f} bits for the plan of a bar of the validation songs")
    return module.best, bits
