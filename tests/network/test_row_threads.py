"""Rows of a batch shared among threads: every row once, and the same numbers whatever the number of threads."""

import os

import numpy as np
import pytest

from drumtok.network.engine import Engine
from drumtok.network.row_threads import MIN_PROB, cores, in_shares
from drumtok.sampling.logit_filters import BarGrammar
from drumtok.sampling.sampler import sample_words


@pytest.fixture
def three_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")


@pytest.mark.parametrize(
    ("rows", "parts"), [(0, 1), (1, 1), (MIN_PROB, 1), (2 * MIN_PROB, 2), (3 * MIN_PROB + 1, 3), (500, 3)]
)
def test_every_row_is_in_one_share(three_cores, rows, parts):
    seen = []
    in_shares(rows, seen.append)
    assert len(seen) == parts
    assert sorted(n for share in seen for n in range(rows)[share]) == list(range(rows))


def test_what_a_thread_raises_comes_out(three_cores):
    def work(share):
        if share.start:
            raise ValueError(share.start)

    with pytest.raises(ValueError, match="20"):
        in_shares(60, work)


@pytest.mark.parametrize("streams", [33, 64, 100])
def test_the_words_do_not_depend_on_the_threads(small_checkpoint, monkeypatch, streams):
    def written(threads):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        engine = Engine(small_checkpoint)
        return sample_words(engine, np.random.default_rng(0), [BarGrammar(16)], words=40, streams=streams)

    assert np.array_equal(written("1"), written("2"))
    assert np.array_equal(written("1"), written("5"))


def test_a_fork_has_threads_of_its_own(three_cores):
    in_shares(100, lambda share: None)
    child = os.fork()
    if not child:
        in_shares(100, lambda share: None)
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize(("said", "found"), [("4", 4), ("0", None), ("", None), ("many", None)])
def test_what_the_environment_says_counts(monkeypatch, said, found):
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert cores() == (found or len(os.sched_getaffinity(0)))
