"""Where units of work are done: by processes of this machine, or by the workers of a Ray cluster (extra `cluster`).

The same function does the same units, so what is written does not depend on the engine, the number of workers or who
is done first. A unit that a worker, or a whole node, dies over is done again.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from drumtok.batch import AHEAD, TRIES, Failed, ordered_map, reason
from drumtok.errors import DrumtokError
from drumtok.settings import check, setting
from drumtok.version import __version__

Unit = TypeVar("Unit")
PROCESSES, RAY = "processes", "ray"


@dataclass(frozen=True)
class Workers:
    """Who does the work."""

    engine: str = setting(
        PROCESSES, "Who does the work; what is written does not depend on it.", choices=(PROCESSES, RAY)
    )
    address: str | None = setting(
        None, "The Ray cluster, such as auto or HOST:6379; by default one is started on this machine.", kind=str
    )
    jobs: int | None = setting(
        None, "Workers; what is written does not depend on it. By default all cores.", low=1, kind=int
    )

    def __post_init__(self) -> None:
        check(self)
        if self.address is not None and self.engine != RAY:
            raise DrumtokError(f"address is {self.address!r} and engine {self.engine}: allowed is it with engine {RAY}")

    def map(
        self, work: Callable[[Unit], Any], units: Iterable[Unit], again: Callable[[int, str], object]
    ) -> Iterator[Any]:
        """As `drumtok.batch.ordered_map`."""
        if self.engine == PROCESSES:
            return ordered_map(work, units, self.jobs or os.cpu_count() or 1, again)
        return _on_ray(self, work, units, again)


ALONE = Workers(jobs=1)


def _on_ray(
    workers: Workers, work: Callable[[Any], Any], units: Iterable[Any], again: Callable[[int, str], object]
) -> Iterator[Any]:
    """As `drumtok.batch.ordered_map`, by the workers of a cluster; it stays connected until the process ends."""
    ray, slots = _connected(workers)
    task, failures = ray.remote(max_retries=0)(_do), Counter[int]()
    running: dict[Any, tuple[int, Any]] = {}
    done: dict[int, Any] = {}
    todo, following = enumerate(units), 0
    try:
        while True:
            while len(running) + len(done) < AHEAD * slots and len(running) < (workers.jobs or AHEAD * slots):
                if (numbered := next(todo, None)) is None:
                    break
                running[task.remote(work, numbered[1])] = numbered
            if not running:
                return
            for ref in ray.wait(list(running), num_returns=1)[0]:
                number, unit = running.pop(ref)
                try:
                    done[number] = ray.get(ref)
                except ray.exceptions.RayError as error:  # it raised, it or its node died, or what it gave is lost
                    cause = getattr(error, "cause", None) or error
                    failures[number] += 1
                    if isinstance(cause, DrumtokError) or failures[number] == TRIES:
                        done[number] = cause if isinstance(cause, DrumtokError) else Failed(reason(cause))
                    else:
                        again(number, reason(cause))
                        running[task.remote(work, unit)] = number, unit
            while following in done:
                if isinstance(answer := done.pop(following), DrumtokError):
                    raise answer
                yield answer
                following += 1
    finally:
        for ref in running:
            ray.cancel(ref, force=True)


def _connected(workers: Workers) -> tuple[Any, int]:
    """Ray, connected to a cluster that has this drumtok, and the workers that it has room for."""
    try:
        import ray
    except ModuleNotFoundError as error:
        raise DrumtokError(f"engine {RAY} needs {error.name}: pip install 'drumtok[cluster]'") from error
    where = f"the Ray cluster {workers.address or 'of this machine'}"
    try:
        ray.init(workers.address, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
        there = ray.get(ray.remote(_do).remote(_version, None))
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise DrumtokError(f"{where} cannot be used: {reason(getattr(error, 'cause', None) or error)}") from error
    if there != __version__:
        raise DrumtokError(f"{where} has drumtok {there}: allowed is {__version__}, as here")
    return ray, workers.jobs or int(ray.cluster_resources().get("CPU", 1))


def _do(work: Callable[[Any], Any], unit: Any) -> Any:
    return work(unit)


def _version(unit: None) -> str:
    return __version__
