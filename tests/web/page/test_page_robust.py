"""What the page does where the browser blocks or lacks something, two tabs write, or a file is damaged."""

import json

import pytest
from page_driver import cell, drop, state
from playwright.sync_api import expect

DENIED = "{ get() { throw new DOMException('denied', 'SecurityError'); } }"
WITHOUT = {
    "storage": f"for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {DENIED});",
    "room": "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
    "https": "delete Crypto.prototype.randomUUID; Object.defineProperty(window, 'caches', { value: undefined });"
    "for (const name of ['clipboard', 'serviceWorker', 'requestMIDIAccess']) delete Navigator.prototype[name];"
    "Object.defineProperty(window, 'isSecureContext', { value: false });",
    "caches": "CacheStorage.prototype.open = () => Promise.reject(new DOMException('denied', 'SecurityError'));",
}
FILE = {"format": "drumtok project", "version": 1}


@pytest.mark.parametrize("lacking", WITHOUT)
def test_the_page_works_without(opened, lacking):
    page = opened(script=WITHOUT[lacking], viewport={"width": 1280, "height": 860})
    if page.locator("#tour").is_visible():  # that it was seen is not kept
        page.locator("#tour-skip").click()
    page.locator("#theme").click()
    page.locator("#generate").click()
    expect(page.locator("#takes > li")).to_have_count(2)
    cell(page, "crash", 5).click()
    if lacking == "room":
        expect(page.locator("#status .error")).to_contain_text("The browser has no room for this project")
    if lacking == "https":
        page.get_by_role("button", name="Connect MIDI").click()
        expect(page.locator("#status .error")).to_contain_text("only for pages on https")


def saved(page):
    """Wait until the browser has kept the project as it is; return its name and whether its crash and ride are hit."""
    page.wait_for_timeout(900)
    key = page.evaluate("localStorage.getItem('drumtok.last')")
    kept = json.loads(page.evaluate("(key) => localStorage.getItem(key)", f"drumtok.project.{key}"))
    return kept["name"], {drum for _, drum, *_ in kept["content"]["hits"]} & {"crash", "ride", "low"}


def test_two_tabs_lose_nothing(opened):
    one = opened(viewport={"width": 1280, "height": 860})
    cell(one, "crash", 0).click()
    assert saved(one) == ("", {"crash"})
    two = one.context.new_page()
    two.goto(one.url.split("#")[0])
    two.wait_for_selector("body[data-ready]")
    two.close(run_before_unload=True)  # has changed nothing
    assert saved(one) == ("", {"crash"})
    cell(one, "ride", 2).click()
    assert saved(one) == ("", {"crash", "ride"})
    three = one.context.new_page()
    three.goto(one.url.split("#")[0])
    three.wait_for_selector("body[data-ready]")
    cell(three, "low", 5).click()
    assert saved(three) == ("", {"crash", "ride", "low"})
    cell(one, "ride", 2).click()
    expect(one.locator("#status")).to_contain_text("kept as a copy")
    assert saved(one) == ("Untitled (copy)", {"crash"})
    one.locator("#project-menu summary").click()
    expect(one.locator("#projects li button").first).to_have_text("Untitled")


def test_a_reload_while_the_model_writes_keeps_the_pattern(opened):
    page = opened(viewport={"width": 1280, "height": 860})
    cell(page, "crash", 5).click()
    page.wait_for_timeout(900)
    before = state(page)["hits"]
    page.route("**/api/generate", lambda route: None)  # never answers
    page.locator("#generate").click()
    expect(page.locator("#progress")).to_be_visible()
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert state(page)["hits"] == before


def test_projects_that_are_deleted_are_asked_for(opened):
    page = opened(viewport={"width": 1280, "height": 860})
    cell(page, "crash", 5).click()
    page.locator("#project-menu summary").click()
    page.get_by_role("button", name="New", exact=True).click()
    for accepts, left in ((False, 1), (True, 0)):
        page.locator("#project-menu summary").click()
        page.once("dialog", lambda dialog, accepts=accepts: dialog.accept() if accepts else dialog.dismiss())
        page.get_by_role("button", name="Delete Untitled").click()
        expect(page.locator("#projects > li")).to_have_count(left)
        page.locator("#project-menu summary").click()


def project(page):
    """Return the project as its file."""
    page.evaluate("document.getElementById('project-menu').open = true")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    return json.loads(download.value.path().read_text())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "it is damaged or incomplete"),
        (b"null", "it is not a project of this version of drumtok"),
        (json.dumps(FILE | {"version": 99}).encode(), "it is not a project of this version of drumtok"),
        (json.dumps(FILE).encode(), "it is damaged or incomplete"),
        (json.dumps(FILE | {"takes": [{"pattern": {"bars": 2.5}}]}).encode(), "a pattern in it has invalid bars"),
    ],
)
def test_a_damaged_project_is_an_error_and_changes_nothing(opened, content, message):
    page = opened()
    before = state(page)
    drop(page, content, "mine.json")
    expect(page.locator("#status .error")).to_contain_text(f"Cannot read mine.json: {message}")
    assert state(page) == before


def test_impossible_values_of_a_project_are_left_out(opened, tmp_path):
    page = opened()
    made = project(page)
    hits = [[0, "kick", 999], [1, "kick", -5], [2.5, "kick", 90], [3, "kick", "<b>"], [4, "kick", 90, 50, 0, 9]]
    settings = {"tempo": "fast", "note_length": "x", "mixer": 3, "lanes": 5, "names": [0], "chain": 5}
    made["content"] |= settings | {"hits": hits}
    made["takes"][0]["label"] = "<img src=x onerror=alert(1)>"
    drop(page, json.dumps(made).encode(), "mine.json")
    expect(page.locator("#status")).to_contain_text("mine.json: 1 takes")
    assert [hit for hit in state(page)["hits"] if hit[1] == "kick"] == [[4, "kick", 90]]
    with page.expect_download() as download:
        page.get_by_role("link", name=".mid").click()
    assert download.value.path().read_bytes()[:4] == b"MThd"
    assert page.locator("#takes img").count() == 0


def test_a_dropped_file_of_another_kind_is_named(opened):
    page = opened()
    drop(page, b"hello", "notes.txt")
    expect(page.locator("#status .error")).to_have_text("notes.txt is not a MIDI file, a project or a sound")
    expect(page.locator("#takes > li")).to_have_count(1)
