"""--channel and --track: every command that reads MIDI reads the requested kit of a file with two."""

import json
import shutil
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner
from click_commands import all_commands
from midi_bytes import two_kits

from drumtok.cli.main import main
from drumtok.midi.files import write_midi
from drumtok.pattern import Pattern

ROCK = [(0, 36), (480, 38), (960, 36), (1440, 38), *[(240 * step, 42) for step in range(8)]]
SPARSE = [(0, 36), (720, 38), (840, 36), (1200, 36), (1680, 38), (0, 51), (480, 51), (960, 51), (1440, 51)]
ROLES = {"kick": {36}, "snare": {38}, "hats": {42, 51}}


@pytest.fixture
def folder(tmp_path, monkeypatch, small_checkpoint_path):
    """The current folder: files with two kits in `in`, two-drum loops in `parts`, a library and a network."""
    monkeypatch.chdir(tmp_path)
    Path("small.safetensors").symlink_to(small_checkpoint_path)
    for name in ("in", "library", *(f"parts/{role}" for role in ROLES)):
        Path(name).mkdir(parents=True)
    Path("in/a.mid").write_bytes(two_kits(ROCK, SPARSE))
    Path("in/b.mid").write_bytes(two_kits(ROCK[:8], SPARSE[:5]))
    for role, pitches in ROLES.items():
        own = [[note for note in kit if note[1] in pitches] for kit in (ROCK, SPARSE)]
        Path(f"parts/{role}/one.mid").write_bytes(two_kits(*own))
    write_midi(Pattern.from_grid("kick |x-------x-------|\nsnare |----x-------x---|"), "library/beat.mid")
    return tmp_path


def notes_of(*paths):
    """Return (tick, channel, pitch, velocity) of the notes of files."""
    found = []
    for path in sorted(paths):
        for track in mido.MidiFile(path).tracks:
            now = 0
            for message in track:
                now += message.time
                if message.type == "note_on" and message.velocity:
                    found.append((now, message.channel, message.note, message.velocity))
    return sorted(found)


def of_files(text):
    return notes_of(*Path("out").rglob("*.mid"), *Path().glob("*.mid"))


def of_report(text):
    rows = [json.loads(line) for line in Path("out/report.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row["file"], row["hits"], row["notes"]) for row in rows]


def of_words(text):
    return Path("out.txt").read_text(encoding="utf-8")


CHECKPOINT = ("--checkpoint", "small.safetensors")
NETWORK = (*CHECKPOINT, "--seed", "1")
# command -> its arguments, and the function that returns the drums from its output
CASES = {
    "augment": (("augment", "out", "--parts", "parts", "--split", "all", "--count", "1", "--seed", "1"), of_files),
    "corpus build": (("corpus", "build", "out", "in", "--jobs", "1"), of_report),
    "curate": (("curate", "in", "--minutes", "0.1", "--section", "2", *NETWORK, "--out", "new.mid"), of_files),
    "encode": (("encode", "in", "-o", "out.txt", "--jobs", "1"), of_words),
    "find": (("find", "in/a.mid", "library", "--index", "index", "--json", "--jobs", "1"), str),
    "humanise": (("humanise", "in/a.mid", "--seed", "1", "--out", "new.mid"), of_files),
    "maps guess": (("maps", "guess", "in/a.mid"), str),
    "morph": (
        ("morph", "in/a.mid", "in/b.mid", "--steps", "3", *CHECKPOINT, "--out", "out"),
        of_files,
    ),
    "render": (("render", "in/a.mid", "--format", "words"), str),
    "sample": (("sample", "--primer", "in/a.mid", "--bars", "1", *NETWORK, "--out", "new.mid"), of_files),
    "song": (("song", "--again", "b", "-i", "in/a.mid", *NETWORK, "--out", "new.mid"), of_files),
    "standardise": (("standardise", "in", "out"), of_files),
    "styles": (("styles", "--of", "in/a.mid", "--json"), str),
    "vary": (("vary", "in/a.mid", "--amount", "1", "--particles", "2", *NETWORK, "--out", "new.mid"), of_files),
}


@pytest.fixture
def made(folder):
    """A function that runs a command beside its inputs; returns its exit code, its errors and report, and its drums."""

    def run(name, *options):
        arguments, outcome = CASES[name]
        result = CliRunner().invoke(main, [*arguments, *map(str, options)])
        drums = outcome(result.stdout) if result.exit_code == 0 else None
        reports = [path.read_text(encoding="utf-8") for path in Path().rglob("*report.jsonl")]
        for path in ("new.mid", "out.txt", "out.report.jsonl", "index"):
            Path(path).unlink(missing_ok=True)
        shutil.rmtree("out", ignore_errors=True)
        return result.exit_code, result.stderr + "".join(reports), drums

    return run


def test_every_command_that_reads_midi_is_here():
    reading = {" ".join(path) for path, command in all_commands() for one in command.params if "--map" in one.opts}
    assert reading == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_drums_are_those_of_the_channel_or_the_track(made, name):
    third, fifth, by_track = (made(name, *options) for options in (("--channel", 3), ("--channel", 5), ("--track", 3)))
    assert (third[0], fifth[0]) == (0, 0), third[1] + fifth[1]
    assert third[2] != fifth[2]
    assert by_track[2] == fifth[2]


@pytest.mark.parametrize("name", CASES)
def test_a_channel_without_notes_is_an_error(made, name):
    code, errors, _ = made(name, "--channel", 7)
    assert code == 2
    assert "channel must be one that has notes (3, 5), got 7" in errors
    code, errors, _ = made(name, "--channel", 17)
    assert (code, errors.splitlines()[-1]) == (2, "Error: channel must be between 1 and 16, got 17")
