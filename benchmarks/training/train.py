"""Measure words per second of drumtok's training loop and of a bare torch loop with the same network and batches.

    python -m benchmarks.training.train --hidden 256
    python -m benchmarks.training.train --accelerator cuda

The two loops are run in turns, because the speed of a machine drifts; the figures are medians over the turns. drumtok's
loop is that of `drumtok train` without validation: LightningModule, DataModule, Trainer, loggers and callbacks. The
bare loop makes the same steps without weight average, schedule and logs.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import click
import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from torch.utils.data import DataLoader

from drumtok.dataset.corpus import open_corpus
from drumtok.network.config import ModelConfig
from drumtok.tokenizer.labels import BEAT, Conditioning
from drumtok.tokenizer.tokens import BAR_ID
from drumtok.training.callbacks import Exporter, make_callbacks
from drumtok.training.config import TrainingConfig
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.data.window_batches import Split, WindowBatches
from drumtok.training.losses import train_loss
from drumtok.training.model import DrumLSTM
from drumtok.training.module import DrumData, LitDrums
from drumtok.training.run_folder import RunFolder
from drumtok.training.trainer import make_loggers, make_trainer, quiet

WARM_UP = 3  # first steps of a turn, which are not timed


class SyntheticSplit:
    """Songs of random words; the words do not affect the speed."""

    def __init__(self, words: int, bars: int = 60) -> None:
        rng = np.random.default_rng(0)
        bar = 17  # words
        ids = rng.integers(0, BAR_ID, (-(-words // (bars * bar)), bars, bar), dtype=np.uint16)
        ids[:, :, -1] = BAR_ID
        self._songs = ids.reshape(len(ids), -1)
        self.lengths = np.full(len(ids), bars * bar, dtype=np.int64)
        self.weights = np.ones(len(ids), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._songs)

    def song(self, index: int) -> NDArray[np.uint16]:
        """Return the ids of one song."""
        return self._songs[index]

    def conditioning(self, index: int) -> Conditioning:
        """Return the labels of a beat."""
        return Conditioning(BEAT)


@dataclass(frozen=True)
class Task:
    """What both loops do: a network, training settings, songs, and the number of timed steps."""

    model: ModelConfig
    training: TrainingConfig
    split: Split
    steps: int

    @property
    def on_gpu(self) -> bool:
        """Whether the loops run on a GPU."""
        return self.training.accelerator in ("cuda", "gpu")


class Stopwatch(pl.Callback):
    """Times the steps after the warm-up, counts their words, and ends the run after the last."""

    def __init__(self, task: Task) -> None:
        self.task, self.words, self.rate, self._began = task, 0, 0.0, 0.0

    def on_train_batch_end(self, trainer: pl.Trainer, *rest: object) -> None:
        """Record a step of drumtok's loop."""
        self.tick(trainer.global_step, rest[2])  # type: ignore[arg-type]
        trainer.should_stop = trainer.global_step == WARM_UP + self.task.steps

    def tick(self, step: int, rows: torch.Tensor) -> None:
        """Record a finished step, numbered from 1."""
        self.words += rows.shape[0] * rows.shape[1] if step > WARM_UP else 0
        if step in (WARM_UP, WARM_UP + self.task.steps):
            if self.task.on_gpu:
                torch.cuda.synchronize()
            now = time.perf_counter()
            self.rate, self._began = self.words / (now - self._began), now


def drumtok_rate(task: Task) -> float:
    """Return words per second of drumtok's loop."""
    watch = Stopwatch(task)
    with tempfile.TemporaryDirectory() as name, quiet():
        folder = RunFolder(Path(name))
        exporter = Exporter({}, 4, task.training)
        trainer = make_trainer(
            task.training,
            callbacks=[*make_callbacks(exporter, folder, task.training, print), watch],
            logger=make_loggers(folder.path),
            limit_val_batches=0,
            enable_progress_bar=False,
            default_root_dir=name,
        )
        data = DrumData(Epochs(task.split), task.split, task.model, task.training)
        trainer.fit(LitDrums(task.model, task.training), data)
    return watch.rate


