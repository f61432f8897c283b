"""Compare commands with their rivals on an idle machine and beside busy processes.

    python -m benchmarks.runtime.busy [--turns 3] [--busy 0 --busy 1 --busy 2]

`sample.py --bars 16` is compared with `import torch`, and `pack --count 64 --bars 2` with `sample --count 64`, which
writes its patterns in one batch. All are whole processes with compiled bytecode, run in turns beside different numbers
of processes that compute all the time. Prints the median times and ratios for each number; they depend on what else
runs.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import click

from benchmarks.results import show

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = str(ROOT / "sample.py")
PACK = "from drumtok.cli.main import main; main()"
PATTERNS = ("--count", "64", "--bars", "2", "--seed", "1")
RIVALS = {  # name -> arguments, and the name of its rival
    "import torch": (("-c", "import torch"), ""),
    "sample.py --bars 16": ((SAMPLE, "--bars", "16", "--seed", "1", "--out", "a.mid"), "import torch"),
    "64 patterns in a batch": ((SAMPLE, *PATTERNS, "--out", "many/"), ""),
    "pack --count 64 --bars 2": (("-c", PACK, "pack", *PATTERNS, "--out", "packed"), "64 patterns in a batch"),
}


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Run processes that compute all the time."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def seconds_of(arguments: tuple[str, ...]) -> float:
    """Run Python in a temporary folder and return the seconds."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "many").mkdir()
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, capture_output=True)
        return time.perf_counter() - began


@click.command()
@click.option("--turns", default=3, show_default=True, help="Turns of each comparison.")
@click.option("--busy", "counts", type=int, multiple=True, default=(0, 1, 2), show_default=True, help="Busy processes.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(turns: int, counts: tuple[int, ...], markdown: bool) -> None:
    """Print a row for each command and number of busy processes."""
    for arguments, _ in RIVALS.values():
        seconds_of(arguments)  # compiles the bytecode
    for count in counts:  # a table for each number, so that an interrupted run has printed some
        rows = []
        took: dict[str, list[float]] = {what: [] for what in RIVALS}
        with busy(count):
            for _ in range(turns):
                for what, (arguments, _) in RIVALS.items():
                    took[what].append(seconds_of(arguments))
        for what, (_, rival) in RIVALS.items():
            if rival:
                ours, theirs = median(took[what]), median(took[rival])
                rows.append((what, str(count), f"{ours:.2f} s", rival, f"{theirs:.2f} s", f"{ours / theirs:.2f}"))
        show(("what", "busy", "time", "rival", "time", "ratio"), rows, markdown)
    click.echo(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
