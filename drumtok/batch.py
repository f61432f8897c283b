"""Work in units, spread over processes: results in order, memory bounded, a worker that dies is told."""

import pickle
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from drumtok.errors import DrumtokError

Unit = TypeVar("Unit")
Result = TypeVar("Result")
AHEAD = 4  # units to each worker that may be under way or wait for an earlier one
HELD = 2  # units that a worker holds: one it works on, and one to go on with at once
LEAST = 2**14  # bytes that a pipe holds on any system: so much can be sent whatever its reader is at
ROOM = 2**20  # bytes that a pipe is to hold where it can be told to: an answer does not wait for its reader


@dataclass(eq=False)
class _Worker:
    """A process, our ends of its pipes, what the first holds, and the numbers of its units, the one under way first."""

    process: BaseProcess
    units: Connection
    answers: Connection
    room: int
    held: deque[int] = field(default_factory=deque)

    def takes(self, size: int) -> bool:
        """Whether a unit of so many bytes can be sent without a wait for it, while it may wait for us."""
        return not self.held or (len(self.held) < HELD and size <= self.room // HELD)


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
    workers: list[_Worker] = []
    try:
        with _deaf_to_ctrl_c():
            for _ in range(jobs):
                workers.append(_start(work, workers))
        yield from _share_out(workers, enumerate(units))
    finally:
        for worker in workers:
            worker.units.close()  # it ends by itself when nobody is left to send work
            worker.answers.close()
            worker.process.terminate()
        for worker in workers:
            worker.process.join()


def _start(work: Callable[[Any], Any], others: list[_Worker]) -> _Worker:
    """Starts a worker.

    A fork takes 10 ms where a new interpreter takes 300 ms until it has imported what it needs, on each core. It is
    safe only where no other thread of Python may hold a lock, and not on every system.
    """
    forks = sys.platform == "linux" and threading.active_count() == 1
    context = get_context("fork" if forks else "spawn")
    theirs_in, units = context.Pipe(duplex=False)
    answers, theirs_out = context.Pipe(duplex=False)
    _widen(answers)
    room = _widen(units)
    ours = [end for other in others for end in (other.units, other.answers)] + [units, answers]
    arguments = (theirs_in, theirs_out, work, ours if forks else [])
    process: BaseProcess = context.Process(target=_serve, args=arguments, daemon=True)  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 sees the idle threads of NumPy's OpenBLAS
        process.start()
    theirs_in.close()  # so that its death ends the pipes
    theirs_out.close()
    return _Worker(process, units, answers, room)


def _widen(pipe: Connection) -> int:
    """Makes a pipe hold more, where the system can, and tells how much it holds."""
    with suppress(ImportError, AttributeError, OSError):  # not every system has it, and there is a limit for each user
        import fcntl

        return fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, ROOM)
    return LEAST


def _serve(units: Connection, answers: Connection, work: Callable[[Any], Any], inherited: list[Connection]) -> None:
    """A worker: answers units until nobody sends any; its pipes are its own, so that it sees its owner die."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for end in inherited:
        end.close()
    with suppress(EOFError, OSError):
        while True:
            unit = pickle.loads(units.recv_bytes())
            try:
                answer = (True, work(unit))
            except Exception as error:
                answer = (False, error)
            answers.send(answer)


def _share_out(workers: list[_Worker], units: Iterator[tuple[int, Any]]) -> Iterator[Any]:
    by_pipe: dict[Any, _Worker] = {worker.answers: worker for worker in workers}
    packed = ((number, pickle.dumps(unit, pickle.HIGHEST_PROTOCOL)) for number, unit in units)
    done: dict[int, Any] = {}
    in_hand: tuple[int, bytes] | None = None
    following = 0
    while True:
        while len(done) + sum(len(worker.held) for worker in workers) < AHEAD * len(workers):
            in_hand = in_hand or next(packed, None)
            worker = min(workers, key=lambda worker: len(worker.held))
            if in_hand is None or not worker.takes(len(in_hand[1])):
                break
            worker.held.append(in_hand[0])
            with suppress(OSError):  # it is dead: receiving from it tells so
                worker.units.send_bytes(in_hand[1])
            in_hand = None
        busy = [pipe for pipe, worker in by_pipe.items() if worker.held]
        if not busy:
            return
        for pipe in wait(busy):
            number = by_pipe[pipe].held.popleft()
            done[number] = _answer(pipe, by_pipe[pipe].process, number)
        while following in done:
            fine, answer = done.pop(following)
            if not fine:
                raise answer  # in its turn: what comes before it is not lost
            yield answer
            following += 1


def _answer(pipe: Any, process: BaseProcess, number: int) -> tuple[bool, Any]:
    """Whether the work on a unit went well, and its result or error."""
    try:
        answer: tuple[bool, Any] = pipe.recv()
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
