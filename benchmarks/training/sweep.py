"""Compare settings of the network and its training: bits per step on held-out songs after the same number of steps.

    python -m benchmarks.training.sweep CORPUS --out results.jsonl
    python -m benchmarks.training.sweep CORPUS --out results.jsonl --try layers=3,dropout=0.5 --try lookback=1
    python -m benchmarks.training.sweep CORPUS --out results.jsonl --markdown

CORPUS is made by `drumtok corpus build CORPUS groove`; its official validation songs are predicted, never its test
songs. Each `--try` changes some settings of `drumtok train`; "+" separates the values of a list. Each run takes one
core, writes a line of results and is not repeated if its line is there, so that an interrupted sweep resumes.
"""

import statistics
import time
from collections import defaultdict
from dataclasses import Field, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from benchmarks.results import Results, show
from benchmarks.training.augmentation import BUDGET, trained
from drumtok.dataset.corpus import Corpus, open_corpus
from drumtok.network.config import ModelConfig
from drumtok.training.config import TrainingConfig
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.run_folder import RunFolder
from drumtok.training.run_planning import knowing
from drumtok.training.runs import Run

BASE = "hidden=256,layers=2"
TRIES = (
    "",
    "layers=3",
    "hidden=384",
    "lookback=",
    "lookback=1",
    "lookback=1+2",
    "lookback=1+2+4",
    "dropout=0.3",
    "dropout=0.5",
    "width=128",
    "phrase=0",
    "conditioning=0",
    "cut=0",
    "average=0",
    "weight_decay=0.05",
    "learning_rate=0.001",
    "window=512,batch=4",
)


@dataclass(frozen=True)
class Task:
    """One network to train: its changes to the base settings, its seed and its steps."""

    changes: str
    seed: int
    steps: int


@dataclass(frozen=True)
class Result:
    """Bits per step and accuracy on the validation songs, millions of weights, seconds."""

    bits: float
    accuracy: float
    weights: float
    seconds: float


def settings_of(changes: str) -> tuple[ModelConfig, TrainingConfig]:
    """Return the base settings with changes such as `layers=3,lookback=1+2`.

    Raises:
        click.BadParameter: a setting is unknown.
    """
    values = dict(pair.split("=", 1) for pair in f"{BASE},{changes}".split(",") if pair)
    known = {f.name: f for config in (ModelConfig, TrainingConfig) for f in fields(config) if f.metadata}
    if unknown := values.keys() - known.keys():
        raise click.BadParameter(f"{min(unknown)!r} is not a setting; the settings are {', '.join(known)}")
    read = {name: _value(known[name], text) for name, text in values.items()}
    model = {f.name: read[f.name] for f in fields(ModelConfig) if f.name in read}
    return ModelConfig(**model), replace(BUDGET, **{name: v for name, v in read.items() if name not in model})


def _value(setting: Field[Any], text: str) -> Any:
    kind = setting.metadata["kind"]
    return tuple(kind(each) for each in text.split("+") if each) if isinstance(setting.default, tuple) else kind(text)


def made(corpus: Corpus, path: Path, task: Task) -> Result:
    """Train a network."""
    model, config = settings_of(task.changes)
    config = replace(config, steps=task.steps, seed=task.seed)
    model = knowing(model, config, corpus)
    run = Run(corpus, str(path), RunFolder(Path()), model, config)
    songs = Epochs(corpus.split("train"), run.mixture, config.seed, corpus.grid, run.pools())
    began = time.monotonic()
    module = trained(songs, corpus.split("validation"), model, config)
    size = sum(weight.numel() for weight in module.network.parameters()) / 1e6
    return Result(module.figures["val_bits"], module.figures["val_accuracy"], size, time.monotonic() - began)


HEAD = ("changed", "steps", "bits per step", "seeds", "accuracy", "million weights", "seconds")


def rows(results: dict[Task, Result]) -> list[tuple[str, ...]]:
    """Return the table, the best first."""
    found: dict[tuple[str, int], list[Result]] = defaultdict(list)
    for task, result in results.items():
        found[task.changes, task.steps].append(result)
    table = []
    for (changes, steps), own in found.items():
        bits, accuracy, weights, seconds = (
            statistics.fmean(getattr(result, f.name) for result in own) for f in fields(Result)
        )
        seeds = ", ".join(f"{result.bits:.4f}" for result in own)
        row = (f"{bits:.4f}", seeds, f"{accuracy:.1%}", f"{weights:.2f}", f"{seconds:.0f}")
        table.append((bits, (changes or f"base: {BASE}", str(steps), *row)))
    return [row for _, row in sorted(table)]


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file of results.")
@click.option("--try", "tries", multiple=True, help="Only these changes; an empty text is the base. May be repeated.")
@click.option("--seeds", default=1, show_default=True, help="Runs of each.")
@click.option("--steps", default=BUDGET.steps, show_default=True, help="Steps of each run.")
@click.option("--markdown", is_flag=True, help="Only print the results that are there as a table in Markdown.")
def main(corpus: Path, out: Path, tries: tuple[str, ...], seeds: int, steps: int, markdown: bool) -> None:
    """Train networks on CORPUS."""
    for changes in tries:
        settings_of(changes)  # raises an error before hours of work
    results = Results(out, Task, Result)
    if not markdown:
        tasks = [Task(changes, seed, steps) for seed in range(seeds) for changes in tries or TRIES]
        for task, result in results.make(tasks, partial(made, open_corpus(corpus), corpus)):
            figures = f"{result.bits:.4f} bits per step, {result.seconds:.0f} s"
            click.echo(f"{task.changes or 'base'}, seed {task.seed}: {figures}")
    show(HEAD, rows(results.known()), markdown)


if __name__ == "__main__":
    main()
