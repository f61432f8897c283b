"""`drumtok site build`, and its site in a browser: no server, no other hosts, and offline after a first visit."""

import json
import re
import zipfile
import zlib

import numpy as np
import pytest
from click.testing import CliRunner
from page_driver import clear, download_midi, drop, pattern, until, wait_for_result
from static_site import served

from drumtok.cli.main import main
from drumtok.midi.files import read_midi
from drumtok.network.checkpoint import checkpoint_file
from drumtok.rendering.wav_files import parse_wav, wav_bytes
from drumtok.web.site_files import NETWORK

FIRST_VISIT = 16_000_000  # bytes


def test_a_folder_with_files_is_left_alone(small_checkpoint_path, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(main, ["site", "build", str(tmp_path), "--checkpoint", str(small_checkpoint_path)])
    assert result.exit_code == 2
    assert "it exists and is not an empty folder" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_first_visit_is_small_and_all_that_it_needs_is_there(site):
    folder, made = site
    bundled = zlib.compress(checkpoint_file(None).read_bytes())  # takes the place of the small network
    assert made.size(made.first) - len(made.files[NETWORK]) + len(bundled) < FIRST_VISIT
    service = re.match(r"self\.SITE = (.*);", (folder / "sw.js").read_text())
    for name in json.loads(service[1])["files"]:
        assert (folder / name).exists()
    page = (folder / "index.html").read_text()
    for address in re.findall(r'(?:href|src)="([^"#]+)"', page):
        assert (folder / address).exists() or address == "api/openapi.json"  # a link that a static site hides


def test_the_page_names_its_cache_and_allows_no_other_host(site):
    page = (site[0] / "index.html").read_text()
    assert re.search(r'<meta name="drumtok-site" content="drumtok \S+ [0-9a-f]{16}">', page)
    assert "default-src 'none'" in page


@pytest.fixture
def visit(browser, site):
    """Open the site in a new context; at the end, assert that it contacted no other host and had no errors."""
    urls, errors = [], []
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    with served(site[0]) as (address, stop):
        page = context.new_page()
        page.add_init_script("localStorage.setItem('drumtok.tour', 'done')")
        page.set_default_timeout(60_000)
        page.on("request", lambda request: urls.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        yield page, stop
        context.close()
    assert {url for url in urls if not url.startswith((address, "blob:", "data:"))} == set()
    assert errors == []


def takes(page):
    return page.locator("#takes li").count()


def generate(page):
    before = takes(page)
    page.get_by_role("button", name="Generate", exact=True).click()
    wait_for_result(page)
    while takes(page) == before:
        page.wait_for_timeout(20)


def test_the_page_generates_continues_varies_fills_and_plans_without_a_server(visit):
    page, _ = visit
    generate(page)
    for count, name in enumerate(("Continue", "Vary", "Fill bar 1"), takes(page) + 1):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_selector(f"#takes li:nth-child({count})")
        wait_for_result(page)
    page.locator("#planning summary").click()
    page.fill("#plan", "verse:2,fill,chorus:1@0.9")
    generate(page)
    assert page.locator("#bar-buttons .section").all_inner_texts() == ["verse", "", "chorus"]


def test_midi_files_are_saved_and_opened_without_a_server(visit, tmp_path):
    page, _ = visit
    shown = pattern(page)
    download_midi(page, tmp_path / "groove.mid")
    assert (read_midi(tmp_path / "groove.mid").hits == shown.hits).all()
    clear(page)
    page.set_input_files("#file", tmp_path / "groove.mid")
    page.wait_for_selector("#takes li:nth-child(2)")
    assert (pattern(page).hits == shown.hits).all()
    assert page.locator("#where").inner_text().startswith("groove is similar to ")
    assert page.input_value("#style") != ""
    page.wait_for_selector(".take-spot >> nth=1", state="attached")


def test_audio_files_are_downloaded_without_a_server(visit):
    page, _ = visit
    with page.expect_download() as download:
        page.locator("#wav").click()
    sound, rate = parse_wav(download.value.path().read_bytes())
    assert len(sound) == round(pattern(page).seconds * rate)
    with page.expect_download() as download:
        page.locator("#stems").click()
    names = zipfile.ZipFile(download.value.path()).namelist()
    assert names == ["kick.wav", "snare.wav", "closed.wav", "open.wav"]


@pytest.mark.slow
def test_a_sound_like_a_dropped_one_and_a_kit_are_made_without_a_server(visit):
    page, _ = visit
    drop(page, wav_bytes(np.hanning(2000).astype(np.float32)[:, None]), "hit.wav")
    page.get_by_role("button", name="Make one like it").click()
    until(page, "document.querySelector('#status').textContent.includes('The kick is a ')")
    with page.expect_download() as download:
        page.locator("#kit-zip").click()
    assert zipfile.ZipFile(download.value.path()).testzip() is None


def test_a_new_kit_is_made_without_a_server(visit):
    page, _ = visit
    page.locator("#new-kit").click()
    until(page, "document.querySelector('#status').textContent.startsWith('Kit ')")
    assert page.locator("#sound-name").inner_text() == "kick of the model"


def test_a_pattern_is_humanised_without_a_server(visit):
    page, _ = visit
    for control in ("dynamics", "timing"):
        page.locator(f"#{control}").fill("1")
    before = pattern(page)
    page.locator("#humanise").click()
    page.wait_for_selector("#takes li:nth-child(2)")
    wait_for_result(page)
    played = pattern(page)
    assert (played.hits == before.hits).all()
    assert (played.velocity != before.velocity).any()
    assert played.offset.any()


def test_the_site_works_offline_after_the_first_visit(visit):
    page, stop = visit
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    generate(page)
    stop()
    page.reload()
    page.wait_for_selector("body[data-ready]")
    generate(page)
