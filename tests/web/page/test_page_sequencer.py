"""The sequencer in Chromium: details of hits, percussion, slots, projects, and undo of everything."""

import io
import re

import mido
import numpy as np
import pytest
from page_driver import cell, clear, download_midi, drop, state, until, wait_for_result
from playwright.sync_api import expect

from drumtok.drums import LANES, PERCUSSION_NAMES

PARSE = """
async (chunks) => {
  const { eventParser } = await import("/js/core/events.js");
  const parse = eventParser();
  return chunks.flatMap((chunk) => parse(chunk));
}
"""


def hits(page, lane="kick"):
    """Return step -> [velocity, offset, probability, ratchet] of the hits of a lane, without trailing defaults."""
    return {step: rest for step, drum, *rest in state(page)["hits"] if drum == lane}


def drag(page, at, right=0, down=0):
    """Drag from the middle of a cell."""
    box = at.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2)
    page.mouse.move(x + right, y + down)
    page.mouse.up()


def set_slider(page, name, value):
    page.locator(name).evaluate(
        "(field, value) => { field.value = value; for (const kind of ['input', 'change'])"
        " field.dispatchEvent(new Event(kind, { bubbles: true })); }",
        value,
    )


def test_a_step_has_velocity_nudge_probability_and_ratchet_and_all_of_it_is_undone(opened, tmp_path):
    page = opened()
    clear(page)
    kick = cell(page, "kick", 0)
    drag(page, kick, down=-20)
    assert hits(page) == {0: [116]}
    drag(page, kick, down=50)
    assert hits(page) == {0: [76]}
    kick.press("+")
    kick.press("Alt+ArrowRight")
    kick.press("p")
    kick.press("r")
    assert hits(page) == {0: [81, 0.05, 75, 2]}
    set_slider(page, "#hit-velocity", 90)
    set_slider(page, "#hit-nudge", 0)
    set_slider(page, "#hit-probability", 100)
    page.get_by_role("button", name="4 hits in the step").click()
    assert hits(page) == {0: [90, 0, 100, 4]}
    expect(kick).to_have_attribute("aria-label", re.compile("ratchet 4"))
    for _ in range(4):
        page.keyboard.press("Control+z")
    assert hits(page) == {0: [81, 0.05, 75, 2]}
    for _ in range(4):
        page.keyboard.press("Control+Shift+Z")
    song = mido.MidiFile(file=io.BytesIO(download_midi(page, tmp_path / "roll.mid")))
    ticks = np.cumsum([message.time for message in song.tracks[1]])
    on = [int(tick) for tick, message in zip(ticks, song.tracks[1], strict=True) if message.type == "note_on"]
    assert on == [0, 30, 60, 90]

    page.get_by_role("button", name="Lock kick").click()
    page.get_by_role("button", name="Mute snare").click()
    page.fill("#tempo", "120")
    page.press("#tempo", "Enter")
    set_slider(page, "#swing", 60)
    before = state(page)
    assert (before["lanes"], before["mixer"][1][1], before["tempo"], before["swing"]) == ([0], 1, 120, 60)
    for _ in range(4):
        page.locator("#undo").click()
    after = state(page)
    assert (after["lanes"], after["mixer"][1][1], after["tempo"], after["swing"]) == ([], 0, 96, 50)
    assert after["hits"] == before["hits"]


