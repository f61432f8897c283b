"""Latency of the server: the time to the first streamed bar and to all four, with 1, 4 and 16 concurrent clients.

    python -m benchmarks.web.page [--checkpoint FILE] [--turns 5] [--busy 0]

The server runs in a process of its own and gets the requests of the page. For comparison the engine alone is timed: one
bar of bare steps; a bar by `generate`, which includes four bars of lead-in unless the network was trained on songs that
start in the middle; and four bars, with eight candidates for the last one. The first row is of a client that announces
its next request, as the page does while it is idle. With one client, the first bar should take at most twice the bare
bar plus 20 ms. Below the table are the times to write the rest around two locked drums, and to open a MIDI file, whose
style is recognised. `--busy` runs all of it beside processes that compute all the time.

First the page is opened in Chromium, from this server and as a static site, each time as on a first visit: the time
from navigation until everything but the map can be used, Generate above all, should be below 1.5 s.
"""

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
import numpy as np
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.runtime.busy import busy
from drumtok.generation.generate import generate
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.drum_filters import rules_of
from drumtok.sampling.sampler import sample_words
from drumtok.web.site_files import build_site

ROOT = Path(__file__).resolve().parents[2]
BARS, STEPS = 4, 16
CLIENTS = (1, 4, 16)
IDLE = 3.0  # seconds between announcing a request and sending it


@contextmanager
def server(checkpoint: Path) -> Iterator[str]:
    """Start a server, and yield its address."""
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
            raise SystemExit(f"the server must print its address, got {line!r}")
        yield found[1]
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def static_site(checkpoint: Path) -> Iterator[str]:
    """Serve a static site, and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        build_site(Path(folder) / "site", checkpoint)
        handler = partial(QuietHandler, directory=f"{folder}/site")
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"127.0.0.1:{server.server_port}"
            server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and prints nothing."""

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


def chromium_path() -> str | None:
    """Return the path of the browser, or none for that of Playwright."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def opening_times(address: str, turns: int) -> list[float]:
    """Return, for first visits, the seconds from navigation until Generate and the grid can be used."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        found = []
        for _ in range(turns):
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"http://{address}/")
            page.wait_for_selector("body[data-ready]")
            found.append(page.evaluate("performance.measure('opened', undefined, 'interactive').duration") / 1000)
            context.close()
        browser.close()
    return found


def prepare(address: str, seed: int) -> None:
    """Announce a request, and wait as long as a user might."""
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.request("POST", "/api/prepare", json.dumps({"seed": seed}), {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()
    time.sleep(IDLE)


def timed_request(address: str, seed: int) -> tuple[float, float, int]:
    """Send a request; return the seconds until the first bar, the seconds until the result, and the number of bars."""
    connection = http.client.HTTPConnection(address, timeout=120)
    body = json.dumps({"bars": BARS, "seed": seed})
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    begun, first, bars = time.perf_counter(), 0.0, 0
    connection.request("POST", "/api/generate", body, headers)
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(f"status {response.status}: {response.read()!r}")
    for line in response:
        if line == b"event: bar\n":
            bars += 1
            first = first or time.perf_counter() - begun
        if line == b"event: done\n":
            whole = time.perf_counter() - begun
    connection.close()
    return first, whole, bars


def post(address: str, path: str, body: bytes, media: str = "application/json") -> bytes:
    """Send a request, and return its response."""
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.request("POST", f"/api/{path}", body, {"Content-Type": media})
    response = connection.getresponse()
    data = response.read()
    connection.close()
    if response.status != 200:
        raise SystemExit(f"status {response.status}: {data!r}")
    return data


def other_requests(address: str, turns: int) -> str:
    """Return the times of requests of the page that write around locked drums, and that open a MIDI file."""
    pattern = json.loads(post(address, "generate", json.dumps({"bars": BARS, "seed": 1}).encode()))["pattern"]
    midi = post(address, "midi/write", json.dumps({"pattern": pattern}).encode())

    def write_around(seed: int) -> bytes:
        around = {"pattern": pattern, "keep": ["kick", "snare"]}
        return post(address, "generate", json.dumps({"seed": seed, "around": around}).encode())

    around, opened = (
        1000 * median(call, turns) for call in (write_around, lambda n: post(address, "midi/read", midi, "audio/midi"))
    )
    return f"around two locked drums {around:.0f} ms, opening {len(midi)} bytes of MIDI {opened:.0f} ms"


def median(call: Callable[[int], object], turns: int) -> float:
    """Return the median seconds of a call."""
    taken = []
    for turn in range(turns):
        begun = time.perf_counter()
        call(turn)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def row(found: list[tuple[float, float, int]]) -> list[str]:
    """Return the columns of a table row for timed requests."""
    first, four, bars = (np.array(column) for column in zip(*found, strict=True))
    lost = BARS * len(found) - int(bars.sum())
    quantiles = [np.quantile(times, q) for times in (first, four) for q in (0.5, 0.95)]
    return [*(f"{1000 * one:.0f} ms" for one in quantiles), f"{quantiles[3] / quantiles[2]:.2f}", str(lost)]


@click.command()
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, path_type=Path),
    help="Checkpoint to serve.  [default: the bundled one]",
)
@click.option("--turns", default=5, show_default=True, help="Requests per client.")
@click.option("--busy", "beside", default=0, show_default=True, help="Busy processes beside it.")
def main(checkpoint: Path | None, turns: int, beside: int) -> None:
    """Print the times of the engine alone, and a table with a row for each number of clients."""
    with busy(beside):
        measure(checkpoint, turns)


def measure(checkpoint: Path | None, turns: int) -> None:
    """Measure the page, the engine and the server, and print the times."""
    path = checkpoint_file(checkpoint).resolve()
    engine = Engine(load_checkpoint(path))
    rules = rules_of(SamplingConfig(), STEPS)
    console, table = (
        Console(width=120),
        Table("clients", "first bar p50", "p95", "four bars p50", "p95", "p95 / p50", "bars lost"),
    )
    for name, opened in (("the server", server), ("a static site", static_site)):
        with opened(path) as address:
            times = [1000 * seconds for seconds in opening_times(address, turns)]
        console.print(
            f"page of {name}: interactive after {statistics.median(times):.0f} ms, fastest {min(times):.0f} ms;"
            " target 1500 ms"
        )
    with server(path) as address:
        timed_request(address, 0)
        bare = median(lambda n: sample_words(engine, np.random.default_rng(n), rules, words=STEPS + 1), 3 * turns)
        led = median(lambda n: generate(n, bars=1, loop=False, checkpoint=engine), turns)
        whole = median(lambda n: generate(n, bars=BARS, checkpoint=engine), turns)
        announced = []
        for seed in range(turns):
            prepare(address, seed)
            announced.append(timed_request(address, seed))
        table.add_row("1, announced", *row(announced))
        for clients in CLIENTS:
            with ThreadPoolExecutor(clients) as pool:
                found = list(pool.map(lambda seed: timed_request(address, seed), range(100, 100 + clients * turns)))
            table.add_row(str(clients), *row(found))
        others = other_requests(address, turns)
    console.print(
        f"the engine alone: a bar of bare steps {1000 * bare:.1f} ms, by generate {1000 * led:.1f} ms,"
        f" four bars {1000 * whole:.0f} ms; target for the first bar {2000 * bare + 20:.0f} ms"
    )
    console.print(table, others, f"machine load: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores", sep="\n")


if __name__ == "__main__":
    main()
