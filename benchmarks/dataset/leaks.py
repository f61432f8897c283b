"""Compare how much leaks between splits when recombined loops, or their parts, are split.

    python -m benchmarks.dataset.leaks

A library of the size of a small loop pack, 7 kick, 6 snare and 7 hats parts, is recombined to 500 loops of 40 bars. "At
random", a tenth of the loops goes to each of validation and test. "By part", a tenth of the parts of each role and
style (at least one) goes there, and the loops of a split are made of its own parts, as by `drumtok augment --split`.
Both are run with the changes of the default recipe in every bar, and with its fills only.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from drumtok.dataset.augmentation.loops import Loops
from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.augmentation.parts import PartLibrary, in_split
from drumtok.dataset.augmentation.recipes import Recipe, load_recipe
from drumtok.dataset.leakage.check import check_songs
from drumtok.dataset.leakage.overlap import Ids
from drumtok.dataset.leakage.report import LeakReport
from drumtok.dataset.leakage.song_groups import SongOrigin
from drumtok.drums import ROLES
from drumtok.tokenizer.splits import HELD_OUT_FRACTION, SPLITS
from drumtok.tokenizer.tokens import to_ids

STYLES = ("rock", "funk")
PARTS = {"kick": (4, 3), "snare": (3, 3), "hats": (4, 3)}  # role -> number of parts of each style
GRID = 4  # steps per quarter note of all parts
UNCHANGED: dict[str, Any] = {"drop_kick": 0.0, "add_kick": 0.0, "ghost_snare": 0.0, "open_hat": 0.0, "drop_hat": 0.0}

Songs = list[tuple[Ids, SongOrigin]]


def small_library() -> PartLibrary:
    """Return a library of twenty bundled parts."""
    library = load_parts()
    return {
        role: tuple(
            part
            for style, count in zip(STYLES, PARTS[role], strict=True)
            for part in islice((p for p in library[role] if p.style == style and p.grid == GRID), count)
        )
        for role in ROLES
    }


def recombined(library: PartLibrary, recipe: Recipe, seed: int, count: int) -> Songs:
    """Return loops, each with the names of its parts."""
    loops = islice(Loops(library, recipe, seed), count)
    return [(to_ids(loop.pattern), SongOrigin(tuple(part.name for part in loop.parts))) for loop in loops]


def at_random(library: PartLibrary, recipe: Recipe, seed: int, count: int) -> Mapping[str, Songs]:
    """Assign each loop to a split by itself."""
    loops = recombined(library, recipe, seed, count)
    order, held_out = np.random.default_rng(seed).permutation(count), round(HELD_OUT_FRACTION * count)
    cuts = np.split(order, [count - 2 * held_out, count - held_out])
    return {split: [loops[n] for n in chosen] for split, chosen in zip(SPLITS, cuts, strict=True)}


def by_part(library: PartLibrary, recipe: Recipe, seed: int, count: int) -> Mapping[str, Songs]:
    """Assign the parts to splits, and make as many loops of each split's parts as `at_random` has."""
    held_out = round(HELD_OUT_FRACTION * count)
    sizes = zip(SPLITS, (count - 2 * held_out, held_out, held_out), strict=True)
    return {split: recombined(in_split(library, split), recipe, seed, size) for split, size in sizes}


def cell(leaks: LeakReport, kind: str, near: bool = False) -> str:
    """Return the fraction of the pieces of validation and of test that occur in training."""
    tables = [leak.near if near else leak.exact for leak in leaks.splits.values()]
    return " / ".join(f"{table[kind].fraction:.1%}" for table in tables)


def print_table(title: str, found: Mapping[str, LeakReport]) -> None:
    """Print the figures of both ways of splitting."""
    table = Table(f"{title}: validation / test", *found)
    leaks = list(found.values())
    for kind in leaks[0].chance:
        table.add_row(f"{kind} that occur in training", *(cell(one, kind) for one in leaks))
    for kind in leaks[0].splits["test"].near:
        table.add_row(f"{kind} nearly so", *(cell(one, kind, near=True) for one in leaks))
    near = [" / ".join(f"{leak.near_songs} of {leak.songs}" for leak in one.splits.values()) for one in leaks]
    table.add_row("loops with a near-duplicate in training", *near)
    table.add_row("parts in both splits", *(str(one.parts) for one in leaks))
    table.add_row("drumtok corpus check", *("fails" if one.faults() else "passes" for one in leaks))
    Console(width=120).print(table)


@click.command()
@click.option("--loops", default=500, show_default=True)
@click.option("--bars", default=40, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(loops: int, bars: int, seed: int) -> None:
    """Compare both ways of splitting recombined loops."""
    library = small_library()
    recipe = replace(load_recipe(), blend=True, tempo_range=2.0, grid=GRID, bars=bars)
    for title, own in (("changed in every bar", recipe), ("fills alone", replace(recipe, **UNCHANGED))):
        ways = {"at random": at_random, "by part": by_part}
        print_table(title, {name: check_songs(way(library, own, seed, loops)) for name, way in ways.items()})


if __name__ == "__main__":
    main()
