"""The page in Chromium: use with a mouse, with touch, and with the keyboard alone."""

import base64
import json
import os
import re
import shutil
import time
import zlib
from dataclasses import replace

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from web_client import BEAT, live

from drumtok.drums import LANES
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.rendering.one_shots import RATE, one_shot
from drumtok.web.provenance import server_provenance
from drumtok.web.state import ServerState

REQUIRED = os.environ.get("DRUMTOK_BROWSER") == "required"  # a missing browser is then a failure, as in CI
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None and not REQUIRED, reason="no Chromium is installed")
expect.set_options(timeout=30_000)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
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
FRAMES = {len(one_shot("standard", lane)[0]): index for index, lane in enumerate(LANES)}
assert len(FRAMES) == len(LANES)


@pytest.fixture(scope="module")
def address(small_checkpoint, small_checkpoint_path):
    state = ServerState(Engine(small_checkpoint), server_provenance(small_checkpoint_path, with_folders=True))
    with live(small_checkpoint, state) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def desktop(browser):
    """A browser context that pages share, so that later ones find the files of the page in its cache."""
    options = {"viewport": {"width": 1280, "height": 860}, "accept_downloads": True, "reduced_motion": "reduce"}
    context = browser.new_context(**options)
    yield context
    context.close()


@pytest.fixture
def opened(browser, desktop, address, request):
    """Open the page; at the end, assert that it contacted no other host and had no unexpected errors."""
    urls, errors, failures, pages = [], [], [], []

    def open_page(fragment="", routes=None, **options):
        context = browser.new_context(**options) if options else desktop
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(60_000)
        page.on("request", lambda request: urls.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("response", lambda response: failures.append(response.url) if response.status >= 400 else None)
        page.add_init_script(RECORD_SOUNDS)
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


def cell(page, lane, step):
    return page.locator(f".cell[data-lane='{LANES.index(lane)}'][data-step='{step}']")


def until(page, expression):
    """Wait until a JavaScript expression is true; wait_for_function needs `eval`, which the page's policy forbids."""
    ends = time.monotonic() + 60
    while not page.evaluate(expression):
        assert time.monotonic() < ends, expression
        page.wait_for_timeout(20)


def fragment(page):
    """Return the fragment of a link to the current state of the page."""
    return "#" + page.evaluate("import('/js/share.js').then((share) => share.packed())")


def state(page):
    """Return the current state of the page."""
    packed = fragment(page).removeprefix("#1")
    return json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15))


def pattern(page):
    """Return the pattern of the page."""
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


def chords(hits):
    """Return the steps with hits of a pattern as [(step, drums), ...]."""
    return [(step, set(np.flatnonzero(row).tolist())) for step, row in enumerate(hits) if row.any()]


def played_steps(page, tempo, count):
    """Return the first steps scheduled on the audio clock as [(step, drums), ...].

    A machine that stalls for longer than sounds are scheduled ahead leaves a gap in the loop, after which all steps are
    later.
    """
    page.evaluate("played.length = 0")
    page.get_by_role("button", name="Play").click()
    until(page, f"new Set(played.map((one) => one.when)).size > {count}")
    page.wait_for_selector(".cell.now")
    page.get_by_role("button", name="Stop").click()
    times = {}
    for one in page.evaluate("played"):
        times.setdefault(round(one["when"] * tempo * 4 / 60, 2), set()).add(FRAMES[one["frames"]])
    return sorted(times.items())[:count]


def test_a_beat_is_drawn_completed_played_and_downloaded(opened):
    page = opened()
    clear(page)
    cell(page, "kick", 0).click()
    first, last = (cell(page, "kick", step).bounding_box() for step in (8, 11))
    page.mouse.move(first["x"] + 5, first["y"] + 5)
    page.mouse.down()
    page.mouse.move(last["x"] + 5, last["y"] + 5, steps=8)
    page.mouse.up()
    cell(page, "kick", 20).click(button="right")
    page.get_by_role("button", name="Lock kick").click()
    drawn = pattern(page)
    kick = drawn.velocity[:, 0].tolist()
    assert [(step, loud) for step, loud in enumerate(kick) if loud] == [
        *((step, 100) for step in (0, 8, 9, 10, 11)),
        (20, 120),
    ]
    page.fill("#tempo", "240")
    page.press("#tempo", "Enter")
    page.get_by_role("button", name="Generate the rest").click()
    wait_for_result(page)
    made = pattern(page)
    assert made.velocity[:, 0].tolist() == kick
    assert made.hits[:, 1:].any()

    grid = chords(made.hits)
    played = played_steps(page, 240, len(grid))
    assert [drums for _, drums in played] == [drums for _, drums in grid]
    gaps, wanted = (np.diff([step for step, _ in one]) for one in (played, grid))
    exact = np.isclose(gaps, wanted, atol=0.03)
    assert exact.any()
    assert (gaps[~exact] > wanted[~exact]).all()  # late after a stall, never early

    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    song = from_midi_bytes(download.value.path().read_bytes())
    assert np.array_equal(song.sections[0].velocity, made.velocity)
    assert song.sections[0].tempo == pytest.approx(240)


