"""MIDI files from the page hold the seed and settings that made them, and the command line reproduces them."""

import pytest
from click.testing import CliRunner
from web_client import BEAT, client_of, wire

from drumtok.cli.main import main
from drumtok.generation.generate import generate
from drumtok.generation.provenance import read_provenance
from drumtok.midi.files import from_midi_bytes
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.version import __version__
from drumtok.web.provenance import server_provenance
from drumtok.web.state import ServerState

PLAIN = f"drumtok {__version__}: serve"


@pytest.fixture
def client(small_checkpoint, small_checkpoint_path):
    state = ServerState(Engine(small_checkpoint), server_provenance(small_checkpoint_path, with_folders=True))
    with client_of(small_checkpoint, state) as made:
        yield made


def save_generated(client, body, path, **layout):
    """Generate a pattern, and save its MIDI file."""
    made = client.post("/api/generate", json=body).json()
    written_by = body | {"seed": made["seed"]}
    response = client.post("/api/midi/write", json={"pattern": made["pattern"], "written_by": written_by, **layout})
    assert response.status_code == 200, response.text
    path.write_bytes(response.content)


@pytest.mark.parametrize(
    ("body", "options", "layout"),
    [
        ({"bars": 2, "seed": 7}, ["--bars", 2, "--dynamics", 1], {}),
        (
            {"seed": 7, "bars": 4, "form": "AB", "variation": 0.3, "dynamics": 0, "style": "funk", "tempo": 93},
            ["--bars", 4, "--form", "AB", "--variation", 0.3, "--dynamics", 0, "--style", "funk", "--tempo", 93],
            {"swing": 58, "note_map": "td11", "track_per_drum": True},
        ),
        (
            {"seed": 7, "bars": 1, "timing": 0.5, "density": {"kick": 4, "ride": 2.5}, "forbid": ["crash", "high"]},
            ["--bars", 1, "--timing", 0.5, "--density", "kick=4,ride=2.5", "--forbid", "crash,high", "--dynamics", 1],
            {},
        ),
        ({"seed": 7, "bars": 1, "follow": [0, 0.75]}, ["--bars", 1, "--follow", "0,0.75", "--dynamics", 1], {}),
    ],
)
def test_the_file_equals_that_of_the_command_line_and_reproduces_itself(
    client, sample, tmp_path, body, options, layout
):
    page, command, again = (tmp_path / name for name in ("page.mid", "there.mid", "again.mid"))
    save_generated(client, body, page, **layout)
    flags = ["--swing", 58, "--out-map", "td11", "--track-per-drum"] if layout else []
    assert sample("--seed", 7, "--candidates", 1, *options, *flags, "--out", command).exit_code == 0
    assert from_midi_bytes(page.read_bytes()).sections == from_midi_bytes(command.read_bytes()).sections
    if "density" not in body:  # the text differs: density is 4 in one file and 4.0 in the other
        assert page.read_bytes() == command.read_bytes()
    made = sample("--like", page, "--out", again)
    assert made.exit_code == 0, made.output
    assert made.stderr == ""
    assert again.read_bytes() == page.read_bytes()


def test_a_style_of_another_network_is_written_by_it_as_on_the_command_line(tmp_path):
    checkpoint = load_checkpoint(checkpoint_file(None))
    page, command = tmp_path / "page.mid", tmp_path / "there.mid"
    state = ServerState(Engine(checkpoint), server_provenance(None, with_folders=True), by_style=True)
    with client_of(checkpoint, state) as client:
        grid = client.get("/api/about").json()["styles"]["trap"]["grid"]
        made = client.post("/api/generate", json={"bars": 1, "seed": 7, "style": "trap"}).json()
        save_generated(client, {"bars": 1, "seed": 7, "style": "trap"}, page)
    assert made["pattern"]["grid"] == grid == generate(7, bars=1, style="trap").grid
    options = ("--seed", "7", "--candidates", "1", "--bars", "1", "--style", "trap", "--out", str(command))
    assert CliRunner().invoke(main, ["sample", *options]).exit_code == 0
    assert page.read_bytes() == command.read_bytes()
    again = tmp_path / "again.mid"
    assert CliRunner().invoke(main, ["sample", "--like", str(page), "--out", str(again)]).exit_code == 0
    assert again.read_bytes() == page.read_bytes()


def test_a_random_seed_is_stored_too(client, sample, tmp_path):
    own = tmp_path / "page.mid"
    save_generated(client, {"bars": 1}, own)
    assert sample("--like", own, "--out", tmp_path / "again.mid").exit_code == 0
    assert (tmp_path / "again.mid").read_bytes() == own.read_bytes()


def test_a_pattern_drawn_by_hand_has_no_seed(client):
    data = client.post("/api/midi/write", json={"pattern": wire()}).content
    assert PLAIN.encode() in data
    assert b"--seed" not in data


@pytest.mark.parametrize("request_body", [{}, {"seed": 3, "around": {"pattern": wire(BEAT), "keep": ["kick"]}}])
def test_requests_that_a_seed_alone_does_not_reproduce_are_errors(client, request_body):
    response = client.post("/api/midi/write", json={"pattern": wire(), "written_by": request_body})
    assert response.status_code == 422
    assert "written_by must be a request with a seed and without around" in response.json()["detail"]


def test_a_pattern_of_another_network_has_no_seed(client):
    stamp = client.get("/api/about").json()["stamp"]
    body = {"pattern": wire(), "written_by": {"seed": 3}}
    assert b"--seed 3" in client.post("/api/midi/write", json=body | {"stamp": stamp}).content
    assert PLAIN.encode() in client.post("/api/midi/write", json=body | {"stamp": f"{stamp}0"}).content


def test_a_network_in_no_file_has_no_provenance(small_checkpoint):
    with client_of(small_checkpoint) as client:
        data = client.post("/api/midi/write", json={"pattern": wire(), "written_by": {"seed": 3}}).content
    assert PLAIN.encode() in data


def test_a_public_server_does_not_reveal_its_folders(small_checkpoint_path):
    name = small_checkpoint_path.name
    assert server_provenance(small_checkpoint_path, with_folders=True).options == (
        "--checkpoint",
        str(small_checkpoint_path),
    )
    assert server_provenance(small_checkpoint_path, with_folders=False).options == ("--checkpoint", name)
    assert server_provenance(None, with_folders=False).options == ()


def test_flat_patterns_do_not_name_the_groove_network(client, tmp_path):
    files = []
    for dynamics in (0, 1):
        save_generated(client, {"bars": 1, "seed": 2, "dynamics": dynamics}, tmp_path / "page.mid")
        files.append(set(read_provenance(tmp_path / "page.mid").files))
    assert files == [{"checkpoint"}, {"checkpoint", "groove"}]
