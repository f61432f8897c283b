"""`drumtok corpus info`: show what a corpus was built from and what it contains."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from drumtok.cli.overwriting import check_outputs, force_option
from drumtok.cli.shared_options import PATH
from drumtok.tokenizer.splits import SPLITS

if TYPE_CHECKING:
    from rich.table import Table

    from drumtok.dataset.summary import Overview


@click.command("info")
@click.argument("folder", metavar="CORPUS", type=PATH)
@click.option("--png", type=PATH, help="Draw onset density per drum and step, and the styles.")
@force_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def corpus_info(folder: Path, png: Path | None, as_json: bool) -> None:
    """Show what CORPUS was built from and what it contains."""
    from drumtok.dataset.corpus import open_corpus
    from drumtok.dataset.summary import draw_overview, overview

    opened = open_corpus(folder)
    if png:
        check_outputs([png], opened.folder.iterdir(), "png")
    seen = overview(opened)
    if png:
        draw_overview(
            seen, png, f"{folder.resolve().name}: " + ", ".join(s["name"] for s in opened.manifest["sources"])
        )
    if as_json:
        summary = {"styles": seen.styles, "tempi": seen.tempi, "meter": seen.meter, "density": seen.density.tolist()}
        click.echo(json.dumps({**opened.manifest, **summary}, indent=1))
    else:
        _print(opened.manifest, seen)


def _print(manifest: dict[str, Any], seen: "Overview") -> None:
    from rich.console import Console

    Console().print(_sources_table(manifest), _contents_table(manifest), _styles_table(seen))
    config, rule = manifest["config"], manifest["split_rule"]
    slowest, median, fastest = seen.tempi
    click.echo(
        f"grid {config['grid']}, meter {config['meter']}, tempo {slowest:g} to {fastest:g}, median {median:g} BPM"
    )
    click.echo(
        f"split: {rule['official']:,} official, {rule['by_parts']:,} by parts, {rule['left_out']:,} left out, "
        f"{rule['songs_with_near_duplicates']:,} songs with near-duplicates, seed {config['seed']}"
    )


def _sources_table(manifest: dict[str, Any]) -> "Table":
    from rich.table import Table

    sources = Table("source", "weight", *SPLITS, "notes", "licence", title="songs by source")
    for source in manifest["sources"]:
        songs = [f"{source['splits'][split]['songs']:,}" for split in SPLITS]
        sources.add_row(source["name"], f"{source['weight']:g}", *songs, source["note_map"], source["licence"])
    return sources


def _contents_table(manifest: dict[str, Any]) -> "Table":
    """Return the table of the contents of the splits, and of their overlap with training."""
    from rich.table import Table

    held = Table("", *SPLITS, title="contents")
    for unit in ("songs", "bars", "words"):
        held.add_row(unit, *[f"{manifest['splits'][split][unit]:,}" for split in SPLITS])
    for key, name in (("words", "different hit words of 512"), ("not_in_training", "of these never in training")):
        held.add_row(name, *[f"{manifest['vocabulary'][split][key]:,}" for split in SPLITS])
    for kind in next(iter(manifest["leaks"]["sides"].values()))["exact"]:
        overlaps = [manifest["leaks"]["sides"].get(split, {}).get("exact", {}).get(kind) for split in SPLITS]
        chance = manifest["leaks"]["chance"][kind]
        fractions = [f"{found['found'] / max(found['total'], 1):.1%}" if found else "" for found in overlaps]
        held.add_row(f"{kind} in training; by chance {chance['found'] / max(chance['total'], 1):.1%}", *fractions)
    return held


def _styles_table(seen: "Overview") -> "Table":
    from rich.table import Table

    styles = Table("style", *SPLITS, title="songs by style")
    for style, counts in seen.styles.items():
        styles.add_row(style or "(none)", *[f"{counts[split]:,}" for split in SPLITS])
    return styles
