"""Measure how often kicks meet the accents of synthetic bass lines.

    python -m benchmarks.sampling.following
    python -m benchmarks.sampling.following --lines 12 --tightness 0 --tightness 2

A line has 3 to 6 onsets at random steps of a bar, half of them accents, and is the same in every bar. A pattern follows
each line in each style and at each tightness. Prints the fraction of accents with a kick, the fraction of all steps
with a kick (chance), their ratio, and the fraction of patterns that keep all rules of their style.
"""

import tempfile
from pathlib import Path

import click
import numpy as np
from rich.progress import track

from benchmarks.results import show
from drumtok.generation.generate import generate
from drumtok.midi.onsets import read_onsets
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.following import FollowedPart, kicks_met
from drumtok.sampling.signatures import signatures

STYLES = ("rock", "funk", "jazz", "hiphop", "house", "bossa-nova")
TEMPO, STEPS = 100.0, 16


def bass_line(rng: np.random.Generator, bars: int) -> str:
    """Return a line as text, a time in seconds and a strength on each line."""
    onsets = np.sort(rng.permutation(STEPS)[: rng.integers(3, 7)])
    accents = rng.permutation(onsets)[: max(2, len(onsets) // 2)]
    seconds = 60 / TEMPO / 4
    return "".join(
        f"{(bar * STEPS + step) * seconds:.5f} {1.0 if step in accents else 0.5}\n"
        for bar in range(bars)
        for step in onsets
    )


def met_and_kept(style: str, seed: int, bars: int, tightness: float) -> tuple[float, float, bool]:
    """Return `kicks_met` of a pattern that follows a line, and whether it keeps the rules of its style."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bass.txt")
        path.write_text(bass_line(np.random.default_rng(seed), bars), encoding="utf-8")
        made = generate(seed, style=style, tempo=TEMPO, bars=bars, follow=path, tightness=tightness)
        part = FollowedPart.of(read_onsets(path), TEMPO, made.grid, made.meter)
    return (*kicks_met(made, part), signatures()[style].kept_by(made))


@click.command()
@click.option("--lines", default=6, show_default=True, help="Bass lines of each style.")
@click.option("--bars", default=8, show_default=True)
@click.option(
    "--tightness", "tightnesses", type=float, multiple=True, default=(0.0, 1.0, SamplingConfig.tightness, 4.0)
)
@click.option("--markdown", is_flag=True)
def main(lines: int, bars: int, tightnesses: tuple[float, ...], markdown: bool) -> None:
    """Print a row for each tightness."""
    rows = []
    for tightness in tightnesses:
        tasks = [(style, seed) for style in STYLES for seed in range(lines)]
        found = [met_and_kept(*task, bars, tightness) for task in track(tasks, f"tightness {tightness:g}")]
        met, chance, kept = np.mean(found, axis=0)
        rows.append([f"{tightness:g}", f"{met:.0%}", f"{chance:.0%}", f"{met / chance:.2f}", f"{kept:.0%}"])
    show(["tightness", "accents met", "steps with a kick", "ratio", "keep their style"], rows, markdown)


if __name__ == "__main__":
    main()
