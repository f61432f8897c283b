"""The page in a real Chromium: what a person does on it, with a mouse, with fingers and with the keys alone."""

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

REQUIRED = os.environ.get("DRUMTOK_BROWSER") == "required"  # set where a missing browser is a failure, as in CI
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
# Notes every sound that is asked of the audio clock: when, how loud, and how long it is, which tells the drum.
LISTEN = """
const start = AudioBufferSourceNode.prototype.start, connect = AudioNode.prototype.connect;
window.heard = [];
AudioNode.prototype.connect = function (to, ...more) {
  if (to instanceof GainNode) this.gainAfter = to.gain.value;
  return connect.call(this, to, ...more);
};
AudioBufferSourceNode.prototype.start = function (when) {
  window.heard.push({ when, loud: this.gainAfter, frames: this.buffer.length, now: this.context.currentTime });
  return start.call(this, when);
};
"""
FRAMES = {len(one_shot("standard", lane)[0]): index for index, lane in enumerate(LANES)}
assert len(FRAMES) == len(LANES)


@pytest.fixture(scope="module")
def address(small_checkpoint, small_checkpoint_path):
    studio = ServerState(Engine(small_checkpoint), server_provenance(small_checkpoint_path, with_folders=True))
    with live(small_checkpoint, studio) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser, address, request):
    """Opens the page; in the end nothing was asked of another host, and nothing went wrong on it."""
    asked, wrong, refused, contexts = [], [], [], []

    def open_page(fragment="", routes=None, **options):
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 860}, "accept_downloads": True} | options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
        page.add_init_script(LISTEN)
        for asked_for, answer in (routes or {}).items():  # before the page comes: Chromium may miss what comes after
            page.route(asked_for, answer)
        page.goto(address + "/" + fragment)
        page.wait_for_selector("body[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert {url for url in asked if not url.startswith((address, "blob:"))} == set()
    assert len(refused) == ("file_that_is_dropped" in request.node.name)
    assert len(wrong) == len(refused) + ("server_that_is_gone" in request.node.name), wrong


def cell(page, lane, step):
    return page.locator(f".cell[data-lane='{LANES.index(lane)}'][data-step='{step}']")


def until(page, expression):
    """Waits until what JavaScript says is so; Playwright's own way wants an `eval`, which the page's policy forbids."""
    ends = time.monotonic() + 60
    while not page.evaluate(expression):
        assert time.monotonic() < ends, expression
        page.wait_for_timeout(20)


def fragment(page):
    """What a link to the page as it is now ends with."""
    return "#" + page.evaluate("import('/js/share.js').then((share) => share.packed())")


def state(page):
    """What that says."""
    packed = fragment(page).removeprefix("#1")
    return json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15))


def pattern(page):
    """The pattern that the page holds."""
    said = state(page)
    velocity, offset = np.zeros((said["bars"] * 16, 9), dtype=np.uint8), np.zeros((said["bars"] * 16, 9))
    for step, drum, loud, *late in said["hits"]:
        velocity[step, LANES.index(drum)] = loud
        offset[step, LANES.index(drum)] = sum(late)
    return Pattern(velocity > 0, velocity, offset, tempo=said["tempo"])


def clear(page):
    page.get_by_role("button", name="Clear").click()


def written(page):
    """Waits until the model has written."""
    expect(page.locator("#progress")).to_be_hidden(timeout=60_000)
    assert page.locator("#say .wrong").count() == 0


def chords(hits):
    """[(step, drums), ...] of the steps of a pattern that sound."""
    return [(step, set(np.flatnonzero(row).tolist())) for step, row in enumerate(hits) if row.any()]


def heard_once(page, tempo, count):
    """[(step, drums), ...] of the first so many steps that sounded, as the audio clock was told them.

    A machine that is held up for longer than sounds are scheduled ahead leaves a gap in the loop, after which all is
    later: steps are counted on from there.
    """
    page.evaluate("heard.length = 0")
    page.get_by_role("button", name="Play").click()
    until(page, f"new Set(heard.map((one) => one.when)).size > {count}")
    page.wait_for_selector(".cell.now")
    page.get_by_role("button", name="Stop").click()
    times = {}
    for one in page.evaluate("heard"):
        times.setdefault(round(one["when"] * tempo * 4 / 60, 2), set()).add(FRAMES[one["frames"]])
    return sorted(times.items())[:count]


