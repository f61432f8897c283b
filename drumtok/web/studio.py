"""What the server holds: the network, who writes and who reads, the map."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from drumtok.engine import Engine
from drumtok.pattern import Pattern
from drumtok.web.atlas import Atlas, starter_atlas
from drumtok.web.desk import Desk, Job, JobEngine
from drumtok.web.limits import LIMITS
from drumtok.web.schemas import Place
from drumtok.web.steps import SharedSteps

READERS = 2  # of MIDI files, sounds and the like, beside the writers


@dataclass
class Studio:
    """All that requests share; nothing of it changes but who is at the desks.

    Attributes:
        network: steps the network.
        writers: the desk of those who write with it.
        readers: the desk of those who do not, or little.
    """

    network: Engine
    writers: Desk = field(default_factory=lambda: Desk(LIMITS.at_once, LIMITS.waiting))
    readers: Desk = field(default_factory=lambda: Desk(READERS, LIMITS.at_once + LIMITS.waiting))

    def __post_init__(self) -> None:
        self._steps = SharedSteps(self.network)

    @cached_property
    def atlas(self) -> Atlas:
        """The map."""
        return starter_atlas()

    @contextmanager
    def engine(self, job: Job[Any]) -> Iterator[Engine]:
        """The engine that a job writes with."""
        with self._steps.joined():
            yield JobEngine(self._steps, job)

    def place(self, pattern: Pattern) -> Place:
        """Where a pattern belongs on the map.

        Raises:
            DrumtokError: as `Atlas.spot` does.
        """
        spot = self.atlas.spot(pattern)
        return Place(x=spot.x, y=spot.y, neighbours=[self.atlas.grooves[n].name for n in spot.nearest])

    def close(self) -> None:
        """Takes no more requests."""
        self.writers.close()
        self.readers.close()
