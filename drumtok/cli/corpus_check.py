"""`drumtok corpus check`: proves what the sides of a corpus have in common."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.runtime.options import settings_options

if TYPE_CHECKING:
    from drumtok.dataset.corpus import Corpus
    from drumtok.dataset.leakage.overlap import Ids
    from drumtok.dataset.leakage.report import Leaks, Share
    from drumtok.dataset.leakage.song_groups import Song


@click.command("check")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@settings_options(limits=LeakLimits)
def corpus_check(limits: LeakLimits, out: Path, as_json: bool) -> None:
    """Proves what the sides of the corpus OUT have in common, from its words alone.

    Ends with exit code 1 where a song has a near-duplicate on a side that is held out more, a part stands on two
    sides, or more windows of two bars stand in training than chance explains. An official split is measured and never
    found fault with.
    """
    from drumtok.dataset.corpus import SPLITS, open_corpus
    from drumtok.dataset.leakage.report import measure

    opened = open_corpus(out)
    leaks = measure({side: _songs(opened, side) for side in SPLITS})
    faults = leaks.faults(limits)
    if as_json:
        click.echo(json.dumps({**leaks.figures(), "faults": faults}, indent=1))
    else:
        _print_leaks(leaks)
    if faults:
        raise click.ClickException(f"{str(out)!r} leaks: {'; '.join(faults)}")


def _songs(opened: "Corpus", side: str) -> Iterator[tuple["Ids", "Song"]]:
    """The words of each song of a side, and what is known of it."""
    from drumtok.dataset.leakage.song_groups import Song
    from drumtok.tokenizer.readers import without_section

    split = opened.split(side)
    for n, line in enumerate(opened.songs[side]):
        file = f"{line['source']}\0{without_section(line['name'])}"
        yield split.song(n), Song(tuple(line.get("parts", ())), file, bool(line.get("official", False)))


def _print_leaks(leaks: "Leaks") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("what stands in training too", *leaks.sides, "chance")
    for kind, chance in leaks.chance.items():
        table.add_row(kind, *(_shown(leak.exact[kind]) for leak in leaks.sides.values()), _shown(chance))
    for kind in next(iter(leaks.sides.values())).near:
        table.add_row(f"{kind}, nearly", *(_shown(leak.near[kind]) for leak in leaks.sides.values()), "")
    near = [f"{leak.near_songs:,} of {leak.songs:,}" for leak in leaks.sides.values()]
    table.add_row("songs with a near-duplicate", *near, "")
    console = Console()
    console.print(table)
    console.print(f"on two sides: {leaks.clusters:,} clusters of near-duplicates, {leaks.parts:,} parts")


def _shown(share: "Share") -> str:
    return f"{share.share:.1%} of {share.total:,}" if share.total else ""
