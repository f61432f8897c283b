"""--channel and --track: every command that uses the drums of a MIDI file has them, and they override the detection."""

from importlib import import_module

import pytest
from click.testing import CliRunner
from midi_bytes import kit_beside_a_melody

from drumtok.cli.main import COMMANDS, main
from drumtok.midi.files import read_midi, write_midi

NAMES = ["curate", "encode", "find", "humanise", "morph", "render", "sample", "styles", "vary"]
BAR = [(0, 36), (480, 38), (960, 36), (1440, 38), *[(240 * step, 42) for step in range(8)]]
CHOSEN = ("--channel", "3")


@pytest.fixture
def two(tmp_path, monkeypatch):
    """A file, in the current folder, whose drums are on track 2 and channel 3 beside a melody."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "two.mid"
    path.write_bytes(kit_beside_a_melody(BAR))
    return path


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("name", NAMES)
def test_the_options_have_the_same_words(name):
    module, function = COMMANDS[name]
    command = getattr(import_module(f"drumtok.cli.{module}"), function)
    texts = {option.name: option.help for option in command.params if option.name in ("channel", "track")}
    assert texts == {
        "channel": "Channel of the drums, instead of the detected one.  [1 to 16]",
        "track": "Track of the drums, by number or name.",
    }


def test_vary_edits_the_chosen_drums_and_like_knows_them(two):
    options = ("--amount", 0, "--seed", 1)
    assert "no hits of the kit" in run("vary", two, *options, code=2).stderr
    run("vary", two, *options, *CHOSEN, "--out", "by-channel.mid")
    run("vary", two, *options, "--track", 2, "--out", "by-track.mid")
    hits = read_midi(two, channel=3).hits.tolist()
    assert read_midi("by-channel.mid", channel=3).hits.tolist() == hits
    assert read_midi("by-track.mid", channel=3).hits.tolist() == hits
    run("vary", "--like", "by-channel.mid", "--out", "again.mid")
    assert (two.parents[1] / "again.mid").read_bytes() == (two.parents[1] / "by-channel.mid").read_bytes()
    assert "got 5" in run("vary", two, *options, "--channel", 5, code=2).stderr
    assert "channel" in run("vary", two, *options, "--channel", 17, code=2).stderr


def test_sample_keeps_the_chosen_drums(two):
    options = ("--keep", "kick,snare", "--particles", 2, "--bars", 1, "--seed", 1)
    run("sample", "--from", two, *options, *CHOSEN, "--out", "new.mid")
    assert (read_midi("new.mid", channel=3).hits[:, :2] == read_midi(two, channel=3).hits[:, :2]).all()


def test_humanise_plays_the_chosen_drums(two):
    run("humanise", two, "--seed", 1, *CHOSEN, "--out", "played.mid")
    before, after = read_midi(two, channel=3), read_midi("played.mid", channel=3)
    assert (after.hits == before.hits).all()
    assert (after.velocity != before.velocity).any()


def test_styles_are_those_of_the_chosen_drums(two):
    write_midi(read_midi(two, channel=3), "beat.mid")
    assert run("styles", "--of", two, *CHOSEN).stdout == run("styles", "--of", "beat.mid").stdout


def test_find_looks_for_the_chosen_drums(two):
    (two.parents[1] / "library").mkdir()
    write_midi(read_midi(two, channel=3), "library/beat.mid")
    found = run("find", two, "library", "--index", "index", *CHOSEN, "--json", "--jobs", 1).stdout
    assert '"distance": 0.0' in found