EVERYTHING = """async () => {
  const { state } = await import("/js/core/store.js"), { settings } = await import("/js/ports/settings.js");
  const take = state.takes.find(({ id }) => id === state.take);
  return [state.song, { ...state.ab }, state.project, take.pattern === state.pattern && take.number, { ...settings }];
}"""
# selector -> the value that a user sets, or None for a click
FRAME = {"#tempo": "120", "#swing": "60", "#kit": "jazz", "#volume": "30", "#project-name": "Mine", "#passes": "3"}
FILES = {"#read-map": "ad2", "#read-channel": "3", "#note-map": "bfd3", "#tracks": True}
SONG = {"#slots button:nth-child(2)": None, "#chain": "AB", "#song": None, "#fewer": None, "#more": None, "#steps": "8"}
LANE_HEADS = {".bar-lock-button": None, ".row .lock": None, ".row .mute": None, ".row .solo": None}
LANES_SHOWN = {".row input[type=range]": "20", "#add-lane": "cowbell", "#clear": None}
MODEL = {"#generate": None, "#continue": None, "#vary": None, "#fill": None, "#morph": None, "#humanise": None}
SLIDERS = {"#temperature": "1.3", "#guidance": "2", "#amount": "0.8", "#dynamics": "0.3", "#timing": "0.3"}
CHOICES = {"#style": "funk", "#bars": "8", "#meter": "3/4", "#form": "AABA", "#fresh": False, "#density input": "3"}
PLAN = {"#plan": "verse:2", "#intensity": "0.5", "#fills": "0.5"}
SOUND = {"#keep-sound": None, "#sound-class": "clap", "#sound-controls input": "0.5", "#kit-sound": None}
PORTS = {"#midi-channel": "3", "#midi-latency": "9", "#midi-quantise": False, "#midi-forget": None}
TAKES = {"#generate": None, "#takes li:nth-child(1) button": None, "#takes li:nth-child(2) div button": None}
SET = """(field, value) => {
  if (value === null) return field.click();
  if (field.type === "checkbox") field.checked = value;
  else field.value = value;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}"""


@pytest.mark.parametrize(
    "changes", [FRAME | FILES, SONG, LANE_HEADS | LANES_SHOWN, MODEL, SLIDERS | CHOICES, PLAN | PORTS, SOUND, TAKES]
)
def test_every_control_is_undone_and_redone(opened, changes):
    page = opened()
    page.evaluate("import('/js/ports/settings.js').then(({ change }) => change('learned', { 70: 3 }))")

    def everything():
        found = state(page) | {"other": page.evaluate(EVERYTHING)}
        found["controls"].pop("seed")  # of a request, not of the pattern
        return {name: value for name, value in found.items() if name != "made"}

    for control, value in changes.items():
        before = everything()
        page.locator(control).first.evaluate(SET, value)
        expect(page.locator("#progress")).to_be_hidden()
        assert page.locator("#status .error").all_inner_texts() == [], control
        page.wait_for_timeout(850)  # changes of one slider that follow each other sooner are one step
        after = everything()
        assert after != before, control
        page.locator("#undo").click()
        page.wait_for_timeout(50)
        assert everything() == before, control
        assert page.locator("#redo").is_enabled(), control
        page.locator("#redo").click()
        page.wait_for_timeout(50)
        assert everything() == after, control


