"""The Model Context Protocol server, called by the client of the `mcp` package in memory and as a process."""

import asyncio
import base64
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from midi_bytes import kit_beside_a_melody

from drumtok import Pattern, generate, read_midi
from drumtok.cli.main import main
from drumtok.connect.groove_tools import GrooveTools
from drumtok.connect.mcp_server import mcp_server
from drumtok.connect.shared_folder import SharedFolder
from drumtok.runtime.install import install_command

pytest.importorskip("mcp")
TOOLS = ["write_groove", "vary_groove", "fill", "humanise", "render", "read_grid", "list_styles"]
BEAT = "kick |x---x---x---x---|x---x---x---x---|\nsnare |----X-------X---|----X-------X---|"


def call(tools, name, **arguments):
    """Call a tool of a server in memory, and return its result."""
    from mcp import Client

    async def ask():
        async with Client(mcp_server(tools)) as client:
            return await client.call_tool(name, arguments)

    return asyncio.run(ask())


def groove(tools, name, **arguments):
    result = call(tools, name, **arguments)
    assert not result.is_error, result.content
    return result.structured_content


@pytest.fixture
def tools(tmp_path, small_checkpoint_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    return GrooveTools(SharedFolder(folder), small_checkpoint_path)


def test_a_client_lists_the_tools_with_what_they_take():
    from mcp import Client

    async def ask():
        async with Client(mcp_server(GrooveTools(SharedFolder()))) as client:
            return (await client.list_tools()).tools

    listed = asyncio.run(ask())
    assert [tool.name for tool in listed] == TOOLS
    assert all(tool.description for tool in listed)
    assert listed[1].input_schema["required"] == ["pattern"]


def test_a_groove_is_that_of_its_seed_as_notation_and_midi(tools, tmp_path):
    made = groove(tools, "write_groove", style="funk", bars=2, seed=7)
    expected = generate(7, style="funk", bars=2, dynamics=1, checkpoint=tools.checkpoint)
    assert made["notation"] == expected.to_grid()
    assert (made["bars"], made["meter"], made["seed"], made["file"]) == (2, "4/4", 7, "")
    (tmp_path / "a.mid").write_bytes(base64.b64decode(made["midi"]))
    assert (read_midi(tmp_path / "a.mid").hits == expected.hits).all()


def test_a_groove_goes_from_tool_to_tool_as_a_file(tools):
    folder = tools.folder.path
    read = groove(tools, "read_grid", pattern=BEAT, tempo=96, file="beat.mid")
    assert (read["midi"], Path(read["file"]).name, read["tempo"]) == ("", "beat.mid", 96)
    played = groove(tools, "humanise", pattern="beat.mid", seed=1, file="played.mid")
    before, after = read_midi(folder / "beat.mid"), read_midi(folder / "played.mid")
    assert (after.hits == before.hits).all()
    assert (after.velocity != before.velocity).any()
    assert (after.offset != 0).any()
    sound = groove(tools, "render", pattern="played.mid", file="played.wav")
    assert sound["seconds"] == pytest.approx(5)
    assert (folder / "played.wav").read_bytes()[:4] == b"RIFF"
    assert played["hits"] == 12


def test_varying_changes_some_and_a_fill_its_bar_alone(tools):
    data = groove(tools, "read_grid", pattern=BEAT)["midi"]
    varied = Pattern.from_grid(groove(tools, "vary_groove", pattern=data, amount=0.5, seed=3)["notation"])
    filled = Pattern.from_grid(groove(tools, "fill", pattern=BEAT, seed=3)["notation"])
    before = Pattern.from_grid(BEAT)
    assert 0 < (varied.hits != before.hits).sum() < before.hits.size / 2
    assert (filled[0].hits == before[0].hits).all()
    assert (filled[1].hits != before[1].hits).any()


def test_the_drums_of_a_midi_file_are_those_that_are_requested(tools):
    notes = [(0, 36), (480, 38), (960, 36), (1440, 38)]
    (tools.folder.path / "song.mid").write_bytes(kit_beside_a_melody(notes))
    for place in ({"channel": 3}, {"track": "2"}):
        assert groove(tools, "read_grid", pattern="song.mid", **place)["hits"] == 4


def test_styles_have_tempi(tools):
    rows = {row["name"]: row for row in groove(tools, "list_styles")["result"]}
    assert rows["house"]["tempo"] == sorted(rows["house"]["tempo"])
    assert rows["house"]["meters"] == ["4/4"]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("write_groove", {"style": "polka"}, "style must be"),
        ("write_groove", {"bars": 0}, "bars must be"),
        ("write_groove", {"file": "../a.mid"}, "file must be inside the shared folder, got '../a.mid'"),
        ("write_groove", {"file": "/tmp/a.mid"}, "file must be inside the shared folder"),
        ("write_groove", {"file": "a.txt"}, "file must end in .mid or .midi, got 'a.txt'"),
        ("write_groove", {"file": "none/a.mid"}, "the folder of file must exist"),
        ("write_groove", {"file": "old.mid"}, "file must be a new one, got 'old.mid', which exists"),
        ("read_grid", {"pattern": "kick |x--|"}, "hits must be whole bars of 16 steps, got 3 steps"),
        ("read_grid", {"pattern": "bongo |x---|"}, "lane must be one of"),
        ("read_grid", {"pattern": ""}, "pattern must have 1 to 1024 bars, got 0"),
        ("read_grid", {"pattern": "TVRoZAAA!"}, "pattern must be complete base64"),
        ("read_grid", {"pattern": BEAT, "note_map": "../my.toml"}, "note_map must be one of gm,"),
        ("read_grid", {"pattern": BEAT, "channel": 17}, "channel must be between 1 and 16, got 17"),
        ("vary_groove", {"pattern": "none.mid"}, "cannot read"),
        ("fill", {"pattern": BEAT, "bars": [3]}, "fill_bars"),
        ("render", {"pattern": BEAT, "file": "a.wav", "kit": "nothing"}, "kit"),
    ],
)
def test_errors_are_one_clear_sentence_and_write_nothing(tools, name, arguments, message):
    folder = tools.folder.path
    (folder / "old.mid").write_bytes(b"")
    result = call(tools, name, **arguments)
    assert result.is_error
    assert message in result.content[0].text
    assert "Traceback" not in result.content[0].text
    assert [path.name for path in folder.iterdir()] == ["old.mid"]


