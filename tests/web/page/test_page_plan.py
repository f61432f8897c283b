"""The plan of a pattern on the page in Chromium: shown for its bars, and requested."""

import re

from axe_playwright_python.sync_playwright import Axe
from page_driver import cell, clear, fragment, state, wait_for_result
from playwright.sync_api import expect


def bar_button(page, bar):
    return page.get_by_role("button", name=f"Show bar {bar}", exact=True)


def test_the_buttons_of_bars_show_the_plan_of_the_pattern_which_can_be_requested(opened):
    page = opened()
    clear(page)
    for step in (0, 8, 16, 24):
        cell(page, "kick", step).click()
    expect(bar_button(page, 1)).to_have_attribute("title", re.compile(r"^\d+% full$"))
    expect(bar_button(page, 2)).to_have_attribute("title", re.compile("full, equal to bar 1$"))
    for step in (25, 27, 29, 31):
        cell(page, "low", step).click()
    expect(bar_button(page, 2)).to_have_attribute("title", re.compile("full, fill$"))
    page.set_viewport_size({"width": 375, "height": 860})
    bar_button(page, 2).click()
    page.get_by_role("button", name="Show beats 3 to 4").click()
    expect(cell(page, "low", 25)).to_be_visible()

    page.locator("#planning summary").click()
    page.fill("#plan", "verse:2,fill,chorus:1@2")
    page.locator("#generate").click()
    expect(page.locator("#status .error")).to_contain_text("intensity of a section must be between 0 and 1")
    page.fill("#plan", "verse:33")
    page.locator("#generate").click()
    expect(page.locator("#status .error")).to_contain_text("plan must have at most 32 bars, got 33")
    page.fill("#plan", "verse:2,fill,chorus:1@0.9")
    page.fill("#fills", "0.5")
    with page.expect_request("**/api/generate") as request:
        page.locator("#generate").click()
    sent = request.value.post_data_json
    assert (sent["plan"], sent["fills"]) == ("verse:2,fill,chorus:1@0.9", 0.5)
    assert not {"bars", "intensity"} & sent.keys()
    wait_for_result(page)
    expect(page.locator("#takes > li")).to_have_count(3)  # the first groove, its edits, and the result
    assert state(page)["bars"] == 3
    expect(bar_button(page, 2)).to_have_attribute("title", re.compile("^verse, "))
    expect(bar_button(page, 3)).to_have_attribute("title", re.compile("^chorus, "))
    assert page.locator("#bar-buttons .section").all_inner_texts() == ["verse", "", "chorus"]
    shown = {"include": [["#bar-buttons"], ["#planning"]]}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert [one["id"] for one in Axe().run(page, shown).response["violations"]] == []
    again = opened(fragment(page))
    expect(bar_button(again, 3)).to_have_attribute("title", re.compile("^chorus, "))
    assert again.input_value("#plan") == "verse:2,fill,chorus:1@0.9"
