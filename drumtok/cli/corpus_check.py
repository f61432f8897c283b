"""`drumtok corpus check`: check a corpus for leaks between its splits."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.shared_options import PATH
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.runtime.options import settings_options

if TYPE_CHECKING:
    from drumtok.dataset.corpus import Corpus
    from drumtok.dataset.leakage.overlap import Ids
    from drumtok.dataset.leakage.report import LeakReport, Overlap
    from drumtok.dataset.leakage.song_groups import SongOrigin


@click.command("check")
@click.argument("folder", metavar="CORPUS", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@settings_options(limits=LeakLimits)
def corpus_check(limits: LeakLimits, folder: Path, as_json: bool) -> None:
    """Check CORPUS for leaks between its splits, from its words alone.

    Exits with code 1 if a song has a near-duplicate in a more held-out split, if a part is in more than one split, or
    if more windows of two bars occur in training than chance explains. Songs with an official split are reported, but
    do not fail the check.
    """
    from drumtok.dataset.corpus import SPLITS, open_corpus
    from drumtok.dataset.leakage.check import check_songs

    opened = open_corpus(folder)
    leaks = check_songs({split: _songs(opened, split) for split in SPLITS})
    faults = leaks.faults(limits)
    if as_json:
        click.echo(json.dumps({**leaks.figures(), "faults": faults}, indent=1))
    else:
        _print_leaks(leaks)
    if faults:
        raise click.ClickException(f"{str(folder)!r} leaks: {'; '.join(faults)}")


def _songs(opened: "Corpus", name: str) -> Iterator[tuple["Ids", "SongOrigin"]]:
    """Yield the words and the origin of each song of a split."""
    from drumtok.dataset.leakage.song_groups import SongOrigin
    from drumtok.tokenizer.readers import without_section

    split = opened.split(name)
    for n, line in enumerate(opened.songs[name]):
        file = f"{line['source']}\0{without_section(line['name'])}"
        yield split.song(n), SongOrigin(tuple(line.get("parts", ())), file, bool(line.get("official", False)))


def _print_leaks(leaks: "LeakReport") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("also in training", *leaks.splits, "chance")
    for kind, chance in leaks.chance.items():
        table.add_row(kind, *(_cell(leak.exact[kind]) for leak in leaks.splits.values()), _cell(chance))
    for kind in next(iter(leaks.splits.values())).near:
        table.add_row(f"{kind}, nearly", *(_cell(leak.near[kind]) for leak in leaks.splits.values()), "")
    near = [f"{leak.near_songs:,} of {leak.songs:,}" for leak in leaks.splits.values()]
    table.add_row("songs with a near-duplicate", *near, "")
    console = Console()
    console.print(table)
    console.print(f"in more than one split: {leaks.clusters:,} clusters of near-duplicates, {leaks.parts:,} parts")


def _cell(overlap: "Overlap") -> str:
    return f"{overlap.fraction:.1%} of {overlap.total:,}" if overlap.total else ""
