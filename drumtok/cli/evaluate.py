"""`drumtok evaluate`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.overwriting import check_outputs, force_option
from drumtok.cli.shared_options import PATH
from drumtok.errors import DrumtokError
from drumtok.evaluation.config import EvaluationConfig
from drumtok.runtime.options import settings_options

if TYPE_CHECKING:
    from drumtok.evaluation.pattern_metrics import PatternMetrics
    from drumtok.evaluation.report import Table
    from drumtok.evaluation.style_fidelity import WriteStyle
    from drumtok.network.engine import SteppedNetwork


@click.command()
@click.argument("checkpoint", type=PATH)
@click.option("--corpus", type=PATH, help="Corpus folder.  [default: the fetched sources]")
@click.option(
    "--one-shots", type=PATH, help="A folder or zip of one-shots: CHECKPOINT is a kit, as --kit takes it, to compare."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--html", type=PATH, help="Also write an HTML report with tables and plots.")
@force_option
@settings_options(config=EvaluationConfig)
def evaluate(
    config: EvaluationConfig,
    checkpoint: Path,
    corpus: Path | None,
    one_shots: Path | None,
    as_json: bool,
    html: Path | None,
) -> None:
    """Evaluate CHECKPOINT, a pattern or a groove network, on held-out songs.

    With --one-shots, compare each sound of a kit with one-shots, such as those that a sound model was trained on.

    Realism and style require scikit-learn and --html requires matplotlib: the extra `evaluate`.
    """
    from drumtok.network.checkpoint import checkpoint_file
    from drumtok.network.groove_checkpoint import is_groove

    if one_shots is not None:
        _evaluate_kit(str(checkpoint), one_shots, as_json, corpus, html)
        return
    _check_not_a_kit(checkpoint)
    checkpoint = checkpoint_file(checkpoint)
    evaluate_network = _evaluate_groove if is_groove(checkpoint) else _evaluate_patterns
    evaluate_network(config, checkpoint, corpus, as_json, html)


def _evaluate_patterns(
    config: EvaluationConfig, checkpoint: Path, corpus: Path | None, as_json: bool, html: Path | None
) -> None:
    """Evaluate a pattern network."""
    from drumtok.dataset.corpus import default_corpus, open_corpus
    from drumtok.evaluation.html_report import check_can_write, write_html_report
    from drumtok.evaluation.pattern_metrics import evaluate_patterns
    from drumtok.evaluation.pattern_report import pattern_json
    from drumtok.network.checkpoint import load_checkpoint
    from drumtok.network.engine import Engine

    if html is not None:
        check_can_write(html)  # before minutes of work
    songs = open_corpus(corpus or default_corpus())
    if html is not None:
        check_outputs([html], [checkpoint, *songs.folder.iterdir()], "html")
    engine = Engine(load_checkpoint(checkpoint))
    metrics = evaluate_patterns(engine, songs, config, write_style=style_writer(engine, config))
    if html is not None:
        write_html_report(html, metrics, engine.checkpoint, songs, config)
    if as_json:
        click.echo(json.dumps(pattern_json(metrics, config), indent=1))
    else:
        _print_patterns(engine.checkpoint.name, config, metrics)


def style_writer(engine: "SteppedNetwork", config: EvaluationConfig) -> "WriteStyle | None":
    """Return what writes the pieces whose style is checked, at the defaults of `drumtok.generate`."""
    if not config.style_pieces:
        return None
    from drumtok.evaluation.style_fidelity import BARS
    from drumtok.generation.generate import generate_many

    return lambda style: generate_many(config.style_pieces, config.seed, style=style, bars=BARS, checkpoint=engine)


def _evaluate_groove(
    config: EvaluationConfig, checkpoint: Path, corpus: Path | None, as_json: bool, html: Path | None
) -> None:
    """Evaluate a groove network."""
    from drumtok.dataset.corpus import default_corpus, open_corpus
    from drumtok.evaluation.groove_metrics import evaluate_groove
    from drumtok.evaluation.groove_report import BASELINES_NOTE, divergence_table, groove_json, groove_table
    from drumtok.evaluation.report import INTERVALS_NOTE
    from drumtok.network.groove_checkpoint import load_groove
    from drumtok.network.groove_engine import GrooveEngine

    if html is not None:
        raise DrumtokError(f"--html requires a pattern network, got the groove network {checkpoint}")
    engine = GrooveEngine(load_groove(checkpoint))
    metrics = evaluate_groove(engine, open_corpus(corpus or default_corpus()), config)
    if as_json:
        click.echo(json.dumps(groove_json(metrics, config), indent=1))
        return
    head = (f"{metrics.hits} hits of {config.source} {config.split}", engine.checkpoint.name, "for comparison")
    _print((groove_table(metrics, head), divergence_table(metrics)), (BASELINES_NOTE, INTERVALS_NOTE))


def _evaluate_kit(name: str, one_shots: Path, as_json: bool, corpus: Path | None, html: Path | None) -> None:
    """Print how near the sounds of a kit come to one-shots."""
    from dataclasses import asdict

    from drumtok.evaluation.kit_novelty import SAME_DB, SAME_SCORE, nearest_one_shots, novelty_table
    from drumtok.rendering.load_kit import load_kit

    for option, value in (("--corpus", corpus), ("--html", html)):
        if value is not None:
            raise DrumtokError(f"--one-shots cannot be combined with {option}")
    nearest = nearest_one_shots(load_kit(name), [one_shots])
    found = sum(one.found for one in nearest) / len(nearest)
    if as_json:
        click.echo(json.dumps({"found": found, "pieces": [asdict(one) for one in nearest]}, indent=1))
        return
    note = (
        f"Found: nearer than {SAME_DB:g} dB, or a similarity score below {SAME_SCORE:g}. Fraction found: {found:.0%}."
    )
    _print((novelty_table(nearest),), (note,))


def _check_not_a_kit(path: Path) -> None:
    """Check that what is evaluated without one-shots is not a kit.

    Raises:
        DrumtokError: it is one.
    """
    from drumtok.rendering.kit_files import DESIGN
    from drumtok.rendering.kits import KIT_NAMES, SEED_KIT

    is_folder = any(file.name == DESIGN or file.suffix.lower() == ".wav" for file in path.glob("*"))
    is_name = not path.exists() and (str(path) in KIT_NAMES or SEED_KIT.fullmatch(str(path)))
    if is_folder or is_name:
        raise DrumtokError(f"the kit {str(path)!r} requires --one-shots, the sounds that it is compared with")


def _print_patterns(name: str, config: EvaluationConfig, metrics: "PatternMetrics") -> None:
    """Print the tables of a pattern network."""
    from drumtok.evaluation.pattern_report import feature_table, pattern_table, style_table, temperature_table
    from drumtok.evaluation.report import INTERVALS_NOTE

    compared = f"{config.source} {config.split}"
    tables = (
        pattern_table(metrics, ("metric", name, compared)),
        feature_table(metrics, name, compared),
        *([style_table(metrics)] if metrics.styles else []),
        temperature_table(metrics),
    )
    _print(tables, (INTERVALS_NOTE, *metrics.left_out))


def _print(tables: Sequence["Table"], notes: Sequence[str]) -> None:
    """Print tables, then notes, each on one line."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as RichTable

    console = Console()
    for table in tables:
        printed = RichTable(*map(escape, table.head))
        for column in printed.columns:
            column.overflow = "fold"  # file names would lose their ends
        for row in table.rows:
            printed.add_row(*map(escape, row))
        console.print(printed)
    for note in notes:
        console.print(note, style="dim", highlight=False, markup=False, soft_wrap=True)
