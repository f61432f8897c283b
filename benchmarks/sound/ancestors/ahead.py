"""Say in which metrics drumtok's model is ahead of each ancestor that was trained alike.

    python -m benchmarks.sound.ancestors.ahead --minutes 0.75

The results are those that `python -m benchmarks.sound.ancestors` wrote. The class is compared by the fraction of
held-out sounds that recognised sounds cover, as a model that makes one good sound is always recognised.
"""

from collections.abc import Mapping
from pathlib import Path

import click

from benchmarks.results import Results, show
from benchmarks.sound.ancestors.families import ANCESTORS
from benchmarks.sound.ancestors.tables import OWN, Result, Task
from benchmarks.sound.real_sounds import LANES


def metrics_of(result: Result) -> dict[str, float]:
    """Return the metrics that are compared, each the higher the better."""
    return {"class": result.covered, "Frechet": -result.frechet, "novelty": result.new}


def compared(own: Result, other: Result) -> str:
    """Return in how many metrics a model is ahead of another, and in which it is equal or behind."""
    pairs = {name: (value, metrics_of(other)[name]) for name, value in metrics_of(own).items()}
    equal = [f"{name} equal" for name, (value, against) in pairs.items() if value == against]
    behind = [f"{name} behind" for name, (value, against) in pairs.items() if value < against]
    rest = equal + behind
    return f"{len(pairs) - len(rest)} of {len(pairs)}" + (f" ({', '.join(rest)})" if rest else "")


def rows_of(known: Mapping[Task, Result], classes: list[str], minutes: float, seed: int) -> list[list[str]]:
    """Return a row for each ancestor, with a cell for each class."""

    def cell(name: str, sound_class: str) -> str:
        own, other = (known.get(Task(model, sound_class, minutes, seed)) for model in (OWN, name))
        return compared(own, other) if own and other else ""

    return [[f"`{name}`", *(cell(name, sound_class) for sound_class in classes)] for name in ANCESTORS]


@click.command(context_settings={"show_default": True})
@click.option("--minutes", default=1.5, help="Minutes that they were trained for.")
@click.option("--seed", default=0, help="Seed that they were trained with.")
@click.option("--out", default=Path("runs/ancestors"), type=click.Path(path_type=Path), help="Folder of the results.")
def main(minutes: float, seed: int, out: Path) -> None:
    """Compare drumtok's model with its ancestors, as Markdown."""
    known = Results(out / "results.jsonl", Task, Result).known()
    classes = [name for name in LANES if Task(OWN, name, minutes, seed) in known]
    show(("model", *classes), rows_of(known, classes, minutes, seed), markdown=True)


if __name__ == "__main__":
    main()
