"""`drumtok augment`: writes loops recombined from parts."""

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drumtok.errors import DrumtokError

if TYPE_CHECKING:
    from drumtok.recipes import Recipe


@click.command("augment")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--count", type=int, default=500, show_default=True, help="Loops to make, from 1.")
@click.option("--bars", type=int, help="Bars of each loop.  [from 1 up to 1024; default the recipe's]")
@click.option("--style", "styles", multiple=True, help="Only this style; may be given again.  [default the recipe's]")
@click.option("--grid", type=int, help="Steps per quarter note; parts that are not on it are left out.  [3, 4, 6, 8]")
@click.option("--recipe", default="default", show_default=True, help="A recipe of drumtok's, or a .toml file.")
@click.option("--parts", type=click.Path(path_type=Path), help="A folder of parts by role.  [default drumtok's own]")
@click.option("--side", help="Only parts of this side: train, validation or test.  [default all parts]")
@click.option("--seed", type=int, help="The same seed makes the same loops.  [from 0; default drawn and printed]")
def augment(
    out: Path,
    count: int,
    bars: int | None,
    styles: tuple[str, ...],
    grid: int | None,
    recipe: str,
    parts: Path | None,
    side: str | None,
    seed: int | None,
) -> None:
    """Writes loops recombined from kick, snare and hi-hat parts to OUT.

    OUT is a new folder of MIDI files or, where it ends in .txt, a corpus file in words. Loops of two sides have no
    part in common.
    """
    from drumtok.generation import fresh_seed
    from drumtok.loops import DUPLICATES, EMPTIES, MADE, Loops, write_loops
    from drumtok.parts import load_parts, on_side

    if count < 1:
        raise DrumtokError(f"count is {count}: allowed is from 1")
    seed = fresh_seed() if seed is None else seed
    chosen = _recipe(recipe, bars, styles, grid)
    pool = load_parts(parts)
    loops = Loops(pool if side is None else on_side(pool, side), chosen, seed)
    write_loops(out, islice(loops, count), chosen.name)
    made, duplicates, empties = (loops.counts[kind] for kind in (MADE, DUPLICATES, EMPTIES))
    click.echo(f"made {made:,} loops, seed {seed}; rejected {duplicates:,} duplicates and {empties:,} empties: {out}")


def _recipe(name: str, bars: int | None, styles: tuple[str, ...], grid: int | None) -> "Recipe":
    """The recipe, with what the options say in the place of what it says."""
    from drumtok.recipes import load_recipe

    given: dict[str, Any] = {"bars": bars, "styles": styles or None, "grid": grid}
    return replace(load_recipe(name), **{key: value for key, value in given.items() if value is not None})