def download_midi(page, path):
    """Download the pattern as a MIDI file, and return its bytes."""
    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    download.value.save_as(path)
    return path.read_bytes()


def test_a_drawn_beat_is_humanised_played_and_downloaded(opened, tmp_path):
    page = opened()
    clear(page)
    for step in (0, 4, 8, 12):
        cell(page, "kick", step).click(button="right" if step == 4 else "left")
        cell(page, "snare", step + 16).click()
    page.get_by_role("button", name="Lock snare").click()
    drawn = pattern(page)
    page.locator("#timing").fill("1")
    page.get_by_role("button", name="Humanise").click()
    wait_for_result(page)
    made = pattern(page)
    kick = LANES.index("kick")
    assert np.array_equal(made.hits, drawn.hits)
    assert made.velocity[4, kick] >= 112  # an accent stays an accent
    assert made.velocity[8, kick] != 100
    assert np.array_equal(made.velocity[:, 1:], drawn.velocity[:, 1:])
    assert np.count_nonzero(made.offset) >= 2
    assert not made.offset[:, 1:].any()
    assert "Velocity" in cell(page, "kick", 8).get_attribute("title")

    page.evaluate("played.length = 0")  # drawing plays hits, too
    page.get_by_role("button", name="Play").click()
    until(page, "played.length >= 8")
    page.get_by_role("button", name="Stop").click()
    first = page.evaluate("played")[:8]
    assert [one["loud"] for one in first] == pytest.approx((made.velocity[made.hits] / 127.0) ** 2, abs=1e-6)
    times = np.array([one["when"] for one in first]) * 4 * 96 / 60
    places = (np.arange(made.steps)[:, None] + made.offset)[made.hits]
    gaps, wanted = np.diff(times), np.diff(places)
    exact = np.isclose(gaps, wanted, atol=0.03)
    assert exact.any()
    assert (gaps[~exact] > wanted[~exact]).all()  # late after a stall, never early

    song = from_midi_bytes(download_midi(page, tmp_path / "own.mid"))
    assert np.array_equal(song.sections[0].velocity, made.velocity)
    assert song.sections[0].offset == pytest.approx(made.offset, abs=0.01)  # a tick is 1 / 120 of a step


def test_dynamics_and_timing_apply_to_generated_patterns(opened):
    page = opened()
    page.select_option("#bars", "2")
    page.locator("#dynamics").fill("0")
    page.keyboard.press("g")
    wait_for_result(page)
    made = pattern(page)
    assert set(made.velocity[made.hits].tolist()) == {100}
    assert not made.offset.any()
    page.keyboard.press("h")
    expect(page.locator("#status .error")).to_contain_text("both 0%")
    page.locator("#dynamics").fill("1")
    page.locator("#timing").fill("0.5")
    page.keyboard.press("g")
    expect(page.locator("#takes > li").nth(2)).to_be_visible()
    made = pattern(page)
    assert len(set(made.velocity[made.hits].tolist())) > 5
    assert made.offset.any()


def test_the_command_line_reproduces_a_generated_file(opened, sample, tmp_path):
    page = opened()
    page.select_option("#style", "funk")
    page.locator("#timing").fill("0.4")
    page.select_option("#bars", "2")
    page.keyboard.press("g")
    wait_for_result(page)
    expect(page.locator("#takes > li")).to_have_count(2)
    own = download_midi(page, tmp_path / "own.mid")
    made = sample("--like", tmp_path / "own.mid", "--out", tmp_path / "again.mid")
    assert made.exit_code == 0, made.output
    assert (tmp_path / "again.mid").read_bytes() == own
    link = fragment(page)
    cell(page, "crash", 3).click()
    assert b"--seed" not in download_midi(page, tmp_path / "drawn.mid")
    page.keyboard.press("Control+z")
    assert download_midi(page, tmp_path / "undone.mid") == own
    assert download_midi(opened(link), tmp_path / "shared.mid") == own