def bare_rate(task: Task) -> float:
    """Return words per second of the bare loop."""
    config, device = task.training, torch.device("cuda" if task.on_gpu else "cpu")
    network = DrumLSTM(task.model).to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate)
    batches = WindowBatches(Epochs(task.split), config.window, config.batch, task.model.lookback, config.seed)
    half = config.precision == "bf16-mixed"
    watch, step = Stopwatch(task), 0
    while True:
        loader: DataLoader = DataLoader(
            batches,  # type: ignore[arg-type]  # a map-style data set, though not of torch's class
            batch_size=None,
            num_workers=config.workers,
            pin_memory=task.on_gpu,
        )
        for rows in loader:
            rows = rows.to(device, non_blocking=True)
            with torch.autocast(device.type, torch.bfloat16) if half else contextlib.nullcontext():
                loss = train_loss(network, rows)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
            optimizer.step()
            step += 1
            watch.tick(step, rows)
            if step == WARM_UP + task.steps:
                return watch.rate


def compare(task: Task, turns: int) -> tuple[float, float, float]:
    """Return the median words per second of drumtok's loop and of the bare one, and the median of their ratios."""
    rates = []
    for turn in range(turns):
        loops: list[Callable[[Task], float]] = [drumtok_rate, bare_rate]
        order = loops if turn % 2 == 0 else loops[::-1]  # so that neither always runs on a warmer or busier machine
        rate = {loop: loop(task) for loop in order}
        rates.append((rate[drumtok_rate], rate[bare_rate]))
    ours, bare = zip(*rates, strict=True)
    return median(ours), median(bare), median(a / b for a, b in rates)


def tasks(task: Task, accelerator: str) -> list[Task]:
    """Return the tasks of the table: one, or on a GPU both precisions with growing batches."""
    if accelerator == "cpu":
        return [task]
    sizes = [task.training.batch * 4**n for n in range(4)]
    return [
        replace(task, training=replace(task.training, precision=precision, batch=batch))
        for precision in ("32-true", "bf16-mixed")
        for batch in sizes
    ]


@click.command()
@click.option("--accelerator", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--hidden", default=512, show_default=True, help="Cells of each of the three layers.")
@click.option("--batch", default=32, show_default=True, help="Windows of a step; on a GPU the smallest of four sizes.")
@click.option("--window", default=512, show_default=True, help="Words of a window.")
@click.option("--precision", default="32-true", show_default=True, help="On the CPU; a GPU is measured at both.")
@click.option("--workers", default=0, show_default=True, help="Processes that prepare batches.")
@click.option("--steps", default=12, show_default=True, help="Timed steps of a turn.")
@click.option("--turns", default=5, show_default=True, help="Turns that each loop takes.")
@click.option("--corpus", type=click.Path(path_type=Path), help="A corpus; by default random words.")
def main(
    accelerator: str, hidden: int, batch: int, window: int, precision: str, workers: int, steps: int, turns: int,
    corpus: Path | None,
) -> None:  # fmt: skip
    """Compare drumtok's training loop with a bare one."""
    config = TrainingConfig(
        epochs=10**6, batch=batch, window=window, precision=precision, workers=workers, accelerator=accelerator
    )
    split = open_corpus(corpus).split("train") if corpus else SyntheticSplit(batch * window * 64)
    table = Table("network", "precision", "batch x window", "drumtok words/s", "bare words/s", "ratio")
    for task in tasks(Task(ModelConfig(hidden=hidden), config, split, steps), accelerator):
        ours, bare, ratio = compare(task, turns)
        size = f"{task.training.batch} x {window}"
        table.add_row(f"3 x {hidden}", task.training.precision, size, f"{ours:,.0f}", f"{bare:,.0f}", f"{ratio:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
