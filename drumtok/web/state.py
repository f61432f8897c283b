"""The state that the requests of a server share: the network, the queues of jobs, the groove map."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from drumtok.generation.provenance import Provenance
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import Pattern
from drumtok.tokenizer.json_format import to_json
from drumtok.web.config import LIMITS
from drumtok.web.groove_map import GrooveMap, starter_map
from drumtok.web.handlers import generate_pattern
from drumtok.web.jobs import Busy, Job, JobQueue
from drumtok.web.models import MapPlace
from drumtok.web.networks import Networks
from drumtok.web.prefetch import PrefetchCache, RecordingEngine, ReplayEngine
from drumtok.web.requests import Generate

READERS = 2  # threads for MIDI files, sounds and the like


@dataclass
class ServerState:
    """The state that the requests of a server share.

    Attributes:
        engine: steps the network.
        provenance: the checkpoints in use, for MIDI files; None if they are not in files.
        by_style: whether a style may choose its network, as in `Networks`.
        writers: the queue of jobs that generate.
        readers: the queue of jobs that use the network little or not at all.
    """

    engine: SteppedNetwork
    provenance: Provenance | None = None
    by_style: bool = False
    writers: JobQueue = field(default_factory=lambda: JobQueue(LIMITS.at_once, LIMITS.waiting))
    readers: JobQueue = field(default_factory=lambda: JobQueue(READERS, LIMITS.at_once + LIMITS.waiting))

    def __post_init__(self) -> None:
        self.networks = Networks(self.engine, self.by_style)
        self._prefetched, self._prefetchers = PrefetchCache(), JobQueue(1, LIMITS.waiting)
        self._prefetch: Job[None] | None = None

    @property
    def is_generating(self) -> bool:
        """Whether a request is being answered or prefetched."""
        return self.writers.pending + self._prefetchers.pending > 0

    @property
    def groove_map(self) -> GrooveMap:
        """The map of the bundled grooves."""
        return starter_map()

    @cached_property
    def map_entries(self) -> list[dict[str, Any]]:
        """The grooves of the map as JSON, each a pattern with its place."""
        return [
            {"id": groove.name, "x": point.x, "y": point.y, "pattern": json.loads(to_json(groove))}
            for groove, point in zip(self.groove_map.grooves, self.groove_map.points, strict=True)
        ]

    @cached_property
    def map_json(self) -> bytes:
        """The entries of the map, encoded once for all visits."""
        return json.dumps(self.map_entries, separators=(",", ":")).encode()

    @contextmanager
    def engine_for(self, job: Job[Any], request: Any = None) -> Iterator[SteppedNetwork]:
        """Return the engine of a job, which replays the prefetched steps of the request."""
        record = self._prefetched.record_of(request) if isinstance(request, Generate) else []
        batcher = self.networks.batcher_for(request)
        with batcher.joined():
            yield ReplayEngine(batcher, job, record)

    def submit_writer(self, job: Job[Any]) -> None:
        """Queue a job that generates, and stop prefetching in its favor.

        Raises:
            Busy: the queue is full.
        """
        if self._prefetch is not None:
            self._prefetch.stop()
        self.writers.submit(job)

    def prefetch(self, request: Generate) -> None:
        """Start to generate the first bar of a request, unless jobs are pending; replaces an earlier prefetch."""
        if self.writers.pending:
            return
        if self._prefetch is not None:
            self._prefetch.stop()

        def work(job: Job[None]) -> None:
            batcher = self.networks.batcher_for(request)
            with batcher.joined():
                engine = RecordingEngine(batcher, job, self._prefetched.begin(request))
                generate_pattern(engine, request.model_copy(update={"bars": 1, "form": None, "loop": False}))

        self._prefetch = Job(work)
        with suppress(Busy):
            self._prefetchers.submit(self._prefetch)

    def place(self, pattern: Pattern) -> MapPlace:
        """Return the place of a pattern on the map.

        Raises:
            DrumtokError: as in `GrooveMap.locate`.
        """
        point = self.groove_map.locate(pattern)
        return MapPlace(x=point.x, y=point.y, neighbours=[self.groove_map.grooves[n].name for n in point.nearest])

    def close(self) -> None:
        """Stop prefetching and accept no more jobs."""
        if self._prefetch is not None:
            self._prefetch.stop()
        self._prefetchers.close()
        self.writers.close()
        self.readers.close()
