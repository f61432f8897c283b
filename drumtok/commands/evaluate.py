"""`drumtok evaluate`: measures a checkpoint."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drumtok.config import EvaluationConfig
from drumtok.options import settings_options

if TYPE_CHECKING:
    from drumtok.evaluation import Prediction, Writing


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--corpus", type=click.Path(path_type=Path), help="The corpus; by default one of the data there are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@settings_options(config=EvaluationConfig)
def evaluate(config: EvaluationConfig, checkpoint: Path, corpus: Path | None, as_json: bool) -> None:
    """Measures CHECKPOINT on songs that it has not seen, without torch."""
    from drumtok import evaluation
    from drumtok.checkpoint import load_checkpoint
    from drumtok.corpus import default_corpus, open_corpus
    from drumtok.engine import Engine

    engine = Engine(load_checkpoint(checkpoint))
    prediction, writing = evaluation.evaluate(engine, open_corpus(corpus or default_corpus()), config)
    if as_json:
        click.echo(json.dumps({**asdict(prediction), **asdict(writing)}, indent=1))
    else:
        _print_measures(engine.checkpoint.name, config, prediction, writing)


def _print_measures(name: str, config: EvaluationConfig, prediction: "Prediction", writing: "Writing") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("measure", name, f"{config.source} {config.split}")
    table.add_row(f"bits per step, {prediction.steps:,} steps", f"{prediction.bits_per_step:.3f}", "")
    table.add_row(
        "next-step accuracy; beside it copying the last bar", *_percent(prediction.accuracy, prediction.copy_accuracy)
    )
    table.add_row("bars closed after 16 steps, without the grammar", *_percent(writing.bar_validity), "")
    table.add_row("bars found in training", *_percent(writing.copied, writing.natural_copied))
    table.add_row("windows of two bars found in training", *_percent(writing.copied_two, writing.natural_copied_two))
    table.add_row("bars equal to the bar before", *_percent(writing.repeated, writing.natural_repeated))
    Console().print(table)


def _percent(*shares: float) -> list[str]:
    return [f"{share:.1%}" for share in shares]
