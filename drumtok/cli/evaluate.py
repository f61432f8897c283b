"""`drumtok evaluate`: measures a checkpoint."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.errors import DrumtokError
from drumtok.evaluation.config import EvaluationConfig
from drumtok.runtime.options import settings_options

if TYPE_CHECKING:
    from drumtok.evaluation.pattern_metrics import Measures


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--corpus", type=click.Path(path_type=Path), help="The corpus; by default one of the data there are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with tables and pictures too.")
@settings_options(config=EvaluationConfig)
def evaluate(config: EvaluationConfig, checkpoint: Path, corpus: Path | None, as_json: bool, html: Path | None) -> None:
    """Measures CHECKPOINT, of patterns or of grooves, on songs that it has not seen, without torch.

    Realism needs scikit-learn and --html needs matplotlib, which drumtok[evaluate] brings.
    """
    from drumtok.dataset.corpus import default_corpus, open_corpus
    from drumtok.evaluation import html_report as page
    from drumtok.evaluation import pattern_report as report
    from drumtok.evaluation.pattern_metrics import measure
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
    from drumtok.network.engine import Engine
    from drumtok.network.groove_checkpoint import is_groove

    checkpoint = checkpoint_file(checkpoint)
    if is_groove(checkpoint):
        _evaluate_groove(config, checkpoint, corpus, as_json, html)
        return
    if html is not None:
        page.check_can_write(html)  # before minutes of work
    engine = Engine(load_checkpoint(checkpoint))
    songs = open_corpus(corpus or default_corpus())
    measures = measure(engine, songs, config)
    if html is not None:
        page.write_page(html, measures, engine.checkpoint, songs, config)
    if as_json:
        click.echo(json.dumps(report.as_json(measures, config), indent=1))
    else:
        _print_measures(engine.checkpoint.name, config, measures)


def _evaluate_groove(
    config: EvaluationConfig, checkpoint: Path, corpus: Path | None, as_json: bool, html: Path | None
) -> None:
    from rich.console import Console
    from rich.table import Table

    from drumtok.dataset.corpus import default_corpus, open_corpus
    from drumtok.evaluation.groove_metrics import measure_groove
    from drumtok.evaluation.groove_report import BASELINES, divergence_rows, groove_json, groove_rows
    from drumtok.evaluation.pattern_report import INTERVALS
    from drumtok.network.groove_checkpoint import load_groove
    from drumtok.network.groove_engine import GrooveEngine

    if html is not None:
        raise DrumtokError("html is given for a groove network: allowed is it for one of patterns")
    engine = GrooveEngine(load_groove(checkpoint))
    measures = measure_groove(engine, open_corpus(corpus or default_corpus()), config)
    if as_json:
        click.echo(json.dumps(groove_json(measures, config), indent=1))
        return
    console = Console()
    table = Table(f"{measures.hits} hits of {config.source} {config.split}", engine.checkpoint.name, "beside it")
    for cells in groove_rows(measures):
        table.add_row(*cells)
    divergence = Table("divergence", "velocity", "of noise", "offset", "of noise")
    for row in divergence_rows(measures):
        divergence.add_row(*row)
    console.print(table, divergence)
    for line in (BASELINES, INTERVALS):
        console.print(line, style="dim", highlight=False, markup=False, soft_wrap=True)


def _print_measures(name: str, config: EvaluationConfig, measures: "Measures") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from drumtok.evaluation import pattern_report as report

    console, name, beside = Console(), escape(name), escape(f"{config.source} {config.split}")
    table = Table("measure", name, beside)
    for *cells, _ in report.table_rows(measures):
        table.add_row(*cells)
    console.print(table)
    features = Table("rhythm feature, mean", name, beside, "overlap", "divergence")
    for figures in report.feature_rows(measures):
        features.add_row(*figures)
    console.print(features)
    courses = Table(
        "temperature", "bits of a draw", "bars equal to the bar before", "hits from the nearest training bar"
    )
    for row in report.temperature_rows(measures):
        courses.add_row(*row)
    console.print(courses)
    for line in (report.INTERVALS, *measures.left_out):
        console.print(line, style="dim", highlight=False, markup=False, soft_wrap=True)
