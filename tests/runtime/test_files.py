"""Writing files whole or not at all, and finding drumtok's own data."""

import os
from pathlib import Path

import pytest

from drumtok.errors import DrumtokError
from drumtok.runtime.files import data_path, new_folder, write_atomically


def failing(number, text):
    def fail(*_args, **_options):
        raise OSError(number, text)

    return fail


def test_a_file_is_written_and_overwritten(tmp_path):
    path = tmp_path / "a.bin"
    for data in (b"first, a longer one", b"", b"\0\xff"):
        write_atomically(path, data)
        assert path.read_bytes() == data
        write_atomically(str(path), data)
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error_and_not_made(tmp_path):
    with pytest.raises(DrumtokError, match=r"cannot write '.*/gone/a.bin': folder '.*/gone' does not exist"):
        write_atomically(tmp_path / "gone" / "a.bin", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_that_name_is_an_error_and_kept(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "inside").write_text("kept")
    with pytest.raises(DrumtokError, match=r"cannot write '.*/a': it is a folder"):
        write_atomically(tmp_path / "a", b"x")
    assert (tmp_path / "a" / "inside").read_text() == "kept"


@pytest.mark.parametrize("step", ["replace", "fsync"])
@pytest.mark.parametrize("old", [None, b"the old one"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step, old):
    path = tmp_path / "a.bin"
    if old is not None:
        path.write_bytes(old)
    monkeypatch.setattr(os, step, failing(28, "No space left on device"))
    with pytest.raises(DrumtokError, match=r"cannot write '.*/a.bin': No space left on device"):
        write_atomically(path, b"the new one")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([] if old is None else [old])


def test_an_interrupted_write_leaves_nothing_else(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.bin", b"x")
    assert list(tmp_path.iterdir()) == []


def test_names_up_to_the_longest_are_written_and_longer_ones_are_errors(tmp_path):
    longest = tmp_path / ("鼓" * 85)  # 255 bytes in UTF-8
    write_atomically(longest, b"x")
    assert longest.read_bytes() == b"x"
    with pytest.raises(DrumtokError, match="File name too long"):
        write_atomically(tmp_path / ("a" * 256), b"x")
    assert list(tmp_path.iterdir()) == [longest]


def test_a_folder_gets_its_name_when_it_is_full(tmp_path, monkeypatch):
    for out in (tmp_path / "new", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with new_folder(str(out)) as folder:
            (folder / "a").write_text("a")
            assert not out.exists() or not list(out.iterdir())
        assert [path.name for path in out.iterdir()] == ["a"]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(DrumtokError, match=r"cannot write '..': it exists"), new_folder(".."):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "here", "new"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), DrumtokError("wrong")])
def test_a_folder_that_is_not_filled_is_not_there(tmp_path, error):
    def fill():
        with new_folder(tmp_path / "out") as folder:
            (folder / "a").write_text("a")
            raise error

    with pytest.raises(DrumtokError if isinstance(error, OSError) else type(error), match=r"No space left|wrong|^$"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_something_else_is_refused(tmp_path):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    for name in ("file", "broken"):
        with pytest.raises(DrumtokError, match=f"{name}': it exists and is not an empty folder"):
            new_folder(tmp_path / name).__enter__()
    with pytest.raises(DrumtokError, match=r"cannot write '.*out': folder '.*gone' does not exist"):
        new_folder(tmp_path / "gone" / "out").__enter__()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "file"]


def test_data_beside_the_package_are_found():
    root = Path(__file__).parents[2]
    assert data_path("datasets/starter.toml") == root / "datasets" / "starter.toml"
    assert data_path("datasets").is_dir()


def test_missing_data_are_an_error():
    with pytest.raises(DrumtokError, match=r"drumtok's own 'datasets/gone.toml' is missing from this installation"):
        data_path("datasets/gone.toml")


def test_data_of_an_installation_are_found(tmp_path):
    # the layout of `pip install --target`: share/ beside the package, without a checkout
    (tmp_path / "share" / "drumtok" / "datasets").mkdir(parents=True)
    assert data_path("datasets", package=tmp_path / "drumtok") == tmp_path / "share" / "drumtok" / "datasets"
