"""Rows of a batch are divided among threads, each once, and any number of threads gives the same numbers."""

import os

import numpy as np
import pytest

from drumtok.network.engine import Engine
from drumtok.network.row_threads import MIN_ROWS, cores, in_row_threads
from drumtok.sampling.logit_filters import BarGrammar
from drumtok.sampling.sampler import sample_words


@pytest.fixture
def three_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")


@pytest.mark.parametrize(
    ("rows", "parts"), [(0, 1), (1, 1), (MIN_ROWS, 1), (2 * MIN_ROWS, 2), (3 * MIN_ROWS + 1, 3), (500, 3)]
)
def test_every_row_is_in_one_part(three_cores, rows, parts):
    seen = []
    in_row_threads(rows, seen.append)
    assert len(seen) == parts
    assert sorted(n for part in seen for n in range(rows)[part]) == list(range(rows))


def test_an_error_of_a_thread_is_raised(three_cores):
    def work(rows):
        if rows.start:
            raise ValueError(rows.start)

    with pytest.raises(ValueError, match="20"):
        in_row_threads(60, work)


@pytest.mark.parametrize("streams", [33, 64, 100])
def test_the_words_do_not_depend_on_the_threads(small_checkpoint, monkeypatch, streams):
    def written(threads):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        engine = Engine(small_checkpoint)
        return sample_words(engine, np.random.default_rng(0), [BarGrammar(16)], words=40, streams=streams)

    assert np.array_equal(written("1"), written("2"))
    assert np.array_equal(written("1"), written("5"))


def test_a_fork_has_threads_of_its_own(three_cores):
    in_row_threads(100, lambda rows: None)
    child = os.fork()
    if not child:
        in_row_threads(100, lambda rows: None)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize(("value", "found"), [("4", 4), ("0", None), ("", None), ("many", None)])
def test_the_environment_sets_the_cores(monkeypatch, value, found):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert cores() == (found or len(os.sched_getaffinity(0)))
