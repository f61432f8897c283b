"""The click commands; `train.py` and `sample.py` at the root are thin doors to two of them."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from drumtok import __version__
from drumtok.config import CorpusConfig, EvaluationConfig, ModelConfig
from drumtok.errors import DrumtokError
from drumtok.generation import SamplingConfig
from drumtok.options import settings_options
from drumtok.schedule import TrainingConfig

if TYPE_CHECKING:
    from drumtok.evaluation import Prediction, Writing


class BadInput(click.ClickException):
    """One clear line instead of a traceback."""

    exit_code = 2


class Commands(click.Group):
    """A group whose commands end with one clear line and exit code 2 on bad input, 130 on Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DrumtokError as error:
            raise BadInput(str(error)) from error
        except KeyboardInterrupt as stop:  # a command may raise it anew with what to tell
            click.echo(f"\n{stop}".rstrip() or "\nstopped", err=True)
            ctx.exit(130)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="drumtok")
def main() -> None:
    """Drum patterns that a model writes, a person steers and a DAW plays."""


@main.group()
def corpus() -> None:
    """Corpora to train on: fetched by name, built from any source."""


@corpus.command("fetch")
@click.argument("name")
@click.option("--archive", type=click.Path(path_type=Path), help="A zip that is on this disk already: no download.")
def corpus_fetch(name: str, archive: Path | None) -> None:
    """Fetches the corpus NAME, or goes on with a download that broke off."""
    from drumtok.fetch import fetch, is_fetched, part_path, shown
    from drumtok.manifests import load_manifest

    manifest = load_manifest(name)
    if not manifest.address:
        click.echo(f"corpus {name!r} comes with drumtok and needs no fetching: {fetch(manifest, archive)}")
    elif is_fetched(manifest):
        click.echo(f"corpus {name!r} is there already: {manifest.path}")
    elif archive:
        click.echo(f"corpus {name!r} is taken from {archive}: {fetch(manifest, archive)}")
    else:
        try:
            with shown(manifest) as progress:
                path = fetch(manifest, progress=progress)
        except KeyboardInterrupt as stop:
            part = part_path(manifest)
            kept = f"{part.stat().st_size if part.exists() else 0:,} of {manifest.size:,} bytes"
            raise KeyboardInterrupt(f"stopped: {kept} are kept, and the same command goes on from there") from stop
        click.echo(f"corpus {name!r} is fetched: {path}")


@corpus.command("build")
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@settings_options(config=CorpusConfig)
def corpus_build(config: CorpusConfig, out: Path, sources: tuple[str, ...]) -> None:
    """Builds the corpus OUT from sources: names such as groove and starter, folders, zips or files.

    Files that end in .mid, .midi, .txt (words) or .grid (grid notation) are read. What was skipped, and why, stands
    in OUT/report.jsonl.
    """
    from drumtok.corpus import REPORT, build_corpus
    from drumtok.sources import open_source

    built = build_corpus(out, [open_source(source, config.note_map) for source in sources], config)
    for split, counts in built.manifest["splits"].items():
        click.echo(f"{split:10} {counts.get('songs', 0):8,} songs {counts.get('bars', 0):10,} bars")
    skipped = built.manifest["items"].get("skipped", 0)
    click.echo(f"skipped    {skipped:8,} files: {out / REPORT}")


@main.command()
@settings_options(config=SamplingConfig)
@click.option("--seed", type=int, help="The same seed writes the same bytes.  [from 0; default drawn and printed]")
@click.option("--primer", type=click.Path(path_type=Path), help="A MIDI file to go on from; only new bars are written.")
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="The network to use.  [default the one that drumtok brings]"
)
@click.option("--out", type=click.Path(), help="MIDI file to write, or a folder for it.  [default drumtok-SEED.mid]")
@click.option(
    "--count", type=int, default=1, help="Patterns to write, with the seeds SEED, SEED + 1, ...  [from 1; default 1]"
)
def sample(
    config: SamplingConfig, seed: int | None, primer: Path | None, checkpoint: Path | None, out: str | None, count: int
) -> None:
    """Writes new drum patterns as MIDI files and prints them.

    What is printed is grid notation. With --count above 1 the name of each file has its seed in it.
    """
    from drumtok.checkpoint import load_checkpoint
    from drumtok.files import data_path
    from drumtok.generation import DEFAULT_CHECKPOINT, fresh_seed, generate, read_primer
    from drumtok.midi import write_midi

    first = fresh_seed() if seed is None else seed
    paths = _midi_paths(out, first, count)
    network = load_checkpoint(checkpoint or data_path(DEFAULT_CHECKPOINT))
    before = None if primer is None else read_primer(primer, network.grid)
    for number, path in enumerate(paths, first):
        made = generate(before, **asdict(config), checkpoint=network, rng=number)
        settings = f"seed {number}, temperature {config.temperature}, checkpoint {network.name}"
        source = f", primer {before.name}" if before else ""
        text = f"drumtok {__version__}: {settings}, bars {config.bars}, tempo {made.tempo}{source}"
        write_midi(made, path, text=text)
        if number > first:
            click.echo()  # parts the patterns in grid notation
        click.echo(f"# {settings}{source}")
        _print_grid(made.to_grid())
        click.echo(f"# {path}")


def _midi_paths(out: str | None, first: int, count: int) -> list[Path]:
    """The file for each of the seeds from `first` on, its folder there already."""
    if count < 1:
        raise DrumtokError(f"count is {count}: allowed is from 1")
    is_folder = out is not None and (out.endswith(("/", os.sep)) or Path(out).is_dir())
    if out is None or is_folder:
        paths = [Path(out or "", f"drumtok-{seed}.mid") for seed in range(first, first + count)]
    elif count == 1:
        paths = [Path(out)]
    else:
        paths = [Path(out).with_stem(f"{Path(out).stem}-{seed}") for seed in range(first, first + count)]
    if not paths[0].parent.is_dir():
        raise DrumtokError(f"cannot write {str(paths[0])!r}: folder {str(paths[0].parent)!r} is not there")
    return paths


MARK_STYLES = {"X": "bold yellow", "x": "green", "o": "dim green"}


def _print_grid(grid: str) -> None:
    """Prints grid notation, in colour where the terminal has it."""
    from rich.console import Console
    from rich.text import Text

    text = Text()
    for line in grid.splitlines():
        lane, bar, marks = line.partition("|")
        text.append(lane, "cyan")
        for mark in f"{bar}{marks}\n":
            text.append(mark, MARK_STYLES.get(mark, "bright_black"))
    Console().print(text, end="", soft_wrap=True)


@main.command("train")
@click.option("--corpus", type=click.Path(path_type=Path), help="The corpus; by default one of the data there are.")
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder; by default runs/ and date and time.")
@click.option("--resume", type=click.Path(path_type=Path), help="A run's folder, or its checkpoint, to go on with.")
@settings_options(model=ModelConfig, training=TrainingConfig)
def train_command(
    model: ModelConfig, training: TrainingConfig, corpus: Path | None, out: Path | None, resume: Path | None
) -> None:
    """Trains a network on a corpus.

    A run that was cut off goes on with --resume, with the settings it had; options that are given beside it change
    what can be changed.
    """
    try:
        from drumtok.runs import plan_run
        from drumtok.trainer import train
    except ModuleNotFoundError as error:
        raise DrumtokError(f"training needs {error.name}: pip install 'drumtok[train]'") from error
    context = click.get_current_context()
    given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    run = plan_run(model, training, corpus=corpus, out=out, resume=resume, given=given)
    train(run, click.echo)


@main.command()
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
