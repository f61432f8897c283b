"""Every command that reads a folder of hostile files skips them, reports them, and exits with a documented code."""

import json
import os

import pytest
from click.testing import CliRunner
from hostile_folder import BEAT, FILES, LINKS, PIPES, SOCKET, add_parts, make_hostile, things

from drumtok.cli.main import main

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and links in folders")
HOPELESS = ("README.txt", "._beat.mid", "loop.mid", "gone.mid", "pipe.mid", "socket.mid", "empty.mid", "device.mid")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = make_hostile(tmp_path_factory.mktemp("hostile"))
    add_parts(folder)
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch, small_checkpoint_path):
    """A function that runs a command in an empty folder; asserts that it ends with code 0 or 2, without a traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRUMTOK_DATA", str(tmp_path / "data"))

    def run(*arguments):
        result = CliRunner().invoke(main, [*map(os.fspath, map(str, arguments))])
        assert isinstance(result.exception, SystemExit | None), (arguments, result.exception)
        assert result.exit_code in (0, 2), (arguments, result.output)
        return result

    return run


def rows_of(report):
    return {row["file"]: row for row in map(json.loads, report.read_text(encoding="utf-8").splitlines())}


def test_there_are_sixty_things():
    assert len(FILES) + len(LINKS) + len(PIPES) + len((SOCKET, "odd.zip", "damaged.zip", "no UTF-8")) >= 60


def test_encode_skips_and_reports(run, hostile, tmp_path):
    result = run("encode", hostile, "-o", "o.txt", "--jobs", 1)
    assert result.exit_code == 0, result.output
    rows = rows_of(tmp_path / "o.report.jsonl")
    reasons = {name.split("/", 1)[1]: row["reason"] for name, row in rows.items()}
    assert "it is not a regular file" in reasons["pipe.mid"]
    assert "Too many levels of symbolic links" in reasons["loop.mid"]
    assert "No such file or directory" in reasons["gone.mid"]
    assert "link to a folder" in reasons["self"]
    assert "link to a folder" in reasons["folder link.mid"]
    assert rows[f"{hostile.name}/UPPER.MID"]["status"] == "read"
    assert "other kinds" in result.output


def test_corpus_build_skips_and_reports(run, hostile, tmp_path):
    result = run("corpus", "build", "corpus", hostile, "--jobs", 1)
    assert result.exit_code == 0, result.output
    rows = rows_of(tmp_path / "corpus" / "report.jsonl")
    assert {name for name in HOPELESS if rows[name]["status"] == "skipped"} == set(HOPELESS)
    assert "README.txt: " not in rows["README.txt"]["reason"]


def test_standardise_skips_and_reports(run, hostile, tmp_path):
    result = run("standardise", hostile, "out")
    assert result.exit_code == 0, result.output
    rows = rows_of(tmp_path / "out" / "report.jsonl")
    assert {name for name in HOPELESS if rows[name]["status"] == "skipped"} == set(HOPELESS)


def test_curate_skips_and_reports(run, hostile, small_checkpoint_path):
    result = run(
        "curate", hostile, "-o", "song.mid", "--minutes", 0.1, "--tempo", 100, "--checkpoint", small_checkpoint_path
    )
    assert result.exit_code == 0, result.output
    assert "skipped " in result.stderr


def test_augment_skips_and_reports(run, hostile):
    result = run("augment", "loops", "--parts", hostile, "--split", "all", "--count", 1, "--seed", 1, "--bars", 1)
    assert result.exit_code == 0, result.output
    assert "skipped " in result.stderr


def test_render_skips_and_reports(run, hostile, tmp_path):
    (tmp_path / "out").mkdir()
    result = run("render", "--out", "out", "--format", "words", "--", *things(hostile))
    assert result.exit_code == 0, result.output
    assert "skipped " in result.stderr


@pytest.mark.parametrize("name", ["device.txt", "pipe.txt", "pipe.zip", "loop.mid", "socket.mid"])
def test_a_source_that_is_no_file_is_an_error(run, hostile, name):
    assert run("corpus", "build", "out", hostile / name, "--jobs", 1).exit_code == 2
    both = run("corpus", "build", "out", hostile / name, "starter", "--jobs", 1)
    assert both.exit_code == 0, both.output


@pytest.mark.parametrize("command", ["encode", "corpus build", "standardise", "curate", "augment"])
def test_where_nothing_can_be_read_the_code_is_2(run, tmp_path, command, small_checkpoint_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.mid", "b.mid"):
        (folder / name).write_bytes(b"")
    (folder / "loop.mid").symlink_to("loop.mid")
    arguments = {
        "encode": ("encode", folder, "-o", "o.txt", "--jobs", 1),
        "corpus build": ("corpus", "build", "out", folder, "--jobs", 1),
        "standardise": ("standardise", folder, "out"),
        "curate": ("curate", folder, "-o", "o.mid", "--checkpoint", small_checkpoint_path),
        "augment": ("augment", "out", "--parts", folder),
    }
    result = run(*arguments[command])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert not (tmp_path / "o.txt").exists()
    assert not (tmp_path / "o.mid").exists()


def test_every_thing_as_the_one_file_of_a_command_ends_in_one_line(run, hostile, tmp_path, small_checkpoint_path):
    (tmp_path / "good.mid").write_bytes(BEAT)
    for number, path in enumerate(things(hostile)):
        used = ("--checkpoint", small_checkpoint_path, "--seed", 1)
        for arguments in (
            ("vary", *used, "-o", f"v{number}.mid", "--", path),
            ("humanise", "--seed", 1, "-o", f"h{number}.mid", "--", path),
            ("morph", "--checkpoint", small_checkpoint_path, "-o", f"m{number}", "--", path, "good.mid"),
            ("sample", *used, "--dynamics", 0, "--bars", 1, "--primer", path, "-o", f"s{number}.mid"),
            ("sample", "--like", path),
            ("decode", "-o", f"d{number}", "--", path),
            ("render", "--format", "words", "--map", path, "good.mid"),
            ("augment", f"a{number}", "--recipe", path),
            ("styles", "--checkpoint", path),
        ):
            result = run(*arguments)
            if result.exit_code:
                *remarks, error = result.stderr.splitlines()
                assert error.startswith("Error: "), (arguments, result.stderr)
                assert len(remarks) <= 1, (arguments, result.stderr)


@pytest.mark.parametrize("command", ["encode", "corpus build", "standardise", "curate"])
def test_a_folder_that_cannot_be_listed_is_reported(run, tmp_path, monkeypatch, command, small_checkpoint_path):
    folder = tmp_path / "in"
    (folder / "locked").mkdir(parents=True)
    for name in ("kick 1.mid", "kick 2.mid"):
        (folder / name).write_bytes(BEAT)
    scandir, opened = os.scandir, os.open

    def refuse(path):
        if not isinstance(path, int) and os.fsdecode(path).rstrip("/").endswith(("locked", "kick 3.mid")):
            raise PermissionError(13, "Permission denied", path)

    (folder / "kick 3.mid").write_bytes(BEAT)
    monkeypatch.setattr(os, "scandir", lambda path: refuse(path) or scandir(path))
    monkeypatch.setattr(os, "open", lambda path, *more, **options: refuse(path) or opened(path, *more, **options))
    arguments = {
        "encode": ("encode", folder, "-o", "o.txt", "--jobs", 1),
        "corpus build": ("corpus", "build", "out", folder, "--jobs", 1),
        "standardise": ("standardise", folder, "out"),
        "curate": ("curate", folder, "-o", "o.mid", "--minutes", 0.1, "--checkpoint", small_checkpoint_path),
    }
    result = run(*arguments[command])
    assert result.exit_code == 0, result.output
    report = {
        "encode": tmp_path / "o.report.jsonl",
        "corpus build": tmp_path / "out" / "report.jsonl",
        "standardise": tmp_path / "out" / "report.jsonl",
    }
    reported = report[command].read_text(encoding="utf-8") if command in report else result.stderr
    assert "locked" in reported
    assert reported.count("Permission denied") == 2


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is locked to root")
def test_what_is_really_locked_is_reported(run, tmp_path):
    (tmp_path / "locked.mid").write_bytes(BEAT)
    (tmp_path / "beat.mid").write_bytes(BEAT)
    (tmp_path / "locked.mid").chmod(0)
    result = run("render", "locked.mid", "beat.mid", "--format", "grid")
    assert (result.exit_code, result.stderr) == (0, "skipped locked.mid: cannot read 'locked.mid': Permission denied\n")
    assert run("vary", "locked.mid").stderr == "Error: cannot read 'locked.mid': Permission denied\n"
