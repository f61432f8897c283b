"""Map work over units in processes, with ordered results, bounded memory and retries of units of dead workers."""

import pickle
import signal
import sys
import threading
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.runtime.retries import TRIES, Failed, Result, Unit, attempt
from drumtok.runtime.threads import bound_worker

AHEAD = 4  # units per worker that may be in progress or wait for an earlier one
HELD = 2  # units that a worker holds: the current one and the next
MIN_PIPE = 2**14  # bytes that a pipe holds on any system, which can be sent without blocking
ROOM = 2**20  # bytes of a pipe if its size can be set, so that sending results does not block


@dataclass(eq=False)
class _Worker:
    """A process, our ends of its pipes, the capacity of the first in bytes, and its units, the current one first."""

    process: BaseProcess
    units: Connection
    answers: Connection
    room: int
    held: deque[tuple[int, bytes]] = field(default_factory=deque)

    def takes(self, size: int) -> bool:
        """Return whether a unit of `size` bytes can be sent without blocking: the worker may be waiting for us."""
        return not self.held or (len(self.held) < HELD and size <= self.room // HELD)

    def end(self) -> None:
        """End the process, if it is alive."""
        self.units.close()  # it ends by itself when its pipe is closed
        self.answers.close()
        self.process.terminate()


def ordered_map(
    work: Callable[[Unit], Result],
    units: Iterable[Unit],
    jobs: int,
    on_retry: Callable[[int, str], object] = lambda number, why: None,
) -> Iterator[Result | Failed]:
    """Yield the results of units of work in the order of the units.

    A unit is retried if its worker dies or it raises anything but a DrumtokError.

    Args:
        work: a function that can be pickled.
        units: consumed lazily, as workers become free.
        jobs: number of processes; 1 runs the work in this process.
        on_retry: called with the index of a unit that is retried, and why.

    Raises:
        DrumtokError: `work` raised it.
    """
    if jobs == 1:
        yield from (_done_here(work, number, unit, on_retry) for number, unit in enumerate(units))
        return
    pool = _Pool(work, on_retry)
    try:
        with _ctrl_c_ignored():
            for _ in range(jobs):
                pool.start()
        yield from pool.share_out(enumerate(units))
    finally:
        for worker in pool.workers:
            worker.end()
        for worker in pool.workers:
            worker.process.join()


def _done_here(work: Callable[[Unit], Result], number: int, unit: Unit, on_retry: Callable) -> Result | Failed:
    failures = 0
    while True:
        answer = attempt(work, unit)
        if isinstance(answer, DrumtokError):
            raise answer
        failures += isinstance(answer, Failed)
        if not isinstance(answer, Failed) or failures == TRIES:
            return answer
        on_retry(number, answer.why)


class _Pool:
    """The processes of one `ordered_map`."""

    def __init__(self, work: Callable[[Any], Any], on_retry: Callable[[int, str], object]) -> None:
        self.workers: list[_Worker] = []
        self._work, self._on_retry = work, on_retry
        self._failures: Counter[int] = Counter()  # of a unit
        self._anew: deque[tuple[int, bytes]] = deque()  # units to retry, and those that were queued behind them

    def start(self) -> None:
        """Start a worker.

        A fork takes 10 ms, a new interpreter with its imports 300 ms. A fork is only safe if no other Python thread may
        hold a lock, and not available on every system.
        """
        forks = sys.platform == "linux" and threading.active_count() == 1
        context = get_context("fork" if forks else "spawn")
        theirs_in, units = context.Pipe(duplex=False)
        answers, theirs_out = context.Pipe(duplex=False)
        _widen(answers)
        room = _widen(units)
        ours = [end for other in self.workers for end in (other.units, other.answers)] + [units, answers]
        arguments = (theirs_in, theirs_out, self._work, ours if forks else [])
        process: BaseProcess = context.Process(target=_serve, args=arguments, daemon=True)  # type: ignore[attr-defined]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 sees the idle threads of OpenBLAS
            process.start()
        theirs_in.close()  # so that the pipes end when the worker dies
        theirs_out.close()
        self.workers.append(_Worker(process, units, answers, room))

    def share_out(self, units: Iterator[tuple[int, Any]]) -> Iterator[Any]:
        """Send the units to the workers and yield the results in order."""
        packed = ((number, pickle.dumps(unit, pickle.HIGHEST_PROTOCOL)) for number, unit in units)
        done: dict[int, Any] = {}
        following = 0
        while True:
            while len(done) + sum(len(worker.held) for worker in self.workers) < AHEAD * len(self.workers):
                in_hand = self._anew.popleft() if self._anew else next(packed, None)
                worker = min(self.workers, key=lambda worker: len(worker.held))
                if in_hand is None:
                    break
                if not worker.takes(len(in_hand[1])):
                    self._anew.appendleft(in_hand)
                    break
                worker.held.append(in_hand)
                with suppress(OSError):  # it is dead, which receiving from it reports
                    worker.units.send_bytes(in_hand[1])
            by_pipe: dict[Any, _Worker] = {worker.answers: worker for worker in self.workers if worker.held}
            if not by_pipe:
                return
            for pipe in wait(list(by_pipe)):
                done.update(self._answer(by_pipe[pipe]))
            while following in done:
                answer = done.pop(following)
                if isinstance(answer, DrumtokError):
                    raise answer  # in order: earlier results are not lost
                yield answer
                following += 1

    def _answer(self, worker: _Worker) -> dict[int, Any]:
        """Receive the result of a worker's unit: {index: result or error}, or empty if the unit is retried."""
        number = worker.held[0][0]
        try:
            answer = worker.answers.recv()
            unit = worker.held.popleft()
        except (EOFError, OSError):
            answer = Failed(self._end_of(worker))
            unit = worker.held.popleft()
            self._anew.extend(worker.held)  # they had not started
            with _ctrl_c_ignored():
                self.start()
        self._failures[number] += isinstance(answer, Failed)
        if not isinstance(answer, Failed) or self._failures[number] == TRIES:
            return {number: answer}
        self._on_retry(number, answer.why)
        self._anew.appendleft(unit)
        return {}

    def _end_of(self, worker: _Worker) -> str:
        """Remove a dead worker and return how it ended."""
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        worker.end()
        self.workers.remove(worker)
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        return f"a worker process {how}, perhaps out of memory"


def _widen(pipe: Connection) -> int:
    """Enlarge a pipe if the system supports it, and return its size in bytes."""
    with suppress(ImportError, AttributeError, OSError):  # not on every system, and each user has a limit
        import fcntl

        return fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, ROOM)
    return MIN_PIPE


def _serve(units: Connection, answers: Connection, work: Callable[[Any], Any], inherited: list[Connection]) -> None:
    """Run units until the pipe is closed; inherited ends are closed, so that the worker ends when its owner dies."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    bound_worker()
    for end in inherited:
        end.close()
    with suppress(EOFError, OSError):
        while True:
            answers.send(attempt(work, pickle.loads(units.recv_bytes())))


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which only this process handles."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