def test_every_result_becomes_a_take(opened):
    page = opened()
    before = pattern(page)
    page.select_option("#bars", "4")
    page.get_by_role("button", name="Generate", exact=True).click()
    wait_for_result(page)
    assert pattern(page).bars == 4
    page.get_by_role("button", name="Continue").click()
    wait_for_result(page)
    assert pattern(page).bars == 8
    page.get_by_role("button", name="Vary").click()
    wait_for_result(page)
    takes = page.locator("#takes > li")
    expect(takes).to_have_count(4)
    takes.first.locator("button").first.click()
    assert pattern(page) == before
    seed = page.input_value("#seed")
    assert f"varied {seed}" in takes.last.inner_text()


def test_a_fill_replaces_the_current_bar_and_a_morph_adds_takes(opened):
    page = opened()
    cell(page, "snare", 28).focus()
    before = pattern(page)
    page.get_by_role("button", name="Fill bar 2").click()
    wait_for_result(page)
    filled = pattern(page)
    assert np.array_equal(filled.velocity[:16], before.velocity[:16])
    page.locator("#takes > li").first.locator("button").first.click()
    page.get_by_role("button", name="Morph").click()
    wait_for_result(page)
    expect(page.locator("#takes > li")).to_have_count(5)
    last = page.locator("#takes > li").last
    assert "fill" in last.inner_text()  # the path is inserted before its target


def test_a_request_can_be_canceled(opened):
    page = opened(routes={"**/api/generate": lambda route: None})  # never responds
    before = pattern(page)
    page.keyboard.press("g")
    expect(page.locator("#progress")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator("#progress")).to_be_hidden()
    assert pattern(page) == before
    expect(page.locator("#takes > li")).to_have_count(1)


def drop(page, data, name):
    """Drop a file on the page."""
    transfer = page.evaluate_handle(
        """([data, name]) => {
          const transfer = new DataTransfer();
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          transfer.items.add(new File([bytes], name, { type: "audio/midi" }));
          return transfer;
        }""",
        [base64.b64encode(data).decode(), name],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": transfer})


def test_a_dropped_file_is_shown_on_the_map_and_sets_the_controls(opened):
    page = opened()
    drop(page, to_midi_bytes(BEAT), "my beat.mid")
    expect(page.locator("#where")).to_contain_text("my beat is similar to")
    found = pattern(page)
    assert np.array_equal(found.velocity, BEAT.velocity)
    assert page.input_value("#tempo") == "96"
    assert page.input_value("#style") in ("funk", "rock")
    assert page.locator("#density input[data-lane=closed]").input_value() == "7.5"
    assert page.locator(".spot.near").count() == 5
    drop(page, b"no MIDI at all", "x.mid")
    expect(page.locator("#status .error")).to_contain_text("x.mid: ")
    assert np.array_equal(pattern(page).velocity, BEAT.velocity)


def test_after_a_file_in_another_meter_new_patterns_are_in_four_four(opened):
    page = opened()
    drop(page, to_midi_bytes(Pattern.from_grid("kick |x-----x-----|x-----x-----|", meter=(6, 8))), "six.mid")
    expect(page.locator("#takes > li")).to_have_count(2)
    assert state(page)["meter"] == [6, 8]
    page.keyboard.press("v")
    wait_for_result(page)
    assert state(page)["meter"] == [6, 8]
    page.keyboard.press("g")
    wait_for_result(page)
    expect(page.locator("#takes > li")).to_have_count(4)
    assert (state(page)["meter"], state(page)["bars"]) == ([4, 4], 4)


def test_an_unreachable_server_is_an_error_message_and_playback_continues(opened):
    page = opened(routes={"**/api/vary": lambda route: route.abort("connectionrefused")})
    page.get_by_role("button", name="Play").click()
    until(page, "played.length > 0")
    page.keyboard.press("v")
    expect(page.locator("#status .error")).to_have_text("Cannot reach the server. Is drumtok serve still running?")
    count = page.evaluate("played.length")
    until(page, f"played.length > {count + 3}")
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.locator("#status .error")).to_have_count(0)
    wait_for_result(page)


