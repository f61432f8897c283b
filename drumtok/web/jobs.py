"""Requests as jobs in threads: a queue limits how many run at a time, and a job can be stopped."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from drumtok.errors import DrumtokError
from drumtok.network.context import Context
from drumtok.network.engine import Array, EngineState
from drumtok.tokenizer.labels import Conditioning, LabelIds
from drumtok.web.config import LIMITS
from drumtok.web.step_batcher import StepBatcher

Result = TypeVar("Result")


class Busy(Exception):
    """The queue is full."""


class Stopped(Exception):
    """The client has disconnected or cancelled the request."""


class Job(Generic[Result]):
    """A piece of work that runs in a thread and may send events to the event loop that made it.

    Args:
        work: called with the job; returns the result.
        seconds: limit of its running time.
    """

    def __init__(self, work: "Callable[[Job[Result]], Result]", seconds: float = LIMITS.seconds) -> None:
        self._work, self._seconds = work, seconds
        self._stop = threading.Event()
        self._deadline = 0.0
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        self.result: asyncio.Future[Result] = self._loop.create_future()
        self._outcome: tuple[Any, BaseException | None] = None, Stopped()

    def run(self) -> None:
        """Do the work, in the calling thread."""
        self._deadline = time.monotonic() + self._seconds
        try:
            self.check()
            self._outcome = self._work(self), None
        except BaseException as error:
            self._outcome = None, error

    def finish(self) -> None:
        """Hand the outcome of `run` to the event loop."""
        self._call_in_loop(self._settle, *self._outcome)

    def check(self) -> None:
        """Raise an exception if the work was stopped or takes too long; called by the work from time to time.

        Raises:
            Stopped: nobody waits for the result.
            DrumtokError: the time limit is exceeded.
        """
        if self._stop.is_set():
            raise Stopped
        if time.monotonic() > self._deadline:
            raise DrumtokError(f"the request took longer than {self._seconds:g} seconds, try fewer bars or particles")

    def send(self, event: Any) -> None:
        """Send an event to the reader of `events`; called by the work."""
        self._call_in_loop(self._events.put_nowait, event)

    def stop(self) -> None:
        """Stop the work at its next `check`; no effect on a job that has ended."""
        self._stop.set()

    async def events(self) -> AsyncIterator[Any]:
        """Iterate over the events that the work sends until it ends; closing the iterator early stops the work."""
        try:
            while (event := await self._events.get()) is not self:
                yield event
        finally:
            self.stop()

    def _call_in_loop(self, call: Callable[..., None], *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _settle(self, result: Any, error: BaseException | None) -> None:
        self._events.put_nowait(self)
        if self.result.done():
            return
        if error is None:
            self.result.set_result(result)
        else:
            self.result.set_exception(error)
            self.result.exception()  # marks it as retrieved, since nobody may await the result


class JobQueue:
    """Runs jobs in threads.

    Args:
        at_once: number of jobs that run at the same time.
        waiting: number of jobs that may wait.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._room, self._pending = at_once + waiting, 0
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="job")

    @property
    def pending(self) -> int:
        """The number of jobs that run or wait."""
        return self._pending

    def submit(self, job: Job[Any]) -> None:
        """Queue a job.

        Raises:
            Busy: the queue is full.
        """
        with self._lock:
            if self._pending >= self._room:
                raise Busy
            self._pending += 1
        self._threads.submit(self._run, job)

    def close(self) -> None:
        """Drop waiting jobs and reject new ones, without waiting for running jobs."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self, job: Job[Any]) -> None:
        job.run()
        with self._lock:
            self._pending -= 1  # before the result is passed on, since its client may then send the next request
        job.finish()


class JobEngine:
    """An engine for one job, which steps through a `StepBatcher` and stops with the job.

    It is a `drumtok.network.engine.SteppedNetwork`.
    """

    def __init__(self, batcher: StepBatcher, job: Job[Any]) -> None:
        self.checkpoint = batcher.engine.checkpoint
        self._batcher, self._job = batcher, job

    @property
    def lookback(self) -> tuple[int, ...]:
        """The look-backs of a context, as in `Engine.lookback`."""
        return self._batcher.engine.lookback

    def label(self, conditioning: Conditioning) -> LabelIds:
        """Return the ids of a conditioning, as `Engine.label`."""
        return self._batcher.engine.label(conditioning)

    def start(self, streams: int = 1) -> EngineState:
        """Return the initial state, as `Engine.start`."""
        return self._batcher.engine.start(streams)

    def step(self, context: Context, state: EngineState) -> Array:
        """Return the logits of the next words, as `Engine.step`.

        Raises:
            Stopped, DrumtokError: as in `Job.check`.
        """
        self._job.check()
        return self._batcher.step(context, state)