def test_a_beat_is_drawn_the_rest_written_heard_and_taken_home(opened):
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
    written(page)
    made = pattern(page)
    assert made.velocity[:, 0].tolist() == kick
    assert made.hits[:, 1:].any()

    grid = chords(made.hits)
    on_bar = heard_once(page, 240, len(grid))
    assert [drums for _, drums in on_bar] == [drums for _, drums in grid]
    gaps, wanted = (np.diff([step for step, _ in one]) for one in (on_bar, grid))
    exact = np.isclose(gaps, wanted, atol=0.03)
    assert exact.any()
    assert (gaps[~exact] > wanted[~exact]).all()  # held up, never early

    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    song = from_midi_bytes(download.value.path().read_bytes())
    assert np.array_equal(song.sections[0].velocity, made.velocity)
    assert song.sections[0].tempo == pytest.approx(240)


def taken_home(page, path):
    """Downloads the pattern as a MIDI file."""
    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    download.value.save_as(path)
    return path.read_bytes()


def test_what_is_drawn_is_humanised_heard_so_and_taken_home(opened, tmp_path):
    page = opened()
    clear(page)
    for step in (0, 4, 8, 12):
        cell(page, "kick", step).click(button="right" if step == 4 else "left")
        cell(page, "snare", step + 16).click()
    page.get_by_role("button", name="Lock snare").click()
    drawn = pattern(page)
    page.locator("#timing").fill("1")
    page.get_by_role("button", name="Humanise").click()
    written(page)
    made = pattern(page)
    kick = LANES.index("kick")
    assert np.array_equal(made.hits, drawn.hits)
    assert made.velocity[4, kick] >= 112  # an accent stays one
    assert made.velocity[8, kick] != 100
    assert np.array_equal(made.velocity[:, 1:], drawn.velocity[:, 1:])
    assert np.count_nonzero(made.offset) >= 2
    assert not made.offset[:, 1:].any()
    assert "Velocity" in cell(page, "kick", 8).get_attribute("title")

    page.evaluate("heard.length = 0")  # what was drawn was heard
    page.get_by_role("button", name="Play").click()
    until(page, "heard.length >= 8")
    page.get_by_role("button", name="Stop").click()
    first = page.evaluate("heard")[:8]
    assert [one["loud"] for one in first] == pytest.approx((made.velocity[made.hits] / 127.0) ** 2, abs=1e-6)
    times = np.array([one["when"] for one in first]) * 4 * 96 / 60
    places = (np.arange(len(made))[:, None] + made.offset)[made.hits]
    gaps, wanted = np.diff(times), np.diff(places)
    exact = np.isclose(gaps, wanted, atol=0.03)
    assert exact.any()
    assert (gaps[~exact] > wanted[~exact]).all()  # held up, never early

    song = from_midi_bytes(taken_home(page, tmp_path / "own.mid"))
    assert np.array_equal(song.sections[0].velocity, made.velocity)
    assert song.sections[0].offset == pytest.approx(made.offset, abs=0.01)  # a tick is 1 / 120 of a step


def test_sliders_say_how_what_is_written_is_played(opened):
    page = opened()
    page.select_option("#bars", "2")
    page.locator("#dynamics").fill("0")
    page.keyboard.press("g")
    written(page)
    made = pattern(page)
    assert set(made.velocity[made.hits].tolist()) == {100}
    assert not made.offset.any()
    page.keyboard.press("h")
    expect(page.locator("#say .wrong")).to_contain_text("both at 0")
    page.locator("#dynamics").fill("1")
    page.locator("#timing").fill("0.5")
    page.keyboard.press("g")
    written_anew = page.locator("#takes > li").nth(2)
    expect(written_anew).to_be_visible()
    made = pattern(page)
    assert len(set(made.velocity[made.hits].tolist())) > 5
    assert made.offset.any()


