"""Building, checking and evaluating on corpora requires neither torch nor Lightning."""

import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "pytorch_lightning", "tensorboard"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from drumtok.cli.main import main
main(sys.argv[1:])
"""
GROOVES = Path(__file__).parents[2] / "datasets" / "starter" / "funk.grid"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus") / "out"
    run("corpus", "build", out, GROOVES)
    return out


def run(*arguments):
    command = [sys.executable, "-c", RUN, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_corpus_check(corpus):
    run("corpus", "check", corpus)


def test_evaluate(corpus, small_checkpoint_path):
    options = ("--source", GROOVES.name, "--pieces", 2, "--style-pieces", 0)
    run("evaluate", small_checkpoint_path, "--corpus", corpus, *options)
