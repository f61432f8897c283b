"""The page in Firefox, with a server and without one."""

import json

import pytest
from browsers import FIREFOX
from firefox_driver import started
from static_site import served

from drumtok.drums import LANES
from drumtok.web.site_files import build_site

TAKES = "document.querySelectorAll('#takes > li').length"


@pytest.fixture
def firefox(tmp_path):
    if FIREFOX is None:
        pytest.skip("Firefox is not installed")
    with started(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def static(small_checkpoint_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("firefox") / "site"
    build_site(folder, small_checkpoint_path)
    with served(folder) as (found, _):
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("host", ["address", "static"])
def test_the_page_generates_in_firefox(firefox, host, request):
    firefox.open(request.getfixturevalue(host))
    firefox.until("document.body.dataset.ready === 'true'")
    assert firefox.evaluate(TAKES) == 1
    firefox.evaluate("document.getElementById('generate').click()")
    firefox.until(f"document.getElementById('progress').hidden && {TAKES} === 2")
    assert firefox.evaluate("document.querySelector('#status .error')") is None
    assert firefox.evaluate("document.getElementById('length').value") == "4 bars"
    assert firefox.errors == []


def row(lane):
    """Return the expression of the names of the steps of a lane and their hits, as text."""
    cells = f"document.querySelectorAll('.cell[data-lane=\"{LANES.index(lane)}\"]')"
    return f"[...{cells}].map((cell) => cell.getAttribute('aria-label')).join()"


@pytest.mark.slow
@pytest.mark.parametrize("host", ["address", "static"])
def test_a_groove_is_drawn_locked_generated_and_kept_in_firefox(firefox, host, request):
    firefox.open(request.getfixturevalue(host))
    firefox.until("document.body.dataset.ready === 'true'")
    firefox.click("#tour-skip")
    first = firefox.evaluate(row("kick"))
    firefox.click(f".cell[data-lane='{LANES.index('kick')}'][data-step='1']")
    drawn = firefox.evaluate(row("kick"))
    assert drawn != first
    for button, shown in (("undo", first), ("redo", drawn)):
        firefox.click(f"#{button}")
        firefox.until(f"{row('kick')} === {json.dumps(shown)}")
    firefox.click("[aria-label='Lock kick']")
    snare, takes = firefox.evaluate(row("snare")), firefox.evaluate(TAKES)
    firefox.click("#generate")
    firefox.until(f"document.getElementById('progress').hidden && {TAKES} > {takes}")
    assert firefox.evaluate(row("kick")) == drawn
    assert firefox.evaluate(row("snare")) != snare
    made = firefox.evaluate(row("snare")), firefox.evaluate(TAKES)
    firefox.until("new Promise((done) => setTimeout(() => done(true), 1000))")  # a project is saved soon after a change
    firefox.open(request.getfixturevalue(host))
    firefox.until("document.body.dataset.ready === 'true'")
    assert (firefox.evaluate(row("snare")), firefox.evaluate(TAKES)) == made
    assert firefox.errors == []
