"""Editing, playing and sharing patterns on the page in Chromium, with a mouse, with touch and with the keyboard."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from page_driver import cell, clear, fragment, pattern, state, swipe, until, wait_for_result
from playwright.sync_api import expect
from web_client import live

from drumtok.drums import LANES
from drumtok.midi.files import from_midi_bytes
from drumtok.rendering.kits import RATE
from drumtok.rendering.one_shots import font_kit
from drumtok.rendering.wav_files import SOFTWARE

FRAMES = {len(font_kit("gm").piece(lane).sound()): index for index, lane in enumerate(LANES)}
assert len(FRAMES) == len(LANES)


def chords(hits):
    """Return the steps of a pattern with hits as [(step, drums), ...]."""
    return [(step, set(np.flatnonzero(row).tolist())) for step, row in enumerate(hits) if row.any()]


def played_steps(page, tempo, count):
    """Return the first steps scheduled on the audio clock as [(step, drums), ...].

    If the machine stalls for longer than sounds are scheduled ahead, the loop has a gap, and all later steps are late.
    """
    page.evaluate("played.length = 0")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"new Set(played.map((one) => one.when)).size > {count}")
    page.wait_for_selector(".cell.now")
    page.get_by_role("button", name="Stop", exact=True).click()
    times = {}
    for one in page.evaluate("played"):
        times.setdefault(round(one["when"] * tempo * 4 / 60, 2), set()).add(FRAMES[one["frames"]])
    return sorted(times.items())[:count]


@pytest.mark.smoke
def test_a_beat_is_drawn_completed_played_and_downloaded(opened):
    page = opened()
    page.locator("#kit").select_option("gm")  # a kit whose sounds differ in length
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
    assert (gaps[~exact] > wanted[~exact]).all()  # may be late after a stall, never early

    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    song = from_midi_bytes(download.value.path().read_bytes())
    assert np.array_equal(song.sections[0].velocity, made.velocity)
    assert song.sections[0].tempo == pytest.approx(240)


def test_shortcuts_work_after_a_click(opened):
    page = opened()
    page.locator("#generate").click()
    wait_for_result(page)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.locator("#temperature").click()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.fill("#seed", "42")
    page.press("#seed", "Enter")
    page.keyboard.press("g")
    expect(page.locator("#takes [aria-current]")).to_have_attribute("title", re.compile("seed 42$"))  # as typed
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
    assert pattern(page).hits.any()  # the clearing was undone
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
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_link_restores_the_state(opened):
    page = opened()
    page.get_by_role("button", name="Slot B").click()
    cell(page, "crash", 0).click()
    page.get_by_role("button", name="Lock snare").click()
    page.get_by_role("button", name="Solo ride").click()
    page.get_by_label("Lock bar 2").click()
    page.select_option("#kit", "gm-808")
    page.select_option("#style", "rock")
    page.locator("#swing").fill("62")
    page.locator("#temperature").fill("1.3")
    page.locator("#seed").fill("77")
    page.locator("#seed").blur()
    expected, link = state(page), fragment(page)
    assert (expected["slot"], len(expected["slots"])) == (1, 1)  # the pattern shown, and that of slot A
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
    page.get_by_role("button", name="Vary").click()  # the drawn pattern becomes a take
    wait_for_result(page)
    page.fill("#tempo", "90")
    page.press("#tempo", "Enter")
    page.get_by_role("button", name="Use take 2 as A").click()
    page.get_by_role("button", name="Use take 3 as B").click()
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "played.length > 0")
    shown = page.locator("#takes [aria-current]")
    before = shown.inner_text()
    page.keyboard.press("b")
    # until the end of the bar, which lasts 2.7 seconds
    assert page.evaluate("document.querySelector('.ab .queued') !== null")
    assert shown.inner_text() == before
    expect(shown).not_to_have_text(before)


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
    assert len(download.value.path().read_bytes()) == 44 + 4 * round(frames) + len(SOFTWARE)


def test_the_page_fits_a_phone(opened):
    page = opened()
    page.set_viewport_size({"width": 375, "height": 740})
    expect(cell(page, "kick", 8)).to_have_count(0)  # shows half a bar at a time
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("button", name="Show beats 3 to 4").click()
    cell(page, "ride", 15).click()
    page.get_by_role("button", name="Show bar 2").click()
    cell(page, "ride", 16).click()
    assert pattern(page).hits[[15, 16], LANES.index("ride")].all()
    page.get_by_role("button", name="Mixer").click()
    expect(page.get_by_role("button", name="Mute ride")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "touch", "grid", "shown"),
    [
        (375, False, 4, ["1 to 2", "3 to 4"]),
        (375, True, 8, ["1", "2", "3", "4"]),
        (375, True, 3, ["1 to 2", "3 to 4"]),
        (320, True, 4, ["1", "2", "3", "4"]),
        (667, True, 4, []),
        (820, True, 4, []),
    ],
)
def test_steps_are_large_enough_for_a_finger(opened, width, touch, grid, shown):
    page = opened(viewport={"width": width, "height": 667}, has_touch=touch, is_mobile=touch)
    page.evaluate(f"""import("/js/core/pattern.js").then(({{ regridded }}) => import("/js/core/store.js").then(
      ({{ show, state }}) => show(regridded(state.pattern, {grid}))))""")
    boxes = [one.bounding_box() for one in page.locator(".cell").all()[:8]]
    assert min(box["width"] for box in boxes) >= 24
    assert min(box["height"] for box in boxes) >= 32
    names = page.locator("#bar-parts button").evaluate_all("(all) => all.map((made) => made.ariaLabel)")
    assert [name.split(" ", 2)[2] for name in names] == shown
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_playhead_and_a_swipe_turn_to_the_other_half_of_a_bar(opened):
    page = opened(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    first, second = (page.get_by_role("button", name=f"Show beats {beats}") for beats in ("1 to 2", "3 to 4"))
    box = page.locator(".ruler .cells").bounding_box()
    x, y = box["x"] + 200, box["y"] + box["height"] / 2
    swipe(page, [{"x": x - 20 * k, "y": y} for k in range(6)])
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#bar-buttons [aria-current]")).to_have_text("1")
    swipe(page, [{"x": x - 20 * k, "y": y} for k in range(6)])
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#bar-buttons [aria-current]")).to_have_text("2")
    page.get_by_role("button", name="Play", exact=True).click()  # a tap would only end the momentum of the swipe
    page.wait_for_selector(".cell.now[data-step='9']")
    page.get_by_role("button", name="Stop", exact=True).tap()


def test_a_finger_paints_along_a_lane_and_scrolls_across_lanes(opened):
    page = opened(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    assert page.evaluate("scrollY") == 0  # the page opens at the grid
    before = pattern(page)
    box = cell(page, "open", 1).bounding_box()
    x, y = box["x"] + 5, box["y"] + 10
    swipe(page, [{"x": x, "y": y - 12 * k} for k in range(15)])
    until(page, "scrollY > 50")
    assert pattern(page) == before
    page.evaluate("scrollTo(0, 0)")
    swipe(page, [{"x": x + k * (box["width"] + 2), "y": y} for k in range(5)])  # 2 pixels between cells
    until(page, "!document.getElementById('undo').disabled")
    assert np.flatnonzero(pattern(page).hits[:16, LANES.index("open")]).tolist() == [1, 2, 3, 4, 5]
    page.get_by_role("button", name="Vary").tap()
    wait_for_result(page)
    page.evaluate("scrollTo(0, 0)")
    page.keyboard.press("v")  # a new take scrolls only the strip of takes
    wait_for_result(page)
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_no_serious_violations(opened, width):
    page = opened()
    page.set_viewport_size({"width": width, "height": 860})
    page.locator("#density summary").click()
    page.locator(".menu summary").last.click()
    for step in ("the page", "its keys"):
        found = Axe().run(page).response["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"][:150]) for one in found if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], step
        page.evaluate("document.getElementById('keys').showModal()")


def test_the_token_is_removed_from_the_address(browser, small_checkpoint):
    with live(small_checkpoint, token="open sesame") as address:
        page = browser.new_page()
        page.goto(address + "/#token=open%20sesame")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        assert "sesame" not in page.url
        page.reload()  # the tab keeps the token
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        page.close()
