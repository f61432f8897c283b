"""`drumtok corpus`: fetch and build corpora."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.corpus_check import corpus_check
from drumtok.cli.corpus_info import corpus_info
from drumtok.cli.progress import Reruns, progress
from drumtok.cli.shared_options import COMPLETERS, PATH, out_and_sources
from drumtok.cli.terminal import note, quiet_option, report_others, report_skipped
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.errors import DrumtokError
from drumtok.runtime.options import settings_options
from drumtok.runtime.remote import address, is_remote
from drumtok.runtime.workers import Workers

if TYPE_CHECKING:
    from drumtok.dataset.manifests import Manifest
    from drumtok.dataset.sources import Source


@click.group()
def corpus() -> None:
    """Fetch, build and check corpora to train on."""


@corpus.command("fetch")
@click.argument("name")
@click.option("--archive", type=PATH, help="A zip on disk to use instead of downloading.")
@quiet_option
def corpus_fetch(name: str, archive: Path | None) -> None:
    """Download the corpus NAME, unless it has been fetched before."""
    from drumtok.dataset.manifests import load_manifest

    fetch_corpus(load_manifest(name), archive)


def fetch_corpus(manifest: "Manifest", archive: Path | None = None) -> None:
    """Fetch a corpus and print what was done."""
    from drumtok.dataset.download import fetch, is_fetched

    name = manifest.name
    if not manifest.address:
        note(f"corpus {name!r} comes with drumtok and needs no fetching: {fetch(manifest, archive)}")
    elif is_fetched(manifest):
        note(f"corpus {name!r} is there already: {manifest.path}")
    elif archive:
        note(f"corpus {name!r} is taken from {archive}: {fetch(manifest, archive)}")
    else:
        note(f"fetching {manifest.address} ({manifest.size:,} bytes)", err=True)
        note(f"corpus {name!r} is fetched: {fetch(manifest)} ({manifest.licence}; cite {manifest.citation})")


@corpus.command("build")
@click.argument("paths", nargs=-1, required=True, metavar="OUT SOURCE...")
@click.option("--out", "-o", type=PATH, help="The corpus to write, instead of the argument OUT.")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="SOURCE=NUMBER",
    help="How often an epoch contains the songs of a source: 2 is twice, 0.5 every other epoch. Repeatable.  "
    "[above 0; default 1]",
)
@settings_options(COMPLETERS, config=CorpusConfig, limits=LeakLimits, workers=Workers)
@quiet_option
def corpus_build(
    config: CorpusConfig,
    limits: LeakLimits,
    workers: Workers,
    paths: tuple[str, ...],
    out: Path | None,
    weights: tuple[str, ...],
) -> None:
    """Build the corpus OUT from sources: names such as groove and starter, folders, zips or files.

    Files that end in .mid, .midi, .rmi, .txt (words) or .grid (grid notation) are read. OUT/report.jsonl lists the
    files that were skipped, and why. Official splits are kept: those of a named corpus, of folders called train,
    validation and test, or of control words such as SPLIT=test. All other songs are assigned to splits, near-duplicates
    to the same one, and loops to the split of their PARTS. An interrupted build continues when the same command is run
    again. A few files are read in one process unless --jobs is given.
    """
    from drumtok.dataset.build import suited
    from drumtok.dataset.corpus import REPORT, SPLITS, build_corpus

    out, sources = out_and_sources(paths, out)
    reruns = Reruns()
    opened = _opened(sources, _weights(weights, sources), config)
    _check_sources(out, opened)
    try:
        with progress("reading", lambda: sum(1 for source in opened for _ in source.files())) as on_progress:
            workers = suited(workers, opened)
            built = build_corpus(
                out, opened, config, limits=limits, workers=workers, on_progress=on_progress, on_retry=reruns.add
            )
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt("stopped: what was read is kept, and the same command continues from there") from stop
    for split in SPLITS:
        counts = built.manifest["splits"][split]
        note(f"{split:10} {counts['songs']:8,} songs {counts['bars']:10,} bars")
    skipped = built.manifest["items"].get("skipped", 0)
    note(f"skipped    {skipped:8,} files: {address(out / REPORT)}")
    report_others([name for source in opened for name in source.others()])
    reruns.report()


def _opened(sources: tuple[str, ...], weight_of: dict[str, float], config: CorpusConfig) -> "list[Source]":
    """Open the sources, and print those that cannot be read.

    Raises:
        DrumtokError: none can be read, or a name is mistyped.
    """
    from drumtok.dataset.sources import open_source

    opened, unusable = [], []
    for source in sources:
        try:
            opened.append(open_source(source, config.drums, weight_of[source]))
        except DrumtokError as error:
            if not os.path.lexists(source) or len(sources) == 1:  # probably a mistyped name
                raise
            unusable.append(str(error))
    report_skipped(unusable)
    if not opened:
        raise DrumtokError(f"cannot read any of {len(sources):,} sources")
    return opened


def _check_sources(out: Path, opened: "list[Source]") -> None:
    """Check that writing the corpus overwrites no source."""
    for source in opened:
        if not is_remote(out) and not is_remote(source.path) and source.path.resolve().is_relative_to(out.resolve()):
            raise DrumtokError(f"OUT must not be or contain a source, got {str(out)!r} and {str(source.path)!r}")


def _weights(words: tuple[str, ...], sources: tuple[str, ...]) -> dict[str, float]:
    """Return the weight of each source."""
    weights = dict.fromkeys(sources, 1.0)
    for word in words:
        source, _, number = word.rpartition("=")
        if source not in weights:
            raise DrumtokError(f"--weight must be SOURCE=NUMBER of {', '.join(weights)}, got {word!r}")
        try:
            weights[source] = float(number)
        except ValueError:
            raise DrumtokError(f"--weight of {source} must be a number above 0, got {number!r}") from None
    return weights


corpus.add_command(corpus_check)
corpus.add_command(corpus_info)
