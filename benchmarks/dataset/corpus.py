"""Building a corpus: the time from MIDI files to a corpus against symusic's bare parse of the same files, and growth.

    pip install -c constraints.txt '.[train]'
    python -m benchmarks.dataset.corpus FOLDER
    python -m benchmarks.dataset.corpus FOLDER --repeat 1000 --repeat 10000 --repeat 100000

All take turns, for a machine's speed drifts; each figure is the best of its turns. A build reads the files, finds the
near-duplicates among them, deals them out to the sides, proves that nothing leaks beyond chance and writes it all.
The start of the process is not counted, and neither are imports. To repeat a folder is to build from so many links to
its files, which all have other names.
"""

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import count, islice
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.runtime.workers import Workers
from drumtok.tokenizer.file_listing import Listing

TARGET = 10  # times symusic's bare parse


def build(folder: Path, jobs: int) -> float:
    """Seconds of one build."""
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        source, config = open_source(str(folder), "td11"), CorpusConfig(meter="any")
        build_corpus(Path(out, "corpus"), [source], config, workers=Workers(jobs=jobs))
        return time.perf_counter() - began


def parse(folder: Path) -> float:
    """Seconds of symusic's bare parse of the files."""
    import symusic

    files = [file.path for file in Listing.of([str(folder)])]
    began = time.perf_counter()
    for path in files:
        symusic.Score(path)
    return time.perf_counter() - began


def repeat(folder: Path, files: int, into: Path) -> None:
    """Links so many files, over and over those of the folder."""
    originals = list(Listing.of([str(folder)]))
    links = ((f"copy {copy}/{file.name}", file.path) for copy in count() for file in originals)
    for name, path in islice(links, files):
        link = into / name
        link.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, link)


def peak_memory(folder: Path, jobs: int) -> tuple[float, float, float]:
    """MiB of the process itself and of its largest worker at their peaks, and seconds, in a process of its own."""
    command = [sys.executable, __file__, str(folder), "--peak", "--jobs", str(jobs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    own, worker, took = map(float, done.stdout.split())
    return own, worker, took


def _own_peak() -> float:
    """MiB; what getrusage tells of a process on Linux is not below the peak of the one that started it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--turns", default=7, show_default=True, help="Turns of a build and a bare parse.")
@click.option(
    "--repeat", "repeats", type=int, multiple=True, help="Measure growth: so many files, the folder repeated."
)
@click.option("--jobs", default=1, show_default=True, help="Processes of the builds that are measured for growth.")
@click.option("--work", type=click.Path(exists=True, path_type=Path), help="Where links and corpora go.")
@click.option("--peak", is_flag=True, hidden=True)
def main(folder: Path, turns: int, repeats: tuple[int, ...], jobs: int, work: Path | None, peak: bool) -> None:
    """Builds a corpus from the MIDI files of FOLDER, and measures it."""
    if peak:
        took = build(folder, jobs)
        print(_own_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, took)
        return
    build(folder, 1)  # imports
    best = {"drumtok, a corpus": float("inf"), "symusic, bare parse": float("inf")}
    for _ in range(turns):
        best["drumtok, a corpus"] = min(best["drumtok, a corpus"], build(folder, 1))
        best["symusic, bare parse"] = min(best["symusic, bare parse"], parse(folder))
    files = sum(1 for _ in Listing.of([str(folder)]))
    console = Console()
    table = Table(f"{files:,} files, one process", "seconds", "files/s")
    for name, took in best.items():
        table.add_row(name, f"{took:.3f}", f"{files / took:,.0f}")
    ratio = best["drumtok, a corpus"] / best["symusic, bare parse"]
    console.print(table, f"a corpus takes {ratio:.1f} times a bare parse; at most {TARGET} is asked for")
    console.print(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    if repeats:
        table = Table("files", "seconds", "files/s", "peak of the process, MiB", "peak of a worker, MiB")
        for number in repeats:
            with tempfile.TemporaryDirectory(dir=work) as links:
                repeat(folder, number, Path(links))
                own, worker, took = peak_memory(Path(links), jobs)
            table.add_row(f"{number:,}", f"{took:.2f}", f"{number / took:,.0f}", f"{own:.1f}", f"{worker:.1f}")
        console.print(table)


if __name__ == "__main__":
    main()