def test_percussion_bars_lanes_slots_and_the_project_stay(opened, tmp_path):
    page = opened()
    page.select_option("#add-lane", "cowbell")
    cowbell = len(LANES) + PERCUSSION_NAMES.index("cowbell")
    bell = page.locator(f".cell[data-lane='{cowbell}'][data-step='4']")
    bell.click()
    page.evaluate("played.length = 0")
    page.select_option("#bars", "4")
    page.locator("#generate").click()
    wait_for_result(page)
    assert sorted(hits(page, "cowbell")) == [4, 36]  # copied together with its two bars
    page.once("dialog", lambda dialog: dialog.accept("Bell"))
    page.get_by_role("button", name="Menu of cowbell").click()
    page.get_by_role("menuitem", name="Rename").click()
    expect(page.get_by_role("button", name="Menu of Bell")).to_be_visible()
    page.locator("#tracks").evaluate("(field) => (field.checked = true)")
    song = mido.MidiFile(file=io.BytesIO(download_midi(page, tmp_path / "own.mid")))
    (track,) = [track for track in song.tracks if track.name == "Bell"]
    assert {message.note for message in track if message.type == "note_on"} == {56}

    kick = hits(page)
    page.get_by_role("button", name="Menu of bar 1").click()
    page.get_by_role("menuitem", name="Duplicate bar").click()
    doubled = hits(page)
    assert state(page)["bars"] == 5
    assert {step - 16 for step in doubled if 16 <= step < 32} == {step for step in kick if step < 16}
    page.get_by_role("button", name="Menu of kick").click()
    page.get_by_role("menuitem", name="Copy lane").click()
    page.get_by_role("button", name="Menu of crash").click()
    page.get_by_role("menuitem", name="Paste lane").click()
    assert hits(page, "crash") == doubled

    page.get_by_role("button", name="Slot B").click()
    clear(page)
    cell(page, "ride", 0).click()
    page.fill("#chain", "ab")
    page.press("#chain", "Enter")
    page.get_by_role("button", name="Song", exact=True).click()
    expect(page.get_by_role("button", name="Slot A")).to_have_attribute("aria-pressed", "true")
    song = mido.MidiFile(file=io.BytesIO(download_midi(page, tmp_path / "song.mid")))
    assert round(song.length * 96 / 60) == 10 * 4

    page.locator("#project-menu summary").click()
    page.fill("#project-name", "My groove")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    saved, takes = state(page), page.locator("#takes > li").count()
    until(page, "(localStorage.getItem('drumtok.last') ?? '') !== ''")
    page.wait_for_timeout(800)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert state(page) == saved
    expect(page.locator("#takes > li")).to_have_count(takes)
    page.locator("#project-menu summary").click()
    page.get_by_role("button", name="New", exact=True).click()
    assert state(page)["hits"] == []
    drop(page, download.value.path().read_bytes(), "mine.json")
    expect(page.locator("#takes > li")).to_have_count(takes)
    assert state(page)["hits"] == saved["hits"]


def test_a_fill_is_offered_for_a_bar_that_is_shown(opened):
    page = opened()
    for _ in range(6):
        page.locator("#more").click()
    page.fill("#tempo", "240")
    page.press("#tempo", "Enter")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_label("Lock bar 5").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    shown = [int(name.split()[-1]) for name in page.locator(".ruler .bar-lock span").all_inner_texts()]
    assert int(page.locator("#fill").inner_text().split()[-1]) in shown
    assert f"bar {shown[0]}" in page.locator("#hit-place").inner_text()


def test_the_parser_of_event_streams_reads_the_standard_and_playback_pauses(opened):
    page = opened()
    chunks = [
        "\ufeff: comment\r",
        "\nevent: bar\rdata: 1\r\r",
        "data: a\ndata:b\n\n",
        "id: 7\r\nretry: 9\r\nevent",
        ": done\r\ndata\r\n\r\n",
        "event: none\n\ndata: unfinished",
    ]
    expected = [("bar", "1"), ("message", "a\nb"), ("done", "")]
    assert [(one["name"], one["data"]) for one in page.evaluate(PARSE, chunks)] == expected

    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(".cell.now[data-step='2']")
    page.get_by_role("button", name="Pause", exact=True).click()
    assert page.locator(".cell.now").count() > 0  # the playhead stays where it is
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".cell.now")).to_have_count(0)

    page.set_viewport_size({"width": 1440, "height": 900})
    for _ in range(30):
        page.locator("#more").click()
    box = page.locator("#bar-buttons").bounding_box()
    assert page.locator(".ruler .cells").count() == 4
    assert box["height"] < 50
    assert page.evaluate("document.getElementById('map').getBoundingClientRect().bottom") <= 900
    page.get_by_role("button", name="Dark theme").click()
    expect(page.get_by_role("button", name="Light theme")).to_be_visible()
    page.set_viewport_size({"width": 375, "height": 667})
    for name in ("#generate", "#play"):
        box = page.locator(name).bounding_box()
        assert box["y"] + box["height"] <= 667
    assert cell(page, "kick", 0).bounding_box()["height"] >= 32
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
