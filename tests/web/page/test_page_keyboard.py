"""The whole page with the keyboard alone in Chromium: what Tab reaches, in what order, and what keys do there."""

import pytest
from page_driver import cell, state, wait_for_result
from playwright.sync_api import expect

FOCUSED = """() => {
  const made = document.activeElement, style = getComputedStyle(made), box = made.getBoundingClientRect();
  if (made === document.body) return null;
  const name = made.ariaLabel || made.labels?.[0]?.textContent.trim() || made.textContent.trim();
  const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const isSeen = isOutlined && box.width > 0 && box.top >= 0 && box.bottom <= innerHeight + 1;
  return { id: made.id || made.className.split(" ")[0] || made.tagName, name, isSeen };
}"""
CONTROLS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
  .filter((made) => made.checkVisibility() && !made.disabled && made.tabIndex >= 0).length"""
ORDER = ("skip", "play", "tempo", "open", "carry", "help", "song", "clear", "cell", "add-lane", "humanise")
LATER = ("generate", "temperature", "style", "seed", "a", "sound-lane", "new-kit", "spot", "midi-connect", "tap-tempo")


def reach(page, control, key="Tab"):
    """Press a key until a control, by its id or its first class, has the focus."""
    for _ in range(200):
        page.keyboard.press(key)
        found = page.evaluate(FOCUSED)
        if found and found["id"] == control:
            return
    pytest.fail(f"{key} does not reach {control}")


def test_tab_reaches_every_control_in_the_order_of_the_page_and_the_focus_is_seen(opened):
    page = opened()
    seen = []
    page.keyboard.press("Tab")
    while found := page.evaluate(FOCUSED):
        seen.append(found)
        page.keyboard.press("Tab")
    assert len(seen) == page.evaluate(CONTROLS)
    assert [one for one in seen if not one["isSeen"] or not one["name"]] == []
    places = [[one["id"] for one in seen].index(name) for name in (*ORDER, *LATER)]
    assert places == sorted(places)


def test_a_groove_is_made_changed_and_taken_without_a_pointer(opened, tmp_path):
    page = opened()
    reach(page, "play")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "cell")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert [1, "kick", 100] in state(page)["hits"]
    page.keyboard.press("Enter")
    assert [1, "kick", 100] not in state(page)["hits"]
    page.keyboard.press("ArrowDown")
    reach(page, "lock", "Shift+Tab")  # of the lane with the focus
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Lock snare")).to_have_attribute("aria-pressed", "true")
    reach(page, "generate")
    page.keyboard.press("Enter")
    wait_for_result(page)
    expect(page.locator("#takes > li")).to_have_count(2)
    reach(page, "b")  # the last one before the takes
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first take
    expect(page.locator("#takes [aria-current]")).to_contain_text("First groove")
    reach(page, "carry", "Shift+Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.path().read_bytes()[:4] == b"MThd"


def test_menus_and_dialogs_give_the_focus_back(opened):
    page = opened()
    cell(page, "snare", 2).focus()
    reach(page, "more", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Copy lane")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu of snare")).to_be_focused()
    for summary in ("Project", "MIDI"):
        page.locator(".menu summary", has_text=summary).focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(page.locator(".menu summary", has_text=summary)).to_be_focused()
        expect(page.locator(".menu[open]")).to_have_count(0)
    page.locator("#help").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_focused()
    page.locator(".menu summary").first.click()
    page.mouse.click(5, 400)  # beside the panels
    expect(page.locator(".menu[open]")).to_have_count(0)


def test_the_dialog_lists_every_shortcut(opened):
    page = opened()
    page.keyboard.press("?")
    listed = page.locator("#keys dl").inner_text()
    for key in ("Space", "Enter", "G", "C", "V", "F", "M", "H", "T", "B", "Esc", "Ctrl", "Del", "Home", "End", "?"):
        assert key in listed.split(), key
