"""`drumtok corpus`: fetches, builds and shows corpora."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drumtok.config import CorpusConfig
from drumtok.errors import DrumtokError
from drumtok.options import settings_options

if TYPE_CHECKING:
    from drumtok.overview import Overview


@click.group()
def corpus() -> None:
    """Corpora to train on: fetched by name, built from any source."""


@corpus.command("fetch")
@click.argument("name")
@click.option("--archive", type=click.Path(path_type=Path), help="A zip that is on this disk already: no download.")
def corpus_fetch(name: str, archive: Path | None) -> None:
    """Fetches the corpus NAME, or goes on with a download that broke off."""
    from drumtok.fetch import fetch, is_fetched, part_path, shown
    from drumtok.manifests import load_manifest

    manifest = load_manifest(name)
    if not manifest.address:
        click.echo(f"corpus {name!r} comes with drumtok and needs no fetching: {fetch(manifest, archive)}")
    elif is_fetched(manifest):
        click.echo(f"corpus {name!r} is there already: {manifest.path}")
    elif archive:
        click.echo(f"corpus {name!r} is taken from {archive}: {fetch(manifest, archive)}")
    else:
        try:
            with shown(manifest) as progress:
                path = fetch(manifest, progress=progress)
        except KeyboardInterrupt as stop:
            part = part_path(manifest)
            kept = f"{part.stat().st_size if part.exists() else 0:,} of {manifest.size:,} bytes"
            raise KeyboardInterrupt(f"stopped: {kept} are kept, and the same command goes on from there") from stop
        click.echo(f"corpus {name!r} is fetched: {path} ({manifest.licence}; cite {manifest.citation})")


@corpus.command("build")
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="SOURCE=NUMBER",
    help="How often training takes the songs of a source: 2 is twice an epoch, 0.5 every other one. Repeatable.  "
    "[above 0; default 1]",
)
@click.option(
    "--jobs",
    type=int,
    help="Processes; what is written does not depend on it.  [from 1; default all cores, one for few files]",
)
@settings_options(config=CorpusConfig)
def corpus_build(
    config: CorpusConfig, out: Path, sources: tuple[str, ...], weights: tuple[str, ...], jobs: int | None
) -> None:
    """Builds the corpus OUT from sources: names such as groove and starter, folders, zips or files.

    Files that end in .mid, .midi, .rmi, .txt (words) or .grid (grid notation) are read. What was skipped, and why,
    stands in OUT/report.jsonl. An official split is kept: that of a named corpus, folders called train, validation
    and test, or control words such as SPLIT=test. All else is dealt out, near-duplicates together, and a loop stays
    where its PARTS are. A build that was stopped goes on where it was when the same command is given again.
    """
    from drumtok.build import suited_jobs
    from drumtok.corpus import REPORT, SPLITS, build_corpus
    from drumtok.sources import open_source

    if jobs is not None and jobs < 1:
        raise DrumtokError(f"jobs is {jobs}: allowed is from 1")
    weight_of = _weights(weights, sources)
    opened = [open_source(source, config.note_map, weight_of[source]) for source in sources]
    try:
        built = build_corpus(out, opened, config, jobs=jobs or suited_jobs(opened))
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt("stopped: what was read is kept, and the same command goes on from there") from stop
    for split in SPLITS:
        counts = built.manifest["splits"][split]
        click.echo(f"{split:10} {counts['songs']:8,} songs {counts['bars']:10,} bars")
    skipped = built.manifest["items"].get("skipped", 0)
    click.echo(f"skipped    {skipped:8,} files: {out / REPORT}")


def _weights(told: tuple[str, ...], sources: tuple[str, ...]) -> dict[str, float]:
    """source -> its weight."""
    weights = dict.fromkeys(sources, 1.0)
    for word in told:
        source, _, number = word.rpartition("=")
        if source not in weights:
            raise DrumtokError(f"weight {word!r} is of no source: allowed is SOURCE=NUMBER of {', '.join(weights)}")
        try:
            weights[source] = float(number)
        except ValueError:
            raise DrumtokError(f"weight {word!r} has no number: allowed is one above 0") from None
    return weights


@corpus.command("info")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--png", type=click.Path(path_type=Path), help="Draw onset density per drum and step, and the styles.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def corpus_info(out: Path, png: Path | None, as_json: bool) -> None:
    """Shows what the corpus OUT was built from and what it holds."""
    from drumtok.corpus import open_corpus
    from drumtok.overview import draw_overview, overview

    opened = open_corpus(out)
    seen = overview(opened)
    if png:
        draw_overview(seen, png, f"{out.resolve().name}: " + ", ".join(s["name"] for s in opened.manifest["sources"]))
    if as_json:
        told = {"styles": seen.styles, "tempi": seen.tempi, "meter": seen.meter, "density": seen.density.tolist()}
        click.echo(json.dumps({**opened.manifest, **told}, indent=1))
    else:
        _print_info(opened.manifest, seen)


def _print_info(manifest: dict[str, Any], seen: "Overview") -> None:
    from rich.console import Console
    from rich.table import Table

    from drumtok.text import SPLITS as sides

    console = Console()
    sources = Table("source", "weight", *sides, "notes", "licence", title="songs by source")
    for source in manifest["sources"]:
        songs = [f"{source['splits'][side]['songs']:,}" for side in sides]
        sources.add_row(source["name"], f"{source['weight']:g}", *songs, source["note_map"], source["licence"])
    held = Table("", *sides, title="what it holds")
    for unit in ("songs", "bars", "words"):
        held.add_row(unit, *[f"{manifest['splits'][side][unit]:,}" for side in sides])
    for key, name in (("words", "different hit words of 512"), ("not_in_training", "of these never in training")):
        held.add_row(name, *[f"{manifest['vocabulary'][side][key]:,}" for side in sides])
    for kind in next(iter(manifest["leaks"]["sides"].values()))["exact"]:
        shares = [manifest["leaks"]["sides"].get(side, {}).get("exact", {}).get(kind) for side in sides]
        chance = manifest["leaks"]["chance"][kind]
        told = [f"{found['found'] / max(found['total'], 1):.1%}" if found else "" for found in shares]
        held.add_row(f"{kind} in training; by chance {chance['found'] / max(chance['total'], 1):.1%}", *told)
    styles = Table("style", *sides, title="songs by style")
    for style, counts in seen.styles.items():
        styles.add_row(style or "(none)", *[f"{counts[side]:,}" for side in sides])
    console.print(sources, held, styles)
    config, rule = manifest["config"], manifest["split_rule"]
    slowest, median, fastest = seen.tempi
    click.echo(
        f"grid {config['grid']}, meter {config['meter']}, tempo {slowest:g} to {fastest:g}, median {median:g} BPM"
    )
    click.echo(
        f"split: {rule['official']:,} official, {rule['by_parts']:,} by parts, {rule['left_out']:,} left out, "
        f"{rule['songs_with_near_duplicates']:,} songs with near-duplicates, seed {config['seed']}"
    )
