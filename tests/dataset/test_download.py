"""Fetching: a server on this machine that cuts connections, ignores ranges and sends the wrong bytes."""

import hashlib
import os
import signal
import socket
import threading
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.main import main
from drumtok.dataset import download as fetch_module
from drumtok.dataset.download import fetch, is_fetched, on_progress, part_path
from drumtok.dataset.manifests import Manifest, load_manifest
from drumtok.errors import DrumtokError

BODY = np.random.default_rng(3).bytes(300_000)


@dataclass
class Server:
    """What the server does with the next requests, and the ranges that it was asked for."""

    port: int = 0
    body: bytes = BODY
    ranges: bool = True  # False: answers 200 with the whole body
    shift: int = 0  # bytes by which a range that it gives is off
    status: int = 0  # answers this and nothing else
    cut: int | None = None  # bytes of an answer after which it closes the connection
    interrupt: bool = False  # Ctrl-C instead of closing it
    length: bool = True
    asked: list[str | None] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    def __init__(self, server_does: Server, *args):
        self.does = server_does
        super().__init__(*args)

    def do_GET(self):
        asked = self.headers.get("Range")
        self.does.asked.append(asked)
        start = int(asked[6:-1]) + self.does.shift if asked and self.does.ranges else 0
        if self.does.status or start >= len(self.does.body):
            self.send_error(self.does.status or 416)
            return
        answer = self.does.body[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(self.does.body) - 1}/{len(self.does.body)}")
        if self.does.length:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer[: self.does.cut])
        if self.does.interrupt:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            self.does.done.wait(5)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    does = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, does)) as http:
        does.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield does
        does.done.set()
        http.shutdown()
        thread.join()


@pytest.fixture
def manifest(server, monkeypatch, tmp_path):
    """A corpus that the server has; the command line knows it as `groove`."""
    monkeypatch.setenv("DRUMTOK_DATA", str(tmp_path / "data"))
    address = f"http://127.0.0.1:{server.port}/groove.zip"
    made = replace(load_manifest("groove"), address=address, size=len(BODY), sha256=hashlib.sha256(BODY).hexdigest())
    monkeypatch.setattr(
        "drumtok.dataset.manifests.load_manifest", lambda name: made if name == "groove" else load_manifest(name)
    )
    return made


def leave_part(manifest: Manifest, data: bytes) -> Path:
    part = part_path(manifest)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(data)
    return part


def run(*arguments):
    result = CliRunner().invoke(main, ["corpus", "fetch", *map(str, arguments)])
    assert "Traceback" not in result.output
    return result


def failed(*arguments) -> str:
    """The one line that a failing command ends with."""
    result = run(*arguments)
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if not line.startswith("fetching ")]
    assert len(lines) == 1
    return lines[0]


def files(manifest: Manifest) -> list[str]:
    return sorted(path.name for path in manifest.path.parent.iterdir())


def test_a_corpus_is_fetched_once(manifest, server):
    seen = []
    assert fetch(manifest, progress=lambda done, total: seen.append((done, total))) == manifest.path
    assert manifest.path.read_bytes() == BODY
    assert seen[0] == (0, len(BODY))
    assert seen[-1] == (len(BODY), len(BODY))
    assert seen == sorted(seen)
    assert files(manifest) == [manifest.file]
    fetch(manifest)
    assert server.asked == [None]


def test_a_damaged_corpus_is_fetched_anew(manifest):
    leave_part(manifest, b"").unlink()
    manifest.path.write_bytes(BODY[:-1] + bytes([BODY[-1] ^ 1]))
    assert not is_fetched(manifest)
    fetch(manifest)
    assert is_fetched(manifest)


def test_a_download_goes_on_where_it_broke_off(manifest, server):
    server.cut = 100_000
    with pytest.raises(DrumtokError, match=r"broke off.* first 100,000 bytes are kept"):
        fetch(manifest)
    assert files(manifest) == [f"{manifest.file}.part"]
    assert part_path(manifest).read_bytes() == BODY[:100_000]
    with pytest.raises(DrumtokError, match=r"first 200,000 bytes are kept"):
        fetch(manifest)
    server.cut = None
    fetch(manifest)
    assert server.asked == [None, "bytes=100000-", "bytes=200000-"]
    assert manifest.path.read_bytes() == BODY
    assert files(manifest) == [manifest.file]


@pytest.mark.parametrize(
    ("behaviour", "asked"),
    [
        ({"ranges": False}, ["bytes=1000-"]),
        ({"shift": 5}, ["bytes=1000-", None]),
        ({"shift": len(BODY)}, ["bytes=1000-", None]),  # 416
        ({"length": False}, ["bytes=1000-"]),
    ],
    ids=["ignores ranges", "another range", "416", "no length"],
)
def test_servers_that_are_odd_about_ranges(manifest, server, behaviour, asked):
    leave_part(manifest, BODY[:1000])
    vars(server).update(behaviour)
    fetch(manifest)
    assert manifest.path.read_bytes() == BODY
    assert server.asked == asked


def test_a_part_that_is_whole_is_not_asked_for(manifest, server):
    leave_part(manifest, BODY)
    fetch(manifest)
    assert is_fetched(manifest)
    assert server.asked == []


def test_a_part_that_is_too_long_is_begun_anew(manifest, server):
    leave_part(manifest, BODY + b"more")
    fetch(manifest)
    assert manifest.path.read_bytes() == BODY
    assert server.asked == [None]


