"""Fixtures that several test files share."""

import os
import signal
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # set before NumPy and torch load: threads only slow small networks
# A shell that runs the tests in the background makes them ignore Ctrl-C, which the processes they start would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Helper modules lie beside this file.
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

# Only a quarter of the examples, to be fast; `.ci/run` draws all of them (--hypothesis-profile=full).
# No deadline: a busy machine must not fail a test.
settings.register_profile("full", deadline=None, max_examples=ALL_EXAMPLES)
settings.register_profile("quick", deadline=None, max_examples=ALL_EXAMPLES // 4)
settings.load_profile("quick")


@pytest.hookimpl(tryfirst=True)  # before `-m` selects by marker
def pytest_collection_modifyitems(items):
    """Mark the tests that open a browser, which take a third of the time; those marked `smoke` always run."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("smoke"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def small_checkpoint():
    """A small random network with uneven probabilities: silence is likely, and BAR occurs now and then."""
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
    """The same network in a file, in full precision."""
    path = tmp_path_factory.mktemp("checkpoints") / "small.safetensors"
    save_checkpoint(small_checkpoint, path, half=False)
    return path


@pytest.fixture
def sample(small_checkpoint_path, tmp_path, monkeypatch):
    """A function that runs the command in an empty folder with the small network and, unless changed, velocity 100."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        options = [] if "--checkpoint" in arguments else ["--checkpoint", str(small_checkpoint_path)]
        plain = [] if {"--dynamics", "--like"} & set(arguments) else ["--dynamics", "0"]
        return CliRunner().invoke(main, ["sample", *options, *plain, *map(str, arguments)])

    return run
