"""Time the engine in the browser and in NumPy: a step, the first bar and 16 bars; measure the bytes of a first visit.

    python -m benchmarks.web.browser_engine [--rounds 5] [--browser chromium]

Both step the bundled network in alternating rounds; the fastest round of each counts, because on a busy machine it is
the least disturbed one. Bars are timed on a static site with loaded weights, from the request to the worker until its
message. A step in the browser should take at most three times as long as in NumPy, the first bar 300 ms and 16 bars 3
s.
"""

import functools
import http.server
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from drumtok.generation.engines import engine_of
from drumtok.network.context import BarTracker
from drumtok.runtime.threads import one_thread
from drumtok.tokenizer.labels import Conditioning
from drumtok.web.site_files import build_site

STREAMS = (1, 2, 8, 32)
STEPS = 16  # steps of a round
BARS = 16
SETUP = """
async () => {
  const modules = ["kernel", "checkpoint", "network", "tracker"].map((name) => import(`/js/engine/${name}.js`));
  const [{ loadKernel }, { readCheckpoint }, { Network }, { BarTracker }] = await Promise.all(modules);
  const tables = await (await fetch("/data/engine.json")).json();
  const { cached } = await import("/js/engine/cached.js");
  const buffer = await (await cached(new URL("/weights/default.safetensors.zz", location))).arrayBuffer();
  const start = performance.now();
  const network = new Network(readCheckpoint(buffer), await loadKernel());
  const labels = Object.fromEntries(tables.labels.map(({ name }) => [name, 0]));
  window.stepped = (streams, steps) => {
    const state = network.start(streams), { contexts } = new BarTracker(streams, network.lookback, labels, tables);
    network.step(contexts, state);
    const start = performance.now();
    for (let n = 0; n < steps; n++) network.step(contexts, state);
    return (performance.now() - start) / steps;
  };
  return performance.now() - start;
}
"""
BARS_OF_A_REQUEST = """
async (bars) => {
  const { stream } = await import("/js/core/api.js"), start = performance.now();
  let first;
  await stream("generate", { seed: 1, bars }, () => (first ??= performance.now() - start));
  return [first, performance.now() - start];
}
"""


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, and yield its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@one_thread
def numpy_step(streams: int, steps: int) -> float:
    """Return the milliseconds of a step in NumPy."""
    engine = engine_of(None)
    state, tracker = engine.start(streams), BarTracker(streams, engine.lookback, engine.label(Conditioning()))
    context = tracker.context
    engine.step(context, state)
    start = time.perf_counter()
    for _ in range(steps):
        engine.step(context, state)
    return 1000 * (time.perf_counter() - start) / steps


def show_steps(page: Page, rounds: int) -> None:
    """Print the milliseconds of a step in NumPy and in the browser, by number of streams."""
    table = Table("streams", "NumPy, ms", "browser, ms", "steps per second beside NumPy", title="A step")
    for streams in STREAMS:
        steps = max(STEPS // streams, 2)
        pairs = [
            (
                numpy_step(streams, steps),
                page.evaluate("([streams, steps]) => stepped(streams, steps)", [streams, steps]),
            )
            for _ in range(rounds)
        ]
        own, browser = (min(times) for times in zip(*pairs, strict=True))
        table.add_row(str(streams), f"{own:.2f}", f"{browser:.2f}", f"{own / browser:.2f}")
    Console().print(table)


def show_bars(page: Page, rounds: int) -> None:
    """Print the time of the first bar and of all."""
    times = [page.evaluate(BARS_OF_A_REQUEST, BARS) for _ in range(rounds)]
    first, whole = (min(each) for each in zip(*times, strict=True))
    Console().print(f"first bar {first:.0f} ms, {BARS} bars that loop {whole / 1000:.2f} s (fastest of {rounds})")


@click.command()
@click.option("--rounds", default=5, help="Rounds, of which the fastest counts; busy machines need more.")
@click.option("--browser", default="chromium", help="Chromium or Chrome.")
def main(rounds: int, browser: str) -> None:
    """Measure the engine in the browser."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = build_site(Path(folder) / "site")
        Console().print(f"first visit {site.size(site.first) / 1e6:.1f} MB")
        with served(Path(folder) / "site") as address:
            started = playwright.chromium.launch(executable_path=shutil.which(browser), args=["--no-sandbox"])
            page = started.new_page()
            page.goto(address)
            page.wait_for_selector("body[data-ready]", timeout=120_000)
            page.evaluate(BARS_OF_A_REQUEST, 1)
            Console().print(f"weights to engine {page.evaluate(SETUP):.0f} ms")
            show_steps(page, rounds)
            show_bars(page, rounds)
            started.close()


if __name__ == "__main__":
    main()
