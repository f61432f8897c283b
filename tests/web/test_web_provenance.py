"""A MIDI file from the page says how a seed and settings made it, and the command line makes it again from that."""

import pytest
from web_client import BEAT, client_of, wire

from drumtok.generation.provenance import read_provenance
from drumtok.midi.files import from_midi_bytes
from drumtok.network.engine import Engine
from drumtok.version import __version__
from drumtok.web.provenance import origin_of
from drumtok.web.state import Studio

PLAIN = f"drumtok {__version__}: serve"


@pytest.fixture
def client(small_checkpoint, small_checkpoint_path):
    studio = Studio(Engine(small_checkpoint), origin_of(small_checkpoint_path, conditioning=True))
    with client_of(small_checkpoint, studio) as made:
        yield made


def taken_home(client, asked, path, **laid_out):
    """Has a request written, and its MIDI file saved."""
    made = client.post("/api/generate", json=asked).json()
    written_by = asked | {"seed": made["seed"]}
    answer = client.post("/api/midi/write", json={"pattern": made["pattern"], "written_by": written_by, **laid_out})
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)


@pytest.mark.parametrize(
    ("asked", "options", "laid_out"),
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
    ],
)
def test_it_is_the_file_of_the_command_line_and_made_again_from_itself(
    client, sample, tmp_path, asked, options, laid_out
):
    own, there, again = (tmp_path / name for name in ("page.mid", "there.mid", "again.mid"))
    taken_home(client, asked, own, **laid_out)
    flags = ["--swing", 58, "--out-map", "td11", "--track-per-drum"] if laid_out else []
    assert sample("--seed", 7, *options, *flags, "--out", there).exit_code == 0
    assert from_midi_bytes(own.read_bytes()).sections == from_midi_bytes(there.read_bytes()).sections
    if "density" not in asked:  # which is 4 for the one and 4.0 for the other
        assert own.read_bytes() == there.read_bytes()
    made = sample("--like", own, "--out", again)
    assert made.exit_code == 0, made.output
    assert made.stderr == ""
    assert again.read_bytes() == own.read_bytes()


def test_a_seed_that_the_server_drew_is_told_too(client, sample, tmp_path):
    own = tmp_path / "page.mid"
    taken_home(client, {"bars": 1}, own)
    assert sample("--like", own, "--out", tmp_path / "again.mid").exit_code == 0
    assert (tmp_path / "again.mid").read_bytes() == own.read_bytes()


def test_what_was_drawn_says_no_more_than_where_it_is_from(client):
    data = client.post("/api/midi/write", json={"pattern": wire()}).content
    assert PLAIN.encode() in data
    assert b"--seed" not in data


@pytest.mark.parametrize("made_by", [{}, {"seed": 3, "around": {"pattern": wire(BEAT), "keep": ["kick"]}}])
def test_what_a_seed_alone_does_not_write_is_refused(client, made_by):
    answer = client.post("/api/midi/write", json={"pattern": wire(), "written_by": made_by})
    assert answer.status_code == 422
    assert "allowed is what a seed alone writes again" in answer.json()["detail"]


def test_what_another_network_wrote_is_not_said_to_be_of_this_one(client):
    stamp = client.get("/api/about").json()["stamp"]
    asked = {"pattern": wire(), "written_by": {"seed": 3}}
    assert b"--seed 3" in client.post("/api/midi/write", json=asked | {"stamp": stamp}).content
    assert PLAIN.encode() in client.post("/api/midi/write", json=asked | {"stamp": f"{stamp}0"}).content


def test_a_network_in_no_file_is_told_of_nothing(small_checkpoint):
    with client_of(small_checkpoint) as client:
        data = client.post("/api/midi/write", json={"pattern": wire(), "written_by": {"seed": 3}}).content
    assert PLAIN.encode() in data


def test_the_folders_of_a_server_that_others_reach_are_not_told(small_checkpoint_path):
    name = small_checkpoint_path.name
    assert origin_of(small_checkpoint_path, conditioning=True).options == ("--checkpoint", str(small_checkpoint_path))
    assert origin_of(small_checkpoint_path, conditioning=False).options == ("--checkpoint", name)
    assert origin_of(None, conditioning=False).options == ()


def test_flat_patterns_name_no_drummer(client, tmp_path):
    files = []
    for dynamics in (0, 1):
        taken_home(client, {"bars": 1, "seed": 2, "dynamics": dynamics}, tmp_path / "page.mid")
        files.append(set(read_provenance(tmp_path / "page.mid").files))
    assert files == [{"checkpoint"}, {"checkpoint", "groove"}]
