"""Measure how often patterns in a style keep the rules of that style (`datasets/styles.toml`).

    python -m benchmarks.evaluation.styles [STYLE ...] [--pieces 32]

Pieces of 4 bars at the defaults are compared with those of the page (`candidates=1`, and without a style a seed whose
first bar is usable), with those of the network alone (`strictness=0, candidates=1`), and with the starter grooves of
the style. The last row is of pieces in no style and the rules of `USABLE`: a kick on 1, a backbeat or four on the
floor, a timekeeper, and no empty bar. An interrupted run resumes from its results.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.results import Results, show
from drumtok.dataset.starter import starter_grooves
from drumtok.evaluation.style_fidelity import BARS, Kept
from drumtok.generation.generate import generate, generate_many
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import USABLE, signatures
from drumtok.web.usable_seed import TRIES, write_usable

FIRST_SEED = 1000
PAGE = "on the page"
WAYS: dict[str, dict[str, Any]] = {
    "asked for": {},
    PAGE: {"candidates": 1},
    "network alone": {"strictness": 0.0, "candidates": 1},
}


@dataclass(frozen=True)
class Task:
    """Pieces in one style, or in no style if it is empty, generated in one way."""

    style: str
    way: str
    pieces: int


def usable_piece(seed: int, **settings: Any) -> Pattern:
    """Generate a piece without a style as the page does, with one of a few seeds."""
    return write_usable(lambda number, on_bar: generate(number, bars=BARS, on_bar=on_bar, **settings), seed)[0]


def measure(task: Task) -> Kept:
    """Generate the pieces of a task, and count those that keep all rules."""
    settings = dict(WAYS[task.way])
    if not task.style:
        settings.pop("strictness", None)
    if task.way == PAGE and not task.style:
        pieces = [usable_piece(FIRST_SEED + TRIES * n, **settings) for n in range(task.pieces)]
    else:
        pieces = generate_many(task.pieces, FIRST_SEED, style=task.style or None, bars=BARS, **settings)
    return Kept.of(pieces, signatures()[task.style] if task.style else USABLE)


def tasks(styles: tuple[str, ...], pieces: int) -> Iterator[Task]:
    """Yield all tasks."""
    for style in styles or (*signatures(), ""):
        for way in WAYS:
            yield Task(style, way, pieces)


@click.command()
@click.argument("styles", nargs=-1)
@click.option("--pieces", default=32, show_default=True, help="Pieces of each style and way.")
@click.option("--results", default="styles.jsonl", show_default=True, type=click.Path(path_type=Path))
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(styles: tuple[str, ...], pieces: int, results: Path, markdown: bool) -> None:
    """Print the fraction of pieces that keep the rules of their style."""
    known = Results(results, Task, Kept)
    wanted = list(tasks(styles, pieces))
    for task, kept in known.make(wanted, measure):
        click.echo(f"{task.style or 'no style'}, {task.way}: {kept.kept}/{task.pieces} {kept.broken}", err=True)
    found, grooves, rows = known.known(), starter_grooves(), []
    means = dict.fromkeys(WAYS, 0.0)
    names = list(dict.fromkeys(task.style for task in wanted))
    for style in names:
        own = [groove for groove in grooves if groove.style == style]
        written = f"{Kept.of(own, signatures()[style]).fraction:.0%} of {len(own)}" if own else "-"
        share = {way: found[Task(style, way, pieces)].kept / pieces for way in WAYS}
        means = {way: means[way] + share[way] * bool(style) for way in WAYS}
        rows.append((style or "(none: usable)", *(f"{share[way]:.0%}" for way in WAYS), written))
    if asked := sum(map(bool, names)):
        rows.append(("mean of styles", *(f"{means[way] / asked:.0%}" for way in WAYS), ""))
    show(("style", *WAYS, "starter grooves"), rows, markdown)


if __name__ == "__main__":
    main()
