"""Measure how closely pieces follow their plan.

    python -m benchmarks.sampling.plans
    python -m benchmarks.sampling.plans --pieces 30 --temperature 0.8 --temperature 1

Each piece has a random plan with repeated sections, intensities and fills. Prints the fraction of repeated sections
that are more like the section of the same name than like any other, the fraction of planned fills that are fills, and
of other bars that are not (`drumtok.evaluation.long_form`), and the rank correlation of planned intensity and number of
hits over the bars that are not fills.
"""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.results import show
from drumtok.evaluation.bar_distance import self_similarity
from drumtok.evaluation.long_form import fills
from drumtok.generation.generate import generate
from drumtok.sampling.plan_text import Section, plan_text
from drumtok.sampling.song_plan import SongPlan

STYLES = ("rock", "funk", "jazz", "hiphop", "house", "bossa-nova")
FORMS = ("ABAB", "AABA", "ABABCB", "ABCABC")
BARS = 8


def drawn_plan(rng: np.random.Generator) -> tuple[Section, ...]:
    """Return the sections of a random form; those of one name have one intensity, and some end with a fill."""
    form = FORMS[rng.integers(len(FORMS))]
    levels = dict(zip("ABC", rng.permutation([0.1, 0.5, 0.9]).tolist(), strict=True))
    return tuple(Section(letter, BARS, levels[letter], bool(rng.integers(2))) for letter in form)


def sections_kept(bars: NDArray[np.bool_], plan: SongPlan) -> list[bool]:
    """Return, for each repeated section, whether it is most like an earlier one of the same name."""
    similarity = self_similarity(bars)
    kept = []
    for n, (section, start) in enumerate(zip(plan.sections, plan.starts, strict=True)):
        earlier = list(zip(plan.sections[:n], plan.starts[:n], strict=True))
        if section.name not in {other.name for other, _ in earlier}:
            continue
        alike = [
            (np.mean([similarity[start + bar, begin + bar] for bar in range(BARS)]), other.name)
            for other, begin in earlier
        ]
        kept.append(max(alike)[1] == section.name)
    return kept


def rank_correlation(planned: Sequence[float], hits: Sequence[int]) -> float:
    """Return Spearman's rank correlation; ties get their mean rank."""

    def ranks(values: Sequence[float]) -> NDArray[np.float64]:
        ordered = np.sort(values)
        return (np.searchsorted(ordered, values) + np.searchsorted(ordered, values, side="right") - 1) / 2

    return float(np.corrcoef(ranks(planned), ranks(hits))[0, 1])


def measured(style: str, seed: int, temperature: float, checkpoint: Path | None) -> tuple[float, float, float, float]:
    """Return the four figures of a piece; nan if its plan has nothing to measure."""
    plan = SongPlan(drawn_plan(np.random.default_rng(seed)), fills=0.0)
    made = generate(seed, temperature, style=style, plan=plan_text(plan.sections), fills=0.0, checkpoint=checkpoint)
    bars = made.hits.reshape(made.bars, made.steps_per_bar, -1)
    planned = np.array([target.fill for target in plan.targets()])
    is_fill = fills(bars)
    levels = [target.intensity or 0.0 for target in plan.targets()]
    hits = bars.sum(axis=(1, 2))
    places = np.flatnonzero(~planned).tolist()
    return (
        float(np.mean(sections_kept(bars, plan))),
        float(is_fill[planned].mean()) if planned.any() else float("nan"),
        float(1 - is_fill[~planned].mean()),
        rank_correlation([levels[n] for n in places], hits[places].tolist()),
    )


@click.command()
@click.option("--pieces", default=5, show_default=True, help="Of each style.")
@click.option("--temperature", "temperatures", type=float, multiple=True, default=(0.8, 1.0), show_default=True)
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Network.  [default: the bundled one]")
@click.option("--markdown", is_flag=True)
def main(pieces: int, temperatures: tuple[float, ...], checkpoint: Path | None, markdown: bool) -> None:
    """Print a row for each temperature."""
    rows = []
    for temperature in temperatures:
        tasks = [(style, seed) for style in STYLES for seed in range(pieces)]
        found = [measured(*task, temperature, checkpoint) for task in track(tasks, f"temperature {temperature:g}")]
        sections, filled, unfilled, intensity = np.nanmean(found, axis=0)
        rows.append([f"{temperature:g}", f"{sections:.0%}", f"{filled:.0%}", f"{unfilled:.0%}", f"{intensity:.2f}"])
    show(["temperature", "sections kept", "fills kept", "no fill elsewhere", "rank correlation"], rows, markdown)


if __name__ == "__main__":
    main()
