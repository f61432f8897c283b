"""`with_plans`: give a trained network a bar clock and a plan reader, so that it writes pieces by a plan."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytorch_lightning as pl
import torch

from drumtok.dataset.corpus import Corpus
from drumtok.errors import DrumtokError
from drumtok.network.bar_clock import PREFIX as OF_CLOCK
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import Engine
from drumtok.network.plan_reader import PREFIX as OF_READER
from drumtok.training.bar_clock import ClockBatches, LitClock, PlannedSong, planned_songs
from drumtok.training.plan_reader import fitted_reader, read_bars
from drumtok.training.trainer import quiet


@dataclass(frozen=True)
class PlanConfig:
    """How bar clock and plan reader are trained.

    Attributes:
        epochs: of the bar clock; the best of them on the validation songs is kept.
        steps: of the plan reader.
        seed: of the first weights and the order of the songs.
    """

    epochs: int = 25
    steps: int = 400
    seed: int = 0


def with_plans(
    network: Checkpoint, corpus: Corpus, config: PlanConfig | None = None, report: Callable[[str], None] = print
) -> Checkpoint:
    """Return the network with a bar clock and a plan reader; its other weights stay as they are.

    Args:
        corpus: the bar clock learns from its training songs; the best epoch is chosen, and the plan reader fitted, by
            its validation songs.
        report: is given a line for each.

    Raises:
        DrumtokError: the corpus is of another grid, or has no songs of several bars in one of these splits.
    """
    config = config or PlanConfig()
    if corpus.grid != network.grid:
        raise DrumtokError(f"the corpus must be of grid {network.grid}, that of the network, got {corpus.grid}")
    songs = {name: planned_songs(corpus.split(name), corpus.grid) for name in ("train", "validation")}
    for name, own in songs.items():
        if not own:
            raise DrumtokError(f"the corpus must have {name} songs of two bars or more, got none")
    clock = _trained_clock(network, songs, config, report)
    rng = np.random.default_rng(config.seed)
    bars = read_bars(Engine(network), songs["validation"], rng)
    reader = fitted_reader(bars, network.grid, steps=config.steps, seed=config.seed)
    report(f"a plan reader, fitted to {len(bars.bars)} bars")
    own = {name: array for name, array in network.weights.items() if not name.startswith((OF_CLOCK, OF_READER))}
    return replace(network, weights=own | clock | reader)


def _trained_clock(
    network: Checkpoint, songs: dict[str, list[PlannedSong]], config: PlanConfig, report: Callable[[str], None]
) -> dict[str, np.typing.NDArray[np.float32]]:
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
    report(f"a bar clock: {min(module.bits):.2f} bits for the plan of a bar of the validation songs")
    return module.best
