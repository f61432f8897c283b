"""The index of a library: an update equals a build, what is written is read back, and other files are refused."""

import json
import os

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok import DrumtokError, Pattern, write_midi
from drumtok.cli.main import main
from drumtok.library.build import build_library
from drumtok.library.config import IndexConfig
from drumtok.library.index import Library
from drumtok.runtime.workers import ALONE
from drumtok.tokenizer.formats import write_pattern

GRID = "kick   |x---x---x---x---|\nsnare  |----x-------x---|\n"


@pytest.fixture
def folder(tmp_path):
    """A folder with a MIDI file, texts of several songs, and a damaged file."""
    made = tmp_path / "loops"
    made.mkdir()
    write_midi(Pattern.from_grid(GRID, tempo=96), made / "a.mid")
    (made / "b.grid").write_text(f"NAME=one STYLE=funk TEMPO=100\n{GRID}\nNAME=two\n{GRID.replace('x---x', 'x-x-x')}")
    (made / "broken.mid").write_bytes(b"MThd nothing more")
    return made


def build(folder, old=None):
    return build_library([folder], IndexConfig(), old, workers=ALONE)


def same(one, other):
    for name, value in vars(one).items():
        if name == "codes":
            assert value.keys() == other.codes.keys()
            assert all((codes == other.codes[steps]).all() for steps, codes in value.items())
        elif isinstance(value, np.ndarray):
            assert (value == getattr(other, name)).all(), name
        else:
            assert value == getattr(other, name), name
    return True


def test_songs_have_their_labels_and_damaged_files_a_reason(folder):
    made = build(folder)
    assert made.name == ("a.mid", "b.grid#one", "b.grid#two")
    assert made.style == ("", "funk", "")
    assert made.tempo.tolist() == [96, 100, 120]
    assert len(made.skipped) == 1
    assert made.skipped[0].startswith("broken.mid: ")


def test_files_are_read_where_none_is_plain(folder):
    (folder / "a.mid").unlink()
    made = build(folder)
    assert made.name == ("b.grid#one", "b.grid#two")
    assert made.skipped == ("broken.mid: it has no track",)


def test_what_is_written_is_read(folder, tmp_path):
    made = build(folder)
    made.save(tmp_path / "index.npz")
    assert same(Library.load(tmp_path / "index.npz"), made)


def test_what_changed_is_read_again_and_nothing_else(folder):
    old = build(folder)
    assert build(folder, old) is old
    (folder / "b.grid").unlink()
    write_midi(Pattern.from_grid(GRID.replace("snare", "ride")), folder / "a.mid")
    os.utime(folder / "a.mid", ns=(1, 1))
    write_midi(Pattern.from_grid(GRID), folder / "a-rock.mid")
    renewed = build(folder, old)
    assert same(renewed, build(folder))
    assert renewed.name == ("a-rock.mid", "a.mid")
    assert renewed.style == ("rock", "")


def test_a_renewed_index_reads_the_changed_files_alone(folder):
    old = build(folder)
    write_midi(Pattern.from_grid(GRID), folder / "new.mid")
    seen = []

    def on_progress(done, before):
        seen.append(done - before)

    build_library([folder], IndexConfig(), old, workers=ALONE, on_progress=on_progress)
    assert seen == [0, 1]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 drumtok-library-1", b"kick |x---|"])
def test_other_files_are_no_index(tmp_path, data):
    (tmp_path / "index.npz").write_bytes(data)
    with pytest.raises(DrumtokError, match=r"cannot read .*index\.npz.*must be an index of drumtok find"):
        Library.load(tmp_path / "index.npz")


def cli(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def find(folder, tmp_path):
    (tmp_path / "wanted.grid").write_text(GRID)
    return lambda *options: cli("find", tmp_path / "wanted.grid", folder, "--index", tmp_path / "i.npz", *options)


def test_the_command_lists_the_nearest_first(find, tmp_path):
    done = find("--json")
    rows = json.loads(done.stdout)
    assert [(row["name"], row["distance"]) for row in rows] == [("a.mid", 0), ("b.grid#one", 0), ("b.grid#two", 4)]
    assert "skipped broken.mid" in done.stderr
    again = find("--style", "funk")
    assert "skipped" not in again.stderr
    assert again.stdout.split()[:4] == ["0.00", "4/4", "100", "BPM"]
    assert again.stdout.rstrip().endswith("b.grid (b.grid#one)")


@pytest.mark.parametrize("ending", [".mid", ".csv", ".json", ".h2pattern", ".musicxml"])
def test_a_pattern_in_any_format_is_looked_for(folder, tmp_path, ending):
    write_pattern(Pattern.from_grid(GRID), tmp_path / f"wanted{ending}")
    done = cli("find", tmp_path / f"wanted{ending}", folder, "--index", tmp_path / "i.npz", "--json")
    assert [row["distance"] for row in json.loads(done.stdout)] == [0, 0, 4]


def test_errors_are_one_line_and_other_files_stay(find, folder, tmp_path):
    (tmp_path / "i.npz").write_text("mine")
    done = find()
    assert done.exit_code == 2
    assert "not a result of drumtok" in done.stderr
    assert (tmp_path / "i.npz").read_text() == "mine"
    done = cli("find", folder / "broken.mid", folder)
    assert done.exit_code == 2
    assert "cannot read" in done.stderr
    done = cli("find", tmp_path / "wanted.grid", tmp_path / "none")
    assert "no such file or folder" in done.stderr
