"""Generating, humanising, importing and morphing patterns on the page in Chromium."""

import re
from dataclasses import replace

import numpy as np
import pytest
from midi_bytes import kit_beside_a_melody
from page_driver import cell, clear, download_midi, drop, fragment, pattern, state, until, wait_for_result
from playwright.sync_api import expect
from web_client import BEAT, live

from drumtok.drums import LANES
from drumtok.generation.generate import generate
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures
from drumtok.web.state import ServerState


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

    page.evaluate("played.length = 0")  # drawing has played hits too
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "played.length >= 8")
    page.get_by_role("button", name="Stop", exact=True).click()
    first = page.evaluate("played")[:8]
    assert [one["loud"] for one in first] == pytest.approx((made.velocity[made.hits] / 127.0) ** 2, abs=1e-6)
    times = np.array([one["when"] for one in first]) * 4 * 96 / 60
    places = (np.arange(made.steps)[:, None] + made.offset)[made.hits]
    gaps, wanted = np.diff(times), np.diff(places)
    exact = np.isclose(gaps, wanted, atol=0.03)
    assert exact.any()
    assert (gaps[~exact] > wanted[~exact]).all()  # may be late after a stall, never early

    song = from_midi_bytes(download_midi(page, tmp_path / "own.mid"))
    assert np.array_equal(song.sections[0].velocity, made.velocity)
    assert song.sections[0].offset == pytest.approx(made.offset, abs=0.01)  # a tick is 1/120 of a step


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


@pytest.mark.parametrize("style", ["funk", ""])  # without a style, the seed is one with a usable first bar
def test_the_command_line_reproduces_a_generated_file(opened, sample, tmp_path, style):
    page = opened()
    page.select_option("#style", style)
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


def test_tempo_swing_and_meter_follow_the_style_unless_they_are_set(opened):
    page = opened()
    assert page.locator("#style optgroup").count() > 5
    assert page.locator("#style option").count() == len(signatures()) + 1
    page.select_option("#style", label="Boom bap")
    assert (page.input_value("#tempo"), page.input_value("#swing")) == ("91", "57")
    page.select_option("#style", "jazz-waltz")
    assert (page.input_value("#tempo"), page.input_value("#meter")) == ("150", "3/4")
    page.keyboard.press("g")
    wait_for_result(page)
    assert (state(page)["meter"], state(page)["tempo"]) == ([3, 4], 150)
    page.locator("#tempo").fill("133")
    page.keyboard.press("Enter")
    page.locator("#swing").fill("60")
    page.select_option("#style", "house")
    assert (page.input_value("#tempo"), page.input_value("#swing")) == ("133", "60")
    assert page.input_value("#meter") == "4/4"
    again = opened(fragment(page))
    again.select_option("#style", "trap")
    assert (again.input_value("#tempo"), again.input_value("#swing")) == ("133", "60")


def test_a_meter_that_is_chosen_stays_in_another_style(opened):
    page = opened()
    page.select_option("#meter", "3/4")
    page.select_option("#style", "rock")
    assert page.input_value("#meter") == "3/4"
    with page.expect_request("**/api/generate") as request:
        page.keyboard.press("g")
    assert request.value.post_data_json["meter"] == "3/4"
    wait_for_result(page)
    page.select_option("#meter", "4/4")
    page.select_option("#style", "waltz")
    with page.expect_request("**/api/generate") as request:
        page.keyboard.press("g")
    assert request.value.post_data_json["meter"] == "4/4"
    wait_for_result(page)


def test_trap_is_written_in_thirty_seconds(browser):
    checkpoint = load_checkpoint(checkpoint_file(None))
    with live(checkpoint, ServerState(Engine(checkpoint), by_style=True)) as address:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        page.select_option("#style", "trap")
        page.select_option("#bars", "1")
        page.keyboard.press("g")
        wait_for_result(page)
        expect(page.locator("#takes > li")).to_have_count(2)
        assert state(page)["grid"] == network_grid("trap")
        page.close()


def network_grid(style):
    """Return the grid of the network for a style."""
    return generate(1, bars=1, style=style).grid


def test_every_result_becomes_a_take(opened):
    page = opened()
    before = pattern(page)
    page.select_option("#bars", "4")
    page.locator("#generate").click()
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
    names = [name.split(" · ")[1] for name in takes.locator("span").all_inner_texts()]
    assert re.fullmatch(r"First groove; (Like .+|New groove); \1, 4 bars longer; \1, varied 30%", "; ".join(names))
    assert f"seed {page.input_value('#seed')}" in takes.last.locator("button").first.get_attribute("title")


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
    assert "First groove, fill in bar 2" in last.inner_text()  # the path is inserted before its target


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


