"""Measure each augmentation: bits per step on held-out songs of networks trained for the same number of steps.

    python -m benchmarks.training.augmentation CORPUS --out results.jsonl
    python -m benchmarks.training.augmentation CORPUS --out results.jsonl --mixture mirror-toms=0.1,song-loops=0.25
    python -m benchmarks.training.augmentation CORPUS --out results.jsonl --markdown

CORPUS is made by `drumtok corpus build CORPUS groove`; its official validation songs are predicted, never its test
songs. Each run writes a line of results and is not repeated if its line is there, so that an interrupted benchmark
resumes; the table shows all lines. Each run takes one core.
"""

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import click
import torch
from rich.console import Console
from rich.table import Table

from drumtok.dataset.augmentation.transforms import AUGMENTATIONS
from drumtok.dataset.corpus import open_corpus
from drumtok.network.config import ModelConfig
from drumtok.runtime.process_pool import Failed, ordered_map
from drumtok.training.config import TrainingConfig
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.data.mixture import LOOPS
from drumtok.training.data.window_batches import Split
from drumtok.training.module import DrumData, LitDrums
from drumtok.training.run_folder import RunFolder
from drumtok.training.runs import Run
from drumtok.training.trainer import make_trainer, quiet

NONE = ""
BUDGET = TrainingConfig(steps=2400, accelerator="cpu", precision="bf16-mixed")
CHANGED, LOOPED = 0.2, 0.5  # fraction of changed songs, or of words of loops, of an augmentation tried alone
ALONE = [f"{name}={CHANGED}" for name in AUGMENTATIONS] + [f"{name}={LOOPED}" for name in LOOPS]


@dataclass(frozen=True)
class Task:
    """One network to train.

    Attributes:
        augment: the value of `drumtok train --augment`; empty for none.
        seed: seed of the weights, the order of the songs and the mixture.
        steps, layers, hidden: the length of the training, and the size of the network.
    """

    augment: str
    seed: int
    steps: int
    layers: int
    hidden: int


def bits_of(corpus: Path, task: Task) -> tuple[float, float]:
    """Train a network; return its bits per step on the validation songs, and the seconds that it took."""
    config = replace(BUDGET, steps=task.steps, seed=task.seed, augment=tuple(filter(None, task.augment.split(","))))
    opened = open_corpus(corpus)
    model = ModelConfig(hidden=task.hidden, layers=task.layers)
    run = Run(opened, str(corpus), RunFolder(Path()), model, config)
    songs = Epochs(opened.split("train"), run.mixture, config.seed, opened.grid, run.pools())
    began = time.monotonic()
    module = trained(songs, opened.split("validation"), model, config)
    return module.figures["val_bits"], time.monotonic() - began


def trained(songs: Epochs, validation: Split, model: ModelConfig, config: TrainingConfig) -> LitDrums:
    """Return a network trained on one core, and validated only at the end."""
    torch.set_num_threads(1)
    with quiet():
        module = LitDrums(model, config)
        plain = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
        data = DrumData(songs, validation, model, config)
        make_trainer(config, check_val_every_n_epoch=config.steps, **plain).fit(module, data)
    return module


def known(out: Path) -> dict[Task, tuple[float, float]]:
    """Return the results in a file."""
    lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    rows = [json.loads(line) for line in lines]
    return {Task(**row["task"]): (row["bits"], row["seconds"]) for row in rows}


def make(corpus: Path, tasks: list[Task], out: Path, jobs: int) -> Iterator[str]:
    """Make the runs that have no line yet, and yield a text about each."""
    todo = [task for task in tasks if task not in known(out)]
    for task, result in zip(todo, ordered_map(partial(bits_of, corpus), todo, jobs), strict=True):
        if isinstance(result, Failed):
            raise click.ClickException(f"{task}: {result.why}")
        bits, seconds = result
        with open(out, "a", encoding="utf-8") as file:
            file.write(json.dumps({"task": asdict(task), "bits": bits, "seconds": seconds}) + "\n")
        yield f"{task.augment or 'none'}, seed {task.seed}: {bits:.4f} bits per step, {seconds:.0f} s"


def rows(results: dict[Task, tuple[float, float]]) -> list[tuple[str, list[float], float]]:
    """Return (augmentation, bits per step of each seed, mean difference from no augmentation), the best first."""
    bits: dict[str, list[float]] = defaultdict(list)
    for task, (found, _) in sorted(results.items(), key=lambda item: item[0].seed):
        bits[task.augment].append(found)
    plain = statistics.fmean(bits[NONE]) if NONE in bits else float("nan")
    made = [(name, values, plain - statistics.fmean(values)) for name, values in bits.items()]
    return sorted(made, key=lambda row: -row[2])


def markdown_table(results: dict[Task, tuple[float, float]]) -> str:
    """Return the table for the documentation."""
    lines = ["| mixed in | seeds | bits per step, mean | from | to | saved |", "|---|---|---|---|---|---|"]
    for name, values, saved in rows(results):
        figures = " | ".join(f"{value:.4f}" for value in (statistics.fmean(values), min(values), max(values)))
        lines.append(f"| {name or 'nothing'} | {len(values)} | {figures} | {saved:+.4f} |")
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file of results.")
@click.option(
    "--mixture", "mixtures", multiple=True, help="A mixture to try instead of each augmentation alone. May be repeated."
)
@click.option("--seeds", default=2, show_default=True, help="Runs of each.")
@click.option("--steps", default=BUDGET.steps, show_default=True, help="Steps of each run.")
@click.option("--layers", default=2, show_default=True, help="LSTM layers.")
@click.option("--hidden", default=256, show_default=True, help="Cells of each.")
@click.option("--jobs", default=2, show_default=True, help="Runs at the same time, each on one core.")
@click.option("--markdown", is_flag=True, help="Only print the results that are there as a table in Markdown.")
def main(
    corpus: Path,
    out: Path,
    mixtures: tuple[str, ...],
    seeds: int,
    steps: int,
    layers: int,
    hidden: int,
    jobs: int,
    markdown: bool,
) -> None:
    """Train networks on CORPUS, each with one augmentation."""
    if markdown:
        click.echo(markdown_table(known(out)), nl=False)
        return
    tasks = [Task(name, seed, steps, layers, hidden) for seed in range(seeds) for name in mixtures or [NONE, *ALONE]]
    for text in make(corpus, tasks, out, jobs):
        click.echo(text)
    shown = Table("mixed in", "bits per step", "saved")
    for name, values, saved in rows(known(out)):
        shown.add_row(name or "nothing", ", ".join(f"{value:.4f}" for value in values), f"{saved:+.4f}")
    Console().print(shown)


if __name__ == "__main__":
    main()
