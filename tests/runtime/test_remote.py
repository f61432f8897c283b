"""Addresses on an S3-compatible server as sources and targets, and their errors."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from midi_bytes import make_midi
from midi_folder import bytes_of, write_folder
from s3_bucket import KEY, SECRET, objects

from drumtok.cli.main import main
from drumtok.dataset.corpus import build_corpus, open_corpus
from drumtok.dataset.shards import MANIFEST
from drumtok.dataset.sources import open_source
from drumtok.errors import DrumtokError
from drumtok.runtime.remote import address, files_below, is_remote, names_below, put_file, read_remote, upload
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode_files import encode_files
from drumtok.tokenizer.file_listing import Listing

MIDI = make_midi([(0, 36), (480, 38)])
LONG = pytest.mark.timeout(600)


@pytest.fixture
def pack(bucket, tmp_path):
    """A local folder of MIDI files and a copy in the bucket, with a zip and with names that sort in two ways."""
    system, root = bucket
    folder = write_folder(tmp_path / "pack", 14)
    (folder / "b.mid").write_bytes((folder / "0" / "0.mid").read_bytes())
    (folder / "b").mkdir()
    (folder / "b" / "deep.mid").write_bytes((folder / "1" / "1.mid").read_bytes())
    (folder / "readme.md").write_text("no MIDI")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(folder / "2" / "2.mid", "k/2.mid")
    system.put(str(folder), f"{root}/pack", recursive=True)
    return folder, f"{root}/pack"


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@LONG
def test_encode_reads_and_writes_addresses(bucket, pack, tmp_path):
    (system, root), (here, there) = bucket, pack
    assert [ref.name for ref in Listing.of([there])] == [ref.name for ref in Listing.of([str(here)])]
    run("encode", here, "-o", tmp_path / "o.txt", "--jobs", 1)
    output = run("encode", there, "-o", f"{root}/out/o.txt", "--jobs", 1)
    assert f"bars: {root}/out/o.txt (" in output
    assert f"report: {root}/out/o.report.jsonl\n" in output
    assert objects(system, f"{root}/out") == {
        name: (tmp_path / name).read_bytes() for name in ("o.txt", "o.report.jsonl")
    }
    run("encode", f"{there}/more.zip", f"{there}/b.mid", "-o", tmp_path / "few.txt")
    assert (tmp_path / "few.txt").read_text().count("NAME=") == 2
    assert not list((tmp_path / "data" / "work").rglob("*.txt*"))


@LONG
def test_a_corpus_is_built_from_and_to_addresses(bucket, pack, tmp_path):
    (system, root), (here, there) = bucket, pack
    (here / "more.zip").unlink()
    build_corpus(tmp_path / "corpus", [open_source(str(here))])
    output = run("corpus", "build", f"{root}/corpus", there, "--jobs", 2)
    built = objects(system, f"{root}/corpus")
    assert built == bytes_of(tmp_path / "corpus")
    assert f"files: {root}/corpus/report.jsonl\n" in output
    assert open_corpus(f"{root}/corpus").split("train").song(0).tolist()
    for secret in (KEY, SECRET):
        assert secret not in output
        assert not any(secret.encode() in data for data in built.values())
    with pytest.raises(DrumtokError, match="/corpus': it already exists"):
        build_corpus(f"{root}/corpus", [open_source(there)])


@LONG
def test_an_upload_that_breaks_off_leaves_no_corpus(bucket, pack, tmp_path):
    (system, root), (here, _) = bucket, pack
    build_corpus(tmp_path / "corpus", [open_source(str(here))])

    def fail(path, to):
        if path.name.startswith("report"):
            raise DrumtokError("the line is dead")
        put_file(path, to)

    with pytest.raises(DrumtokError, match="the line is dead"):
        upload(tmp_path / "corpus", f"{root}/corpus", MANIFEST, put=fail)
    assert objects(system, f"{root}/corpus")
    with pytest.raises(DrumtokError, match=r"manifest\.json"):
        open_corpus(f"{root}/corpus")
    build_corpus(f"{root}/corpus", [open_source(str(here))])
    assert json.loads(read_remote(f"{root}/corpus/manifest.json"))["items"]["read"] == 16


def test_the_manifest_is_uploaded_last(tmp_path):
    for name in ("z.npy", MANIFEST, "a.npy"):
        (tmp_path / name).touch()
    order = []
    upload(
        tmp_path, str(tmp_path / "to"), MANIFEST, put=lambda path, to: order.append((path.name, to.rpartition("/")[2]))
    )
    assert order[-1] == (MANIFEST, MANIFEST)
    assert sorted(order[:-1]) == [("a.npy", "a.npy"), ("z.npy", "z.npy")]


class Stopped(BaseException):
    """Interrupts a run like Ctrl-C, which is not caught as an error."""


def stopped(done, before):
    """Raise `Stopped` after a few files."""
    if done >= 12:
        raise Stopped


@LONG
@pytest.mark.parametrize("changed", ["", "0/7.mid", "more.zip"])
def test_what_was_read_of_addresses_counts_as_long_as_they_are_the_same(bucket, pack, tmp_path, changed):
    (system, _), (_, there) = bucket, pack
    root = f"{there}/more.zip" if changed.endswith(".zip") else there
    system.pipe_file(f"{there}/0.mid", make_midi([(0, 36), (240, 38)]))
    words, report = tmp_path / "o.txt", tmp_path / "o.jsonl"

    def encode(on_progress):
        return encode_files(Listing.of([root]), words, report, EncodeConfig(), on_progress=on_progress, unit_files=4)

    def build(on_progress):
        return build_corpus(tmp_path / "corpus", [open_source(root)], on_progress=on_progress, unit_files=4)

    if changed.endswith(".zip"):
        system.pipe_file(root, zip_of(range(20)))
    for make in (encode, build):
        with pytest.raises(Stopped):
            make(stopped)
    if changed.endswith(".zip"):
        system.pipe_file(root, zip_of(range(5, 25)))
    elif changed:
        system.pipe_file(f"{there}/{changed}", MIDI)
    for make in (encode, build):
        first = []
        make(lambda *files, first=first: first.append(files))
        assert first[0] == ((0, 0) if changed else (12, 12))


def zip_of(places):
    """Return a zip of files of the same size."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, place in enumerate(places):
            events = [(0, 36), (480 + place, 38)]
            archive.writestr(f"{number}.mid", make_midi(events))
    return packed.getvalue()


