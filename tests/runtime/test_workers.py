"""Workers: processes and a Ray cluster give the same results, even if workers die."""

import os
import signal
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from deadly_source import DeadlySource
from midi_folder import bytes_of, write_folder
from ray_cluster import Doomed, cluster, kill_at_work

from drumtok.cli.main import main
from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command
from drumtok.runtime.retries import TRIES, Failed
from drumtok.runtime.work_units import Task
from drumtok.runtime.workers import Workers
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode_files import encode_files
from drumtok.tokenizer.file_listing import Listing

TWO = Workers(jobs=2)
slow = pytest.mark.slow
LONG = pytest.mark.timeout(900)


def deadly(marks, times, number):
    """Square a number; at 5 kill the worker `times` times, at 11 raise an error."""
    if number == 5 and len(os.listdir(marks)) < times:
        Path(marks, str(len(os.listdir(marks)))).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 11:
        raise DrumtokError("no 11")
    return number * number


def killer_of(name, unit):
    """Return the piece and the count of each file of a unit; one file kills the process that reads it."""
    if name in unit:
        os.kill(os.getpid(), signal.SIGKILL)
    return ["".join(unit).encode(), b"."], Counter(files=len(unit))


def lost(unit, why):
    return [f"<{unit[0]}>".encode(), b"!"], Counter(lost=1)


def results_of(workers):
    """Map `work` over six units of two letters, of which h is deadly, and return the results."""
    retried = []
    task = Task(partial(killer_of, "h"), lambda unit: [(letter,) for letter in unit], lost)
    units = [("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"), ("i", "j"), ("k", "l")]
    made = dict(task.results(units, workers, lambda unit, why: retried.append(unit)))
    assert list(made) == units
    return b"".join(pieces[0] for pieces, _ in made.values()), sum((c for _, c in made.values()), Counter()), retried


def test_what_kills_its_reader_is_left_out_and_the_rest_of_its_unit_is_not():
    text, counts, retried = results_of(TWO)
    assert (text, counts) == (b"abcdefg<h>ijkl", Counter(files=11, lost=1))
    assert retried == [("g", "h")] * (TRIES - 1)


def test_a_file_that_kills_its_reader_is_in_the_report_and_the_build_continues(tmp_path):
    source, retried = DeadlySource("in", write_folder(tmp_path / "in", 30)), []
    built = build_corpus(tmp_path / "out", [source], workers=TWO, on_retry=lambda files, why: retried.append(files))
    assert built.manifest["items"] == {"read": 30, "skipped": 1}
    (line,) = [line for line in (tmp_path / "out" / "report.jsonl").read_text().splitlines() if "broken.mid" in line]
    assert "a worker process was ended by signal 9" in line
    assert retried == ["0/0.mid to broken.mid"] * (TRIES - 1)


def test_a_backend_that_is_not_available_is_an_error(tmp_path, monkeypatch):
    with pytest.raises(DrumtokError, match="address requires backend ray, got backend processes"):
        Workers(address="auto")
    with pytest.raises(DrumtokError, match="backend must be one of processes, ray, got 'sun'"):
        Workers("sun")
    monkeypatch.setitem(sys.modules, "ray", None)
    (tmp_path / "a.mid").write_bytes(b"")
    arguments = ["encode", str(tmp_path), "-o", str(tmp_path / "o.txt"), "--backend", "ray"]
    for name in ("--backend", "--engine"):  # --engine is deprecated
        result = CliRunner().invoke(main, [*arguments[:-2], name, "ray"])
        assert (result.exit_code, f"backend ray requires ray: {install_command('cluster')}" in result.output) == (
            2,
            True,
        )
    assert "--engine" not in CliRunner().invoke(main, ["encode", "--help"]).output


@pytest.fixture(scope="module")
def ray():
    """A Ray cluster of two nodes with a worker each."""
    with cluster(nodes=2) as made:
        yield made


@slow
@LONG
def test_ray_does_as_processes_do(ray, tmp_path):
    workers = Workers("ray", ray.address)
    for times, answer in ((TRIES - 1, 25), (TRIES, None)):
        marks = tmp_path / str(times)
        marks.mkdir()
        retried = {}
        results = workers.map(partial(deadly, marks, times), range(20), retried.setdefault)
        first = [next(results) for _ in range(11)]
        assert [n for n, square in enumerate(first) if square != n * n] == ([] if answer else [5])
        assert isinstance(first[5], int if answer else Failed)
        assert 5 in retried
        assert set(retried) <= set(range(4, 12))  # the unit, and others sent to the worker with it
        with pytest.raises(DrumtokError, match=r"^no 11$"):
            next(results)
    assert results_of(workers) == results_of(TWO)


@slow
@LONG
def test_a_node_that_dies_costs_no_byte(ray, tmp_path):
    source = open_source(str(write_folder(tmp_path / "in", 95, bars=64)))  # units of several files
    build_corpus(tmp_path / "one", [source])
    encode_files(Listing.of([str(tmp_path / "in")]), tmp_path / "one.txt", tmp_path / "one.jsonl", EncodeConfig())
    workers = Workers("ray", ray.address)
    encode_files(
        Listing.of([str(tmp_path / "in")]),
        tmp_path / "ray.txt",
        tmp_path / "ray.jsonl",
        EncodeConfig(),
        workers=workers,
        unit_files=8,
    )
    for ending in ("txt", "jsonl"):
        assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"ray.{ending}").read_bytes()
    (node, *_), marks, retried = ray.worker_nodes, tmp_path / "marks", []
    marks.mkdir()
    doomed = Doomed("ray", ray.address, node=node.node_id, marks=marks)
    built = tmp_path / "two"
    with ThreadPoolExecutor(1) as beside:
        killed = beside.submit(kill_at_work, node, marks)
        build_corpus(built, [source], workers=doomed, unit_files=8, on_retry=lambda files, why: retried.append(files))
        assert killed.result()
    assert bytes_of(tmp_path / "one") == bytes_of(built)
    assert retried  # the units that the node was working on
    assert all(" to " in files for files in retried)
