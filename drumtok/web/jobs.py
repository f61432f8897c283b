"""Who writes, and how long: requests as jobs that can be stopped, so many at once and no more."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from drumtok.errors import DrumtokError
from drumtok.network.context import Context
from drumtok.network.engine import Array, Engine, EngineState
from drumtok.web.config import LIMITS
from drumtok.web.step_batcher import SharedSteps

Result = TypeVar("Result")


class Busy(Exception):
    """There are too many requests already."""


class Stopped(Exception):
    """Whoever asked has gone, or has cancelled."""


class Job(Generic[Result]):
    """A piece of work under way in a thread, and what it has told so far.

    Args:
        work: is given the job; what it returns is the answer.
        seconds: how long it may take.
    """

    def __init__(self, work: "Callable[[Job[Result]], Result]", seconds: float = LIMITS.seconds) -> None:
        self._work, self._seconds = work, seconds
        self._stop = threading.Event()
        self._until = 0.0
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        self.answer: asyncio.Future[Result] = self._loop.create_future()
        self._outcome: tuple[Any, BaseException | None] = None, Stopped()

    def run(self) -> None:
        """Does the work; called in a thread."""
        self._until = time.monotonic() + self._seconds
        try:
            self.check()
            self._outcome = self._work(self), None
        except BaseException as error:
            self._outcome = None, error

    def finish(self) -> None:
        """Hands over what came of it; called in that thread."""
        self._hand_over(self._settle, *self._outcome)

    def check(self) -> None:
        """Called now and then by the work.

        Raises:
            Stopped: nobody wants it any more.
            DrumtokError: it has taken too long.
        """
        if self._stop.is_set():
            raise Stopped
        if time.monotonic() > self._until:
            raise DrumtokError(
                f"the request took longer than {self._seconds:g} seconds: ask for fewer bars or particles"
            )

    def tell(self, something: Any) -> None:
        """Tells what is known already; called by the work."""
        self._hand_over(self._told.put_nowait, something)

    def stop(self) -> None:
        """Ends the work at its next word; nothing where it has ended."""
        self._stop.set()

    async def conditioning(self) -> AsyncIterator[Any]:
        """What the work tells, as it comes, until it ends; leaving this early stops the work."""
        try:
            while (something := await self._told.get()) is not self:
                yield something
        finally:
            self.stop()

    def _hand_over(self, call: Callable[..., None], *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _settle(self, result: Any, error: BaseException | None) -> None:
        self._told.put_nowait(self)
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)
            self.answer.exception()  # it has been seen, even where nobody waits for the answer


class JobQueue:
    """Hands jobs to threads.

    Args:
        at_once: how many are under way at most.
        waiting: how many more are taken in.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._room, self._held = at_once + waiting, 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="desk")

    @property
    def held(self) -> int:
        """How many jobs are under way or wait."""
        return self._held

    def take(self, job: Job[Any]) -> None:
        """Has a job done.

        Raises:
            Busy: there is no room.
        """
        with self._lock:
            if self._held >= self._room:
                raise Busy
            self._held += 1
        self._pool.submit(self._do, job)

    def close(self) -> None:
        """Takes no more; what is under way is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, job: Job[Any]) -> None:
        job.run()
        with self._lock:
            self._held -= 1  # first: whoever has the answer may ask for the next thing at once
        job.finish()


class JobEngine(Engine):
    """An engine for one job: its steps are shared with those of other jobs, and end when the job is to end."""

    def __init__(self, steps: SharedSteps, job: Job[Any]) -> None:
        self.__dict__.update(steps.engine.__dict__)  # all that it reads, without building the tables anew
        self._shared, self._job = steps, job

    def step(self, context: Context, state: EngineState) -> Array:
        """As `Engine.step`.

        Raises:
            Stopped, DrumtokError: as `Job.check` does.
        """
        self._job.check()
        return self._shared.step(context, state)
