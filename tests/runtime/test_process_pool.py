"""Units of work spread over processes, and files that are continued after an interruption."""

import os
import subprocess
import sys
import time
import zipfile
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from midi_bytes import make_midi
from pool_work import die_at, fail_at, slow_square, stumble_at

from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.errors import DrumtokError
from drumtok.runtime.process_pool import AHEAD, ordered_map
from drumtok.runtime.resumable import ResumableFiles
from drumtok.runtime.retries import TRIES, Failed
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode_files import encode_files
from drumtok.tokenizer.file_listing import Listing

MIDI = make_midi([(0, 36), (480, 38)])


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_order(jobs):
    assert list(ordered_map(slow_square, range(40), jobs)) == [n * n for n in range(40)]
    assert list(ordered_map(slow_square, [], jobs)) == []


def test_units_are_taken_only_as_far_as_there_are_workers():
    taken = []
    results = ordered_map(slow_square, (taken.append(n) or n for n in range(10_000)), 2)
    for number in range(5):
        assert next(results) == number * number
        assert len(taken) <= number + 1 + 2 * AHEAD
    results.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_is_raised(jobs):
    results = ordered_map(partial(fail_at, 3), range(10), jobs)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(DrumtokError, match="no 3"):
        list(results)


KILLED = "a worker process was ended by signal 9, perhaps out of memory"


@pytest.mark.parametrize(("jobs", "place"), [(2, 0), (3, 5), (2, 39)])
def test_what_a_worker_dies_over_is_done_again(tmp_path, jobs, place):
    retried = []
    results = ordered_map(
        partial(die_at, place, tmp_path, TRIES - 1), range(40), jobs, lambda *why: retried.append(why)
    )
    assert list(results) == list(range(40))
    assert retried == [(place, KILLED)] * (TRIES - 1)


def test_a_unit_that_keeps_killing_is_given_up(tmp_path):
    results = list(ordered_map(partial(die_at, 5, tmp_path, 99), range(40), 2))
    assert results == [*range(5), Failed(KILLED), *range(6, 40)]
    assert len(os.listdir(tmp_path)) == TRIES


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("times", [TRIES - 1, TRIES])
def test_an_error_that_is_no_word_to_the_user_counts_as_a_failure(tmp_path, jobs, times):
    retried = []
    results = ordered_map(partial(stumble_at, 5, tmp_path, times), range(9), jobs, lambda *why: retried.append(why))
    assert list(results) == [*range(5), 5 if times < TRIES else Failed("RuntimeError: no 5"), *range(6, 9)]
    assert retried == [(5, "RuntimeError: no 5")] * (TRIES - 1)


