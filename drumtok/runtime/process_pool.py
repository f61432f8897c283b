"""Work in units, spread over processes: results in order, memory bounded, what a worker died over done again."""

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

AHEAD = 4  # units to each worker that may be under way or wait for an earlier one
HELD = 2  # units that a worker holds: one it works on, and one to go on with at once
MIN_PROB = 2**14  # bytes that a pipe holds on any system: so much can be sent whatever its reader is at
ROOM = 2**20  # bytes that a pipe is to hold where it can be told to: an answer does not wait for its reader


@dataclass(eq=False)
class _Worker:
    """A process, our ends of its pipes, what the first holds, and its units, the one under way first."""

    process: BaseProcess
    units: Connection
    answers: Connection
    room: int
    held: deque[tuple[int, bytes]] = field(default_factory=deque)

    def takes(self, size: int) -> bool:
        """Whether a unit of so many bytes can be sent without a wait for it, while it may wait for us."""
        return not self.held or (len(self.held) < HELD and size <= self.room // HELD)

    def end(self) -> None:
        """Ends it, if it has not ended."""
        self.units.close()  # it ends by itself when nobody is left to send work
        self.answers.close()
        self.process.terminate()


def ordered_map(
    work: Callable[[Unit], Result],
    units: Iterable[Unit],
    jobs: int,
    again: Callable[[int, str], object] = lambda number, why: None,
) -> Iterator[Result | Failed]:
    """The results of units of work in the order of the units, whatever the number of processes.

    A unit that a worker dies over, or raises anything else than a DrumtokError over, is done again.

    Args:
        work: a function that can be pickled.
        units: taken only as far as there are workers for them.
        jobs: processes; with 1 the work is done in this one.
        again: called with the number of a unit that is done again, from 0, and why.

    Raises:
        DrumtokError: what `work` raised.
    """
    if jobs == 1:
        yield from (_done_here(work, number, unit, again) for number, unit in enumerate(units))
        return
    pool = _Pool(work, again)
    try:
        with _deaf_to_ctrl_c():
            for _ in range(jobs):
                pool.start()
        yield from pool.share_out(enumerate(units))
    finally:
        for worker in pool.workers:
            worker.end()
        for worker in pool.workers:
            worker.process.join()


def _done_here(work: Callable[[Unit], Result], number: int, unit: Unit, again: Callable) -> Result | Failed:
    failures = 0
    while True:
        answer = attempt(work, unit)
        if isinstance(answer, DrumtokError):
            raise answer
        failures += isinstance(answer, Failed)
        if not isinstance(answer, Failed) or failures == TRIES:
            return answer
        again(number, answer.why)


class _Pool:
    """The processes of one `ordered_map`."""

    def __init__(self, work: Callable[[Any], Any], again: Callable[[int, str], object]) -> None:
        self.workers: list[_Worker] = []
        self._work, self._again = work, again
        self._failures: Counter[int] = Counter()  # of a unit
        self._anew: deque[tuple[int, bytes]] = deque()  # units that are done again, and those that waited behind them

    def start(self) -> None:
        """Starts a worker.

        A fork takes 10 ms where a new interpreter takes 300 ms until it has imported what it needs, on each core. It
        is safe only where no other thread of Python may hold a lock, and not on every system.
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
        theirs_in.close()  # so that its death ends the pipes
        theirs_out.close()
        self.workers.append(_Worker(process, units, answers, room))

    def share_out(self, units: Iterator[tuple[int, Any]]) -> Iterator[Any]:
        """Gives the units out and the results back."""
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
                with suppress(OSError):  # it is dead: receiving from it tells so
                    worker.units.send_bytes(in_hand[1])
            by_pipe: dict[Any, _Worker] = {worker.answers: worker for worker in self.workers if worker.held}
            if not by_pipe:
                return
            for pipe in wait(list(by_pipe)):
                done.update(self._answer(by_pipe[pipe]))
            while following in done:
                answer = done.pop(following)
                if isinstance(answer, DrumtokError):
                    raise answer  # in its turn: what comes before it is not lost
                yield answer
                following += 1

    def _answer(self, worker: _Worker) -> dict[int, Any]:
        """The number of the unit that a worker has done and its result or error; none where it is done again."""
        number = worker.held[0][0]
        try:
            answer = worker.answers.recv()
            unit = worker.held.popleft()
        except (EOFError, OSError):
            answer = Failed(self._end_of(worker))
            unit = worker.held.popleft()
            self._anew.extend(worker.held)  # they wait behind it, and did nothing
            with _deaf_to_ctrl_c():
                self.start()
        self._failures[number] += isinstance(answer, Failed)
        if not isinstance(answer, Failed) or self._failures[number] == TRIES:
            return {number: answer}
        self._again(number, answer.why)
        self._anew.appendleft(unit)
        return {}

    def _end_of(self, worker: _Worker) -> str:
        """How a worker died; it is one of the workers no more."""
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        worker.end()
        self.workers.remove(worker)
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
        return f"a worker process {how}, perhaps for want of memory"


def _widen(pipe: Connection) -> int:
    """Makes a pipe hold more, where the system can, and tells how much it holds."""
    with suppress(ImportError, AttributeError, OSError):  # not every system has it, and there is a limit for each user
        import fcntl

        return fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, ROOM)
    return MIN_PROB


def _serve(units: Connection, answers: Connection, work: Callable[[Any], Any], inherited: list[Connection]) -> None:
    """A worker: answers units until nobody sends any; its pipes are its own, so that it sees its owner die."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for end in inherited:
        end.close()
    with suppress(EOFError, OSError):
        while True:
            answers.send(attempt(work, pickle.loads(units.recv_bytes())))


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
