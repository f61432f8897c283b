"""Addresses of an S3-compatible server on loopback as sources and targets, and what is told of them."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_engines import bytes_of, write_folder

import drumtok.remote
from drumtok.cli import main
from drumtok.corpus import build_corpus, open_corpus
from drumtok.errors import DrumtokError
from drumtok.inputs import Listing
from drumtok.remote import address, is_remote, names_below, put_file, read_remote
from drumtok.sources import open_source

KEY, SECRET = "key-of-nobody", "secret-of-nobody"
LONG = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def server():
    """moto's server: the address of S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server, monkeypatch, tmp_path):
    """An empty bucket, and who is let in told as fsspec takes it."""
    import fsspec

    for name, value in (
        ("AWS_ENDPOINT_URL", server),
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("DRUMTOK_DATA", str(tmp_path / "data")),
    ):
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()  # those of a server before
    system = fsspec.filesystem("s3", skip_instance_cache=True)
    name = f"bucket-{os.urandom(4).hex()}"
    system.mkdir(name)
    yield system, f"s3://{name}"
    system.rm(name, recursive=True)


@pytest.fixture
def pack(bucket, tmp_path):
    """A folder of MIDI here, and the same in the bucket, with a zip and with names that sort in two ways."""
    system, root = bucket
    folder = write_folder(tmp_path / "pack", 30)
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


def objects(system, root):
    return {name.rpartition("/")[2]: system.cat_file(name) for name in system.find(root)}


@LONG
def test_encode_reads_and_writes_addresses(bucket, pack, tmp_path):
    (system, root), (here, there) = bucket, pack
    assert [ref.name for ref in Listing.of([there])] == [ref.name for ref in Listing.of([str(here)])]
    run("encode", here, "-o", tmp_path / "o.txt", "--jobs", 1)
    run("encode", there, "-o", f"{root}/out/o.txt", "--jobs", 1)
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
    order = []

    def noted(path, to):
        order.append(path.name)
        put_file(path, to)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drumtok.remote, "put_file", noted)
        said = run("corpus", "build", f"{root}/corpus", there, "--jobs", 2)
    assert order[-1] == "manifest.json"
    assert len(order) == len(bytes_of(tmp_path / "corpus"))
    built = objects(system, f"{root}/corpus")
    assert built == bytes_of(tmp_path / "corpus")
    assert open_corpus(f"{root}/corpus").split("train").song(0).tolist()
    for secret in (KEY, SECRET):
        assert secret not in said
        assert not any(secret.encode() in data for data in built.values())
    with pytest.raises(DrumtokError, match="/corpus' is written already: allowed is another address"):
        build_corpus(f"{root}/corpus", [open_source(there)])


@LONG
def test_an_upload_that_breaks_off_leaves_no_corpus(bucket, pack, tmp_path, monkeypatch):
    (system, root), (here, _) = bucket, pack

    def fail(path, to):
        if path.name.startswith("report"):
            raise DrumtokError("the line is dead")
        put_file(path, to)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drumtok.remote, "put_file", fail)
        with pytest.raises(DrumtokError, match="the line is dead"):
            build_corpus(f"{root}/corpus", [open_source(str(here))])
    assert objects(system, f"{root}/corpus")
    with pytest.raises(DrumtokError, match=r"manifest\.json"):
        open_corpus(f"{root}/corpus")
    build_corpus(f"{root}/corpus", [open_source(str(here))])
    assert json.loads(read_remote(f"{root}/corpus/manifest.json"))["items"]["read"] == 32


@LONG
def test_what_is_told_of_addresses(bucket, pack, tmp_path):
    _, root = bucket
    for arguments, told in (
        ((f"{root}/gone",), "is not there"),
        (("ftp://me:hush@host/a",), "an address holds a password or a key"),
        ((f"{root}/pack", str(tmp_path)), "paths are on 2 systems: allowed is one"),
        (("sun3://bucket/a",), "Protocol not known: sun3"),
    ):
        with pytest.raises(DrumtokError, match=told) as error:
            Listing.of(arguments)
        assert "hush" not in str(error.value)
    with pytest.raises(DrumtokError, match="gone' is not there"):
        open_source(f"{root}/gone")


def test_without_fsspec_the_line_tells_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(DrumtokError, match=r"needs fsspec.*: pip install 'drumtok\[cluster\]'"):
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
    by_parts = names_below("memory://names", (".mid",), order=lambda name: name.rstrip("/").split("/"))
    assert list(by_parts) == ["a/b.mid", "a/c/d.MID", "b/2.mid", "b.mid"]