def test_a_part_of_another_file_is_found_out_and_deleted(manifest):
    part = leave_part(manifest, bytes(1000))
    with pytest.raises(DrumtokError, match=f"expected sha256 {manifest.sha256}, found [0-9a-f]{{64}}"):
        fetch(manifest)
    assert not part.exists()
    assert fetch(manifest).read_bytes() == BODY


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (BODY[::-1], "expected sha256 .* found " + hashlib.sha256(BODY[::-1]).hexdigest()),
        (b"<html>", "expected 300,000 bytes, found 6"),
        (b"", "expected 300,000 bytes, found 0"),
        (BODY * 20, r"expected 300,000 bytes, found 3\d\d,\d{3}\b(?!,)"),  # it stops reading soon
    ],
    ids=["other bytes", "a page", "nothing", "too long"],
)
def test_wrong_bytes_are_deleted(manifest, server, body, message):
    server.body = body or b"x"
    server.length, server.cut = bool(body), None if body else 0
    with pytest.raises(DrumtokError, match=message):
        fetch(manifest)
    assert files(manifest) == []


def test_only_one_fetch_writes_to_a_part(manifest):
    fcntl = pytest.importorskip("fcntl")
    part = leave_part(manifest, BODY[:10])
    with open(part, "ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DrumtokError, match="being written by another fetch"):
            fetch(manifest)
    fetch(manifest)


def test_an_archive_is_checked_and_copied(manifest, server, tmp_path):
    archive = tmp_path / "mine.zip"
    archive.write_bytes(BODY)
    leave_part(manifest, BODY[:10])
    result = run("groove", "--archive", archive)
    assert result.exit_code == 0
    assert manifest.path.read_bytes() == archive.read_bytes() == BODY
    assert files(manifest) == [manifest.file]
    assert server.asked == []


def test_archives_that_are_refused(manifest, tmp_path):
    archive = tmp_path / "mine.zip"
    assert f"archive {str(archive)!r} is not there" in failed("groove", "--archive", archive)
    assert "is not there as a file" in failed("groove", "--archive", tmp_path)
    archive.write_bytes(BODY[::-1])
    assert f"expected sha256 {manifest.sha256}, found " in failed("groove", "--archive", archive)
    archive.write_bytes(b"short")
    assert "expected 300,000 bytes, found 5" in failed("groove", "--archive", archive)
    assert archive.read_bytes() == b"short"
    assert not manifest.path.exists()


def test_the_command_says_what_it_did(manifest, server):
    first, second = run("groove"), run("groove")
    assert first.stderr == f"fetching {manifest.address} (300,000 bytes)\n"
    whose = f"({manifest.licence}; cite {manifest.citation})"
    assert first.stdout == f"corpus 'groove' is fetched: {manifest.path} {whose}\n"
    assert second.output == f"corpus 'groove' is there already: {manifest.path}\n"
    assert len(server.asked) == 1


def test_a_terminal_gets_a_bar(manifest, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with on_progress(manifest) as progress:
        fetch(manifest, progress=progress)
    output = capsys.readouterr()
    assert "300.0/300.0 kB" in output.err
    assert output.out == ""


def test_a_folder_needs_no_fetching(manifest, tmp_path):
    result = run("starter")
    assert result.exit_code == 0
    assert "needs no fetching" in result.output
    assert "takes no archive" in failed("starter", "--archive", tmp_path)


def test_an_unknown_name_is_told_the_known_ones(manifest):
    assert failed("grove").endswith("corpus 'grove' is unknown: known are groove, starter")


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refusing_server(manifest, server, status):
    server.status = status
    line = failed("groove")
    assert f"cannot fetch {manifest.address}: the server answers {status} " in line
    assert "--archive PATH" in line


def test_no_network(manifest, monkeypatch):
    with socket.socket() as unused:  # bound and not listening: connections are refused
        unused.bind(("127.0.0.1", 0))
        gone = replace(manifest, address=f"http://127.0.0.1:{unused.getsockname()[1]}/groove.zip")
        monkeypatch.setattr("drumtok.dataset.manifests.load_manifest", lambda name: gone)
        line = failed("groove")
    assert f"cannot fetch {gone.address}: Connection refused" in line
    assert "--archive PATH" in line


def test_a_server_that_falls_silent(manifest, monkeypatch):
    monkeypatch.setattr(fetch_module, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stuck = replace(manifest, address=f"http://127.0.0.1:{silent.getsockname()[1]}/groove.zip")
        with pytest.raises(DrumtokError, match="timed out"):
            fetch(stuck)


def test_a_folder_that_cannot_be_made(manifest, monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("DRUMTOK_DATA", str(tmp_path / "file" / "data"))
    assert "Not a directory" in failed("groove")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_writable(manifest):
    leave_part(manifest, b"").unlink()
    manifest.path.parent.chmod(0o500)
    assert "Permission denied" in failed("groove")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(manifest):
    part = leave_part(manifest, b"")
    part.unlink()
    part.symlink_to("/dev/full")
    assert "No space left on device" in failed("groove")
    assert not manifest.path.exists()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to a thread here")
def test_ctrl_c_keeps_the_part(manifest, server):
    server.cut, server.interrupt = 100_000, True
    result = run("groove")
    assert result.exit_code == 130
    assert " bytes are kept, and the same command goes on from there" in result.stderr
    kept = part_path(manifest).read_bytes()
    assert kept == BODY[: len(kept)]
    assert f"stopped: {len(kept):,} of 300,000 bytes" in result.stderr
    server.cut, server.interrupt = None, False
    assert run("groove").exit_code == 0
    assert manifest.path.read_bytes() == BODY
    assert server.asked == [None, f"bytes={len(kept)}-" if kept else None]
