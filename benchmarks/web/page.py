"""How long the page waits: to the first bar that is streamed and to the whole of four, with 1, 4 and 16 at once.

    python -m benchmarks.web.page [--checkpoint FILE] [--turns 5]

The server is a process of its own, asked over the loopback as the page asks. Beside it stands the engine alone: one bar
of bare steps; the bar as `generate` writes it, which for a network that does not know how songs go in their midst is
after four others; the whole of four bars with the eight ends of which the last bar is chosen. The first row is of a
client that said ahead what it would ask, as the page does while nobody waits. A first bar at one client is to come
within twice the bare bar and 20 ms.
"""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from drumtok.generation.generate import generate
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.drum_filters import rules_of
from drumtok.sampling.sampler import sample_words

ROOT = Path(__file__).resolve().parents[2]
BARS, STEPS = 4, 16
CLIENTS = (1, 4, 16)
LOOKED = 3.0  # seconds


@contextmanager
def server(checkpoint: Path) -> Iterator[str]:
    """Where a server listens, for as long as it lasts."""
    command = "import sys; sys.argv[0] = 'drumtok'; from drumtok.cli.main import main; main()"
    arguments = ("serve", "--port", "0", "--checkpoint", str(checkpoint))
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://([\d.:]+)/", line)
        if found is None:
            raise SystemExit(f"the server said {line!r}")
        yield found[1]
    finally:
        process.terminate()
        process.wait(20)


def prepare(address: str, seed: int) -> None:
    """Says what will be asked, and waits as long as a person looks at the page."""
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.request("POST", "/api/prepare", json.dumps({"seed": seed}), {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()
    time.sleep(LOOKED)


def asked(address: str, seed: int) -> tuple[float, float, int]:
    """(seconds to the first bar, seconds to the whole answer, bars) of one request."""
    connection = http.client.HTTPConnection(address, timeout=120)
    body = json.dumps({"bars": BARS, "seed": seed})
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    begun, first, bars = time.perf_counter(), 0.0, 0
    connection.request("POST", "/api/generate", body, headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"status {answer.status}: {answer.read()!r}")
    for line in answer:
        if line == b"event: bar\n":
            bars += 1
            first = first or time.perf_counter() - begun
        if line == b"event: done\n":
            whole = time.perf_counter() - begun
    connection.close()
    return first, whole, bars


def median(call: Callable[[int], object], turns: int) -> float:
    """The median of the seconds that a call takes."""
    taken = []
    for turn in range(turns):
        begun = time.perf_counter()
        call(turn)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def row(found: list[tuple[float, float, int]]) -> list[str]:
    """What stands in the table of such requests."""
    first, four, bars = (np.array(column) for column in zip(*found, strict=True))
    lost = BARS * len(found) - int(bars.sum())
    shares = [np.quantile(times, share) for times in (first, four) for share in (0.5, 0.95)]
    return [*(f"{1000 * one:.0f} ms" for one in shares), f"{shares[3] / shares[2]:.2f}", str(lost)]


@click.command()
@click.option("--checkpoint", type=click.Path(exists=True, path_type=Path), help="The network.  [default drumtok's]")
@click.option("--turns", default=5, show_default=True, help="Requests of each client.")
def main(checkpoint: Path | None, turns: int) -> None:
    """Prints the engine's own times, then a row for each number of clients."""
    path = checkpoint_file(checkpoint).resolve()
    engine = Engine(load_checkpoint(path))
    rules = rules_of(SamplingConfig(), STEPS)
    console, table = (
        Console(width=120),
        Table("clients", "first bar p50", "p95", "four bars p50", "p95", "p95 / p50", "bars lost"),
    )
    with server(path) as address:
        asked(address, 0)
        bare = median(lambda n: sample_words(engine, np.random.default_rng(n), rules, words=STEPS + 1), 3 * turns)
        led = median(lambda n: generate(n, bars=1, loop=False, checkpoint=engine), turns)
        whole = median(lambda n: generate(n, bars=BARS, checkpoint=engine), turns)
        ahead = []
        for seed in range(turns):
            prepare(address, seed)
            ahead.append(asked(address, seed))
        table.add_row("1, said ahead", *row(ahead))
        for clients in CLIENTS:
            with ThreadPoolExecutor(clients) as pool:
                found = list(pool.map(lambda seed: asked(address, seed), range(100, 100 + clients * turns)))
            table.add_row(str(clients), *row(found))
    console.print(
        f"the engine alone: a bar of bare steps {1000 * bare:.1f} ms, by generate {1000 * led:.1f} ms,"
        f" four bars {1000 * whole:.0f} ms; a first bar may take {2000 * bare + 20:.0f} ms"
    )
    console.print(table, f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