def test_workers_end_when_their_owner_is_killed(tmp_path):
    code = (
        "import time\nfrom drumtok.runtime.process_pool import ordered_map\n"
        "if __name__ == '__main__':\n"
        "    results = ordered_map(time.sleep, [0, 0, 0, 0, 0.01] * 10_000, 2)\n"
        "    next(results)\n    import multiprocessing\n"
        "    print(*[c.pid for c in multiprocessing.active_children()], flush=True)\n    list(results)\n"
    )
    script = tmp_path / "owner.py"
    script.write_text(code)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment()) as owner:
        workers = [int(word) for word in owner.stdout.readline().split()]
        owner.kill()
    assert len(workers) == 2
    deadline = time.monotonic() + 10
    while any(is_alive(pid) for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def environment():
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def run_files(out, key="k", units=(), stop=None):
    with ResumableFiles([out, out.with_suffix(".log")], key) as files:
        todo = iter(units)
        if not files.resumed((unit,) for unit in todo):
            todo = iter(units)
        begun = files.progress.units
        for number, unit in enumerate(todo, begun):
            if number == stop:
                raise KeyboardInterrupt
            files.add((unit,), (unit.encode(), b"."), Counter(units=1))
        files.finish()
        return begun, files.progress.counts["units"]


def test_a_run_that_is_cut_continues(tmp_path):
    out, units = tmp_path / "o.txt", [f"unit {n}\n" for n in range(10)]
    out.write_text("from before")
    with pytest.raises(KeyboardInterrupt):
        run_files(out, "k", units, 4)
    assert out.read_text() == "from before"
    with open(f"{out}.part", "ab") as file:
        file.write(b"written, but not recorded")
    assert run_files(out, "k", units) == (4, 10)
    assert out.read_text() == "".join(units)
    assert out.with_suffix(".log").read_text() == "." * 10
    assert sorted(os.listdir(tmp_path)) == ["o.log", "o.txt"]


@pytest.mark.parametrize("change", ["key", "units", "part", "record"])
def test_a_run_that_does_something_else_starts_over(tmp_path, change):
    out, units = tmp_path / "o.txt", [f"unit {n}\n" for n in range(10)]
    with pytest.raises(KeyboardInterrupt):
        run_files(out, "k", units, 4)
    if change == "units":
        units[2] = "another\n"
    elif change == "part":
        os.truncate(f"{out}.part", 3)
    elif change == "record":
        Path(f"{out}.progress").write_text("{")
    assert run_files(out, "other" if change == "key" else "k", units) == (0, 10)
    assert out.read_text() == "".join(units)


class Stopped(BaseException):
    """Interrupts a run like Ctrl-C."""


@pytest.mark.parametrize("changed", ["", "03.mid", "more.zip", "19.mid"])
def test_what_was_read_of_files_counts_as_long_as_they_are_the_same(tmp_path, changed):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.mid").write_bytes(MIDI)
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(folder / "00.mid", "a.mid")

    def encode(on_progress):
        listing, out, report = Listing.of([str(folder)]), tmp_path / "o.txt", tmp_path / "o.jsonl"
        encode_files(listing, out, report, EncodeConfig(), on_progress=on_progress, unit_files=4)

    def build(on_progress):
        build_corpus(tmp_path / "corpus", [open_source(str(folder))], on_progress=on_progress, unit_files=4)

    def stopped(done, before):
        if done >= 12:
            raise Stopped

    def begun(make):
        on_progress = []
        make(lambda *files: on_progress.append(files))
        return on_progress[0]

    for make in (encode, build):
        with pytest.raises(Stopped):
            make(stopped)
    if changed:
        os.utime(folder / changed, ns=(1, 1))
    was_read = changed == "03.mid"
    assert begun(encode) == begun(build) == ((0, 0) if was_read else (12, 12))


def test_two_runs_do_not_write_one_file(tmp_path):
    out = tmp_path / "o.txt"
    with (
        ResumableFiles([out], "k"),
        pytest.raises(DrumtokError, match="written by another run"),
        ResumableFiles([out], "k"),
    ):
        pass


def test_a_fork_that_outlives_its_parent_does_not_keep_others_from_writing(tmp_path):
    out = tmp_path / "o.txt"
    ours, theirs = os.pipe()
    runs, has_run = os.pipe()
    with ResumableFiles([out], "k") as files:
        files.add(("a",), (b"in the buffer",), Counter())
        child = os.fork()
        if not child:
            os.close(theirs)
            os.write(has_run, b"x")
            os.read(ours, 1)  # waits for the parent
            os._exit(0)
        os.read(runs, 1)  # waits until the child runs and has released the lock
    with ResumableFiles([out], "k") as files:
        assert files.progress.sizes == [len("in the buffer")]
        os.close(theirs)
        os.waitpid(child, 0)
        files.finish()
    assert out.read_bytes() == b"in the buffer"


def test_what_killed_runs_left_of_the_record_is_removed(tmp_path):
    for name in (".o.txt.progress.0123abcd.part", ".other.progress.0123abcd.part"):
        (tmp_path / name).touch()
    with ResumableFiles([tmp_path / "o.txt"], "k") as files:
        files.finish()
    assert sorted(os.listdir(tmp_path)) == [".other.progress.0123abcd.part", "o.txt"]
