"""MIDI ports on the page: playing with a clock, recording and learning pads, tapping."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from midi_ports import connect, install, receive, sent
from page_driver import cell, clear, pattern, until, wait_for_result
from playwright.sync_api import expect

from drumtok.drums import LANE_INDEX
from drumtok.midi.note_maps import load_note_map, note_map_names

POSITION, CLOCK, START, CONTINUE, STOP, NOTE_ON, NOTE_OFF, ALL_NOTES_OFF = 0xF2, 0xF8, 0xFA, 0xFB, 0xFC, 0x90, 0x80, 123


@pytest.fixture
def page(opened):
    found = opened()
    clear(found)
    yield found
    found.evaluate("localStorage.clear()")


def set_tempo(page, tempo):
    page.fill("#tempo", str(tempo))
    page.press("#tempo", "Enter")


def play_pulses(page, count):
    """Play until a number of clock pulses was sent, and stop."""
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"sent.filter(({{ data }}) => data[0] === {CLOCK}).length > {count}")
    page.get_by_role("button", name="Stop", exact=True).click()


def step_time(page, step):
    """Return the time in ms of a sixteenth, after its note was sent; it may be late after a stall."""
    until(page, f"sent.filter(({{ data }}) => data[0] === {CLOCK}).length > {6 * step}")
    return sent(page, CLOCK)[6 * step][0]


def test_access_to_ports_is_requested_on_a_click_alone_and_denial_is_explained(opened):
    page = opened()
    install(page)
    page.evaluate("window.denies = true")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector(".cell.now")
    page.get_by_role("button", name="Stop", exact=True).click()
    assert page.evaluate("asked") == 0
    page.get_by_role("button", name="Connect MIDI").click()
    expect(page.locator("#status .error")).to_have_text(
        "The browser denied access to MIDI ports. Allow MIDI for this page in its site settings, then connect again."
    )
    assert page.evaluate("asked") == 1
    page.evaluate("window.denies = false")
    page.get_by_role("button", name="Connect MIDI").click()
    expect(page.locator("#midi-state")).to_have_text("1 out, 1 in")


def test_hits_and_clock_are_sent_ahead_on_an_even_time(page):
    connect(page)
    set_tempo(page, 150)
    cell(page, "kick", 0).click()
    cell(page, "snare", 4).click(button="right")
    page.select_option("#midi-channel", "3")
    play_pulses(page, 60)
    pulses = np.array([when for when, _ in sent(page, CLOCK)])
    gap = 60_000 / 150 / 24
    gaps = np.diff(pulses)[:59]
    within, between = gaps[np.arange(59) % 6 != 5], gaps[5::6]  # pulses within a sixteenth, and across two
    assert within == pytest.approx(gap, abs=0.01)
    assert np.median(between) == pytest.approx(gap, abs=2)
    assert (between > gap - 2).all()  # may be late after a stall, never early
    (start, _), *_ = sent(page, START)
    assert 1 <= pulses[0] - start < 10
    step = gap * 6
    kick, snare, *_ = sent(page, NOTE_ON)
    assert (kick[1], snare[1]) == ([0x92, 36, 100], [0x92, 38, 120])
    assert kick[0] == pytest.approx(pulses[0], abs=1)
    assert snare[0] == pytest.approx(pulses[4 * 6], abs=1)
    assert np.median([row["when"] - row["now"] for row in page.evaluate("sent")]) > 20  # scheduled ahead
    lengths = [off - on for (on, _), (off, _) in zip(sent(page, NOTE_ON), sent(page, NOTE_OFF), strict=False)]
    assert lengths[0] == pytest.approx(step / 2, abs=1)


def test_a_port_that_is_chosen_while_playing_continues_at_the_position_and_one_that_goes_is_left(page):
    connect(page, output="none")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "import('/js/playback/transport.js').then(({ head }) => head.step > 3)")
    assert sent(page) == []
    page.select_option("#midi-output", label="Synth")
    until(page, f"sent.some(({{ data }}) => data[0] === {CLOCK})")
    (moved, position), (continued, _) = sent(page)[:2]
    pulses = sent(page, CLOCK)
    assert position[0] == POSITION
    assert position[1] > 3
    assert sent(page)[1][1] == [CONTINUE]
    assert moved == continued < pulses[0][0]
    count = page.evaluate("synth.state = 'disconnected', sent.length")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Stop", exact=True).click()  # an error of the page fails the test
    assert len(sent(page)) == count


def test_a_delay_moves_all_that_is_sent(page):
    connect(page)
    page.fill("#midi-latency", "120")
    page.press("#midi-latency", "Enter")
    play_pulses(page, 3)
    early, late = (row["when"] - row["now"] for row in page.evaluate("sent")[:1] * 2)
    assert early == late > 120


def test_a_timestamp_of_sound_that_has_stopped_is_not_used(page):
    fresh, stale = page.evaluate("""async () => {
      const { Timeline } = await import("/js/ports/timeline.js");
      return [10, 1500].map((age) => {
        const timeline = new Timeline(), now = performance.now();
        const output = { contextTime: 1.99, performanceTime: now - age };
        timeline.measure({ currentTime: 2, getOutputTimestamp: () => output });
        return timeline.milliseconds(2) - now;
      });
    }""")
    assert fresh == pytest.approx(0, abs=0.1)
    assert stale >= 0  # with that timestamp, the message would be 1.5 s late


@pytest.mark.parametrize("how", ["button", "unload"])
def test_all_notes_end_when_playing_stops(page, how):
    connect(page)
    for step in range(0, 16, 2):
        cell(page, "closed", step).click()
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "sent.length > 20")
    if how == "button":
        page.get_by_role("button", name="Stop", exact=True).click()
    else:
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide')), document.querySelector('#play').click()")
    now = page.evaluate("performance.now()")
    off = sent(page, 0xB0)
    assert {tuple(data) for _, data in off} == {(0xB9, ALL_NOTES_OFF, 0)}
    assert off[0][0] <= now
    last_note = sent(page, NOTE_ON)[-1][0]
    assert off[-1][0] > last_note
    assert [when for when, data in sent(page, NOTE_OFF) if data[1] == 42][-1] > last_note
    assert sent(page, STOP)[-1][0] > last_note


def test_muted_drums_are_not_sent_and_a_map_gives_the_notes(page):
    connect(page)
    name = next(name for name in note_map_names() if load_note_map(name).written[0] not in (36, None))
    page.select_option("#midi-map", name)
    cell(page, "kick", 0).click()
    cell(page, "snare", 0).click()
    page.get_by_role("button", name="Mute snare").click()
    play_pulses(page, 10)
    assert {data[1] for _, data in sent(page, NOTE_ON)} == {load_note_map(name).written[0]}


def test_pads_are_recorded_on_the_nearest_steps_with_their_velocities(page):
    connect(page)
    set_tempo(page, 120)  # a sixteenth lasts 125 ms
    page.select_option("#midi-countIn", "0")
    page.locator("#midi-record").click()
    for step, late, note, velocity in ((2, 40, 38, 90), (4, -50, 36, 110), (7, 0, 22, 30), (7, 20, 42, 60)):
        receive(page, 0x99, note, velocity, when=step_time(page, step) + late)
    receive(page, 0x89, 38, 64)
    page.locator("#midi-record").click()
    made = pattern(page)
    hits = {(lane, step): made.velocity[step, LANE_INDEX[lane]] for lane, step in (("snare", 2), ("kick", 4))}
    assert hits == {("snare", 2): 90, ("kick", 4): 110}
    assert made.velocity[7, LANE_INDEX["closed"]] == 60
    assert made.hits.sum() == 3
    assert not made.offset.any()
    page.keyboard.press("Control+z")
    assert not pattern(page).hits.any()  # a recording is one undo step


def test_a_recording_keeps_its_timing_without_quantisation_after_the_count_in(page):
    connect(page)
    set_tempo(page, 240)
    page.uncheck("#midi-quantise")
    begun = page.evaluate("performance.now()")
    page.locator("#midi-record").click()
    until(page, "sent.some(({ data }) => data[0] === 0xf8)")
    first = sent(page, CLOCK)[0][0]
    assert first - begun > 1000  # a bar of 4/4 at 240 BPM
    receive(page, 0x99, 36, 100, when=first + 62.5 * 1.25)
    receive(page, 0x99, 49, 100, when=first - 20)  # early for the first step
    page.keyboard.press("Space")
    expect(page.locator("#midi-record")).to_have_attribute("aria-pressed", "false")
    made = pattern(page)
    assert made.offset[1, LANE_INDEX["kick"]] == pytest.approx(0.25, abs=0.02)
    assert made.offset[0, LANE_INDEX["crash"]] == pytest.approx(-0.32, abs=0.02)


def test_pads_are_learned_one_after_another_and_kept(page):
    connect(page)
    page.select_option("#midi-drum", label="ride")
    page.get_by_role("button", name="Learn").click()
    receive(page, 0x99, 70, 100)
    receive(page, 0x99, 71, 100)
    page.locator("#midi-learn").click()
    expect(page.locator("#midi-learn")).to_have_attribute("aria-pressed", "false")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("import('/js/ports/settings.js').then(({ settings }) => settings.learned)") == {
        "70": LANE_INDEX["ride"],
        "71": LANE_INDEX["crash"],
    }


def test_tempo_start_and_stop_follow_a_clock(page):
    connect(page)
    page.check("#midi-follow")
    receive(page, START)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    for pulse in range(49):
        receive(page, CLOCK, when=1000 + pulse * 60_000 / 87 / 24)
    receive(page, STOP)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert pattern(page).tempo == 87


def test_the_tempo_is_tapped(page):
    taps = "[0, 500, 1010, 1500].forEach((when) => tapTempo(5000 + when))"
    page.evaluate(f"import('/js/ports/panel.js').then(({{ tapTempo }}) => {taps})")
    assert pattern(page).tempo == 120
    page.keyboard.press("t")
    expect(page.locator("#status")).to_contain_text("second tap")


TAP = """async ([taps, usual]) => (await import('/js/ports/rhythm.js')).rhythmOf(
  taps.map(([when, lane]) => ({ when, lane, velocity: 100 })), usual)"""


@pytest.mark.parametrize(("tempo", "usual"), [(100, 96), (84, 100), (140, 120)])
def test_a_tapped_rhythm_gets_its_tempo_and_steps(page, tempo, usual):
    steps = [0, 4, 8, 10, 12, 16, 20, 24, 28]
    rng = np.random.default_rng(1)
    times = 7000 + np.array(steps) * 15_000 / tempo + rng.normal(0, 8, len(steps))
    found = page.evaluate(TAP, [[[when, n % 2] for n, when in enumerate(times.tolist())], usual])
    assert [step for step, _, _ in found["hits"]] == steps
    assert found["tempo"] == pytest.approx(tempo, abs=1.5)
    assert found["steps"] == 32


def tap(page, taps):
    """Tap drums at times in ms, [[time, lane], ...]."""
    each = "([when, lane]) => tapped(lane, 100, 9000 + when)"
    page.evaluate(f"import('/js/ports/tap.js').then(({{ tapped }}) => {taps}.forEach({each}))")


def test_the_model_writes_around_a_tapped_rhythm(page):
    set_tempo(page, 100)
    page.fill("#seed", "3")
    page.get_by_role("button", name="Tap a rhythm").click()
    tap(page, [[0, 0], [600, 1], [1200, 0], [1500, 0], [1800, 1]])
    takes = page.locator("#takes > li").count()
    expect(page.locator("#takes > li")).not_to_have_count(takes)  # a drawn pattern first becomes a take
    wait_for_result(page)
    made = pattern(page)
    assert np.flatnonzero(made.hits[:16, 0]).tolist() == [0, 8, 10]
    assert np.flatnonzero(made.hits[:16, 1]).tolist() == [4, 12]
    assert np.array_equal(made.hits[:16, :2], made.hits[16:, :2])  # a bar is repeated
    assert made.hits[:, 2:].any()
    assert made.tempo == pytest.approx(100, abs=0.5)


def test_the_model_writes_drums_that_follow_a_tapped_part(page):
    set_tempo(page, 100)
    page.select_option("#bars", "1")
    rhythm, part = (page.get_by_role("button", name=name) for name in ("Tap a rhythm", "Tap a part to follow"))
    rhythm.click()
    part.click()  # tap a part instead of the rhythm
    assert [button.get_attribute("aria-pressed") for button in (rhythm, part)] == ["false", "true"]
    before = pattern(page)
    with page.expect_request("**/api/generate*") as sent:
        tap(page, [[0, 0], [900, 0], [1200, 0], [2400, 0]])
    body = sent.value.post_data_json
    assert np.array(body["follow"]) * body["tempo"] / 15 == pytest.approx([0, 6, 8, 16])
    assert (body["bars"], body["tempo"]) == (2, pytest.approx(100, abs=0.5))
    wait_for_result(page)
    assert pattern(page).bars == 2
    assert pattern(page) != before
    assert page.locator("#tap-pads").is_hidden()


def test_the_panel_fits_a_phone_and_is_accessible(opened):
    page = opened(viewport={"width": 375, "height": 667})
    connect(page)
    page.get_by_role("button", name="Tap a rhythm").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    serious = [
        (found["id"], node["html"][:100])
        for found in Axe().run(page, context="#ports").response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
    assert serious == []