@LONG
def test_errors_name_the_address_and_no_password(bucket, pack, tmp_path):
    _, root = bucket
    for arguments, message in (
        ((f"{root}/gone",), "no such file or folder"),
        (("ftp://me:hush@host/a",), "address must not contain a password or a key"),
        ((f"{root}/pack", str(tmp_path)), "inputs must be on one system, got "),
        (("sun3://bucket/a",), "Protocol not known: sun3"),
    ):
        with pytest.raises(DrumtokError, match=message) as error:
            Listing.of(arguments)
        assert "hush" not in str(error.value)
    with pytest.raises(DrumtokError, match="gone'"):
        open_source(f"{root}/gone")


def test_without_fsspec_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(DrumtokError, match=r"requires fsspec.*: pip install .*\[cluster\]'"):
        Listing.of(["s3://bucket/a"])


def test_an_address_goes_through_a_path():
    for text in ("s3://bucket/a/b.mid", "gs://bucket", "memory://x/y"):
        assert is_remote(Path(text))
        assert address(Path(text)) == text
    assert not is_remote("C:/loops")
    assert not is_remote("/s3:/bucket")


def test_names_are_sorted_as_those_of_a_folder(monkeypatch):
    import fsspec

    system = fsspec.filesystem("memory")
    for name in ("b/2.mid", "b.mid", "a/c/d.MID", "a/b.mid", "z.txt"):
        system.pipe_file(f"/names/{name}", b"x")
    assert list(names_below("memory://names", (".mid",))) == ["a/b.mid", "a/c/d.MID", "b.mid", "b/2.mid"]
    by_parts = files_below("memory://names", (".mid",), order=lambda name: name.rstrip("/").split("/"))
    assert [listed.name for listed in by_parts] == ["a/b.mid", "a/c/d.MID", "b/2.mid", "b.mid"]
