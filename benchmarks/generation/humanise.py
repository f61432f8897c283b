"""Compare the time of humanising with that of generating, and the groove network with boosted trees.

    python -m benchmarks.generation.humanise
    python -m benchmarks.generation.humanise --trees --split validation

A pattern of 16 bars is generated and humanised in turns, and the median times are printed. `--trees` also prints the
errors and nats of scikit-learn's gradient-boosted trees, fitted to the training songs of a corpus; they predict a hit
from its drum, position, style, tempo, and the hits within 8 steps. The figures of the network on the same held-out
songs are those of `drumtok evaluate checkpoints/groove.safetensors`. The nats of the trees come from their training
residuals.
"""

from pathlib import Path

import click
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.generation.generate import in_turns
from drumtok.dataset.corpus import default_corpus, open_corpus
from drumtok.evaluation.groove_baselines import MILLISECONDS, expression_of
from drumtok.evaluation.groove_metrics import performances
from drumtok.generation.generate import generate
from drumtok.generation.humanise import humanise
from drumtok.network.groove_inputs import Performance
from drumtok.tokenizer.splits import HELD_OUT

REACH = 8
SMOOTH = 0.5  # added to the count of every residual
Floats = NDArray[np.float64]


def columns(songs: list[Performance], styles: list[str]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return features (hits, features), velocities, offsets in steps, and milliseconds per step."""
    found = []
    for song in songs:
        steps, drums = np.nonzero(song.hits)
        padded = np.pad(song.hits, ((REACH, REACH), (0, 0)))
        window = sliding_window_view(padded, 2 * REACH + 1, axis=0).reshape(len(song.hits), -1)[steps]
        style = styles.index(song.style) if song.style in styles else -1
        whole = np.tile([style, song.tempo], (len(steps), 1))
        expression, step_ms = expression_of(song), MILLISECONDS / 4 / song.tempo
        rows = np.column_stack([window, drums, song.positions[steps], whole])
        found.append((rows, expression.velocity, expression.offset, np.full(len(steps), step_ms)))
    rows, velocity, offset, step = (np.concatenate(own) for own in zip(*found, strict=True))
    return rows.astype(np.float32), velocity.astype(float), offset.astype(float), step


def nats(residuals: Floats, guess: Floats, values: Floats, low: int, high: int) -> Floats:
    """Return -log p of integer values from `low` to `high`, given estimates and the distribution of residuals."""
    span = high - low
    counts = np.bincount(np.clip(np.rint(residuals), -span, span).astype(int) + span, minlength=2 * span + 1) + SMOOTH
    places = np.arange(low, high + 1) - np.rint(np.clip(guess, low, high)).astype(int)[:, None] + span
    likely = counts[places]
    right = counts[(values - np.rint(np.clip(guess, low, high))).astype(int) + span]
    return -np.log(right / likely.sum(axis=1))


def trees(corpus: Path | None, split: str, source: str) -> Table:
    """Return the errors and nats of boosted trees on held-out songs."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    opened = open_corpus(corpus or default_corpus())
    training, held_out = (performances(opened, name, source) for name in ("train", split))
    styles = sorted({song.style for song in training})
    rows, loud, late, step = columns(training, styles)
    new, true_loud, true_late, new_step = columns(held_out, styles)
    table = Table("boosted trees", f"{len(new)} hits of {source} {split}")
    total = 0.0
    for name, known, true, by, low, high in (
        ("velocity, mean absolute error", loud, true_loud, (np.ones(len(loud)), np.ones(len(new))), 1, 127),
        ("timing, mean absolute error in ms", late, true_late, (step, new_step), -60, 59),
    ):
        fitted = HistGradientBoostingRegressor(loss="absolute_error", max_iter=150, random_state=0)
        fitted.fit(rows, known * by[0])
        guess = fitted.predict(new)
        table.add_row(name, f"{np.abs(guess - true * by[1]).mean():.2f}")
        unit = 1 if low == 1 else 120  # in velocities, or in ticks of a step
        left = (known - fitted.predict(rows) / by[0]) * unit
        total += nats(left, guess / by[1] * unit, np.rint(true * unit), low, high).mean()
    table.add_row("nats per hit", f"{total:.2f}")
    return table


@click.command()
@click.option("--turns", default=15, show_default=True, help="Repetitions.")
@click.option("--trees", "with_trees", is_flag=True, help="Also fit boosted trees, which takes minutes.")
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus of the trees.  [default: the fetched sources]")
@click.option("--split", type=click.Choice(HELD_OUT), default="test", show_default=True, help="Split of the trees.")
def main(turns: int, with_trees: bool, corpus: Path | None, split: str) -> None:
    """Print how long humanising takes compared with generating, and how good the trees are."""
    pattern = generate(0, bars=16)
    humanise(pattern, seed=0)  # loads the network, so that loading is not timed
    took = in_turns(turns, write=lambda: generate(0, bars=16), play=lambda: humanise(pattern, seed=0))
    console = Console(width=100)
    table = Table("16 bars", "ms", "writing = 1")
    for name, seconds in took.items():
        table.add_row(
            {"write": "written", "play": "played"}[name], f"{1000 * seconds:.0f}", f"{seconds / took['write']:.2f}"
        )
    console.print(table)
    if with_trees:
        console.print(trees(corpus, split, "groove"))


if __name__ == "__main__":
    main()
