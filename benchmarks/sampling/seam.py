"""Measure the seam of loops: the bits per step of the first bar after the last, with `--loop` and `--no-loop`.

    python -m benchmarks.sampling.seam
    python -m benchmarks.sampling.seam --loops 50 --bars 4
    python -m benchmarks.sampling.seam --form AABA --bars 16

Each seed generates a pattern with `--loop` and one without. Prints the bits per step of the first bar when it is
repeated after the last, in a song of this pattern without its lead-in, and the fraction of fills among the last bars
and among the bars before them (`drumtok.tokenizer.bar_plan.is_fill`).
"""

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from drumtok.evaluation.bootstrap import Ratio
from drumtok.evaluation.prediction import predict
from drumtok.generation.generate import generate_many
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.tokenizer.bar_plan import is_fill
from drumtok.tokenizer.labels import BEAT, Conditioning
from drumtok.tokenizer.tokens import to_ids


def seams(engine: Engine, patterns: list[Pattern]) -> NDArray[np.float64]:
    """Return the bits per step of the first bar of each pattern after its last, (patterns,)."""
    once = [to_ids(pattern) for pattern in patterns]
    steps = patterns[0].steps_per_bar
    conditioning = [Conditioning(BEAT)] * len(once)
    looped = predict(engine, [np.append(words, words[:steps]) for words in once], conditioning)
    return (looped.bits.tops - predict(engine, once, conditioning).bits.tops) / steps


def fills(patterns: list[Pattern]) -> tuple[float, float]:
    """Return the fraction of fills among the last bars of patterns, and among the bars before them except the first."""
    bars = [pattern.hits.reshape(pattern.bars, pattern.steps_per_bar, -1) for pattern in patterns]
    found = np.array([[is_fill(song[n], song[:n]) for n in range(1, len(song))] for song in bars])
    return float(found[:, -1].mean()), float(found[:, :-1].mean())


@click.command()
@click.option("--loops", default=200, show_default=True, help="Seeds, from 0.")
@click.option("--bars", default=8, show_default=True, help="Bars of each.")
@click.option("--form", help="Song form, such as AABA.  [default: none]")
def main(loops: int, bars: int, form: str | None) -> None:
    """Print a row for each option, and the fraction of seeds whose seam is likelier with `--loop`."""
    checkpoint = load_checkpoint(checkpoint_file(None))
    engine, found = Engine(checkpoint), {}
    table = Table("", "bits per step of the seam", "fills among last bars", "among others")
    for loop in (False, True):
        name = "--loop" if loop else "--no-loop"
        made = generate_many(loops, 0, bars=bars, form=form, loop=loop, dynamics=0, checkpoint=checkpoint)
        found[loop] = seams(engine, made)
        table.add_row(name, with_interval(found[loop]), *(f"{share:.0%}" for share in fills(made)))
    less = found[False] - found[True]
    table.add_row("less with --loop", with_interval(less))
    rose, same = (np.mean(np.abs(less) < 1e-6 if equal else less > 1e-6) for equal in (False, True))
    console = Console(width=100)
    console.print(f"{loops} loops of {bars} bars", table)
    console.print(
        f"likelier with --loop: {rose:.1%} of loops; the same bar: {same:.1%}; less likely: {1 - rose - same:.1%}"
    )


def with_interval(values: NDArray[np.float64]) -> str:
    """Return a mean and its 95 % interval."""
    estimate = Ratio(values, np.ones(len(values))).estimate(np.random.default_rng(0))
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


if __name__ == "__main__":
    main()