def test_shortcuts_work_after_a_click(opened):
    page = opened()
    page.get_by_role("button", name="Generate", exact=True).click()
    wait_for_result(page)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.locator("#temperature").click()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.fill("#seed", "42")
    page.press("#seed", "Enter")
    page.keyboard.press("g")
    expect(page.locator("#takes [aria-current]")).to_contain_text("new 42")  # a typed seed is used
    expect(page.locator("#takes > li")).to_have_count(3)
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'v', repeat: true, bubbles: true }))"
    )
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#takes > li")).to_have_count(3)  # key repeats are ignored


def test_undo_is_unlimited(opened):
    page = opened()
    clear(page)
    for step in range(12):
        cell(page, "ride", step).click()
    for _ in range(12):
        page.keyboard.press("Control+z")
    assert not pattern(page).hits.any()
    page.keyboard.press("Control+z")
    assert pattern(page).hits.any()  # undoes the clearing
    for _ in range(13):
        page.keyboard.press("Control+Shift+Z")
    assert pattern(page).hits[:, LANES.index("ride")].sum() == 12


def test_the_grid_works_with_the_keyboard_alone(opened):
    page = opened()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link to the grid
    page.keyboard.press("Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.classList.contains('cell')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("2")
    for key in (
        "Home",
        "ArrowRight",
        "Enter",
        "ArrowRight",
        "Shift+Enter",
        "ArrowRight",
        "o",
        "PageDown",
        "x",
        "l",
        "k",
    ):
        page.keyboard.press(key)
    link = state(page)
    snare = {step: loud for step, drum, loud in link["hits"] if drum == "snare"}
    assert [snare.get(step) for step in (1, 2, 3, 19)] == [100, 120, 40, 120]
    assert (link["lanes"], link["locked"]) == ([1], [1])
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "snare, bar 2, step 4: accent"
    page.keyboard.press("Space")
    until(page, "played.length > 4")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_link_restores_the_state(opened):
    page = opened()
    cell(page, "crash", 0).click()
    page.get_by_role("button", name="Lock snare").click()
    page.get_by_role("button", name="Solo ride").click()
    page.get_by_label("Lock bar 2").click()
    page.select_option("#kit", "808")
    page.select_option("#style", "rock")
    page.locator("#swing").fill("62")
    page.locator("#temperature").fill("1.3")
    page.locator("#seed").fill("77")
    page.locator("#seed").blur()
    expected, link = state(page), fragment(page)
    until(page, f"location.hash === '{link}'")
    other = opened(link)
    assert state(other) == expected
    assert other.input_value("#swing") == "62"
    assert other.input_value("#seed") == "77"
    expect(other.get_by_role("button", name="Lock snare")).to_have_attribute("aria-pressed", "true")
    expect(cell(other, "crash", 0)).to_have_class(re.compile("hit"))
    broken = opened("#1nonsense")
    expect(broken.locator("#status .error")).to_contain_text("Cannot read the link")


def test_a_and_b_switch_at_the_bar_line_while_playing(opened):
    page = opened()
    clear(page)
    cell(page, "kick", 0).click()
    page.get_by_role("button", name="Vary").click()  # the drawn pattern becomes a take of its own
    wait_for_result(page)
    page.fill("#tempo", "90")
    page.press("#tempo", "Enter")
    page.get_by_role("button", name="Use take 2 as A").click()
    page.get_by_role("button", name="Use take 3 as B").click()
    page.get_by_role("button", name="Play").click()
    until(page, "played.length > 0")
    shown = page.locator("#takes [aria-current]")
    before = shown.inner_text()
    page.keyboard.press("b")
    assert page.evaluate("document.querySelector('.ab .queued') !== null")  # until the bar, of 2.7 seconds, ends
    assert shown.inner_text() == before
    expect(shown).not_to_have_text(before)


def test_the_map_plays_grooves_and_morphs(opened):
    page = opened()
    spots = page.locator(".spot:not(.take-spot)")
    assert spots.count() > 100
    spots.first.focus()
    page.keyboard.press("ArrowRight")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')").split(",")[0]
    page.keyboard.press("Enter")
    expect(page.locator("#takes [aria-current]")).to_contain_text(name)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    for fraction in (0.3, 0.42, 0.5, 0.57, 0.63):
        page.mouse.move(box["x"] + fraction * box["width"], box["y"] + fraction * box["height"])
        expect(page.locator("#where")).to_have_text(re.compile("of the way to|[a-z]+-"))
    page.mouse.up()
    expect(page.locator("#takes > li")).to_have_count(3)


def test_muted_drums_are_not_exported_and_the_picture_is_a_png(opened):
    page = opened()
    page.get_by_role("button", name="Mute kick").click()
    expect(page.locator(".row").first).to_have_class(re.compile("silent"))
    with page.expect_download() as download:
        page.get_by_role("button", name=".png").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    with page.expect_request("**/api/wav") as request, page.expect_download() as download:
        page.get_by_role("button", name=".wav").click()
    drums = {hit["drum"] for hit in request.value.post_data_json["pattern"]["hits"]}
    assert "kick" not in drums
    assert "snare" in drums
    frames = 2 * 4 * 60 / 96 * RATE
    assert len(download.value.path().read_bytes()) == 44 + 4 * round(frames)


def test_the_page_fits_a_phone(opened):
    page = opened()
    page.set_viewport_size({"width": 375, "height": 740})
    expect(cell(page, "kick", 16)).to_have_count(0)  # one bar at a time
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    cell(page, "ride", 15).click()
    page.get_by_role("button", name="Show bar 2").click()
    cell(page, "ride", 16).click()
    assert pattern(page).hits[[15, 16], LANES.index("ride")].all()
    page.get_by_role("button", name="Mixer").click()
    expect(page.get_by_role("button", name="Mute ride")).to_be_visible()


def swipe(page, points):
    """Move a finger along points of the window."""
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [points[0]]})
    for point in points[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(20)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_paints_along_a_lane_and_scrolls_across_lanes(opened):
    page = opened(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    assert page.evaluate("scrollY") == 0  # the page starts at the grid
    before = pattern(page)
    box = cell(page, "open", 1).bounding_box()
    x, y = box["x"] + 5, box["y"] + 10
    swipe(page, [{"x": x, "y": y - 12 * k} for k in range(15)])
    until(page, "scrollY > 50")
    assert pattern(page) == before
    page.evaluate("scrollTo(0, 0)")
    swipe(page, [{"x": x + k * box["width"], "y": y} for k in range(5)])
    until(page, "!document.getElementById('undo').disabled")
    assert np.flatnonzero(pattern(page).hits[:16, LANES.index("open")]).tolist() == [1, 2, 3, 4, 5]
    page.get_by_role("button", name="Vary").tap()
    wait_for_result(page)
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("v")  # a new take scrolls the strip only
    wait_for_result(page)
    assert page.evaluate("scrollY") == 0


def test_the_token_is_removed_from_the_address(browser, small_checkpoint):
    with live(small_checkpoint, token="open sesame") as address:
        page = browser.new_page()
        page.goto(address + "/#token=open%20sesame")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        assert "sesame" not in page.url
        page.reload()  # the tab still has the token
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        page.close()


def test_density_is_sent_if_the_network_has_it(opened, browser, small_checkpoint):
    expect(opened().locator("#hits")).to_be_hidden()
    config = replace(small_checkpoint.config, hits=(2.0, 4.0))
    table = np.random.default_rng(1).standard_normal((4, config.width)).astype(np.float32)
    with_hits = replace(
        small_checkpoint, config=config, weights={**small_checkpoint.weights, "labels.hits.weight": table}
    )
    with live(with_hits) as address:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        for value, sent in (("0", None), ("24", 24)):
            page.locator("#hits").fill(value)
            with page.expect_request("**/api/generate") as request:
                page.keyboard.press("g")
            assert request.value.post_data_json.get("hits") == sent
            wait_for_result(page)
        expect(page.locator("output[for=hits]")).to_have_text("24")
        drop(page, to_midi_bytes(BEAT), "my beat.mid")
        expect(page.locator("output[for=hits]")).to_have_text("14")  # 13.5 hits a bar
        page.close()


@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_no_serious_violations(opened, width):
    page = opened()
    page.set_viewport_size({"width": width, "height": 860})
    page.locator("#density summary").click()
    page.locator(".menu summary").click()
    for step in ("the page", "its keys"):
        found = Axe().run(page).response["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"][:150]) for one in found if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], step
        page.evaluate("document.getElementById('keys').showModal()")
