"""Measure how a build scales: files per second with processes and with Ray, 1 and 2 workers, and peak memory.

    pip install -c constraints.txt '.[cluster]'
    python -m benchmarks.dataset.scale FOLDER --files 1000 --files 10000 --files 100000

The files of FOLDER are linked under other names until there are enough. Each build runs in a process of its own. For
Ray, a cluster with a node for each worker is started first and not timed, since one would usually be running. The table
also has the words and bytes of the corpus, on which the estimates of docs/research/scale.md are based.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.dataset.corpus import repeat
from benchmarks.memory import own_peak
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.midi.drums_config import DrumsConfig
from drumtok.runtime.workers import PROCESSES, RAY, Workers


def worker_peaks(parent_of: dict[int, int], root: int) -> float:
    """Return the peak MiB of the largest process started by this one or by a raylet."""
    peak = 0.0
    for pid in parent_of:
        above, at = set(), pid
        while at in parent_of and at not in above:
            above.add(at)
            at = parent_of[at]
        if root in above and pid != root:
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            name, line = status[0], next((line for line in status if line.startswith("VmHWM")), "VmHWM: 0")
            if "ray::" in name or "python" in name:
                peak = max(peak, int(line.split()[1]) / 1024)
    return peak


def processes() -> dict[int, int]:
    """Return process id -> id of its parent."""
    found = {}
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                found[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    return found


def build(folder: Path, engine: str, workers: int) -> dict[str, float]:
    """Build once in this process; return the seconds, peak memory, words and bytes."""
    peak, seen = 0.0, 0

    def on_progress(done: int, before: int) -> None:
        nonlocal peak, seen
        if done - seen >= 2000 or done == before:  # not after every file, because reading all processes is slow
            seen = done
            peak = max(peak, worker_peaks(processes(), os.getpid()))

    def run(chosen: Workers) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as out:
            source = open_source(str(folder), DrumsConfig("td11"))
            began = time.perf_counter()
            built = build_corpus(
                Path(out, "corpus"), [source], CorpusConfig(meter="any"), workers=chosen, on_progress=on_progress
            )
            took = time.perf_counter() - began
            size = sum(path.stat().st_size for path in Path(out, "corpus").iterdir())
        words = sum(split["words"] for split in built.manifest["splits"].values())
        return {"seconds": took, "own": own_peak(), "worker": peak, "words": words, "bytes": size}

    if engine == PROCESSES:
        return run(Workers(jobs=workers))
    from tests.ray_cluster import cluster

    with cluster(nodes=workers) as made:
        list(Workers(RAY, made.address).map(abs, range(2 * workers), lambda number, why: None))  # starts the workers
        return run(Workers(RAY, made.address))


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--files", "counts", type=int, multiple=True, default=(1000, 10_000, 100_000), show_default=True)
@click.option("--workers", "numbers", type=int, multiple=True, default=(1, 2), show_default=True)
@click.option("--turns", default=1, show_default=True, help="Builds of each kind, in turns; the best time counts.")
@click.option("--work", type=click.Path(exists=True, path_type=Path), help="Folder for links and corpora.")
@click.option("--one", nargs=2, type=(str, int), hidden=True)
def main(
    folder: Path,
    counts: tuple[int, ...],
    numbers: tuple[int, ...],
    turns: int,
    work: Path | None,
    one: tuple[str, int] | None,
) -> None:
    """Build corpora of increasing numbers of files."""
    if one:
        print(json.dumps(build(folder, *one)))
        return
    table = Table("files", "engine", "workers", "seconds", "files/s", "process, MiB", "worker, MiB", "words", "MB")
    for count in counts:
        with tempfile.TemporaryDirectory(dir=work) as links:
            repeat(folder, count, Path(links))
            ways = [(engine, number) for number in numbers for engine in (PROCESSES, RAY)]
            best: dict[tuple[str, int], dict[str, float]] = {}
            for _ in range(turns):
                for engine, number in ways:
                    command = [sys.executable, "-m", "benchmarks.dataset.scale", links, "--one", engine, str(number)]
                    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                    made = json.loads(done.stdout.splitlines()[-1])
                    best[engine, number] = min(best.get((engine, number), made), made, key=lambda row: row["seconds"])
            for (engine, number), row in best.items():
                figures = (row["seconds"], count / row["seconds"], row["own"], row["worker"])
                words = f"{row['words']:,.0f}"
                cells = [f"{figure:,.1f}" for figure in figures]
                table.add_row(f"{count:,}", engine, str(number), *cells, words, f"{row['bytes'] / 1e6:,.1f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
