"""Listings of input files: folders, zips and globs in a fixed order."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from midi_bytes import make_midi

from drumtok.errors import DrumtokError
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode_files import encode_files, units_of
from drumtok.tokenizer.file_listing import FileRef, Listing

MIDI = make_midi([(0, 36), (480, 38)])


@pytest.fixture
def pack(tmp_path):
    """Folders with MIDI files, a zip, and files of other types."""
    root = tmp_path / "pack"
    for name in ("b/2.mid", "b/10.MID", "a.midi", "b.rmi", "B/x.mid", "deep/er/z.mid"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(MIDI)
    (root / "readme.txt").write_text("no MIDI")
    with zipfile.ZipFile(root / "more.zip", "w") as archive:
        archive.writestr("k/2.mid", MIDI)
        archive.writestr("k/1.mid", MIDI)
        archive.writestr("notes.txt", "no MIDI")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("k/1.mid", MIDI)
    return root


def names(*paths):
    return [ref.name for ref in Listing.of([str(path) for path in paths])]


ALL = [
    *("pack/B/x.mid", "pack/a.midi", "pack/b/10.MID", "pack/b/2.mid", "pack/b.rmi", "pack/deep/er/z.mid"),
    *("pack/more.zip/k/1.mid", "pack/more.zip/k/1.mid~2", "pack/more.zip/k/2.mid"),
]


def test_the_order_of_a_listing_is_always_the_same(pack, monkeypatch):
    listing = Listing.of([str(pack)])
    assert [ref.name for ref in listing] == ALL
    assert list(listing) == list(listing)
    assert {ref.read() for ref in listing} == {MIDI}
    monkeypatch.chdir(pack)
    assert names(".") == names("../pack", pack / "b", pack / "b" / "2.mid") == ALL
    assert names("b.rmi", "a.midi") == ["pack/a.midi", "pack/b.rmi"]


def test_globs(pack):
    assert names(pack / "*" / "*.mid") == ["B/x.mid", "b/2.mid"]
    assert names(pack / "**") == ALL
    assert names(pack / "b" / "[0-9]*") == ["b/10.MID", "b/2.mid"]


def test_folders_of_one_name_have_different_names(tmp_path):
    for top in ("one", "two"):
        (tmp_path / top / "loops").mkdir(parents=True)
        (tmp_path / top / "loops" / "x.mid").write_bytes(MIDI)
    assert names(tmp_path / "two" / "loops", tmp_path / "one" / "loops") == ["one/loops/x.mid", "two/loops/x.mid"]


def test_invalid_paths_are_errors(tmp_path):
    (tmp_path / "x.wav").write_bytes(b"")
    for path, message in (("gone.mid", "no such file"), ("x.wav", "input must be"), ("*.mid", "input must match")):
        with pytest.raises(DrumtokError, match=message):
            Listing.of([str(tmp_path / path)])


def test_unreadable_files_are_reported(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.zip").write_bytes(b"PK no zip")
    (tmp_path / "in" / "gone.mid").symlink_to(tmp_path / "nowhere.mid")
    (tmp_path / "in" / "x.mid").write_bytes(MIDI)
    counts = encode_files(Listing.of([str(tmp_path / "in")]), tmp_path / "o.txt", tmp_path / "o.jsonl", EncodeConfig())
    assert (counts["read"], counts["skipped"]) == (1, 2)
    report = (tmp_path / "o.jsonl").read_text().splitlines()
    assert "not a zip" in report[0]
    assert "No such file" in report[1]


def test_units_hold_all_files_in_order():
    files = [FileRef(str(n), str(n)) for n in range(1000)]
    assert [file for unit in units_of(files) for file in unit] == files


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("start", [[], ["--threads"]], ids=["fork", "spawn"])
def test_a_zip_that_is_open_already_is_read_by_several_processes(tmp_path, start):
    with zipfile.ZipFile(tmp_path / "loops.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(60):
            notes = [(0, 36), *((120 * step, 38 if number >> step & 1 else 42) for step in range(1, 8))]
            archive.writestr(f"{number:02}.mid", make_midi(notes) + bytes(range(256)) * number)
    code = Path(__file__).parents[1] / "zip_readers.py"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, code, tmp_path / "loops.zip", tmp_path, *start], check=True, env=environment)
    alone = contents(tmp_path / "alone")
    assert alone["words.txt"].count(b"\n") == 60
    assert contents(tmp_path / "together") == alone


def test_a_zip_that_was_written_again_is_opened_again(tmp_path):
    path, other = tmp_path / "a.zip", make_midi([(0, 38), (480, 36)])
    for data in (MIDI, other):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.mid", data)
        os.utime(path, ns=(len(data), int(data == other)))
        assert FileRef("a.mid", str(path), 0).read() == data
