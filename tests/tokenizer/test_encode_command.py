"""The commands `encode` and `decode`."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from midi_bytes import make_midi

from drumtok.cli.main import main
from drumtok.midi.files import read_midi
from drumtok.tokenizer.decode import file_name
from drumtok.tokenizer.text import format_song, parse_songs

ROOT = Path(__file__).parents[2]
BEAT = [(0, 36), (240, 42), (480, 38), (720, 42), (960, 36)]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def pack(tmp_path):
    """A folder with files of several types."""
    folder = tmp_path / "my pack"
    (folder / "sub").mkdir(parents=True)
    (folder / "beat 1.mid").write_bytes(make_midi(BEAT, tempi=[(0, 500_000)]))
    (folder / "beat-1.mid").write_bytes(make_midi(BEAT, meters=[(0, 3, 4)]))
    (folder / "sub" / "two.mid").write_bytes(make_midi([*BEAT, (4000, 38)], meters=[(1920, 3, 4)]))
    (folder / "broken.mid").write_bytes(b"nothing")
    (folder / "cut.mid").write_bytes(make_midi(BEAT)[:-9])
    return folder


def test_encode_then_decode(run, pack, tmp_path):
    result = run("encode", pack, "-o", "out.txt", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert sorted(os.listdir(tmp_path)) == ["my pack", "out.report.jsonl", "out.txt"]
    report = [json.loads(line) for line in Path("out.report.jsonl").read_text().splitlines()]
    assert [(line["file"], line["status"]) for line in report] == [
        ("my pack/beat 1.mid", "read"),
        ("my pack/beat-1.mid", "read"),
        ("my pack/broken.mid", "skipped"),
        ("my pack/cut.mid", "salvaged"),
        ("my pack/sub/two.mid", "read"),
    ]
    assert report[2]["reason"] == "cannot read 'my pack/broken.mid': it has no MThd header"
    assert report[4]["sections"] == [["4/4", 1], ["3/4", 2]]
    for line in ("read                3 files", "salvaged            1 files", "skipped             1 files"):
        assert line in result.stdout
    assert "5 songs, 6 bars: out.txt (" in result.stdout
    assert result.stdout.endswith("report: out.report.jsonl\n")
    result = run("decode", "out.txt", "back")
    assert (result.exit_code, result.stdout) == (0, "5 songs: back\n")
    songs = list(parse_songs(Path("out.txt").read_text()))
    for song in songs:
        again = read_midi(Path("back", file_name(song.name)))
        assert (again.hits.tolist(), again.meter, again.tempo) == (song.hits.tolist(), song.meter, song.tempo)
    assert len([path for path in Path("back").rglob("*") if path.is_file()]) == len(songs)


def test_zips_globs_and_folders_give_the_same_words(run, pack):
    with zipfile.ZipFile("pack.zip", "w") as archive:
        for path in pack.rglob("*.mid"):
            archive.write(path, path.relative_to(pack))
    for out, spec in (("folder.txt", pack), ("zip.txt", "pack.zip"), ("glob.txt", pack / "**" / "*.mid")):
        assert run("encode", spec, "-o", out, "--jobs", 1).exit_code == 0
    words = [
        sorted(line.partition(" ")[2] for line in Path(out).read_text().splitlines())
        for out in ("folder.txt", "zip.txt", "glob.txt")
    ]
    assert words[0] == words[1] == words[2]


def test_the_output_does_not_depend_on_the_workers(run, pack):
    for number in range(300):
        (pack / f"more {number}.mid").write_bytes(make_midi([(0, 36), (120 * (number % 16), 38), (number * 8, 42)]))
    for jobs in (1, 2, 3):
        assert run("encode", pack, "-o", f"{jobs}.txt", "--jobs", jobs).exit_code == 0
    for ending in ("txt", "report.jsonl"):
        assert Path(f"1.{ending}").read_bytes() == Path(f"2.{ending}").read_bytes() == Path(f"3.{ending}").read_bytes()


SLOWED = """
import functools, time
from drumtok.tokenizer import encode_files as module
real = module.encode_unit
def slow(config, unit):
    time.sleep(0.15)
    return real(config, unit)
