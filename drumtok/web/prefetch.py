"""Prefetching: generate the first bar of the next likely request in advance.

Unless a network was trained on songs that start mid-song, a beat follows four bars that are discarded, so its first bar
takes as long as five. The page announces its next request together with its seed; the steps of the network are
recorded, and replayed when the request comes. The result is identical: if a step differs from the
record, the network takes over.
"""

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import Context
from drumtok.network.engine import Array, EngineState
from drumtok.web.jobs import Job, JobEngine
from drumtok.web.requests import Generate
from drumtok.web.step_batcher import StepBatcher

MAX_RECORDS = 8  # a bar with its lead-in takes about a megabyte
UNUSED_BY_FIRST_BAR = {
    "bars",
    "form",
    "variation",
    "loop",
    "dynamics",
    "timing",
    "usable",
}  # fields that do not affect the words

Record = list[tuple[NDArray[np.integer], Array, EngineState]]  # per step: the words before it, logits, state after


class PrefetchCache:
    """The records of prefetched requests; the oldest are dropped."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, Record] = OrderedDict()

    def begin(self, request: Generate) -> Record:
        """Return a new, empty record for a request."""
        record: Record = []
        self._records[_key(request)] = record
        while len(self._records) > MAX_RECORDS:
            self._records.popitem(last=False)
        return record

    def record_of(self, request: Generate) -> Record:
        """Return the steps recorded for a request so far; empty if there are none."""
        return self._records.get(_key(request), [])


def _key(request: Generate) -> str:
    return request.model_dump_json(exclude=UNUSED_BY_FIRST_BAR)


class RecordingEngine(JobEngine):
    """An engine that records its steps."""

    def __init__(self, batcher: StepBatcher, job: Job[Any], record: Record) -> None:
        super().__init__(batcher, job)
        self._record = record

    def step(self, context: Context, state: EngineState) -> Array:
        """Return the logits of the next words, as `JobEngine.step`, and record them."""
        logits = super().step(context, state)
        self._record.append((context.previous.copy(), logits.copy(), state.copy()))
        return logits


class ReplayEngine(JobEngine):
    """An engine that takes its first steps from a record, as long as the words are the same."""

    def __init__(self, batcher: StepBatcher, job: Job[Any], record: Record) -> None:
        super().__init__(batcher, job)
        self._record = iter(record)

    def step(self, context: Context, state: EngineState) -> Array:
        """Return the logits of the next words, as `JobEngine.step`, from the record where it has them."""
        recorded = next(self._record, None)
        if recorded is None or not np.array_equal(recorded[0], context.previous):
            self._record = iter(())
            return super().step(context, state)
        _, logits, after = recorded
        state.hidden[...], state.cell[...] = after.hidden, after.cell
        return logits.copy()
