"""Fixtures that several test files share."""

import os
import signal
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and torch: small networks only lose by threads
# A shell that runs the tests in the background has them ignore Ctrl-C, and what they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Helpers lie beside this file.
TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import settings
from s3_bucket import bucket, server  # noqa: F401
from strategies import ALL_EXAMPLES

from drumtok.cli.main import main
from drumtok.network.checkpoint import Checkpoint, save_checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.engine import weight_shapes

# A quarter of the examples, to have an answer soon; `.ci/run` draws all of them (--hypothesis-profile=full).
# No deadline: the load of a machine fails no test.
settings.register_profile("full", deadline=None, max_examples=ALL_EXAMPLES)
settings.register_profile("quick", deadline=None, max_examples=ALL_EXAMPLES // 4)
settings.load_profile("quick")


@pytest.hookimpl(tryfirst=True)  # before `-m` selects by the marks
def pytest_collection_modifyitems(items):
    """Mark what opens a browser, which is a third of the time of all tests; a smoke test is always run."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("smoke"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def small_checkpoint():
    """A small random network whose probabilities are far from even: it prefers silence, BAR comes now and then."""
    config = ModelConfig(
        hidden=32, layers=3, width=16, lookback=(1, 2), styles=("funk", "rock"), tempos=(100,), sources=("groove",)
    )
    rng = np.random.default_rng(5)
    weights = {
        name: rng.standard_normal(shape).astype(np.float32) * 0.6 for name, shape in weight_shapes(config).items()
    }
    weights["out.weight"] *= 2
    weights["out.bias"][[0, 512]] += (6, 9)
    return Checkpoint(config, weights, name="small")


@pytest.fixture(scope="session")
def small_checkpoint_path(small_checkpoint, tmp_path_factory):
    """The same in a file, in full precision."""
    path = tmp_path_factory.mktemp("checkpoints") / "small.safetensors"
    save_checkpoint(small_checkpoint, path, half=False)
    return path


@pytest.fixture
def sample(small_checkpoint_path, tmp_path, monkeypatch):
    """Runs the command in an empty folder with the small network, hits at velocity 100 unless options change it."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        options = [] if "--checkpoint" in arguments else ["--checkpoint", str(small_checkpoint_path)]
        plain = [] if {"--dynamics", "--like"} & set(arguments) else ["--dynamics", "0"]
        return CliRunner().invoke(main, ["sample", *options, *plain, *map(str, arguments)])

    return run