def test_a_link_does_not_lead_out_of_the_folder(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.mid").write_bytes(b"MThd")
    (inside / "link.mid").symlink_to(tmp_path / "secret.mid")
    result = call(GrooveTools(SharedFolder(inside)), "read_grid", pattern="link.mid")
    assert "file must be inside the shared folder" in result.content[0].text


def test_files_require_a_folder():
    result = call(GrooveTools(SharedFolder()), "write_groove", file="a.mid")
    assert "requires a shared folder" in result.content[0].text


@pytest.mark.slow
def test_the_command_serves_standard_input_and_output(tmp_path):
    from mcp import Client, StdioServerParameters

    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from drumtok.cli.main import main; main()", "mcp", "--folder", str(tmp_path)],
        cwd=Path(__file__).parents[2],
    )

    async def ask():
        async with Client(server) as client:
            listed = (await client.list_tools()).tools
            return [tool.name for tool in listed], await client.call_tool("read_grid", {"pattern": BEAT})

    names, result = asyncio.run(asyncio.wait_for(ask(), 60))
    assert names == TOOLS
    assert result.structured_content["hits"] == 12


@pytest.mark.slow
def test_the_command_serves_http():
    from mcp import Client

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "from drumtok.cli.main import main; main()"
    command = [sys.executable, "-c", code, "mcp", "--http", f"127.0.0.1:{port}"]

    async def ask():
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            return await client.call_tool("read_grid", {"pattern": BEAT})

    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.2)
            assert asyncio.run(asyncio.wait_for(ask(), 60)).structured_content["hits"] == 12
        finally:
            server.terminate()


@pytest.mark.parametrize("address", ["0.0.0.0:8810", "example.org:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:x"])
def test_other_machines_cannot_be_served(address):
    result = CliRunner().invoke(main, ["mcp", "--http", address])
    assert (result.exit_code, result.stdout) == (2, "")
    expected = f"--http must be an address of this machine such as 127.0.0.1:8810, got {address!r}"
    assert result.stderr == f"Error: {expected}\n"


@pytest.mark.parametrize(
    ("command", "module", "message"),
    [
        ("mcp", "assistant", f"the server requires mcp: {install_command('mcp')}"),
        ("osc", "osc", f"Open Sound Control requires python-osc: {install_command('osc')}"),
    ],
)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(monkeypatch, command, module, message):
    monkeypatch.setattr(f"drumtok.cli.{module}.find_spec", lambda name: None)
    result = CliRunner().invoke(main, [command])
    assert (result.exit_code, result.stderr) == (2, f"Error: {message}\n")
