"""What the server holds: the network, who writes and who reads, the map."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from drumtok.generation.provenance import Provenance
from drumtok.network.engine import Engine
from drumtok.pattern import Pattern
from drumtok.web.config import LIMITS
from drumtok.web.groove_map import Atlas, starter_atlas
from drumtok.web.handlers import generated
from drumtok.web.jobs import Busy, Job, JobQueue
from drumtok.web.models import Place
from drumtok.web.prefetch import PrefetchCache, RecordingEngine, ReplayEngine
from drumtok.web.requests import Generate
from drumtok.web.step_batcher import SharedSteps

READERS = 2  # of MIDI files, sounds and the like, beside the writers


@dataclass
class Studio:
    """All that requests share; nothing of it changes but who is at the desks.

    Attributes:
        network: steps the network.
        origin: what networks there are, as MIDI files are to say it; None where they are in no files.
        writers: the desk of those who write with it.
        readers: the desk of those who do not, or little.
    """

    network: Engine
    origin: Provenance | None = None
    writers: JobQueue = field(default_factory=lambda: JobQueue(LIMITS.at_once, LIMITS.waiting))
    readers: JobQueue = field(default_factory=lambda: JobQueue(READERS, LIMITS.at_once + LIMITS.waiting))

    def __post_init__(self) -> None:
        self._steps = SharedSteps(self.network)
        self._rehearsals, self._rehearsing = PrefetchCache(), JobQueue(1, LIMITS.waiting)
        self._ahead: Job[None] | None = None

    @property
    def at_work(self) -> bool:
        """Whether something is being written, ahead or for somebody who waits."""
        return self.writers.held + self._rehearsing.held > 0

    @cached_property
    def atlas(self) -> Atlas:
        """The map."""
        return starter_atlas()

    @contextmanager
    def engine(self, job: Job[Any], wanted: Any = None) -> Iterator[Engine]:
        """The engine that a job writes with.

        Args:
            wanted: what is asked for, which may have been written ahead.
        """
        notes = self._rehearsals.notes_for(wanted) if isinstance(wanted, Generate) else []
        with self._steps.joined():
            yield ReplayEngine(self._steps, job, notes)

    def write(self, job: Job[Any]) -> None:
        """Has a job written; what is being written ahead stops for it.

        Raises:
            Busy: there is no room.
        """
        if self._ahead is not None:
            self._ahead.stop()
        self.writers.take(job)

    def write_ahead(self, wanted: Generate) -> None:
        """Writes the first bar of what will be asked for, as far as that comes before somebody waits for something.

        What was to be written ahead before is not wanted any more.
        """
        if self.writers.held:
            return
        if self._ahead is not None:
            self._ahead.stop()

        def work(job: Job[None]) -> None:
            with self._steps.joined():
                engine = RecordingEngine(self._steps, job, self._rehearsals.begin(wanted))
                generated(engine, wanted.model_copy(update={"bars": 1, "form": None, "loop": False}))

        self._ahead = Job(work)
        with suppress(Busy):
            self._rehearsing.take(self._ahead)

    def place(self, pattern: Pattern) -> Place:
        """Where a pattern belongs on the map.

        Raises:
            DrumtokError: as `Atlas.spot` does.
        """
        spot = self.atlas.spot(pattern)
        return Place(x=spot.x, y=spot.y, neighbours=[self.atlas.grooves[n].name for n in spot.nearest])

    def close(self) -> None:
        """Takes no more requests."""
        if self._ahead is not None:
            self._ahead.stop()
        self._rehearsing.close()
        self.writers.close()
        self.readers.close()
