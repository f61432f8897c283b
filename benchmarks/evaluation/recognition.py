"""Measure how often the style of a starter groove is recognised by grooves of other families.

    python -m benchmarks.evaluation.recognition [--folds 10] [--markdown]

A family is a group of grooves of one style with at most `NEAR` weighted hits per bar between neighbours. Folds consist
of whole families, and the grooves of a fold are recognised by those of the other folds. "or like it" also counts styles
that `datasets/styles.toml` lists as like the right one.
"""

import time
from collections.abc import Sequence

import click
import numpy as np

from benchmarks.dataset.starter import nearest
from benchmarks.results import show
from drumtok.dataset.starter import starter_grooves
from drumtok.evaluation.style_recognition import StyleRecogniser
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures

NEAR = 4.0
RANKS = (1, 3)


def families(grooves: Sequence[Pattern]) -> list[int]:
    """Return the number of the family of each groove."""
    family = {groove.name: number for number, groove in enumerate(grooves)}
    for style in {groove.style for groove in grooves}:
        for groove, other, apart in nearest([groove for groove in grooves if groove.style == style]):
            if apart < NEAR:
                one, two = family[groove.name], family[other.name]
                family = {name: one if number == two else number for name, number in family.items()}
    return [family[groove.name] for groove in grooves]


def recognised(grooves: Sequence[Pattern], folds: int) -> list[list[str]]:
    """Return the styles of each groove, likeliest first, as recognised by the grooves of other folds."""
    numbers = families(grooves)
    fold_of = dict(
        zip(sorted(set(numbers)), np.random.default_rng(0).permutation(len(set(numbers))) % folds, strict=True)
    )
    found: list[list[str]] = [[]] * len(grooves)
    for fold in range(folds):
        inside = [fold_of[number] == fold for number in numbers]
        recogniser = StyleRecogniser([groove for groove, is_in in zip(grooves, inside, strict=True) if not is_in])
        for place in np.flatnonzero(inside).tolist():
            found[place] = list(recogniser.scores(grooves[place]))
    return found


def are_alike(one: str, other: str) -> bool:
    """Return whether two styles are the same, or one is listed as like the other."""
    known = signatures()
    return one == other or one in known[other].like or other in known[one].like


@click.command()
@click.option("--folds", default=10, show_default=True)
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(folds: int, markdown: bool) -> None:
    """Print the fraction of starter grooves whose style is recognised, by style."""
    grooves = starter_grooves()
    begun = time.perf_counter()
    found = recognised(grooves, folds)
    seconds = time.perf_counter() - begun
    rows = []
    for style in (*sorted({groove.style for groove in grooves}), ""):
        own = [
            (groove.style, names) for groove, names in zip(grooves, found, strict=True) if style in ("", groove.style)
        ]
        shares = [np.mean([right in names[:rank] for right, names in own]) for rank in RANKS]
        near = np.mean([are_alike(right, names[0]) for right, names in own])
        firsts = [names[0] for right, names in own if names[0] != right]
        most = max(firsts, key=firsts.count) if firsts and style else ""
        rows.append((style or "(all)", str(len(own)), *(f"{share:.0%}" for share in (*shares, near)), most))
    show(("style", "grooves", "first", "in first 3", "first or like it", "most often instead"), rows, markdown)
    click.echo(f"{1000 * seconds / len(grooves):.0f} ms a groove, with the making of {folds} recognisers")


if __name__ == "__main__":
    main()
