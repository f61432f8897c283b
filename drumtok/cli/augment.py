"""`drumtok augment`: write loops recombined from parts."""

from collections import Counter
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from drumtok.cli.overwriting import check_outputs, force_option
from drumtok.cli.shared_options import COMPLETERS, PATH, drums_option, out_of, seed_option
from drumtok.cli.terminal import note, quiet_option, report_skipped
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import own_map
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.options import settings_options

if TYPE_CHECKING:
    from drumtok.dataset.augmentation.loops import Loops
    from drumtok.dataset.augmentation.parts import PartLibrary
    from drumtok.dataset.augmentation.recipes import Recipe

ALL, EACH = "all", "each"


@click.command("augment")
@click.argument("folder", required=False, metavar="[OUT]", type=PATH)
@click.option("--out", "-o", type=PATH, help="The folder or file to write, instead of the argument OUT.")
@click.option("--count", type=int, default=500, show_default=True, help="Number of loops.")
@click.option("--bars", type=int, help="Bars of each loop.  [1 to 1024; default that of the recipe]")
@click.option("--style", "styles", multiple=True, help="Only this style. Repeatable.  [default those of the recipe]")
@click.option("--grid", type=int, help="Steps per quarter note; parts that are not on it are left out.  [3, 4, 6, 8]")
@click.option("--recipe", default="default", show_default=True, help="Name of a bundled recipe, or a .toml file.")
@click.option(
    "--parts",
    type=PATH,
    help="A folder of parts by role, a loop pack, or a corpus to cut into parts.  [default the parts of drumtok]",
)
@click.option(
    "--split",
    default=EACH,
    show_default=True,
    help=f"Use the parts of this split: train, validation or test. '{EACH}': loops for each split, most of them for "
    f"training. '{ALL}': loops of parts of all splits, which are not for training.",
)
@click.option("--side", "split_alias", hidden=True)  # deprecated name of --split
@seed_option
@drums_option
@settings_options(COMPLETERS, writing=MidiConfig)
@force_option
@quiet_option
def augment(
    writing: MidiConfig,
    drums: DrumsConfig,
    folder: Path | None,
    out: Path | None,
    count: int,
    bars: int | None,
    styles: tuple[str, ...],
    grid: int | None,
    recipe: str,
    parts: Path | None,
    split: str,
    split_alias: str | None,
    seed: int | None,
) -> None:
    """Write loops recombined from kick, snare and hi-hat parts to OUT.

    OUT is a new folder of MIDI files, with a folder for each split, or, where it ends in .txt, a corpus file in words.
    Loops of different splits share no part, and a corpus that is built from them keeps their splits.
    """
    from drumtok.dataset.augmentation.loops import CORPUS_ENDING, DUPLICATES, EMPTIES, MADE, write_loops
    from drumtok.generation.randomness import fresh_seed

    out = out_of(folder, out)
    if count < 1:
        raise DrumtokError(f"count must be at least 1, got {count}")
    split = split_alias or split
    check_outputs(
        [out] * (out.suffix.lower() == CORPUS_ENDING), (recipe, own_map(drums.note_map), writing.own_map), "loops"
    )
    seed = fresh_seed() if seed is None else seed
    chosen = _recipe(recipe, bars, styles, grid)
    streams = _streams(_libraries(parts, split, drums), split, chosen, seed, count)
    write_loops(out, chain.from_iterable(islice(loops, number) for loops, number in streams), chosen.name, writing)
    counts = sum((loops.counts for loops, _ in streams), Counter())
    made, duplicates, empties = (counts[kind] for kind in (MADE, DUPLICATES, EMPTIES))
    note(
        f"made {made:,} loops{_per_split(streams)}, seed {seed}; "
        f"rejected {duplicates:,} duplicates and {empties:,} empties: {out}"
    )


def _streams(
    libraries: "dict[str, PartLibrary]", split: str, recipe: "Recipe", seed: int, count: int
) -> "list[tuple[Loops, int]]":
    """Return the streams of loops, and how many to take from each; `count` in total."""
    from drumtok.dataset.augmentation.loops import Loops, loops_per_split

    if split == EACH:
        return loops_per_split(libraries, recipe, seed, count)
    if split == ALL:
        return [(Loops(_joined(libraries), recipe, seed), count)]
    return [(Loops(libraries[split], recipe, seed, split), count)]


def _per_split(streams: "list[tuple[Loops, int]]") -> str:
    """Describe how many loops each split has, empty for a single split."""
    if len(streams) < 2:
        return ""
    return f" ({', '.join(f'{number:,} {loops.split}' for loops, number in streams)})"


def _libraries(parts: Path | None, split: str, drums: DrumsConfig) -> "dict[str, PartLibrary]":
    """Read the parts of each requested split."""
    from drumtok.dataset.augmentation.part_library import load_parts
    from drumtok.dataset.augmentation.parts import in_split
    from drumtok.dataset.corpus import MANIFEST, open_corpus
    from drumtok.dataset.song_parts import corpus_parts
    from drumtok.tokenizer.splits import SPLITS

    if split not in (EACH, ALL, *SPLITS):
        raise DrumtokError(f"unknown split {split!r}, must be one of {', '.join((EACH, ALL, *SPLITS))}")
    wanted = SPLITS if split in (EACH, ALL) else (split,)
    if parts is not None and (parts / MANIFEST).is_file():
        corpus = open_corpus(parts)
        return {name: corpus_parts(corpus, name) for name in wanted}
    left_out: list[str] = []
    library = load_parts(parts, left_out, drums)
    report_skipped(left_out)
    return {name: in_split(library, name) for name in wanted}


def _joined(libraries: "dict[str, PartLibrary]") -> "PartLibrary":
    """Join the parts of all splits."""
    roles = next(iter(libraries.values()))
    return {role: tuple(part for library in libraries.values() for part in library[role]) for role in roles}


def _recipe(name: str, bars: int | None, styles: tuple[str, ...], grid: int | None) -> "Recipe":
    """Load the recipe, overridden by the options that were given."""
    from drumtok.dataset.augmentation.recipes import load_recipe

    given: dict[str, Any] = {"bars": bars, "styles": styles or None, "grid": grid}
    return replace(load_recipe(name), **{key: value for key, value in given.items() if value is not None})
