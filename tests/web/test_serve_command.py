"""`drumtok serve`: the address that it prints, and its errors."""

import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from drumtok.cli.main import main

ROOT = Path(__file__).parents[2]


def test_without_the_extra_the_error_names_the_install_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)  # as if it were not installed
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 2
    assert "[web]'" in result.output


def test_a_port_in_use_is_an_error(small_checkpoint_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--port", port, "--checkpoint", str(small_checkpoint_path)])
    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in result.output


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--token", ""], ["--host", "no.such.host.invalid"]])
def test_invalid_options_are_errors(arguments, small_checkpoint_path):
    result = CliRunner().invoke(main, ["serve", *arguments, "--checkpoint", str(small_checkpoint_path)])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_printed_address_is_served(host, small_checkpoint_path):
    command = ["serve", "--host", host, "--port", "0", "--checkpoint", str(small_checkpoint_path)]
    code = "from drumtok.cli.main import main; main()"
    server = subprocess.Popen([sys.executable, "-c", code, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        lines = [server.stdout.readline()]
        if host == "0.0.0.0":
            assert "Other machines" in lines[0]
            lines.append(server.stdout.readline())
        port, token = re.fullmatch(r"http://[\d.]+:(\d+)/(#token=\S{22})?\n", lines[-1]).groups()
        assert (token is None) == (host == "127.0.0.1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert b"drumtok" in page.read()
    finally:
        server.terminate()
        server.communicate(timeout=30)
