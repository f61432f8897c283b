"""Finding grooves of a folder by rhythm on the page, as `drumtok find` does."""

import base64

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from page_driver import cell, clear, pattern, wait_for_result
from playwright.sync_api import expect

from drumtok.library.build import build_library
from drumtok.library.config import FindConfig, IndexConfig
from drumtok.library.search import nearest
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.runtime.workers import Workers

NEAREST = """async ([files, wanted]) => {
  const { Library } = await import("/js/find/library.js");
  const get = async (path) => (await fetch(`/api/${path}`)).json();
  const [tables, { find }] = await Promise.all([get("tables"), get("about")]);
  const blobs = files.map((text) => new Blob([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))]));
  const library = new Library({ files: blobs, noteMap: "gm", tables, find: { ...find, count: files.length } });
  const read = [];
  for (const file of files.keys()) read.push(await library.add(file));
  return { read, found: wanted.map((one) => library.nearest(one)) };
}"""
DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) {
    transfer.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }
}"""
# Drops a folder as a file manager does; the folder is nested objects whose leaves are files in base64.
DROP_FOLDER = """(tree) => {
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const entryOf = (path, inner) => {
    if (typeof inner === "string") {
      const made = new File([bytes(inner)], path.split("/").at(-1));
      return { isFile: true, isDirectory: false, fullPath: path, file: (resolve) => resolve(made) };
    }
    const entries = Object.entries(inner).map(([name, more]) => entryOf(`${path}/${name}`, more));
    const createReader = (rest = [...entries]) => ({ readEntries: (resolve) => resolve(rest.splice(0, 10)) });
    return { isFile: false, isDirectory: true, fullPath: path, createReader };
  };
  const transfer = new DataTransfer();
  transfer.items.add(new File([], "loops"));
  DataTransferItem.prototype.webkitGetAsEntry = () => entryOf("/loops", tree);
  for (const type of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }
}"""
METERS = [(4, 4), (4, 4), (4, 4), (3, 4), (6, 8), (7, 16)]


def groove(rng, meter=(4, 4), bars=None):
    bars = bars or int(rng.integers(1, 7))
    hits = rng.random((bars * 16 * meter[0] // meter[1], 9)) < 0.2
    hits[0, 0] = True
    return Pattern(hits, tempo=float(rng.integers(80, 180)), meter=meter)


def tree_of(folder):
    """Return a folder as nested dictionaries of files in base64."""
    return {
        path.name: tree_of(path) if path.is_dir() else base64.b64encode(path.read_bytes()).decode()
        for path in folder.iterdir()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of grooves in several meters, and a file that cannot be read."""
    found, rng = tmp_path_factory.mktemp("grooves") / "loops", np.random.default_rng(4)
    (found / "more").mkdir(parents=True)
    for number in range(30):
        name = found / ("more" if number % 3 else "") / f"groove {number}.mid"
        name.write_bytes(to_midi_bytes(groove(rng, METERS[number % len(METERS)])))
    (found / "broken.mid").write_bytes(b"MThd")
    (found / "notes.txt").write_text("no groove")
    return found


def test_grooves_are_as_near_as_python_finds_them_and_a_click_loads_one(opened, folder):
    page, paths = opened(), sorted(folder.rglob("*.mid"))
    library = build_library([folder], IndexConfig(), workers=Workers(jobs=1))
    wanted = [
        groove(np.random.default_rng(seed), meter, bars=2) for seed, meter in enumerate([(4, 4), (3, 4), (7, 16)])
    ]
    sent = [
        {
            "hits": [{"step": int(step), "drum": int(drum)} for step, drum in np.argwhere(one.hits)],
            "bars": one.bars,
            "perBar": one.steps_per_bar,
        }
        for one in wanted
    ]
    made = page.evaluate(NEAREST, [[base64.b64encode(path.read_bytes()).decode() for path in paths], sent])
    assert made["read"] == [path.name != "broken.mid" for path in paths]
    for one, found in zip(wanted, made["found"], strict=True):
        rows = {(str(paths[row["file"]]), row["bar"] + 1, row["bars"], row["distance"], row["tempo"]) for row in found}
        matches = nearest(library, one, FindConfig(count=len(paths)))
        assert rows == {(match.file, match.bar, match.bars, match.distance, match.tempo) for match in matches}
        assert [row["distance"] for row in found] == [match.distance for match in matches]

    clear(page)
    page.locator("#find summary").click()
    page.set_input_files("#folder", folder)
    expect(page.locator("#find-report")).to_have_text("30 grooves, 1 files cannot be read")
    assert page.locator("#found button").count() == 0
    cell(page, "kick", 0).click()
    rows = page.locator("#found button")
    expect(rows).to_have_count(FindConfig.count)
    kick = Pattern(np.arange(32 * 9).reshape(32, 9) == 0)
    first = nearest(library, kick, FindConfig())[0]
    assert rows.first.get_attribute("title") == first.name or first.name in rows.first.get_attribute("title")
    rows.first.click()
    page.wait_for_selector("#takes li:nth-child(3)")
    wait_for_result(page)
    shown = pattern(page)
    assert (shown.tempo, shown.bars) == (first.tempo, first.bars)
    expect(rows.first).to_contain_text(" 0 hits differ")
    files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths if "broken" not in path.name]
    page.evaluate(DROP, files[:2])
    expect(page.locator("#find-report")).to_have_text("2 grooves")
    assert page.locator("#takes > li").count() == 3
    page.evaluate(DROP_FOLDER, tree_of(folder))
    expect(page.locator("#find-report")).to_have_text("30 grooves, 1 files cannot be read")
    assert page.locator("#found button").count() == FindConfig.count
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert [one["id"] for one in Axe().run(page, {"include": [["#find"]]}).response["violations"]] == []
