"""Measure how likely patterns around kept drums are, by the number of particles; one particle is plain masking.

    python -m benchmarks.sampling.keep CORPUS
    python -m benchmarks.sampling.keep CORPUS --songs 12 --keep kick --particles 1 --particles 16

CORPUS is made by `drumtok corpus build CORPUS groove`. In the first bars of validation beats some drums are kept and
the network writes the others, at temperature 1 without truncation. Prints the bits per step of the results under the
network (-log2 p of each hit word given all before it), with 95 % confidence intervals over songs, all takes of a song
together. Differences from the first number of particles are computed song by song.
"""

import time
from itertools import product
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from drumtok.dataset.corpus import open_corpus
from drumtok.drums import LANES
from drumtok.evaluation.bootstrap import Ratio
from drumtok.evaluation.prediction import predict
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern, steps_per_bar
from drumtok.sampling.constraints import KeptPattern, read_kept
from drumtok.sampling.logit_filters import BarGrammar, Rule, Temperature
from drumtok.sampling.particle_filter import complete
from drumtok.tokenizer.labels import BEAT, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, from_ids, to_ids

Floats = NDArray[np.float64]


def grooves_of(corpus: Path, songs: int, bars: int) -> list[Pattern]:
    """Return the first bars of validation beats with enough bars, evenly spaced over all of them."""
    opened = open_corpus(corpus)
    split, words = opened.split("validation"), bars * (steps_per_bar(opened.grid, (4, 4)) + 1)
    long = [
        n for n in range(len(split)) if split.conditioning(n).kind == BEAT and (split.song(n) == BAR_ID).sum() >= bars
    ]
    chosen = [long[n] for n in np.linspace(0, len(long) - 1, min(songs, len(long))).round().astype(int)]
    return [from_ids(split.song(n)[:words], opened.grid) for n in chosen]


def completed(engine: Engine, given: KeptPattern, particles: int, seed: int) -> tuple[NDArray[np.uint16], float]:
    """Write one song; return its words and the seconds that it took."""
    rules: list[Rule] = [BarGrammar(given.pattern.steps_per_bar), Temperature(1.0)]
    began = time.perf_counter()
    ids = complete(
        engine, np.random.default_rng(seed), rules, given, particles=particles, conditioning=Conditioning(BEAT)
    )
    return ids, time.perf_counter() - began


def bits_of(engine: Engine, songs: list[NDArray[np.uint16]], takes: int = 1) -> Ratio:
    """Return the bits per step of songs; all takes of a song are in one row."""
    bits = predict(engine, songs, [Conditioning(BEAT)] * len(songs)).bits
    return Ratio(*(sums.reshape(-1, takes).sum(axis=1) for sums in (bits.tops, bits.counts)))


def with_interval(ratio: Ratio) -> str:
    """Format a mean with its confidence interval."""
    found = ratio.estimate(np.random.default_rng(0))
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Checkpoint.  [default: the bundled one]")
@click.option("--songs", default=30, show_default=True, help="Validation beats.")
@click.option("--bars", default=8, show_default=True, help="First bars of each.")
@click.option("--keep", multiple=True, type=click.Choice(LANES), default=["kick", "snare"], show_default=True)
@click.option("--particles", multiple=True, type=int, default=[1, 8, 32, 64], show_default=True)
@click.option("--takes", default=3, show_default=True, help="Takes of each song.")
@click.option("--seed", default=0, show_default=True, help="Seed of the first take; the others have the next ones.")
def main(
    corpus: Path,
    checkpoint: Path | None,
    songs: int,
    bars: int,
    keep: tuple[str, ...],
    particles: tuple[int, ...],
    takes: int,
    seed: int,
) -> None:
    """Print a row for each number of particles, and one for the original grooves."""
    engine = Engine(load_checkpoint(checkpoint_file(checkpoint)))
    grooves = grooves_of(corpus, songs, bars)
    kept_patterns = [given for groove in grooves if (given := read_kept(keep, (), groove, groove.grid))]
    table = Table("particles", "bits per step", "less than the first row", "songs that gained", "seconds a take")
    first: Ratio | None = None
    for count in particles:
        every = track(list(product(kept_patterns, range(takes))), f"{count} particles", console=Console(stderr=True))
        made = [completed(engine, given, count, seed + n) for n, (given, _) in enumerate(every)]
        bits, seconds = bits_of(engine, [ids for ids, _ in made], takes), [taken for _, taken in made]
        first = first or bits
        gained = Ratio(first.tops - bits.tops, bits.counts)
        spread = f"{np.mean(seconds):.2f} +- {np.std(seconds):.2f}"
        compared = (
            ("", "") if bits is first else (with_interval(gained), f"{(gained.tops > 0).sum()} of {len(kept_patterns)}")
        )
        table.add_row(str(count), with_interval(bits), *compared, spread)
    table.add_row("as played", with_interval(bits_of(engine, [to_ids(groove) for groove in grooves])), "", "", "")
    Console(width=120).print(
        f"{len(grooves)} grooves of {bars} bars, {takes} takes of each, {', '.join(keep)} kept", table
    )


if __name__ == "__main__":
    main()
