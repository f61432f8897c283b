"""`drumtok corpus`: fetches and builds corpora."""

from pathlib import Path

import click

from drumtok.commands.check import corpus_check
from drumtok.config import CorpusConfig
from drumtok.options import settings_options


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
@settings_options(config=CorpusConfig)
def corpus_build(config: CorpusConfig, out: Path, sources: tuple[str, ...]) -> None:
    """Builds the corpus OUT from sources: names such as groove and starter, folders, zips or files.

    Files that end in .mid, .midi, .txt (words) or .grid (grid notation) are read. What was skipped, and why, stands
    in OUT/report.jsonl.
    """
    from drumtok.corpus import REPORT, SPLITS, build_corpus
    from drumtok.sources import open_source

    built = build_corpus(out, [open_source(source, config.note_map) for source in sources], config)
    for split in SPLITS:
        counts = built.manifest["splits"][split]
        click.echo(f"{split:10} {counts.get('songs', 0):8,} songs {counts.get('bars', 0):10,} bars")
    skipped = built.manifest["items"].get("skipped", 0)
    click.echo(f"skipped    {skipped:8,} files: {out / REPORT}")


corpus.add_command(corpus_check)
