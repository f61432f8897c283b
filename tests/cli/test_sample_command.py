"""The command `sample`, and `sample.py`, which calls it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from drumtok.generation.generate import generate
from drumtok.generation.provenance import provenance, read_provenance
from drumtok.midi.files import read_midi, to_midi_bytes, write_midi
from drumtok.pattern import Pattern

DOOR = Path(__file__).parents[2] / "sample.py"


def test_the_file_holds_what_generate_makes(sample, small_checkpoint, tmp_path):
    result = sample("--seed", 7, "--bars", 3, "--temperature", 0.8, "--tempo", 99)
    assert result.exit_code == 0, result.output
    assert os.listdir() == ["drumtok-7.mid"]
    assert read_midi("drumtok-7.mid") == generate(7, 0.8, bars=3, tempo=99, checkpoint=small_checkpoint)


def test_piped_output_is_grid_notation_with_its_command(sample):
    result = sample("--seed", 7, "--bars", 3)
    assert result.stdout.startswith("# seed 7, temperature 1.0, top-p 1.0, checkpoint small\n")
    assert result.stdout.endswith("\n# drumtok-7.mid\n")
    assert Pattern.from_grid(result.stdout) == read_midi("drumtok-7.mid")


def test_colour_where_the_terminal_has_it(sample, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in sample("--seed", 7, "--bars", 1).stdout
    monkeypatch.delenv("FORCE_COLOR")
    assert "\x1b[" not in sample("--seed", 7, "--bars", 1).stdout


def test_the_same_seed_writes_the_same_bytes(sample):
    for out in ("a.mid", "b.mid"):
        assert sample("--seed", 7, "--bars", 2, "--out", out).exit_code == 0
    assert Path("a.mid").read_bytes() == Path("b.mid").read_bytes()


def test_the_file_holds_how_to_make_it_again(sample, small_checkpoint_path):
    sample("--seed", 7, "--bars", 2)
    options = ("--seed", "7", "--bars", "2", "--dynamics", "0.0", "--checkpoint", str(small_checkpoint_path))
    made = provenance("sample", options, {"checkpoint": small_checkpoint_path})
    assert made.text.encode() in Path("drumtok-7.mid").read_bytes()
    assert read_provenance("drumtok-7.mid") == made


def test_a_seed_is_drawn_and_printed(sample):
    result = sample("--bars", 1)
    seed = int(result.stdout.split()[2].rstrip(","))
    first = Path(f"drumtok-{seed}.mid").read_bytes()
    Path(f"drumtok-{seed}.mid").unlink()
    sample("--bars", 1, "--seed", seed)
    assert Path(f"drumtok-{seed}.mid").read_bytes() == first


@pytest.mark.parametrize(
    ("out", "names"),
    [
        ([], ["drumtok-7.mid", "drumtok-8.mid", "drumtok-9.mid"]),
        (["--out", "beat.mid"], ["beat-7.mid", "beat-8.mid", "beat-9.mid"]),
        (["--out", "takes"], ["takes/drumtok-7.mid", "takes/drumtok-8.mid", "takes/drumtok-9.mid"]),
    ],
)
def test_each_of_many_can_be_made_again_alone(sample, out, names):
    Path("takes").mkdir()
    result = sample("--seed", 7, "--bars", 2, "--count", 3, *out)
    assert sorted(map(str, Path().rglob("*.mid"))) == names
    assert Pattern.from_grid(result.stdout).bars == 6
    for seed, name in zip((7, 8, 9), names, strict=True):
        assert sample("--seed", seed, "--bars", 2, "--out", "alone.mid").exit_code == 0
        assert Path("alone.mid").read_bytes() == Path(name).read_bytes()


def test_a_primer_is_continued(sample, small_checkpoint):
    primer = Pattern.from_grid("kick |x---x---x---|", meter=(3, 4), tempo=90)
    write_midi(primer, "wälzer.mid")
    result = sample("--seed", 7, "--bars", 2, "--primer", "wälzer.mid")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("# seed 7, temperature 1.0, top-p 1.0, checkpoint small, primer wälzer\n")
    assert "--primer 'wälzer.mid'".encode() in Path("drumtok-7.mid").read_bytes()
    assert read_midi("drumtok-7.mid") == generate(primer, bars=2, rng=7, checkpoint=small_checkpoint)


def test_the_file_is_laid_out_as_asked(sample, small_checkpoint):
    Path("my.toml").write_text('[notes]\n60 = "kick"', encoding="utf-8")
    made = generate(7, bars=2, checkpoint=small_checkpoint)
    for options, layout in (
        (["--swing", "60", "--midi-type", "0"], {"swing": 60, "midi_type": 0}),
        (["--track-per-drum", "--out-map", "my.toml"], {"track_per_drum": True, "note_map": "my.toml"}),
    ):
        result = sample("--seed", 7, "--bars", 2, *options)
        assert result.exit_code == 0, result.output
        data = Path("drumtok-7.mid").read_bytes()
        provenance = read_provenance("drumtok-7.mid")
        assert set(options) - {"60"} <= set(provenance.options)
        assert data == to_midi_bytes(made, text=provenance.text, **layout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--bars", "0"], "bars must be between 1 and 1024, got 0"),
        (["--temperature", "0"], "temperature must be above 0, got 0.0"),
        (["--temperature", "-1"], "temperature must be above 0, got -1.0"),
        (["--temperature", "nan"], "temperature must be above 0, got nan"),
        (["--count", "0"], "count must be at least 1, got 0"),
        (["--seed", "-1"], "seed must be at least 0, got -1"),
        (["--tempo", "0"], "tempo must be between 4 and 1000, got 0.0"),
        (["--checkpoint", "missing"], "checkpoint 'missing' does not exist"),
        (["--checkpoint", "noise"], "checkpoint 'noise' is damaged or not a checkpoint of drumtok"),
        (["--primer", "missing.mid"], "cannot read 'missing.mid'"),
        (["--primer", "noise"], "cannot read 'noise': "),
        (["--primer", "empty.mid"], "the primer must have at least one bar"),
        (["--swing", "49"], "swing must be between 50 and 75, got 49.0"),
        (["--swing", "80"], "swing must be between 50 and 75, got 80.0"),
        (["--midi-type", "2"], "midi_type must be one of 0, 1, got 2"),
        (["--midi-type", "0", "--track-per-drum"], "track_per_drum requires midi_type 1, got 0"),
        (["--out-map", "xg"], "unknown note map 'xg', must be one of gm, ad2"),
        (["--out-map", "missing.toml"], "cannot read note map 'missing.toml': No such file"),
        (["--out", "missing/a.mid"], "cannot write 'missing/a.mid': folder 'missing' does not exist"),
        (["--out", "a.wav"], "--out must end in .mid or .midi, got 'a.wav'"),
    ],
)
def test_bad_input_ends_in_one_line_and_no_file(sample, arguments, message):
    Path("noise").write_bytes(np.random.default_rng(0).bytes(1000))
    write_midi(Pattern(np.zeros((0, 9))), "empty.mid")
    result = sample(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert sorted(os.listdir()) == ["empty.mid", "noise"]


def test_a_cut_off_checkpoint(sample, small_checkpoint_path):
    Path("cut").write_bytes(small_checkpoint_path.read_bytes()[:-100])
    result = sample("--checkpoint", "cut")
    assert (result.exit_code, os.listdir()) == (2, ["cut"])
    assert "checkpoint 'cut' is damaged or not a checkpoint of drumtok" in result.stderr


def test_the_folder_is_looked_for_before_anything_is_read(sample):
    result = sample("--out", "missing/a.mid", "--checkpoint", "absent")
    assert result.exit_code == 2
    assert "missing" in result.stderr
    assert "absent" not in result.stderr


def test_the_door_works_from_any_folder(small_checkpoint_path, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(DOOR), "--checkpoint", str(small_checkpoint_path), "--seed", "7", "--bars", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:-1] == read_midi(tmp_path / "drumtok-7.mid").to_grid().splitlines()
    helped = subprocess.run([*command, "--help"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert helped.stdout.lstrip().startswith("Usage: drumtok sample [OPTIONS]")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process alone")
def test_ctrl_c_ends_without_a_traceback(small_checkpoint_path, tmp_path):
    command = [sys.executable, str(DOOR), "--checkpoint", str(small_checkpoint_path), "--count", "100000"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "stopped" in errors
    assert all(path.suffix == ".mid" for path in tmp_path.iterdir())
