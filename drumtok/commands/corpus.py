"""`drumtok corpus`: fetches, builds and checks corpora."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drumtok.config import CorpusConfig, LeakLimits
from drumtok.errors import DrumtokError
from drumtok.options import settings_options

if TYPE_CHECKING:
    from drumtok.corpus import Corpus
    from drumtok.leaks import Leaks, Share


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
@settings_options(config=CorpusConfig, limits=LeakLimits)
def corpus_build(
    config: CorpusConfig,
    limits: LeakLimits,
    out: Path,
    sources: tuple[str, ...],
    weights: tuple[str, ...],
    jobs: int | None,
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
        built = build_corpus(out, opened, config, limits=limits, jobs=jobs or suited_jobs(opened))
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


@corpus.command("check")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@settings_options(limits=LeakLimits)
def corpus_check(limits: LeakLimits, out: Path, as_json: bool) -> None:
    """Proves what the sides of the corpus OUT have in common, from its words alone.

    Ends with exit code 1 where a song has a near-duplicate on a side that is held out more, a part stands on two
    sides, or more windows of two bars stand in training than chance explains. An official split is measured and never
    found fault with.
    """
    from drumtok.corpus import SPLITS, open_corpus
    from drumtok.leaks import measure

    opened = open_corpus(out)
    leaks = measure({side: _songs(opened, side) for side in SPLITS})
    faults = leaks.faults(limits)
    if as_json:
        click.echo(json.dumps({**leaks.figures(), "faults": faults}, indent=1))
    else:
        _print_leaks(leaks)
    if faults:
        raise click.ClickException(f"{str(out)!r} leaks: {'; '.join(faults)}")


def _songs(opened: "Corpus", side: str) -> Iterator[tuple[Any, Any]]:
    """The words of each song of a side, and what is known of it."""
    from drumtok.families import Song
    from drumtok.items import stem

    split = opened.split(side)
    for n, line in enumerate(opened.songs[side]):
        file = f"{line['source']}\0{stem(line['name'])}"
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
