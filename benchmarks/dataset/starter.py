"""Check the starter grooves, and print how many there are and how much they differ.

    python -m benchmarks.dataset.starter [STYLE ...]

A groove must keep the rules of its style (`datasets/styles.toml`), have one of its tempi, meters and grids, be playable
with two hands and two feet, and not be a near-duplicate: its bars must be on average at least `APART` weighted hits
from the nearest bars of every other groove of its style. Exits with code 1 if one of them fails.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

import click
import numpy as np

from benchmarks.results import show
from drumtok.dataset.starter import starter_grooves
from drumtok.drums import LANE_INDEX
from drumtok.evaluation.bar_distance import nearest_distance
from drumtok.generation.best_of import bars_of
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures

APART = 1.5  # weighted hits per bar (`drumtok.evaluation.bar_distance`): a kick or snare counts 2, other drums 1
CLOSED, OPEN = LANE_INDEX["closed"], LANE_INDEX["open"]


def faults(groove: Pattern) -> list[str]:
    """List what is wrong with a groove, without comparing it to others."""
    found: list[str] = []
    own = signatures().get(groove.style)
    if own is None:
        return [f"style {groove.style!r} has no signature"]
    found += [f"breaks {rule!r}" for rule in own.broken(groove)]
    if groove.meter not in own.meters:
        found.append("meter {}/{} is not one of the style".format(*groove.meter))
    if groove.grid not in own.grids:
        found.append(f"grid {4 * groove.grid} is not one of the style")
    if not own.tempo[0] <= groove.tempo <= own.tempo[2]:
        found.append(f"tempo {groove.tempo:g} is outside {own.tempo[0]:g} to {own.tempo[2]:g}")
    bars = bars_of(groove)
    if not 2 <= groove.bars <= 8:
        found.append(f"it has {groove.bars} bars")
    if len({bar.tobytes() for bar in bars}) < 2:
        found.append("its bars are all equal")
    if not bars.any(axis=(1, 2)).all():
        found.append("a bar is empty")
    if (groove.hits[:, CLOSED] & groove.hits[:, OPEN]).any():
        found.append("the hi-hat is closed and open at once")
    if (groove.hits.sum(axis=1) > 4).any():
        found.append("more than two hands and two feet")
    if groove.hits.any(axis=0).sum() < 2:
        found.append("one drum is no groove")
    if not groove.name.startswith(f"{groove.style}-"):
        found.append("its name does not begin with its style")
    return found


def nearest(grooves: Sequence[Pattern]) -> Iterator[tuple[Pattern, Pattern, float]]:
    """Yield each groove of a style, the nearest other one with bars of the same length, and their distance."""
    for groove in grooves:
        alike = [one for one in grooves if one is not groove and one.steps_per_bar == groove.steps_per_bar]
        if alike:
            distances = [float(nearest_distance(bars_of(groove), bars_of(one)).mean()) for one in alike]
            place = int(np.argmin(distances))
            yield groove, alike[place], distances[place]


@click.command()
@click.argument("styles", nargs=-1)
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(styles: tuple[str, ...], markdown: bool) -> None:
    """Check the starter grooves of some styles, or of all, and print how much they differ."""
    rows, wrong, total = [], 0, 0
    every = sorted(starter_grooves(), key=lambda groove: groove.style)
    for style, group in groupby(every, key=lambda groove: groove.style):
        if styles and style not in styles:
            continue
        grooves = list(group)
        messages = [f"{groove.name}: {fault}" for groove in grooves for fault in faults(groove)]
        pairs = list(nearest(grooves))
        messages += [f"{a.name}: too near {b.name} ({apart:.1f})" for a, b, apart in pairs if apart < APART]
        for message in messages:
            click.echo(message, err=True)
        bars = [bar.tobytes() for groove in grooves for bar in bars_of(groove)]
        apart = [distance for *_, distance in pairs]
        median = f"{np.median(apart):.1f}" if apart else "-"
        rows.append((style, str(len(grooves)), str(len(bars)), str(len(set(bars))), median, str(len(messages))))
        wrong, total = wrong + len(messages), total + len(grooves)
    show(("style", "grooves", "bars", "distinct bars", "nearest, median", "faults"), rows, markdown)
    click.echo(f"{total} grooves in {len(rows)} styles, {wrong} faults")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
