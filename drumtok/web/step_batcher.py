"""Dynamic batching: the steps of jobs that run at the same time become one step of the network.

A step of one stream takes as long as reading the weights from memory, and a step of sixteen little longer. So each
thread submits its step and waits; one of the waiting threads leads: it waits a moment for the others, makes one step of
all that were submitted and wakes them. Every job advances by one word per round, whatever its length, so none waits for
another to end. A job that runs alone leads at once, and makes the same step that the engine itself would make.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

import numpy as np

from drumtok.network.context import Context
from drumtok.network.engine import Array, EngineState, SteppedNetwork

PATIENCE = 0.004  # seconds that a round waits for members that have not submitted yet
MAX_STREAMS = 128  # of a round; further steps wait for the next one


@dataclass
class _Request:
    """A submitted step; `woken` is set when it is done, has failed, or its thread is to lead a round."""

    context: Context
    state: EngineState
    streams: int
    woken: threading.Event = field(default_factory=threading.Event)
    logits: Array | None = None
    error: BaseException | None = None


class StepBatcher:
    """Gathers the steps of many threads into rounds.

    Args:
        engine: makes the steps.
    """

    def __init__(self, engine: SteppedNetwork) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._full = threading.Event()
        self._waiting: list[_Request] = []
        self._has_leader = False
        self._members = 0

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Count the caller as a member that rounds wait for."""
        with self._lock:
            self._members += 1
        try:
            yield
        finally:
            with self._lock:
                self._members -= 1
                self._check_full()

    def step(self, context: Context, state: EngineState) -> Array:
        """Return the logits of the next words, as `Engine.step`."""
        request = _Request(context, state, len(context.previous))
        with self._lock:
            self._waiting.append(request)
            leads, self._has_leader = not self._has_leader, True
            self._check_full()
        if not leads:
            request.woken.wait()
        if request.logits is None and request.error is None:
            self._lead()
        if request.error is not None:
            raise request.error
        assert request.logits is not None
        return request.logits

    def _check_full(self) -> None:
        if len(self._waiting) >= self._members:
            self._full.set()

    def _lead(self) -> None:
        """Make one round; a step that came too late for it leads the next."""
        self._full.wait(PATIENCE)
        with self._lock:
            requests = self._take_round()
            self._full.clear()
        try:
            self._step_together(requests)
        except BaseException as error:
            for request in requests:
                request.error = error
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._has_leader = following is not None
            self._check_full()
        for request in requests:
            request.woken.set()
        if following is not None:
            following.woken.set()

    def _take_round(self) -> list[_Request]:
        """Remove the requests of a round from the queue, at least one, however many streams it has."""
        streams = np.cumsum([request.streams for request in self._waiting])
        count = max(int(np.searchsorted(streams, MAX_STREAMS, side="right")), 1)
        requests, self._waiting = self._waiting[:count], self._waiting[count:]
        return requests

    def _step_together(self, requests: list[_Request]) -> None:
        if len(requests) == 1:
            requests[0].logits = self.engine.step(requests[0].context, requests[0].state)
            return
        contexts, states = [r.context for r in requests], [r.state for r in requests]
        context = Context(*(np.concatenate([getattr(c, f.name) for c in contexts]) for f in fields(Context)))
        names = [f.name for f in fields(EngineState)]
        state = EngineState(*(np.concatenate([getattr(s, name) for s in states], axis=1) for name in names))
        logits = self.engine.step(context, state)  # (streams of all, 513)
        ends = np.cumsum([request.streams for request in requests])
        for request, start, end in zip(requests, [0, *ends[:-1]], ends, strict=True):
            for name in names:
                getattr(request.state, name)[...] = getattr(state, name)[:, start:end]
            request.logits = logits[start:end]