def test_a_file_that_the_model_wrote_is_made_again_by_the_command_line(opened, sample, tmp_path):
    page = opened()
    page.select_option("#style", "funk")
    page.locator("#timing").fill("0.4")
    page.select_option("#bars", "2")
    page.keyboard.press("g")
    written(page)
    expect(page.locator("#takes > li")).to_have_count(2)
    own = taken_home(page, tmp_path / "own.mid")
    made = sample("--like", tmp_path / "own.mid", "--out", tmp_path / "again.mid")
    assert made.exit_code == 0, made.output
    assert (tmp_path / "again.mid").read_bytes() == own
    link = fragment(page)
    cell(page, "crash", 3).click()
    assert b"--seed" not in taken_home(page, tmp_path / "drawn.mid")
    page.keyboard.press("Control+z")
    assert taken_home(page, tmp_path / "undone.mid") == own
    assert taken_home(opened(link), tmp_path / "shared.mid") == own


def test_new_bars_stream_in_and_every_result_stays_in_the_strip(opened):
    page = opened()
    before = pattern(page)
    page.select_option("#bars", "4")
    page.get_by_role("button", name="Generate", exact=True).click()
    written(page)
    assert pattern(page).bars == 4
    page.get_by_role("button", name="Continue").click()
    written(page)
    assert pattern(page).bars == 8
    page.get_by_role("button", name="Vary").click()
    written(page)
    takes = page.locator("#takes > li")
    expect(takes).to_have_count(4)
    takes.first.locator("button").first.click()
    assert pattern(page) == before
    seed = page.input_value("#seed")
    assert f"varied {seed}" in takes.last.inner_text()


def test_a_fill_goes_into_the_bar_at_hand_and_a_morph_into_the_strip(opened):
    page = opened()
    cell(page, "snare", 28).focus()
    before = pattern(page)
    page.get_by_role("button", name="Fill bar 2").click()
    written(page)
    filled = pattern(page)
    assert np.array_equal(filled.velocity[:16], before.velocity[:16])
    page.locator("#takes > li").first.locator("button").first.click()
    page.get_by_role("button", name="Morph").click()
    written(page)
    expect(page.locator("#takes > li")).to_have_count(5)
    last = page.locator("#takes > li").last
    assert "fill" in last.inner_text()  # the path leads to it, and stands before it


def test_what_is_asked_can_be_cancelled(opened):
    page = opened(routes={"**/api/generate": lambda route: None})  # it is never answered
    before = pattern(page)
    page.keyboard.press("g")
    expect(page.locator("#progress")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator("#progress")).to_be_hidden()
    assert pattern(page) == before
    expect(page.locator("#takes > li")).to_have_count(1)


def dropped(page, data, name):
    """Drops a file on the page, as a hand does."""
    said = page.evaluate_handle(
        """([data, name]) => {
          const held = new DataTransfer();
          held.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type: "audio/midi" }));
          return held;
        }""",
        [base64.b64encode(data).decode(), name],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": said})


def test_a_file_that_is_dropped_is_shown_with_its_neighbours_and_sets_the_controls(opened):
    page = opened()
    dropped(page, to_midi_bytes(BEAT), "my beat.mid")
    expect(page.locator("#where")).to_contain_text("my beat is like")
    found = pattern(page)
    assert np.array_equal(found.velocity, BEAT.velocity)
    assert page.input_value("#tempo") == "96"
    assert page.input_value("#style") in ("funk", "rock")
    assert page.locator("#density input[data-lane=closed]").input_value() == "7.5"
    assert page.locator(".spot.near").count() == 5
    dropped(page, b"no MIDI at all", "x.mid")
    expect(page.locator("#say .wrong")).to_contain_text("x.mid: ")
    assert np.array_equal(pattern(page).velocity, BEAT.velocity)


def test_after_a_file_in_another_meter_new_bars_are_in_four_four(opened):
    page = opened()
    dropped(page, to_midi_bytes(Pattern.from_grid("kick |x-----x-----|x-----x-----|", meter=(6, 8))), "six.mid")
    expect(page.locator("#takes > li")).to_have_count(2)
    assert state(page)["meter"] == [6, 8]
    page.keyboard.press("v")
    written(page)
    assert state(page)["meter"] == [6, 8]
    page.keyboard.press("g")
    written(page)
    expect(page.locator("#takes > li")).to_have_count(4)
    assert (state(page)["meter"], state(page)["bars"]) == ([4, 4], 4)


def test_a_server_that_is_gone_is_told_in_words_and_the_beat_goes_on(opened):
    page = opened(routes={"**/api/vary": lambda route: route.abort("connectionrefused")})
    page.get_by_role("button", name="Play").click()
    until(page, "heard.length > 0")
    page.keyboard.press("v")
    expect(page.locator("#say .wrong")).to_have_text("The server does not answer: is drumtok serve still running?")
    count = page.evaluate("heard.length")
    until(page, f"heard.length > {count + 3}")
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.locator("#say .wrong")).to_have_count(0)
    written(page)


