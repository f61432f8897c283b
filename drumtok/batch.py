"""Work in units, spread over processes: results in order, memory bounded, a worker that dies is told."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from drumtok.errors import DrumtokError

Unit = TypeVar("Unit")
Result = TypeVar("Result")
AHEAD = 4  # units to each worker that may be under way or wait for an earlier one


def ordered_map(work: Callable[[Unit], Result], units: Iterable[Unit], jobs: int) -> Iterator[Result]:
    """The results of units of work in the order of the units, whatever the number of processes.

    Args:
        work: a function that can be pickled.
        units: taken only as far as there are workers for them.
        jobs: processes; with 1 the work is done in this one.

    Raises:
        DrumtokError: a worker died; the message says over which unit.
        Exception: what `work` raised.
    """
    if jobs == 1:
        yield from map(work, units)
        return
    workers: dict[Connection, BaseProcess] = {}
    try:
        with _deaf_to_ctrl_c():
            for _ in range(jobs):
                connection, process = _start(work)
                workers[connection] = process
        yield from _share_out(workers, enumerate(units))
    finally:
        for connection, process in workers.items():
            connection.close()  # it ends by itself when nobody is left to send work
            process.terminate()
            process.join()


def _start(work: Callable[[Any], Any]) -> tuple[Connection, BaseProcess]:
    context = get_context("spawn")  # the same on every system, and nothing of ours is copied into it half done
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()  # so that its death ends the connection
    return ours, process


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    """A worker: answers units until nobody sends any; each has its own connection, so that it sees its owner die."""
    with suppress(EOFError, OSError):
        while True:
            unit = connection.recv()
            try:
                answer = (True, work(unit))
            except Exception as error:
                answer = (False, error)
            connection.send(answer)


def _share_out(workers: dict[Connection, BaseProcess], units: Iterator[tuple[int, Any]]) -> Iterator[Any]:
    idle = list(workers)
    busy: dict[Any, int] = {}
    done: dict[int, Any] = {}
    following, more = 0, True
    while True:
        while idle and more and len(busy) + len(done) < AHEAD * len(workers):
            try:
                number, unit = next(units)
            except StopIteration:
                more = False
                break
            busy[idle[-1]] = number
            with suppress(OSError):  # it is dead: receiving from it tells so
                idle[-1].send(unit)
            idle.pop()
        if not busy and not done:
            return
        ready: list[Any] = wait(list(busy))
        for connection in ready:
            number = busy.pop(connection)
            done[number] = _answer(connection, workers[connection], number)
            idle.append(connection)
        while following in done:
            fine, answer = done.pop(following)
            if not fine:
                raise answer  # in its turn: what comes before it is not lost
            yield answer
            following += 1


def _answer(connection: Connection, process: BaseProcess, number: int) -> tuple[bool, Any]:
    """Whether the work on a unit went well, and its result or error."""
    try:
        answer: tuple[bool, Any] = connection.recv()
        return answer
    except (EOFError, OSError):
        process.join(timeout=5)
        code = process.exitcode
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        return False, DrumtokError(f"a worker process {how} over unit {number + 1:,}, perhaps for want of memory")


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started meanwhile does not hear Ctrl-C, which goes to all: the process that gives out the work does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
