"""`drumtok encode` and `drumtok decode`: convert MIDI files to a corpus file of words, and back."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.overwriting import check_outputs, force_option
from drumtok.cli.progress import Reruns, progress
from drumtok.cli.shared_options import COMPLETERS, PATH, out_of
from drumtok.cli.terminal import note, quiet_option, report_others
from drumtok.errors import DrumtokError
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.options import settings_options
from drumtok.runtime.remote import address, is_remote
from drumtok.runtime.workers import Workers
from drumtok.tokenizer.config import EncodeConfig

if TYPE_CHECKING:
    from drumtok.tokenizer.file_listing import Listing


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-o", "--out", type=PATH, required=True, help="The corpus file to write.")
@click.option("--report", type=PATH, help="The report to write.  [default OUT with the ending .report.jsonl]")
@force_option
@settings_options(COMPLETERS, config=EncodeConfig, workers=Workers)
@quiet_option
def encode(config: EncodeConfig, workers: Workers, paths: tuple[str, ...], out: Path, report: Path | None) -> None:
    """Write the drums of MIDI files as words, one song to a line of a corpus file.

    PATH is a file, a folder, a zip or a glob in quotes. The report has a line for each file: read, salvaged or skipped,
    and why. An interrupted run continues when the same command is run again. Exits with code 2 if no file
    could be read.
    """
    from drumtok.tokenizer.encode_files import encode_files
    from drumtok.tokenizer.file_listing import Listing

    report = report or out.parent / f"{out.stem}.report.jsonl"
    if report.absolute() == out.absolute():
        raise DrumtokError(f"--report and --out must be different files, got {str(out)!r} for both")
    listing = Listing.of(paths)
    _check_files(out, report, listing)
    reruns = Reruns()
    done = before = 0
    began = perf_counter()
    with progress("encoding", lambda: sum(1 for _ in listing)) as show:

        def on_progress(now: int, earlier: int) -> None:
            nonlocal done, before
            done, before = now, earlier
            show(now, earlier)

        try:
            counts = encode_files(
                listing, out, report, config, workers=workers, on_progress=on_progress, on_retry=reruns.add
            )
        except KeyboardInterrupt as stop:
            kept = f"the results of {done:,} files are kept, and the same command continues from there"
            raise KeyboardInterrupt(f"stopped: {kept}") from stop
    rate = (done - before) / max(perf_counter() - began, 1e-9)
    earlier = f", {before:,} files by an earlier run" if before else ""
    _print_counts(counts, f"{address(out)} ({rate:,.0f} files per second{earlier})")
    reruns.report()
    report_others(listing.others())
    note(f"report: {address(report)}")
    if not counts["read"] + counts["salvaged"]:
        if not is_remote(out):
            out.unlink()  # an empty corpus
        raise DrumtokError(f"cannot read any of {counts['skipped']:,} files: {address(report)!r} has the reasons")


def _print_counts(counts: Mapping[str, int], where: str) -> None:
    """Print the number of files of each status, and of the songs and bars that were written."""
    for status in ("read", "salvaged", "skipped"):
        note(f"{status:10} {counts[status]:10,} files")
    note(f"{counts['songs']:,} songs, {counts['bars']:,} bars: {where}")


def _check_files(out: Path, report: Path, listing: "Listing") -> None:
    """Check that both files may be written; an existing text with a report beside it is a former result."""
    from drumtok.tokenizer.file_listing import READ_ENDINGS

    check_outputs([report], (file.path for file in listing), "report")
    check_outputs([out], (file.path for file in listing), "corpus text" if report.exists() else "")
    for option, path in (("--out", out), ("--report", report)):
        if path.name.lower().endswith(READ_ENDINGS):
            raise DrumtokError(f"{option} must be the name of a text such as songs.txt, got {str(path)!r}")


@click.command()
@click.argument("text", type=PATH)
@click.argument("folder", required=False, metavar="[OUT]", type=PATH)
@click.option("--out", "-o", type=PATH, help="The folder to write, instead of the argument OUT.")
@settings_options(COMPLETERS, writing=MidiConfig)
@quiet_option
def decode(writing: MidiConfig, text: Path, folder: Path | None, out: Path | None) -> None:
    """Write each song of the corpus file TEXT as a MIDI file in the new folder OUT.

    Each file is named after the NAME of its song, or the number of a song without one.
    """
    out = out_of(folder, out)
    from drumtok.tokenizer.decode import read_corpus, write_songs

    note(f"{write_songs(read_corpus(text), out, writing):,} songs: {out}")
