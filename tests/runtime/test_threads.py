"""BLAS threads: one in workers and while patterns are written, and the previous number afterwards."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from drumtok.generation.generate import generate
from drumtok.runtime.process_pool import ordered_map
from drumtok.runtime.threads import one_thread


def blas_threads(_=None):
    return max(library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas")


def threads_of_worker(_):
    import numpy  # noqa: F401  a worker that is spawned has not imported it yet

    return blas_threads(), os.environ["OMP_NUM_THREADS"]


@pytest.fixture
def three_threads(monkeypatch):
    """Use three BLAS threads in this process and in spawned ones."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    with threadpool_limits(3, user_api="blas"):
        assert blas_threads() == 3
        yield


@pytest.mark.parametrize("spawned", [False, True])
def test_each_worker_has_one_thread(three_threads, spawned):
    end = threading.Event()
    if spawned:  # a process with threads spawns instead of forking
        threading.Thread(target=end.wait).start()
    try:
        assert list(ordered_map(threads_of_worker, range(6), 2)) == [(1, "1")] * 6
    finally:
        end.set()
    assert blas_threads() == 3


def test_patterns_are_made_on_one_thread(three_threads, small_checkpoint):
    seen = []
    generate(1, bars=2, checkpoint=small_checkpoint, on_bar=lambda bar: seen.append(blas_threads()))
    assert seen == [1, 1]
    assert blas_threads() == 3


def test_the_former_number_returns_with_the_outermost_function(three_threads):
    seen = []

    @one_thread
    def work():
        seen.append(blas_threads())

    with one_thread:
        work()
        seen.append(blas_threads())
        other = threading.Thread(target=work)
        other.start()
        other.join()
        seen.append(blas_threads())
    assert seen == [1] * 4
    assert blas_threads() == 3


def test_an_error_returns_the_former_number(three_threads):
    with pytest.raises(KeyError), one_thread:
        raise KeyError
    assert blas_threads() == 3


@pytest.mark.parametrize(("setting", "threads"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, min(2, os.cpu_count()))])
def test_commands_start_without_threads(setting, threads):
    code = (
        "from drumtok.cli.main import main\nmain(['styles'], standalone_mode=False)\n"
        "import numpy, threadpoolctl\nprint(max(x['num_threads'] for x in threadpoolctl.threadpool_info()))"
    )
    ours = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment = {**ours, "PYTHONPATH": str(Path(__file__).parents[2]), **setting}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) == threads
