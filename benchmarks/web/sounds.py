"""Time from a change on the page's sound panel until the drum plays the new sound, in Chromium at 44.1 kHz.

    python -m benchmarks.web.sounds [--rounds 10]

The page is that of the server and that of a static site. For each drum, the place on the map and the sliders of
brightness, tune and decay are changed in turn. The time is that from the browser's event until `layersOf` has the new
sound, which the next hit plays. Both the median and the fastest round are printed, as the machine may be busy; they
should be below 50 ms.
"""

import math
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.web.page import chromium_path, server, static_site
from drumtok.network.checkpoint import checkpoint_file
from drumtok.rendering.pieces import PIECES

SLIDERS = {"brightness": (-0.5, 0.5), "tune": (-3, 3), "decay_seconds": (math.log(0.2), math.log(0.5))}
MAP = "map"
PLACES = ((0.3, 0.4), (0.6, 0.5))  # on the map
SETUP = """
async () => {
  const { layersOf } = await import("/js/playback/sounds.js"), { LANES } = await import("/js/core/api.js");
  const layers = (lane) => layersOf(LANES.indexOf(lane));
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
  let changed;
  const when = () => (changed ??= performance.now());
  addEventListener("input", when, { capture: true });
  addEventListener("pointerdown", when, { capture: true });
  window.watch = (lane) => {
    changed = undefined;
    const before = layers(lane)?.at(-1).buffer;
    window.taken = (async () => {
      while (!layers(lane) || layers(lane).at(-1).buffer === before) await pause();
      const took = performance.now() - changed;
      while (layers(lane).length < 2) await pause();
      return took;
    })();
  };
  window.slide = (control, value) => {
    const field = document.querySelector(`#sound-controls input[data-control=${control}]`);
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
}
"""


def timed(page: Page, lane: str, change: Callable[[], None]) -> float:
    """Return the milliseconds from a change until the drum has the new sound; wait for its softer sound as well."""
    page.evaluate("lane => watch(lane)", lane)
    change()
    return float(page.evaluate("taken"))


def press(page: Page, place: tuple[float, float]) -> None:
    """Press on a point of the map, 0 to 1."""
    box = page.locator("#sound-map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])
    page.mouse.down()
    page.mouse.up()


def slide(page: Page, control: str, value: float) -> None:
    """Move a slider of the panel."""
    page.evaluate("([control, value]) => slide(control, value)", [control, value])


def times_of(page: Page, lane: str, rounds: int) -> Iterator[list[float]]:
    """Yield the milliseconds of each round, of the map and of each slider, after one that does not count."""
    page.select_option("#sound-lane", lane)
    page.locator("#sound-map").scroll_into_view_if_needed()
    yield [timed(page, lane, partial(press, page, PLACES[n % 2])) for n in range(rounds + 1)][1:]
    for control, values in SLIDERS.items():
        yield [timed(page, lane, partial(slide, page, control, values[n % 2])) for n in range(rounds)]


@contextmanager
def opened(address: str) -> Iterator[Page]:
    """Open the page in Chromium, ready to be measured."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"http://{address}/")
        page.wait_for_selector("body[data-ready]", timeout=120_000)
        page.evaluate(SETUP)
        yield page
        browser.close()


def table_of(title: str, address: str, rounds: int) -> Table:
    """Measure a page; return the table of its drums."""
    table = Table("drum", *(f"{change}, ms" for change in (MAP, *SLIDERS)), title=title)
    with opened(address) as page:
        for piece in PIECES:
            found = times_of(page, piece.name, rounds)
            table.add_row(piece.name, *(f"{statistics.median(times):.0f} ({min(times):.0f})" for times in found))
    return table


@click.command(context_settings={"show_default": True})
@click.option("--rounds", default=10, help="Changes of each kind for each drum.")
def main(rounds: int) -> None:
    """Measure the sound panel."""
    checkpoint: Path = checkpoint_file(None).resolve()
    for name, started in (("the server", server), ("a static site", static_site)):
        with started(checkpoint) as address:
            Console().print(table_of(f"page of {name}: median (fastest)", address, rounds))


if __name__ == "__main__":
    main()
