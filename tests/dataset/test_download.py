"""Fetching a corpus from a local server that cuts connections, refuses requests or sends wrong bytes."""

import hashlib
import os
import signal
import socket
import threading
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from click.testing import CliRunner

from drumtok.cli.corpus import fetch_corpus
from drumtok.cli.main import main
from drumtok.dataset.download import fetch, is_fetched
from drumtok.dataset.manifests import Manifest, load_manifest
from drumtok.errors import DrumtokError

BODY = np.random.default_rng(3).bytes(300_000)


@dataclass
class Server:
    """Settings of the server's responses, and the number of requests that it received."""

    port: int = 0
    body: bytes = BODY
    status: int = 200
    cut: int | None = None  # number of bytes after which the connection is closed
    interrupt: bool = False  # send SIGINT, as Ctrl-C does, after the response
    requests: int = 0


class Handler(BaseHTTPRequestHandler):
    def __init__(self, server_does: Server, *args):
        self.does = server_does
        super().__init__(*args)

    def do_GET(self):
        self.does.requests += 1
        if self.does.status != 200:
            self.send_error(self.does.status)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.does.body)))
        self.end_headers()
        self.wfile.write(self.does.body[: self.does.cut])
        if self.does.interrupt:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

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
        http.shutdown()
        thread.join()


@pytest.fixture
def manifest(server, monkeypatch, tmp_path):
    """The manifest of a corpus that the server offers."""
    monkeypatch.setenv("DRUMTOK_DATA", str(tmp_path / "data"))
    address = f"http://127.0.0.1:{server.port}/groove.zip"
    return replace(load_manifest("groove"), address=address, size=len(BODY), sha256=hashlib.sha256(BODY).hexdigest())


def run(*arguments):
    result = CliRunner().invoke(main, ["corpus", "fetch", *map(str, arguments)])
    assert "Traceback" not in result.output
    return result


def failed(*arguments) -> str:
    """Run a command that fails, and return the line that it prints."""
    result = run(*arguments)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    return line


def files(manifest: Manifest) -> list[str]:
    folder = manifest.path.parent
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_corpus_is_fetched_once(manifest, server):
    assert fetch(manifest) == manifest.path
    assert manifest.path.read_bytes() == BODY
    assert files(manifest) == [manifest.file]
    server.status = 500  # the second time needs no network
    assert fetch(manifest) == manifest.path
    assert server.requests == 1


def test_a_damaged_corpus_is_fetched_again(manifest):
    manifest.path.parent.mkdir()
    manifest.path.write_bytes(BODY[:-1] + bytes([BODY[-1] ^ 1]))
    assert not is_fetched(manifest)
    fetch(manifest)
    assert is_fetched(manifest)


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b"more", bytes(len(BODY)), b"<html>log in first</html>"])
def test_wrong_bytes_are_deleted(manifest, server, body):
    server.body = body
    with pytest.raises(DrumtokError, match=f"^sha256 of {manifest.address} must be {manifest.sha256}, got another"):
        fetch(manifest)
    assert files(manifest) == []


def test_a_cut_download_leaves_nothing(manifest, server):
    server.cut = 100_000
    with pytest.raises(DrumtokError, match=f"^cannot fetch {manifest.address}: .*--archive PATH"):
        fetch(manifest)
    assert files(manifest) == []
    server.cut = None
    assert fetch(manifest).read_bytes() == BODY


def test_ctrl_c_leaves_nothing(manifest, server):
    server.cut, server.interrupt = 100_000, True
    with pytest.raises(KeyboardInterrupt):
        fetch(manifest)
    assert files(manifest) == []


def test_an_archive_is_checked_and_copied(manifest, server, tmp_path):
    archive = tmp_path / "mine.zip"
    archive.write_bytes(BODY)
    fetch(manifest, archive)
    assert manifest.path.read_bytes() == archive.read_bytes() == BODY
    assert files(manifest) == [manifest.file]
    assert server.requests == 0


def test_archives_that_are_refused(manifest, tmp_path):
    archive = tmp_path / "mine.zip"
    archive.write_bytes(BODY[:-1])
    with pytest.raises(DrumtokError, match=rf"mine\.zip' must be {manifest.sha256}, got [0-9a-f]{{64}}$"):
        fetch(manifest, archive)
    with pytest.raises(DrumtokError, match=r"^cannot read '.*no\.zip': No such file"):
        fetch(manifest, tmp_path / "no.zip")
    with pytest.raises(DrumtokError, match=r"^cannot read "):
        fetch(manifest, tmp_path)
    assert not manifest.path.exists()


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refusing_server(manifest, server, status):
    server.status = status
    with pytest.raises(DrumtokError, match=f"^cannot fetch {manifest.address}: the server answers {status} "):
        fetch(manifest)


def test_no_network(manifest):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gone = replace(manifest, address=f"http://127.0.0.1:{unused.getsockname()[1]}/groove.zip")
        with pytest.raises(DrumtokError, match="cannot be reached"):
            fetch(gone)


def test_a_server_that_falls_silent(manifest):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stuck = replace(manifest, address=f"http://127.0.0.1:{silent.getsockname()[1]}/groove.zip")
        with pytest.raises(DrumtokError, match="does not answer"):
            fetch(stuck, timeout=0.2)


def test_a_folder_that_cannot_be_made(manifest, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DRUMTOK_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(DrumtokError, match=r"^cannot write .*: Not a directory$"):
        fetch(manifest)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
def test_a_full_disk(manifest, monkeypatch):
    with open("/dev/full", "wb", buffering=0) as full:
        monkeypatch.setattr("pooch.downloaders.open", lambda *arguments, **options: full, raising=False)
        with pytest.raises(DrumtokError, match=r"^cannot write .*: No space left on device$"):
            fetch(manifest)
    assert files(manifest) == []


def test_the_command_prints_what_it_did(manifest, server, capsys):
    fetch_corpus(manifest)
    first = capsys.readouterr()
    assert first.err == f"fetching {manifest.address} (300,000 bytes)\n"
    whose = f"({manifest.licence}; cite {manifest.citation})"
    assert first.out == f"corpus 'groove' is fetched: {manifest.path} {whose}\n"
    fetch_corpus(manifest)
    assert capsys.readouterr().out == f"corpus 'groove' is there already: {manifest.path}\n"


def test_the_command_takes_an_archive(manifest, tmp_path, capsys):
    (tmp_path / "mine.zip").write_bytes(BODY)
    fetch_corpus(manifest, tmp_path / "mine.zip")
    assert capsys.readouterr().out == f"corpus 'groove' is taken from {tmp_path / 'mine.zip'}: {manifest.path}\n"


def test_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUMTOK_DATA", str(tmp_path))
    assert run("starter").output.startswith("corpus 'starter' comes with drumtok and needs no fetching: ")
    assert "--archive cannot be combined with corpus 'starter'" in failed("starter", "--archive", tmp_path / "a.zip")
    assert "unknown corpus 'lakh', must be one of groove, starter" in failed("lakh")
    (tmp_path / "wrong.zip").write_bytes(BODY)
    assert "must be " in failed("groove", "--archive", tmp_path / "wrong.zip")
