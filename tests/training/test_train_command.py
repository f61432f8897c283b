"""The command `train`: resuming after kill -9 and Ctrl-C, and one clear line for each error."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from tiny_run import SMALL, state_of

from drumtok.cli.main import main
from drumtok.network.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.engine import weight_shapes

ROOT = Path(__file__).resolve().parents[2]
OFTEN = ["--checkpoint-minutes", "0.0001", "--validate-every", "10"]


def train(*options):
    return CliRunner().invoke(main, ["train", *map(str, options)])


def start(*options):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, ROOT / "train.py", *options]
    return subprocess.Popen(
        [*map(str, command)], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path, process):
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.slow  # trains three times, once in a process of its own
def test_after_kill_9_a_run_continues_to_the_same_weights(corpus, tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    options = ["--corpus", corpus, *SMALL, *OFTEN, "--epochs", 8]
    process = start(*options, "--out", cut)
    wait_for(cut / "checkpoints" / "last.ckpt", process)
    time.sleep(0.2)
    process.kill()
    process.communicate()
    cut_at = state_of(cut)["global_step"]
    resumed = train("--resume", cut)
    assert resumed.exit_code == 0, resumed.output
    assert train(*options, "--out", whole).exit_code == 0
    ours, theirs = state_of(cut), state_of(whole)
    assert 0 < cut_at < ours["global_step"] == theirs["global_step"]
    for name, weight in ours["state_dict"].items():
        # other numbers of threads round differently
        assert torch.allclose(weight, theirs["state_dict"][name], atol=1e-6), name
    assert load_checkpoint(cut / "best.safetensors").provenance["epochs"] <= 8


@pytest.mark.slow  # trains in a process of its own
def test_ctrl_c_prints_how_to_resume(corpus, tmp_path):
    run = tmp_path / "run"
    process = start("--corpus", corpus, *SMALL, *OFTEN, "--epochs", 100000, "--out", run)
    wait_for(run / "checkpoints" / "last.ckpt", process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"--resume {run}" in errors
    assert "Traceback" not in errors


def test_a_resumed_run_keeps_its_settings_and_takes_new_bounds(corpus, tmp_path):
    assert train("--corpus", corpus, *SMALL, "--epochs", 2, "--out", tmp_path / "run").exit_code == 0
    steps = state_of(tmp_path / "run")["global_step"]
    over = train("--resume", tmp_path / "run")
    assert (over.exit_code, "is over" in over.output) == (2, True)
    on = train("--resume", tmp_path / "run" / "checkpoints" / "last.ckpt", "--epochs", 4)
    assert on.exit_code == 0, on.output
    assert state_of(tmp_path / "run")["global_step"] == 2 * steps
    other = train("--resume", tmp_path / "run", "--hidden", 13)
    assert (other.exit_code, "must be 12 as in the run that is resumed" in other.output) == (2, True)
    taken = train("--corpus", corpus, *SMALL, "--out", tmp_path / "run")
    assert (taken.exit_code, "contains a run" in taken.output) == (2, True)


@pytest.mark.parametrize("name", ["best.safetensors", "last.safetensors"])
def test_a_new_run_replaces_no_network(corpus, tmp_path, name):
    (tmp_path / name).write_bytes(b"mine")
    result = train("--corpus", corpus, *SMALL, "--out", tmp_path)
    assert (result.exit_code, f"{name}': it exists, use another folder" in result.output) == (2, True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.glob("*.safetensors")] == [(name, b"mine")]


def test_a_run_of_another_version_is_not_resumed(corpus, tmp_path):
    assert train("--corpus", corpus, *SMALL, "--epochs", 1, "--out", tmp_path / "run").exit_code == 0
    state = state_of(tmp_path / "run")
    del state["drumtok"]["training"]["label_rate"]  # a setting that early versions did not have
    torch.save(state, tmp_path / "run" / "checkpoints" / "last.ckpt")
    result = train("--resume", tmp_path / "run", "--epochs", 2)
    assert (result.exit_code, "is of another version of drumtok" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("options", "conditioning"),
    [
        (["--corpus", "nowhere"], "'nowhere' is not a corpus"),
        (["--resume", "nowhere"], "cannot resume 'nowhere': no such file"),
        (["--window", "300"], "window must be one of 256, 512, 1024, got 300"),
        (["--learning-rate", "nan"], "learning_rate must be above 0, got nan"),
        (["--learning-rate", "-1"], "learning_rate must be above 0, got -1.0"),
        (["--minutes", "0"], "minutes must be above 0, got 0.0"),
        (["--accelerator", "abacus"], "accelerator must be one of"),
        (["--dropout", "1"], "dropout must be at least 0 and below 1, got 1.0"),
        (["--augment", "swing=0.5"], "unknown augmentation 'swing', must be one of ride-for-hat, mirror-toms"),
        (
            ["--augment", "mirror-toms=0.7,drop-lane=0.6"],
            "the fractions of mirror-toms, drop-lane must be at most 1 in total",
        ),
        (["--steps", "0"], "steps must be at least 1, got 0"),
        (["--corpus", "CORPUS", "--accelerator", "tpu", "--out", "OUT"], "accelerator 'tpu'"),
        (["--corpus", "CORPUS", "--out", "/proc/drumtok"], "/proc/drumtok"),
    ],
)
def test_a_bad_value_is_one_line_and_exit_code_2(options, conditioning, corpus, tmp_path):
    places = {"CORPUS": str(corpus), "OUT": str(tmp_path / "run")}
    result = train(*(places.get(option, option) for option in options))
    assert result.exit_code == 2
    assert conditioning in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.slow  # trains twice
def test_what_is_mixed_in_is_kept_by_a_run_that_continues(corpus, tmp_path):
    begun = train("--corpus", corpus, *SMALL, "--steps", 2, "--augment", "half-time=0.5", "--out", tmp_path / "run")
    assert begun.exit_code == 0, begun.output
    other = train("--resume", tmp_path / "run", "--steps", 4, "--augment", "half-time=0.4")
    assert other.exit_code == 2
    assert "augment must be ('half-time=0.5',) as in the run that is resumed, got ('half-time=0.4',)" in other.output
    same = train("--resume", tmp_path / "run", "--steps", 4, "--augment", "half-time=0.5")
    assert same.exit_code == 0, same.output
    assert state_of(tmp_path / "run")["drumtok"]["training"]["augment"] == ("half-time=0.5",)
    assert state_of(tmp_path / "run")["global_step"] == 4


def test_a_damaged_checkpoint_is_one_line(tmp_path):
    (tmp_path / "last.ckpt").write_bytes(b"PK\x03\x04 no checkpoint")
    result = train("--resume", tmp_path / "last.ckpt")
    assert result.exit_code == 2
    assert "damaged" in result.output


def test_without_torch_the_line_names_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("drumtok.")]:
        if name.split(".")[1] in ("runs", "trainer", "training", "callbacks", "model"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = train()
    assert result.exit_code == 2
    assert "[train]'" in result.output


def test_a_run_may_begin_with_the_weights_of_another(corpus, tmp_path):
    first = train("--corpus", corpus, *SMALL, "--steps", 3, "--out", tmp_path / "first")
    assert first.exit_code == 0, first.output
    before = load_checkpoint(tmp_path / "first" / "last.safetensors")
    options = ["--corpus", corpus, "--init", tmp_path / "first" / "last.safetensors", "--steps", 1, "--dropout", 0.1]
    second = train(*options, "--learning-rate", 1e-9, "--accelerator", "cpu", "--out", tmp_path / "second")
    assert second.exit_code == 0, second.output
    after = load_checkpoint(tmp_path / "second" / "last.safetensors")
    assert after.config == replace(before.config, dropout=0.1)  # the shape of the first network, not the default
    for name, weight in before.weights.items():
        np.testing.assert_allclose(after.weights[name], weight, atol=1e-4)
    assert after.provenance["steps"] == 1
    assert after.provenance["init"]["steps"] == 3
    assert after.provenance["init"]["name"] == "last"


@pytest.mark.slow  # trains twice
def test_a_run_may_begin_to_count_phrases(corpus, tmp_path):
    first = train("--corpus", corpus, *SMALL, "--phrase", 0, "--steps", 3, "--out", tmp_path / "first")
    assert first.exit_code == 0, first.output
    begun = tmp_path / "first" / "last.safetensors"
    second = train("--corpus", corpus, "--init", begun, "--phrase", 4, "--steps", 2, "--out", tmp_path / "second")
    assert second.exit_code == 0, second.output
    after = load_checkpoint(tmp_path / "second" / "last.safetensors")
    assert after.weights["phrase.weight"].any(axis=1).tolist() == [True] * 4


@pytest.mark.parametrize(
    ("options", "conditioning"),
    [
        (["--phrase", "4"], "phrase must be 8 as in the network of init, got 4"),
        (["--hidden", "13"], "hidden must be 12 as in the network of init, got 13"),
        (["--resume", "elsewhere"], "--resume cannot be combined with --init"),
    ],
)
def test_what_does_not_fit_the_initial_network_is_an_error(corpus, tmp_path, options, conditioning):
    network = ModelConfig(hidden=12, layers=2, width=8)
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(size=shape) for name, shape in weight_shapes(network).items()}
    save_checkpoint(Checkpoint(network, weights), tmp_path / "begun.safetensors")
    result = train("--corpus", corpus, "--init", tmp_path / "begun.safetensors", "--out", tmp_path / "run", *options)
    assert result.exit_code == 2
    assert conditioning in result.output
    assert not (tmp_path / "run").exists()
