"""Drive the page in tests: cells, state, uploads, downloads and touch."""

import base64
import json
import time
import zlib

import numpy as np
from playwright.sync_api import expect

from drumtok.drums import LANES
from drumtok.pattern import Pattern

expect.set_options(timeout=30_000)


def cell(page, lane, step):
    return page.locator(f".cell[data-lane='{LANES.index(lane)}'][data-step='{step}']")


def until(page, expression):
    """Wait until a JavaScript expression is true; `wait_for_function` needs `eval`, which the page's policy forbids."""
    ends = time.monotonic() + 60
    while not page.evaluate(expression):
        assert time.monotonic() < ends, expression
        page.wait_for_timeout(20)


def fragment(page):
    """Return the fragment of a link to the page's current state."""
    return "#" + page.evaluate("import('/js/files/share.js').then((share) => share.packed())")


def state(page):
    """Return the current state of the page."""
    packed = fragment(page).removeprefix("#1")
    return json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15))


def pattern(page):
    """Return the pattern on the page."""
    link = state(page)
    velocity, offset = np.zeros((link["bars"] * 16, 9), dtype=np.uint8), np.zeros((link["bars"] * 16, 9))
    for step, drum, loud, *late in link["hits"]:
        velocity[step, LANES.index(drum)] = loud
        offset[step, LANES.index(drum)] = sum(late)
    return Pattern(velocity > 0, velocity, offset, tempo=link["tempo"])


def clear(page):
    page.get_by_role("button", name="Clear").click()


def wait_for_result(page):
    """Wait until the model has generated."""
    expect(page.locator("#progress")).to_be_hidden(timeout=60_000)
    assert page.locator("#status .error").count() == 0


def download_midi(page, path):
    """Download the pattern as a MIDI file, and return its bytes."""
    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    download.value.save_as(path)
    return path.read_bytes()


def drop(page, data, name, on="body"):
    """Drop a file on an element of the page."""
    transfer = page.evaluate_handle(
        """([data, name]) => {
          const transfer = new DataTransfer();
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          transfer.items.add(new File([bytes], name));
          return transfer;
        }""",
        [base64.b64encode(data).decode(), name],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.locator(on).first.dispatch_event(event, {"dataTransfer": transfer})


def swipe(page, points):
    """Swipe a finger along points of the window."""
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [points[0]]})
    for point in points[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(20)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
