"""Measure how near the bars after a primer stay to it, for generated patterns and for drummers.

    python -m benchmarks.sampling.primers CORPUS
    python -m benchmarks.sampling.primers CORPUS --songs 12 --repetition 0 --repetition 0.5

CORPUS is made by `drumtok corpus build CORPUS groove`. The first two bars of validation beats are continued by four at
the defaults, or with each value of `--repetition`. Prints the mean distance of bars 3 to 6 from the nearer of the first
two, in weighted hits (`drumtok.evaluation.bar_distance`), with 95 % confidence intervals over songs, and the fraction
of bars that repeat one of the two.
"""

from collections.abc import Iterable
from pathlib import Path

import click

from benchmarks.results import show
from benchmarks.sampling.keep import grooves_of, with_interval
from drumtok.evaluation.bar_distance import nearest_distance
from drumtok.evaluation.bootstrap import Ratio
from drumtok.generation.best_of import bars_of
from drumtok.generation.generate import generate
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern

PRIMER, AFTER = 2, 4  # bars


def row(pairs: Iterable[tuple[Pattern, Pattern]]) -> tuple[str, str]:
    """Return, as text, the mean distance of continuations from their primers, and the fraction of equal bars."""
    distances = [nearest_distance(bars_of(after), bars_of(primer)) for primer, after in pairs]
    return with_interval(Ratio.of(distances)), f"{Ratio.of(own == 0 for own in distances).value:.0%}"


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Checkpoint.  [default: the bundled one]")
@click.option("--songs", default=40, show_default=True, help="Validation beats.")
@click.option("--repetition", multiple=True, type=float, help="Nats; the default if none is given.")
@click.option("--seed", default=0, show_default=True, help="Seed of the first song; the others have the next ones.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(
    corpus: Path, checkpoint: Path | None, songs: int, repetition: tuple[float, ...], seed: int, markdown: bool
) -> None:
    """Print how near continuations stay to their primers."""
    engine = Engine(load_checkpoint(checkpoint_file(checkpoint)))
    played = [(song[0:PRIMER], song[PRIMER:]) for song in grooves_of(corpus, songs, PRIMER + AFTER)]
    rows = []
    for nats in repetition or (None,):
        made = [
            (primer, generate(primer, rng=seed + n, bars=AFTER, repetition=nats, checkpoint=engine))
            for n, (primer, _) in enumerate(played)
        ]
        rows.append(("written" if nats is None else f"written, repetition {nats:g}", *row(made)))
    rows.append(("as played", *row(played)))
    show(("bars 3 to 6", "distance to the nearest of bars 1 and 2", "equal to one of them"), rows, markdown)
    click.echo(f"{len(played)} songs")


if __name__ == "__main__":
    main()
