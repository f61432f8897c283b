"""--map and --out-map: every command that reads or writes MIDI has them, with the same help text."""

import shutil
from importlib import import_module
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner

from drumtok.cli.main import COMMANDS, main
from drumtok.midi.files import read_midi, to_midi_bytes
from drumtok.midi.note_maps import MAP_HELP, load_note_map
from drumtok.pattern import Pattern

READING = ["augment", "curate", "encode", "humanise", "morph", "render", "sample", "vary"]
WRITING = ["augment", "curate", "decode", "morph", "pack", "render", "sample", "vary"]
GRID = """
kick   |x---x---x---x---|
snare  |----x-------x---|
closed |x-x-x-x-x-x-x-x-|
crash  |x---------------|
"""
BEAT = Pattern.from_grid(GRID)
AD2 = ("--map", "ad2")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a beat written with the note map of Addictive Drums."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "beat.mid").write_bytes(to_midi_bytes(BEAT, note_map="ad2"))
    return tmp_path


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def notes_of(path):
    return {message.note for track in mido.MidiFile(path).tracks for message in track if message.type == "note_on"}


@pytest.mark.parametrize(
    ("name", "flag"), [*((name, "--map") for name in READING), *((name, "--out-map") for name in WRITING)]
)
def test_the_options_have_the_same_words(name, flag):
    module, function = COMMANDS[name]
    command = getattr(import_module(f"drumtok.cli.{module}"), function)
    (option,) = [one for one in command.params if flag in one.opts]
    assert option.default == "gm"
    assert option.help.startswith(MAP_HELP)
    assert "ssd5" in [item.value for item in option.shell_complete(None, "s")]


def test_vary_reads_and_writes_by_maps(folder):
    run("vary", "in/beat.mid", "--amount", 0, *AD2, "--out-map", "bfd3", "--out", "out.mid", "--seed", 1)
    assert (read_midi("out.mid", note_map="bfd3").hits == BEAT.hits).all()
    again = run("vary", "--like", "out.mid", "--out", "again.mid")
    assert not again.stderr
    assert notes_of("again.mid") == notes_of("out.mid") <= {note for note in load_note_map("bfd3").written if note}


def test_curate_and_morph_read_by_a_map(folder):
    shutil.copy("in/beat.mid", "in/again.mid")
    run("curate", "in", *AD2, "--minutes", 0.3, "--section", 2, "--out", "piece.mid", "--seed", 1)
    assert (read_midi("piece.mid").hits[:16, 2] == BEAT.hits[:, 2]).all()
    run("morph", "in/beat.mid", "in/beat.mid", "--steps", 2, *AD2, "--out", "path")
    assert (read_midi("path/morph-1.mid").hits == BEAT.hits).all()


def test_sample_keeps_from_a_file_by_a_map(folder):
    options = ("--keep", "kick,snare,closed", "--particles", 2, "--bars", 1, "--seed", 1)
    run("sample", "--from", "in/beat.mid", *AD2, *options, "--out", "new.mid")
    assert (read_midi("new.mid").hits[:, :3] == BEAT.hits[:, :3]).all()
    assert "--map ad2" in next(m.text for track in mido.MidiFile("new.mid").tracks for m in track if m.type == "text")


def test_humanise_plays_the_hits_of_a_map(folder):
    run("humanise", "in/beat.mid", *AD2, "--seed", 1, "--out", "played.mid")
    assert notes_of("played.mid") == notes_of("in/beat.mid")
    played = read_midi("played.mid", note_map="ad2")
    assert (played.hits == BEAT.hits).all()
    assert (played.velocity[BEAT.hits] != BEAT.velocity[BEAT.hits]).any()


def test_decode_and_encode_are_inverse_by_a_map(folder):
    run("encode", "in", "-o", "words.txt", *AD2)
    run("decode", "words.txt", "decoded", "--out-map", "ad2")
    assert notes_of(*Path("decoded").rglob("*.mid")) == notes_of("in/beat.mid")


def test_augment_reads_parts_and_writes_loops_by_maps(folder):
    for role, line in zip(("kick", "snare", "hats"), GRID.split("\n")[1:], strict=False):
        (folder / "parts" / role).mkdir(parents=True)
        part = to_midi_bytes(Pattern.from_grid(line), note_map="ad2")
        (folder / "parts" / role / "one.mid").write_bytes(part)
    run("augment", "loops", "--parts", "parts", "--count", 1, "--split", "all", *AD2, "--out-map", "ad2", "--seed", 1)
    (loop,) = (folder / "loops").rglob("*.mid")
    assert {36, 38, 49} <= notes_of(loop) <= set(load_note_map("ad2").written)
