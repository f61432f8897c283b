"""`drumtok augment`: writes loops recombined from parts."""

from collections import Counter
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drumtok.errors import DrumtokError

if TYPE_CHECKING:
    from drumtok.dataset.augmentation.loops import Loops
    from drumtok.dataset.augmentation.parts import Pool
    from drumtok.dataset.augmentation.recipes import Recipe

ALL, EACH = "all", "each"
SHOWN = 10  # reasons for parts that are left out


@click.command("augment")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--count", type=int, default=500, show_default=True, help="Loops to make, from 1.")
@click.option("--bars", type=int, help="Bars of each loop.  [from 1 up to 1024; default the recipe's]")
@click.option("--style", "styles", multiple=True, help="Only this style; may be given again.  [default the recipe's]")
@click.option("--grid", type=int, help="Steps per quarter note; parts that are not on it are left out.  [3, 4, 6, 8]")
@click.option("--recipe", default="default", show_default=True, help="A recipe of drumtok's, or a .toml file.")
@click.option(
    "--parts",
    type=click.Path(path_type=Path),
    help="A folder of parts by role, a loop pack, or a corpus to cut into parts.  [default drumtok's own]",
)
@click.option(
    "--side",
    default=EACH,
    show_default=True,
    help=f"Only parts of this side: train, validation or test; '{EACH}' for loops of each of them, apart, most of them "
    f"to train on; '{ALL}' for loops of any parts, to play and not to train on.",
)
@click.option("--seed", type=int, help="The same seed makes the same loops.  [from 0; default drawn and printed]")
def augment(
    out: Path,
    count: int,
    bars: int | None,
    styles: tuple[str, ...],
    grid: int | None,
    recipe: str,
    parts: Path | None,
    side: str,
    seed: int | None,
) -> None:
    """Writes loops recombined from kick, snare and hi-hat parts to OUT.

    OUT is a new folder of MIDI files, a folder in it for each side, or, where it ends in .txt, a corpus file in words.
    Loops of two sides have no part in common, and a corpus that is built of them keeps their sides.
    """
    from drumtok.dataset.augmentation.loops import DUPLICATES, EMPTIES, MADE, Loops, on_all_sides, write_loops
    from drumtok.generation.generate import fresh_seed

    if count < 1:
        raise DrumtokError(f"count is {count}: allowed is from 1")
    seed = fresh_seed() if seed is None else seed
    chosen = _recipe(recipe, bars, styles, grid)
    pools = _pools(parts, side)
    streams = [(Loops(pools[side], chosen, seed, side), count)] if side in pools else []
    if side == EACH:
        streams = on_all_sides(pools, chosen, seed, count)
    if side == ALL:
        streams = [(Loops(_joined(pools), chosen, seed), count)]
    write_loops(out, chain.from_iterable(islice(loops, share) for loops, share in streams), chosen.name)
    counts = sum((loops.counts for loops, _ in streams), Counter())
    made, duplicates, empties = (counts[kind] for kind in (MADE, DUPLICATES, EMPTIES))
    sides = _sides(streams)
    click.echo(
        f"made {made:,} loops{sides}, seed {seed}; rejected {duplicates:,} duplicates and {empties:,} empties: {out}"
    )


def _sides(streams: "list[tuple[Loops, int]]") -> str:
    """How many loops are on each side, where there are several."""
    if len(streams) < 2:
        return ""
    return f" ({', '.join(f'{share:,} {loops.side}' for loops, share in streams)})"


def _pools(parts: Path | None, side: str) -> "dict[str, Pool]":
    """side -> its parts; those that are asked for alone."""
    from drumtok.dataset.augmentation.part_library import load_parts
    from drumtok.dataset.augmentation.parts import on_side
    from drumtok.dataset.corpus import MANIFEST, open_corpus
    from drumtok.dataset.song_parts import corpus_parts
    from drumtok.tokenizer.text import DEALT_SPLITS

    if side not in (EACH, ALL, *DEALT_SPLITS):
        raise DrumtokError(f"side {side!r} is unknown: allowed are {', '.join((EACH, ALL, *DEALT_SPLITS))}")
    wanted = DEALT_SPLITS if side in (EACH, ALL) else (side,)
    if parts is not None and (parts / MANIFEST).is_file():
        corpus = open_corpus(parts)
        return {name: corpus_parts(corpus, name) for name in wanted}
    left_out: list[str] = []
    pool = load_parts(parts, left_out)
    for reason in left_out[:SHOWN]:
        click.echo(f"left out {reason}", err=True)
    if len(left_out) > SHOWN:
        click.echo(f"left out {len(left_out) - SHOWN:,} more", err=True)
    return {name: on_side(pool, name) for name in wanted}


def _joined(pools: "dict[str, Pool]") -> "Pool":
    """The parts of all sides as one pool."""
    roles = next(iter(pools.values()))
    return {role: tuple(part for pool in pools.values() for part in pool[role]) for role in roles}


def _recipe(name: str, bars: int | None, styles: tuple[str, ...], grid: int | None) -> "Recipe":
    """The recipe, with what the options say in the place of what it says."""
    from drumtok.dataset.augmentation.recipes import load_recipe

    given: dict[str, Any] = {"bars": bars, "styles": styles or None, "grid": grid}
    return replace(load_recipe(name), **{key: value for key, value in given.items() if value is not None})
