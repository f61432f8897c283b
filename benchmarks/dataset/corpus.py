"""Measure the time to build a corpus from MIDI files, relative to parsing them with symusic, and how it grows.

    pip install -c constraints.txt . symusic
    python -m benchmarks.dataset.corpus FOLDER
    python -m benchmarks.dataset.corpus FOLDER --repeat 1000 --repeat 10000 --repeat 100000

Both are run in turns, because the speed of a machine drifts, and the best turn of each counts. A build reads the files,
finds near-duplicates, assigns songs to splits, checks them for leaks and writes the corpus; starting processes and
importing do not count. `--repeat N` builds from N links to the files of the folder, each under another name.
"""

import os
import tempfile
import time
from itertools import count, islice
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.memory import peak_memory, print_peak
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.midi.drums_config import DrumsConfig
from drumtok.runtime.workers import Workers
from drumtok.tokenizer.file_listing import Listing

TARGET = 10  # how many times as long as parsing with symusic a build may take


def build(folder: Path, jobs: int) -> float:
    """Return the seconds that a build takes."""
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        source, config = open_source(str(folder), DrumsConfig("td11")), CorpusConfig(meter="any")
        build_corpus(Path(out, "corpus"), [source], config, workers=Workers(jobs=jobs))
        return time.perf_counter() - began


def parse(folder: Path) -> float:
    """Return the seconds that symusic takes to parse the files."""
    import symusic

    files = [file.path for file in Listing.of([str(folder)])]
    began = time.perf_counter()
    for path in files:
        symusic.Score(path)
    return time.perf_counter() - began


def repeat(folder: Path, files: int, into: Path) -> None:
    """Link a number of files, repeating those of the folder."""
    originals = list(Listing.of([str(folder)]))
    links = ((f"copy {copy}/{file.name}", file.path) for copy in count() for file in originals)
    for name, path in islice(links, files):
        link = into / name
        link.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, link)


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--turns", default=7, show_default=True, help="Turns of a build and of parsing.")
@click.option("--repeat", "repeats", type=int, multiple=True, help="Also build from so many files.")
@click.option("--jobs", default=1, show_default=True, help="Processes of the repeated builds.")
@click.option("--work", type=click.Path(exists=True, path_type=Path), help="Folder for links and corpora.")
@click.option("--peak", is_flag=True, hidden=True)
def main(folder: Path, turns: int, repeats: tuple[int, ...], jobs: int, work: Path | None, peak: bool) -> None:
    """Build a corpus from the MIDI files of FOLDER and print the time it takes."""
    if peak:
        took = build(folder, jobs)
        print_peak(took)
        return
    build(folder, 1)  # so that imports are not timed
    best = {"drumtok, a corpus": float("inf"), "symusic, parsing": float("inf")}
    for _ in range(turns):
        best["drumtok, a corpus"] = min(best["drumtok, a corpus"], build(folder, 1))
        best["symusic, parsing"] = min(best["symusic, parsing"], parse(folder))
    files = sum(1 for _ in Listing.of([str(folder)]))
    console = Console()
    table = Table(f"{files:,} files, one process", "seconds", "files/s")
    for name, took in best.items():
        table.add_row(name, f"{took:.3f}", f"{files / took:,.0f}")
    ratio = best["drumtok, a corpus"] / best["symusic, parsing"]
    console.print(table, f"a corpus takes {ratio:.1f} times as long as parsing; the target is at most {TARGET}")
    console.print(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    if repeats:
        table = Table("files", "seconds", "files/s", "peak of the process, MiB", "peak of a worker, MiB")
        for number in repeats:
            with tempfile.TemporaryDirectory(dir=work) as links:
                repeat(folder, number, Path(links))
                own, worker, took = peak_memory("benchmarks.dataset.corpus", links, "--peak", "--jobs", jobs)
            table.add_row(f"{number:,}", f"{took:.2f}", f"{number / took:,.0f}", f"{own:.1f}", f"{worker:.1f}")
        console.print(table)


if __name__ == "__main__":
    main()
