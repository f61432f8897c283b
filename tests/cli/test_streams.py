"""No command fails when standard output is closed, full, only partly read, or cannot encode Japanese."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from midi_bytes import make_midi

ROOT = Path(__file__).parents[2]
BEAT = make_midi([(0, 36), (480, 38), (960, 36), (1440, 38)], end=1920)
NAME = "ドラム.mid"
START = "import sys; sys.path.insert(0, {root!r}); from drumtok.cli.main import main; main(prog_name='drumtok')"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell")


@pytest.fixture
def shell(tmp_path, small_checkpoint_path):
    """A function that runs a shell line; `drumtok` is the command and `$NET` the option of the small network."""
    (tmp_path / "start.py").write_text(START.format(root=str(ROOT)))
    (tmp_path / NAME).write_bytes(BEAT)

    def run(line, **variables):
        line = f'drumtok() {{ "{sys.executable}" start.py "$@"; }}; NET="--checkpoint {small_checkpoint_path}"; {line}'
        environment = {**os.environ, "PYTHONUTF8": "0", **variables}
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, env=environment, timeout=100)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        assert b"Exception ignored" not in done.stderr
        return done

    return run


SAMPLE = "drumtok sample $NET --seed 1 --bars 1 --dynamics 0 --count 5 --out made/"


def made(tmp_path):
    return sorted(path.name for path in (tmp_path / "made").iterdir())


FIVE = [f"drumtok-{seed}.mid" for seed in range(1, 6)]


def test_a_reader_that_goes_away_does_not_end_the_writing(shell, tmp_path):
    done = shell(f"{SAMPLE} | head -1; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, made(tmp_path)) == (0, FIVE)
    assert done.stdout.startswith(b"# seed 1,")


def test_what_is_only_printed_ends_with_its_reader(shell):
    done = shell(
        "drumtok sample $NET --bars 1 --dynamics 0 --count 100000 --format grid | head -1; exit ${PIPESTATUS[0]}"
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_output_is_no_error(shell, tmp_path):
    assert shell(f"{SAMPLE} >&-").returncode == 0
    assert made(tmp_path) == FIVE
    assert shell("drumtok sample $NET --out missing/a.mid >&- 2>&-").returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
def test_a_full_device_is_one_line_after_the_files_are_written(shell, tmp_path):
    done = shell(f"{SAMPLE} > /dev/full")
    assert (done.returncode, made(tmp_path)) == (2, FIVE)
    assert done.stderr == b"Error: cannot write standard output: No space left on device\n"
    assert shell("drumtok styles $NET > /dev/full").returncode == 2
    assert shell("drumtok --help > /dev/full").returncode == 2


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_names_beyond_the_encoding_are_escaped(shell, encoding):
    done = shell(f"drumtok vary $NET --seed 1 {NAME}; drumtok render {NAME} gone.mid", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert rb"# \u30c9\u30e9\u30e0-1.mid" in done.stdout
    assert rb"\u30c9\u30e9\u30e0.wav" in done.stdout
    assert done.stderr.startswith(b"skipped gone.mid: cannot read 'gone.mid'")
