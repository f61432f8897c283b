"""Many who write at the same time: each product of the network's matrices is made once for all of them.

A step for one stream takes as long as reading the weights from memory, and a step for sixteen little more. So who
wants a step hands it in; one of those who wait leads, waits a moment for the others, makes one step of all that were
handed in and wakes them. Each gets on by one word a round, whoever asks for how much: nobody waits for another to end.
One who is alone leads at once, and makes the very step that the engine itself would make.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

import numpy as np

from drumtok.network.context import Context
from drumtok.network.engine import Array, Engine, EngineState

PATIENCE = 0.004  # seconds that a round waits for those who are not there yet
MOST_STREAMS = 128  # of a round; the next ones wait for the next


@dataclass
class _Order:
    """A step that is wanted; `woken` when it is made, has failed, or is to lead a round itself."""

    context: Context
    state: EngineState
    streams: int
    woken: threading.Event = field(default_factory=threading.Event)
    logits: Array | None = None
    error: BaseException | None = None


class SharedSteps:
    """Gathers the steps of many threads into rounds.

    Args:
        engine: makes them.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._full = threading.Event()
        self._waiting: list[_Order] = []
        self._led = False
        self._joined = 0

    @contextmanager
    def joined(self) -> Iterator[None]:
        """While it lasts, rounds wait for one more."""
        with self._lock:
            self._joined += 1
        try:
            yield
        finally:
            with self._lock:
                self._joined -= 1
                self._tell_if_full()

    def step(self, context: Context, state: EngineState) -> Array:
        """As `Engine.step`."""
        order = _Order(context, state, len(context.previous))
        with self._lock:
            self._waiting.append(order)
            leads, self._led = not self._led, True
            self._tell_if_full()
        if not leads:
            order.woken.wait()
        if order.logits is None and order.error is None:
            self._lead()
        if order.error is not None:
            raise order.error
        assert order.logits is not None
        return order.logits

    def _tell_if_full(self) -> None:
        if len(self._waiting) >= self._joined:
            self._full.set()

    def _lead(self) -> None:
        """Makes one round; whoever came too late for it leads the next."""
        self._full.wait(PATIENCE)
        with self._lock:
            orders = self._taken()
            self._full.clear()
        try:
            self._make(orders)
        except BaseException as error:
            for order in orders:
                order.error = error
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._led = following is not None
            self._tell_if_full()
        for order in orders:
            order.woken.set()
        if following is not None:
            following.woken.set()

    def _taken(self) -> list[_Order]:
        """The orders of a round, the leader's first among them; one at least, however many streams it has."""
        streams = np.cumsum([order.streams for order in self._waiting])
        count = max(int(np.searchsorted(streams, MOST_STREAMS, side="right")), 1)
        orders, self._waiting = self._waiting[:count], self._waiting[count:]
        return orders

    def _make(self, orders: list[_Order]) -> None:
        if len(orders) == 1:
            orders[0].logits = self.engine.step(orders[0].context, orders[0].state)
            return
        context = Context(*(np.concatenate([getattr(o.context, f.name) for o in orders]) for f in fields(Context)))
        names = [f.name for f in fields(EngineState)]
        state = EngineState(*(np.concatenate([getattr(o.state, name) for o in orders], axis=1) for name in names))
        logits = self.engine.step(context, state)  # (streams of all, 513)
        ends = np.cumsum([order.streams for order in orders])
        for order, start, end in zip(orders, [0, *ends[:-1]], ends, strict=True):
            for name in names:
                getattr(order.state, name)[...] = getattr(state, name)[:, start:end]
            order.logits = logits[start:end]
