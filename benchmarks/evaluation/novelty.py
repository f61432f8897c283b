"""Time the exact search for the nearest known bar.

    python -m benchmarks.evaluation.novelty
    python -m benchmarks.evaluation.novelty --bars 1000 --known 1000000

Prints the best and the median seconds of `drumtok.evaluation.bar_distance.nearest_distance`, which has no rival. The
bars are random and distinct, which is the worst case, because repeated bars are searched only once. Set OMP_NUM_THREADS
to the number of idle cores.
"""

import time

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from drumtok.drums import N_DRUMS
from drumtok.evaluation.bar_distance import nearest_distance


@click.command()
@click.option("--bars", default=10_000, show_default=True, help="Bars to search the nearest known bar for.")
@click.option("--known", default=200_000, show_default=True, help="Known bars.")
@click.option("--steps", default=16, show_default=True, help="Steps per bar.")
@click.option("--turns", default=3, show_default=True, help="Number of searches.")
def main(bars: int, known: int, steps: int, turns: int) -> None:
    """Time the search."""
    rng = np.random.default_rng(0)
    queries, among = (rng.random((n, steps, N_DRUMS), dtype=np.float32) < 0.15 for n in (bars, known))
    seconds = []
    for _ in range(turns):
        began = time.perf_counter()
        nearest_distance(queries, among)
        seconds.append(time.perf_counter() - began)
    table = Table("bars", "known bars", "best, seconds", "median, seconds")
    table.add_row(f"{bars:,}", f"{known:,}", f"{min(seconds):.1f}", f"{np.median(seconds):.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
