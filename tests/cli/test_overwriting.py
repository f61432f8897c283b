"""No command overwrites a file that it reads, or a file that drumtok did not write."""

import json
import os
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner
from midi_bytes import make_midi

from drumtok.cli.main import main
from drumtok.cli.overwriting import IS_OWN, check_outputs
from drumtok.errors import DrumtokError
from drumtok.midi.files import write_midi
from drumtok.pattern import Pattern
from drumtok.tokenizer.json_format import from_json
from drumtok.tokenizer.text import format_song

FOREIGN = make_midi([(0, 36), (480, 38), (960, 36), (1440, 38)], end=1920)
BEAT = Pattern.from_grid("kick |x-------x-------|\nsnare |----X-------X---|")
READS = "the command reads it"
NOT_OURS = "it exists and is not a result of drumtok of the same kind (see --force)"


@pytest.fixture
def run(tmp_path, monkeypatch, small_checkpoint_path):
    """A function that runs a command beside beat.mid and a folder of clips; `NET` is the small network's option."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRUMTOK_DATA", str(tmp_path / "data"))
    Path("beat.mid").write_bytes(FOREIGN)
    Path("clips").mkdir()
    for name in ("a.mid", "b.mid"):
        Path("clips", name).write_bytes(FOREIGN)
    network = ("--checkpoint", str(small_checkpoint_path))

    def run(*arguments):
        words = [word for one in arguments for word in (network if one == "NET" else (str(one),))]
        return CliRunner().invoke(main, words)

    return run


VARY = ("vary", "NET", "--seed", 1, "beat.mid")
WRITERS = {
    "sample": ("sample", "NET", "--seed", 1, "--bars", 1, "--dynamics", 0, "--primer", "beat.mid"),
    "sample --from": ("sample", "NET", "--seed", 1, "--keep", "kick", "--from", "beat.mid"),
    "vary": VARY,
    "humanise": ("humanise", "--seed", 1, "beat.mid"),
    "encode": ("encode", "beat.mid", "--jobs", 1),
    "render": ("render", "beat.mid", "--format", "mid"),
}


@pytest.mark.parametrize("link", [None, Path.hardlink_to, Path.symlink_to])
@pytest.mark.parametrize("force", [(), ("--force",)])
@pytest.mark.parametrize("command", WRITERS)
def test_a_file_that_is_read_is_never_written(run, command, force, link):
    out = Path("beat.mid")
    if link:
        out = Path("other.mid")
        link(out, Path("beat.mid"))
    result = run(*WRITERS[command], *force, "-o", out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"cannot write '{out}': {READS}" in result.stderr
    assert Path("beat.mid").read_bytes() == FOREIGN
    assert out.read_bytes() == FOREIGN


@pytest.mark.parametrize(
    "arguments",
    [
        ("curate", "NET", "clips", "--force", "-o", "clips/a.mid"),
        ("encode", "clips", "--jobs", 1, "--force", "-o", "clips/b.mid"),
        ("encode", "clips", "--jobs", 1, "--force", "-o", "o.txt", "--report", "clips/a.mid"),
        ("find", "beat.mid", "clips", "--force", "--index", "clips/a.mid"),
        ("find", "beat.mid", "clips/b.mid", "--force", "--index", "clips/b.mid"),
    ],
)
def test_a_file_of_a_folder_that_is_read_is_never_written(run, arguments):
    result = run(*arguments)
    assert (result.exit_code, READS in result.stderr) == (2, True)
    assert [path.read_bytes() for path in sorted(Path("clips").iterdir())] == [FOREIGN, FOREIGN]


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "beat.mid", "--kit", "kit", "-o", "kit/kick.wav"),
        ("sample", "NET", "--bars", 1, "--wav", "--kit", "kit", "-o", "kit/kick.mid"),
    ],
)
def test_a_sound_of_a_kit_is_never_written(run, arguments):
    Path("kit").mkdir()
    assert run("render", "beat.mid", "-o", "kit/kick.wav").exit_code == 0  # a WAV of drumtok, otherwise replaceable
    sound = Path("kit/kick.wav").read_bytes()
    result = run(*arguments, "--force")
    assert (result.exit_code, READS in result.stderr) == (2, True)
    assert Path("kit/kick.wav").read_bytes() == sound


@pytest.mark.parametrize(
    ("out", "arguments"),
    [("path.mid", ("morph", "NET", "beat.mid", "beat.mid")), ("decoded.mid", ("decode", "words.txt"))],
)
def test_no_folder_has_the_name_of_a_file(run, out, arguments):
    Path("words.txt").write_text(format_song(BEAT) + "\n", encoding="utf-8")
    result = run(*arguments, "-o", out)
    assert (result.exit_code, result.stderr) == (2, f"Error: out must be a folder, got the name of a file, '{out}'\n")


def test_a_corpus_does_not_replace_its_source(run):
    assert run("corpus", "build", "own", "clips", "starter", "--jobs", 1).exit_code == 0
    Path("clips").rename("own/clips")
    result = run("corpus", "build", "own", "own/clips", "starter", "--jobs", 1)
    assert result.exit_code == 2
    assert result.stderr == "Error: OUT must not be or contain a source, got 'own' and 'own/clips'\n"
    assert len(list(Path("own/clips").iterdir())) == 2


@pytest.mark.parametrize(
    ("out", "arguments"),
    [
        ("mine.mid", VARY),
        ("mine.mid", ("sample", "NET", "--seed", 1, "--bars", 1, "--dynamics", 0)),
        ("mine.mid", ("humanise", "--seed", 1, "beat.mid")),
        ("mine.mid", ("curate", "NET", "--seed", 1, "--minutes", 0.1, "clips")),
        ("mine.mid", ("render", "beat.mid", "--format", "mid")),
        ("mine.wav", ("render", "beat.mid")),
        ("mine.txt", ("encode", "clips", "--jobs", 1)),
        ("mine.txt", ("augment", "--seed", 1, "--count", 1)),
    ],
)
def test_of_what_is_there_only_own_results_are_replaced(run, out, arguments):
    data = format_song(BEAT).encode() if out.endswith(".txt") else FOREIGN
    Path(out).write_bytes(data)
    result = run(*arguments, "-o", out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: cannot write {out!r}: {NOT_OURS}\n"
    assert Path(out).read_bytes() == data
    assert run(*arguments, "-o", out, "--force").exit_code == 0
    made = Path(out).read_bytes()
    assert made != data
    again = run(*arguments, "-o", out)  # its own result is replaced without --force
    assert again.exit_code == 0, again.output
    assert Path(out).read_bytes() == made


def test_files_beside_the_midi_file_are_kept_too(run):
    Path("mine.wav").write_bytes(b"RIFF")
    command = ("sample", "NET", "--seed", 1, "--bars", 1, "--dynamics", 0, "--wav", "--out", "mine.mid")
    assert NOT_OURS in run(*command).stderr
    assert not Path("mine.mid").exists()
    assert run(*command, "--force").exit_code == 0
    assert run(*command).exit_code == 0


def test_the_report_of_encode_is_kept_too(run):
    Path("notes.jsonl").write_text('{"mine": 1}\n')
    command = ("encode", "clips", "--jobs", 1, "-o", "o.txt", "--report", "notes.jsonl")
    assert NOT_OURS in run(*command).stderr
    assert sorted(os.listdir()) == ["beat.mid", "clips", "notes.jsonl"]
    assert run(*command, "--force").exit_code == 0
    assert run(*command).exit_code == 0
    Path("notes.jsonl").unlink()
    assert NOT_OURS in run(*command).stderr  # without its report, the text may be the user's


def test_pictures_and_html_reports_are_recognised(run):
    pytest.importorskip("matplotlib")
    assert run("render", "beat.mid", "--png").exit_code == 0
    assert run("render", "beat.mid", "--png").exit_code == 0
    Path("beat.png").write_bytes(b"\x89PNG mine")
    assert NOT_OURS in run("render", "beat.mid", "--png").stderr
    assert IS_OWN["html"](b'<!doctype html><meta name="generator" content="drumtok">', b"")


def test_a_file_made_again_is_replaced_by_its_own_bytes_alone(run):
    run("sample", "NET", "--seed", 1, "--bars", 1, "--dynamics", 0, "-o", "a.mid")
    made = Path("a.mid").read_bytes()
    assert run("sample", "--like", "a.mid", "-o", "a.mid").exit_code == 0
    result = run("sample", "--like", "a.mid", "--seed", 2, "-o", "a.mid", "--force")
    assert (result.exit_code, Path("a.mid").read_bytes()) == (2, made)


@pytest.mark.parametrize("command", ["sample", "vary", "humanise"])
def test_a_result_that_was_edited_is_kept(run, command):
    arguments = (*WRITERS[command], "-o", "mine.mid")
    assert run(*arguments).exit_code == 0
    made = Path("mine.mid").read_bytes()
    file = mido.MidiFile("mine.mid")
    file.tracks[-1].insert(-1, mido.Message("note_on", channel=9, note=49, velocity=100))
    file.save("mine.mid")
    edited = Path("mine.mid").read_bytes()
    result = run(*arguments)
    assert result.stderr == "Error: cannot write 'mine.mid': it was edited since drumtok wrote it (see --force)\n"
    assert Path("mine.mid").read_bytes() == edited
    assert run(*arguments, "--force").exit_code == 0
    assert Path("mine.mid").read_bytes() == made
    assert run(*arguments).exit_code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices in folders")
def test_no_pipe_or_device_is_replaced(run):
    os.mkfifo("pipe.mid")
    for out in ("pipe.mid", "link.mid"):
        if out == "link.mid":
            Path(out).symlink_to("/dev/null")
        result = run(*VARY, "--force", "-o", out)
        assert result.stderr == f"Error: cannot write '{out}': it is not a regular file\n"
        with pytest.raises(DrumtokError, match="not a regular file"):
            write_midi(BEAT, out)
        assert not Path(out).is_file()


def test_an_empty_file_is_free(tmp_path):
    (tmp_path / "new.mid").touch()
    check_outputs([tmp_path / "new.mid"])


# The names of output files


def test_many_are_written_into_a_folder_that_is_made(run):
    result = run("sample", "NET", "--seed", 1, "--bars", 1, "--dynamics", 0, "--count", 2, "--out", "new/sketches")
    assert result.exit_code == 0, result.output
    assert sorted(os.listdir("new/sketches")) == ["drumtok-1.mid", "drumtok-2.mid"]
    Path("taken").touch()
    result = run("sample", "NET", "--seed", 1, "--bars", 1, "--dynamics", 0, "--out", "taken")
    assert result.stderr == "Error: cannot write 'taken': it exists and is not a folder\n"


@pytest.mark.parametrize("options", [("-o", "new.mid"), ("-o", "o.zip"), ("-o", "o.txt", "--report", "r.MID")])
def test_a_text_is_written_under_no_name_of_a_midi_file(run, options):
    before = sorted(os.listdir())
    result = run("encode", "clips", "--jobs", 1, *options)
    assert (result.exit_code, sorted(os.listdir())) == (2, before)
    assert "must be the name of a text such as songs.txt, got" in result.stderr


@pytest.mark.parametrize("command", ["sample", "vary", "humanise"])
def test_a_midi_file_is_written_under_no_other_ending(run, command):
    before = sorted(os.listdir())
    result = run(*WRITERS[command], "--out", "x.wav")
    assert result.stderr == "Error: --out must end in .mid or .midi, got 'x.wav'\n"
    assert (result.exit_code, sorted(os.listdir())) == (2, before)


def test_render_writes_its_format_where_out_points(run):
    result = run("render", "beat.mid", "--format", "mid", "--out", "new/beat.mid")
    assert result.exit_code == 0, result.output
    assert result.stdout == "new/beat.mid\n"
    assert mido.MidiFile("new/beat.mid").ticks_per_beat == 480
    assert run("render", "clips/a.mid", "clips/b.mid", "--format", "json", "--out", "texts").exit_code == 0
    assert sorted(os.listdir("texts")) == ["a.json", "b.json"]
    assert from_json(Path("texts/a.json").read_text()).bars == 1
    assert run("render", "beat.mid", "--out", "sound.wav").stdout == "sound.wav\n"
    assert json.dumps(run("render", "beat.mid", "--format", "grid").stdout).count("kick") == 1
