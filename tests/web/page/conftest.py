"""A server, and opened pages, for the tests of the page."""

import pytest
from web_client import live

from drumtok.network.engine import Engine
from drumtok.web.provenance import server_provenance
from drumtok.web.state import ServerState

# Records every sound that the page schedules: when, how loud, and its length in frames, which identifies the drum.
RECORD_SOUNDS = """
const start = AudioBufferSourceNode.prototype.start, connect = AudioNode.prototype.connect;
window.played = [];
AudioNode.prototype.connect = function (to, ...more) {
  if (to instanceof GainNode) this.gainAfter = to.gain.value;
  return connect.call(this, to, ...more);
};
AudioBufferSourceNode.prototype.start = function (when) {
  window.played.push({ when, loud: this.gainAfter, frames: this.buffer.length, now: this.context.currentTime });
  return start.call(this, when);
};
"""
# Clears what earlier pages have stored, so that each opens as on a first visit, but without the tour.
FIRST_VISIT = """
if (!sessionStorage.visited) {
  localStorage.clear();
  localStorage.setItem("drumtok.tour", "done");
  sessionStorage.visited = "yes";
}
"""


@pytest.fixture(scope="module")
def address(small_checkpoint, small_checkpoint_path):
    state = ServerState(Engine(small_checkpoint), server_provenance(small_checkpoint_path, with_folders=True))
    with live(small_checkpoint, state) as found:
        yield found


@pytest.fixture(scope="module")
def desktop(browser):
    """A browser context that pages share, so that its cache holds the files of the page."""
    options = {"viewport": {"width": 1280, "height": 860}, "accept_downloads": True, "reduced_motion": "reduce"}
    context = browser.new_context(**options)
    yield context
    context.close()


@pytest.fixture
def opened(browser, desktop, address, request):
    """A function that opens the page; at the end, asserts that it contacted no other host and had no other errors."""
    urls, errors, failures, pages = [], [], [], []

    def open_page(fragment="", routes=None, script="", **options):
        context = browser.new_context(**options) if options else desktop
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(60_000)
        page.on("request", lambda request: urls.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("response", lambda response: failures.append(response.url) if response.status >= 400 else None)
        page.add_init_script(RECORD_SOUNDS + FIRST_VISIT + script)
        for pattern, handler in (routes or {}).items():  # before loading, as Chromium may miss routes added later
            page.route(pattern, handler)
        page.goto(address + "/" + fragment)
        page.wait_for_selector("body[data-ready]")
        return page

    yield open_page
    for page in pages:
        page.close() if page.context is desktop else page.context.close()
    assert {url for url in urls if not url.startswith((address, "blob:"))} == set()
    assert len(failures) == ("dropped_file" in request.node.name)
    assert len(errors) == len(failures) + ("unreachable_server" in request.node.name), errors