module.encode_unit = slow
module.encode_files = functools.partial(module.encode_files, unit_files=8)
from drumtok.cli.main import main
main()
"""


def start(arguments, cwd):
    """Start the command in a process of its own, slowed down and with small units of work."""
    command = [sys.executable, "-c", SLOWED, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=cwd, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def wait_for_units(path, units):
    deadline = time.monotonic() + 120  # only ends a hang
    while True:
        try:
            if json.loads(path.read_text())["units"] >= units:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.01)


def many(folder):
    folder.mkdir()
    for number in range(64):
        (folder / f"{number}.mid").write_bytes(make_midi([(0, 36), (120 * (number % 16), 38), (number * 8, 42)]))


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_an_interrupted_run_continues(tmp_path, stop, code):
    many(tmp_path / "in")
    whole = start(["encode", "in", "-o", "whole.txt", "--jobs", 1], tmp_path)
    cut = start(["encode", "in", "-o", "cut.txt", "--jobs", 1], tmp_path)
    wait_for_units(tmp_path / "cut.txt.progress", 2)
    cut.send_signal(stop)
    _, errors = cut.communicate(timeout=20)
    assert cut.returncode == code
    if stop == signal.SIGINT:
        assert "files are kept, and the same command continues from there" in errors
        assert "Traceback" not in errors
    assert not (tmp_path / "cut.txt").exists()
    again = start(["encode", "in", "-o", "cut.txt", "--jobs", 1], tmp_path)
    output, errors = again.communicate(timeout=20)
    assert "files by an earlier run" in output, errors
    assert whole.wait(timeout=20) == 0
    for ending in ("txt", "report.jsonl"):
        assert (tmp_path / f"whole.{ending}").read_bytes() == (tmp_path / f"cut.{ending}").read_bytes()
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob("*.progress"))
    whole.communicate()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["encode", "gone", "-o", "o.txt"], "cannot read 'gone': no such file or folder"),
        (["encode", ".", "-o", "no/o.txt"], "folder 'no' does not exist"),
        (["encode", ".", "-o", "o.txt", "--report", "o.txt"], "--report and --out must be different files"),
        (["encode", ".", "-o", "o.txt", "--jobs", "0"], "jobs must be at least 1, got 0"),
        (["encode", ".", "-o", "o.txt", "--grid", "5"], "grid must be one of 3, 4, 6, 8, got 5"),
        (["encode", ".", "-o", "o.txt", "--note-map", "xg"], "unknown note map 'xg'"),
        (["encode", ".", "-o", "."], "it is a folder"),
        (["decode", "gone.txt", "back"], "cannot read 'gone.txt': No such file or directory"),
        (["decode", "words.txt", "full"], "cannot write 'full'"),
        (
            ["decode", "words.txt", "back"],
            "'words.txt': line 2: word 1 must be 0b with 9 binary digits, or BAR, got '0b1'",
        ),
        (["decode", "binary.txt", "back"], "it is not UTF-8 text"),
    ],
)
def test_errors_are_one_line(run, tmp_path, arguments, message):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    (tmp_path / "words.txt").write_text("BAR\n0b1\n" if "x" in arguments else "\n0b1\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    before = sorted(os.listdir(tmp_path))
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == before


def test_songs_without_names_and_of_one_name(run):
    song = next(parse_songs("METER=1/4 " + "0b100000000 " * 4 + "BAR"))
    line = format_song(song)
    named = [f"NAME={name} {line}" for name in ("a.mid", "a.mid", "../../up", "/top/b", "..")]
    Path("words.txt").write_text("\n".join([line, *named]))
    assert run("decode", "words.txt", "back").exit_code == 0
    found = sorted(path.relative_to("back").as_posix() for path in Path("back").rglob("*.mid"))
    assert found == ["000001.mid", "000006.mid", "a.mid", "a~2.mid", "top/b.mid", "up.mid"]
    assert all(read_midi(Path("back", name)).hits.tolist() == song.hits.tolist() for name in found)


def test_where_no_file_can_be_read_there_is_only_a_report(run, tmp_path):
    (tmp_path / "in").mkdir()
    result = run("encode", "in", "-o", "o.txt", "--jobs", 1)
    assert (result.exit_code, "cannot read any of 0 files: 'o.report.jsonl' has the reasons" in result.stderr) == (
        2,
        True,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "o.report.jsonl"]