def test_what_a_pointer_pressed_leaves_the_keys_to_the_page(opened):
    page = opened()
    page.get_by_role("button", name="Generate", exact=True).click()
    written(page)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.locator("#temperature").click()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.fill("#seed", "42")
    page.press("#seed", "Enter")
    page.keyboard.press("g")
    expect(page.locator("#takes [aria-current]")).to_contain_text("new 42")  # who writes a seed wants that one
    expect(page.locator("#takes > li")).to_have_count(3)
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'v', repeat: true, bubbles: true }))"
    )
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#takes > li")).to_have_count(3)  # a key that is held is pressed once


def test_undo_has_no_limit_and_painting_is_one_step(opened):
    page = opened()
    clear(page)
    for step in range(12):
        cell(page, "ride", step).click()
    for _ in range(12):
        page.keyboard.press("Control+z")
    assert not pattern(page).hits.any()
    page.keyboard.press("Control+z")
    assert pattern(page).hits.any()  # the clearing is undone too
    for _ in range(13):
        page.keyboard.press("Control+Shift+Z")
    assert pattern(page).hits[:, LANES.index("ride")].sum() == 12


def test_keys_alone_are_enough(opened):
    page = opened()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link that skips to the grid
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
    said = state(page)
    snare = {step: loud for step, drum, loud in said["hits"] if drum == "snare"}
    assert [snare.get(step) for step in (1, 2, 3, 19)] == [100, 120, 40, 120]
    assert (said["lanes"], said["locked"]) == ([1], [1])
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "snare, bar 2, step 4: accent"
    page.keyboard.press("Space")
    until(page, "heard.length > 4")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_link_holds_all_of_it(opened):
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
    said, link = state(page), fragment(page)
    until(page, f"location.hash === '{link}'")
    other = opened(link)
    assert state(other) == said
    assert other.input_value("#swing") == "62"
    assert other.input_value("#seed") == "77"
    expect(other.get_by_role("button", name="Lock snare")).to_have_attribute("aria-pressed", "true")
    expect(cell(other, "crash", 0)).to_have_class(re.compile("hit"))
    broken = opened("#1nonsense")
    expect(broken.locator("#say .wrong")).to_contain_text("The link cannot be read")


def test_a_and_b_switch_on_the_bar_while_it_plays(opened):
    page = opened()
    clear(page)
    cell(page, "kick", 0).click()
    page.get_by_role("button", name="Vary").click()  # what was drawn becomes a take of its own
    written(page)
    page.fill("#tempo", "60")
    page.press("#tempo", "Enter")
    page.get_by_role("button", name="Take 2 is A").click()
    page.get_by_role("button", name="Take 3 is B").click()
    page.get_by_role("button", name="Play").click()
    until(page, "heard.length > 0")
    shown = page.locator("#takes [aria-current]")
    before = shown.inner_text()
    page.keyboard.press("b")
    page.wait_for_timeout(300)
    assert shown.inner_text() == before  # a bar lasts four seconds
    expect(shown).not_to_have_text(before, timeout=6000)