def test_a_dropped_file_is_shown_on_the_map_and_sets_the_controls(opened):
    page = opened()
    drop(page, to_midi_bytes(BEAT), "my beat.mid")
    expect(page.locator("#where")).to_contain_text("my beat is similar to")
    found = pattern(page)
    assert np.array_equal(found.velocity, BEAT.velocity)
    assert page.input_value("#tempo") == "96"
    assert page.input_value("#style") in ("funk", "rock", "hiphop")
    assert page.locator("#density input[data-lane=closed]").input_value() == "7.5"
    assert page.locator(".spot.near").count() == 5
    drop(page, b"no MIDI at all", "x.mid")
    expect(page.locator("#status .error")).to_contain_text("x.mid is not a MIDI file")
    assert np.array_equal(pattern(page).velocity, BEAT.velocity)


def test_a_name_in_any_language_is_that_of_the_download(opened):
    page = opened()
    drop(page, to_midi_bytes(BEAT), "ドラム: Šťastný/вальс №5 हिन्दी.mid")
    expect(page.locator("#takes > li")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    assert download.value.suggested_filename == "ドラム-Šťastný-вальс-5-हिन्दी.mid"


def test_after_a_file_in_another_meter_new_patterns_keep_its_meter(opened):
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
    assert (state(page)["meter"], state(page)["bars"]) == ([6, 8], 4)
    expect(page.locator("#matched")).to_contain_text("those of six")
    page.get_by_role("button", name="Reset").first.click()
    expect(page.locator("#matched")).to_be_hidden()
    assert page.input_value("#meter") == "4/4"


def test_new_patterns_have_the_meter_that_is_chosen_with_a_warning(opened):
    page = opened()
    page.select_option("#meter", "7/8")
    page.keyboard.press("g")
    expect(page.locator("#status")).to_contain_text("few songs in 7/8")
    wait_for_result(page)
    assert (state(page)["meter"], state(page)["bars"]) == ([7, 8], 4)


def test_an_unreachable_server_is_an_error_message_and_playback_continues(opened):
    page = opened(routes={"**/api/vary": lambda route: route.abort("connectionrefused")})
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "played.length > 0")
    page.keyboard.press("v")
    expect(page.locator("#status .error")).to_have_text("Cannot reach the server. Is drumtok serve still running?")
    count = page.evaluate("played.length")
    until(page, f"played.length > {count + 3}")
    page.locator("#generate").click()
    expect(page.locator("#status .error")).to_have_count(0)
    wait_for_result(page)


def test_the_map_plays_grooves_and_morphs(opened):
    page = opened()
    spots = page.locator(".spot:not(.take-spot)")
    assert spots.count() > 100
    spots.first.focus()
    page.keyboard.press("ArrowRight")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')").split(",")[0]
    page.keyboard.press("Enter")
    expect(page.locator("#takes [aria-current]")).to_contain_text(name)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    for fraction in (0.3, 0.42, 0.5, 0.57, 0.63):
        page.mouse.move(box["x"] + fraction * box["width"], box["y"] + fraction * box["height"])
        expect(page.locator("#where")).to_have_text(re.compile("of the way to|[a-z]+-"))
    page.mouse.up()
    expect(page.locator("#takes > li")).to_have_count(3)


def test_a_click_on_the_map_replaces_what_is_being_generated(opened):
    page = opened(routes={"**/api/generate": lambda route: None})  # never responds
    page.keyboard.press("g")
    expect(page.locator("#progress")).to_be_visible()
    page.locator(".spot:not(.take-spot)").nth(20).click(force=True)
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#takes > li")).to_have_count(2)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


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


def test_files_are_opened_and_downloaded_by_the_note_maps_that_are_chosen(opened, tmp_path):
    page = opened()
    page.get_by_text("MIDI", exact=True).click()
    page.select_option("#read-map", "ad2")
    page.select_option("#note-map", "bfd3")
    drop(page, to_midi_bytes(BEAT, note_map="ad2"), "theirs.mid")
    expect(page.locator("#status")).to_contain_text("theirs: ")
    assert np.array_equal(pattern(page).hits, BEAT.hits)
    song = from_midi_bytes(download_midi(page, tmp_path / "ours.mid"), note_map="bfd3")
    assert np.array_equal(song.sections[0].hits, BEAT.hits)


def test_a_dropped_file_is_read_from_the_channel_that_is_chosen(opened):
    page = opened()
    page.get_by_text("MIDI", exact=True).click()
    song = kit_beside_a_melody([(0, 36), (480, 38), (960, 36), (1440, 38), *((240 * step, 42) for step in range(8))])
    drop(page, song, "song.mid")
    expect(page.locator("#status")).to_contain_text("; channel 3 may be drums")
    page.select_option("#read-channel", "3")
    drop(page, song, "song.mid")
    expect(page.locator("#status")).to_contain_text("song: 1 bar")
    assert np.argwhere(pattern(page).hits[:, :2]).tolist() == [[0, 0], [4, 1], [8, 0], [12, 1]]
