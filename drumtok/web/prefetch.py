"""Writing ahead: the first bar of what will likely be asked next, while nobody waits.

Where a network does not know how songs go in their midst, a beat is written after four bars that are thrown away, so
that its first bar takes as long as five. The page says what it would ask for next, its seed with it; the steps of the
network are noted, and made again from the notes when it is asked. What is written is the same, word for word: where a
step differs from the notes, the network goes on by itself.
"""

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import Context
from drumtok.network.engine import Array, EngineState
from drumtok.web.jobs import Job, JobEngine
from drumtok.web.requests import Generate
from drumtok.web.step_batcher import SharedSteps

KEPT = 8  # notes; a bar with its lead-in takes about a megabyte
LATER = {"bars", "form", "variation", "loop", "dynamics", "timing"}  # what the first bar's words do not depend on

Notes = list[tuple[NDArray[np.integer], Array, EngineState]]  # of each step: the words before it, logits, state after


class PrefetchCache:
    """The notes of what was written ahead, the oldest being dropped."""

    def __init__(self) -> None:
        self._notes: OrderedDict[str, Notes] = OrderedDict()

    def begin(self, wanted: Generate) -> Notes:
        """Where to note what is written ahead for a request."""
        notes: Notes = []
        self._notes[_key(wanted)] = notes
        while len(self._notes) > KEPT:
            self._notes.popitem(last=False)
        return notes

    def notes_for(self, wanted: Generate) -> Notes:
        """What is noted for a request, as far as it goes; nothing where nothing is."""
        return self._notes.get(_key(wanted), [])


def _key(wanted: Generate) -> str:
    return wanted.model_dump_json(exclude=LATER)


class RecordingEngine(JobEngine):
    """An engine that notes its steps."""

    def __init__(self, steps: SharedSteps, job: Job[Any], notes: Notes) -> None:
        super().__init__(steps, job)
        self._notes = notes

    def step(self, context: Context, state: EngineState) -> Array:
        """As of `JobEngine`."""
        logits = super().step(context, state)
        self._notes.append((context.previous.copy(), logits.copy(), state.copy()))
        return logits


class ReplayEngine(JobEngine):
    """An engine that takes its first steps from notes, as long as they are of the same words."""

    def __init__(self, steps: SharedSteps, job: Job[Any], notes: Notes) -> None:
        super().__init__(steps, job)
        self._notes = iter(notes)

    def step(self, context: Context, state: EngineState) -> Array:
        """As of `JobEngine`."""
        noted = next(self._notes, None)
        if noted is None or not np.array_equal(noted[0], context.previous):
            self._notes = iter(())
            return super().step(context, state)
        _, logits, after = noted
        state.hidden[...], state.cell[...] = after.hidden, after.cell
        return logits.copy()