def test_the_map_plays_grooves_and_what_lies_between(opened):
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
    for share in (0.3, 0.42, 0.5, 0.57, 0.63):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
        page.wait_for_timeout(150)
    expect(page.locator("#where")).to_have_text(re.compile("of the way to|[a-z]+-"))
    page.mouse.up()
    expect(page.locator("#takes > li")).to_have_count(3)


def test_sounds_are_muted_and_the_picture_is_one(opened):
    page = opened()
    page.get_by_role("button", name="Mute kick").click()
    expect(page.locator(".row").first).to_have_class(re.compile("silent"))
    with page.expect_download() as download:
        page.get_by_role("button", name=".png").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    with page.expect_request("**/api/wav") as asked, page.expect_download() as download:
        page.get_by_role("button", name=".wav").click()
    drums = {hit["drum"] for hit in asked.value.post_data_json["pattern"]["hits"]}
    assert "kick" not in drums
    assert "snare" in drums
    frames = 2 * 4 * 60 / 96 * RATE
    assert len(download.value.path().read_bytes()) == 44 + 4 * round(frames)


def test_a_phone_is_enough(opened):
    page = opened()
    page.set_viewport_size({"width": 375, "height": 740})
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    expect(cell(page, "kick", 16)).to_have_count(0)  # a bar at a time
    cell(page, "ride", 15).click()
    page.get_by_role("button", name="Show bar 2").click()
    cell(page, "ride", 16).click()
    assert pattern(page).hits[[15, 16], LANES.index("ride")].all()
    page.get_by_role("button", name="Mixer").click()
    expect(page.get_by_role("button", name="Mute ride")).to_be_visible()


def touched(page, places):
    """A finger goes through such places of the window."""
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [places[0]]})
    for place in places[1:]:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
        page.wait_for_timeout(20)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_writes_along_a_lane_and_scrolls_across_them(opened):
    page = opened(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    assert page.evaluate("scrollY") == 0  # the grid is what is seen first
    before = pattern(page)
    box = cell(page, "open", 1).bounding_box()
    x, y = box["x"] + 5, box["y"] + 10
    touched(page, [{"x": x, "y": y - 12 * k} for k in range(15)])
    until(page, "scrollY > 50")
    assert pattern(page) == before
    page.evaluate("scrollTo(0, 0)")
    touched(page, [{"x": x + k * box["width"], "y": y} for k in range(5)])
    until(page, "!document.getElementById('undo').disabled")
    assert np.flatnonzero(pattern(page).hits[:16, LANES.index("open")]).tolist() == [1, 2, 3, 4, 5]
    page.get_by_role("button", name="Vary").tap()
    written(page)
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("v")  # a new take in the strip scrolls nothing but the strip
    written(page)
    assert page.evaluate("scrollY") == 0


def test_a_token_comes_with_the_address_and_does_not_stay_in_it(browser, small_checkpoint):
    with live(small_checkpoint, token="open sesame") as address:
        page = browser.new_page()
        page.goto(address + "/#token=open%20sesame")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        assert "sesame" not in page.url
        page.reload()  # the tab knows it still
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        page.close()


def test_density_is_asked_for_where_the_network_knows_of_it(opened, browser, small_checkpoint):
    expect(opened().locator("#hits")).to_be_hidden()
    config = replace(small_checkpoint.config, hits=(2.0, 4.0))
    table = np.random.default_rng(1).standard_normal((4, config.width)).astype(np.float32)
    knowing = replace(
        small_checkpoint, config=config, weights={**small_checkpoint.weights, "labels.hits.weight": table}
    )
    with live(knowing) as address:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        for value, asked in (("0", None), ("24", 24)):
            page.locator("#hits").fill(value)
            with page.expect_request("**/api/generate") as request:
                page.keyboard.press("g")
            assert request.value.post_data_json.get("hits") == asked
            written(page)
        expect(page.locator("output[for=hits]")).to_have_text("24")
        dropped(page, to_midi_bytes(BEAT), "my beat.mid")
        expect(page.locator("output[for=hits]")).to_have_text("14")  # 13.5 hits a bar
        page.close()


@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_nothing_serious(opened, width):
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
