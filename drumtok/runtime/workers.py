"""Where units of work are done: by processes of this machine, or by the workers of a Ray cluster (extra `cluster`).

The same function does the same units, so what is written does not depend on the engine, the number of workers or who
is done first. A unit that a worker, or a whole node, dies over is done again, and so is what it had in hand with it.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.runtime.retries import TRIES, Failed, Unit, attempt_all, reason
from drumtok.runtime.settings import check, setting
from drumtok.version import __version__

PROCESSES, RAY = "processes", "ray"
TASK = 0.25  # seconds of a processor that short units together take in a task: Ray takes some for each task too
MOST = 8  # units of a task; what dies over one of them loses all


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
        """As `drumtok.runtime.process_pool.ordered_map`."""
        if self.engine == PROCESSES:
            from drumtok.runtime.process_pool import ordered_map

            return ordered_map(work, units, self.jobs or os.cpu_count() or 1, again)
        return _on_ray(self, work, units, again)


ALONE = Workers(jobs=1)


def _on_ray(
    workers: Workers, work: Callable[[Any], Any], units: Iterable[Any], again: Callable[[int, str], object]
) -> Iterator[Any]:
    """As `drumtok.runtime.process_pool.ordered_map`, by the workers of a cluster; it stays connected until the process ends."""
    from drumtok.runtime.process_pool import AHEAD, HELD

    ray, slots = _connected(workers)
    task, failures, todo = ray.remote(max_retries=0)(attempt_all), Counter[int](), enumerate(units)
    running: dict[Any, list[tuple[int, Any]]] = {}
    done: dict[int, Any] = {}
    size, following = 1, 0
    try:
        while True:
            while len(running) < (workers.jobs or HELD * slots) and len(done) < AHEAD * size * slots:
                if not (share := list(islice(todo, size))):
                    break
                running[task.remote(work, [unit for _, unit in share])] = share
            if not running:
                return
            ref = ray.wait(list(running), num_returns=1)[0][0]
            share = running.pop(ref)
            try:
                answers, seconds = ray.get(ref)
                size = max(1, round(TASK / max(seconds, TASK / MOST)))
            except ray.exceptions.RayError as error:  # it or its node died, or what it gave is lost
                answers = [Failed(reason(getattr(error, "cause", None) or error))] * len(share)
            for (number, unit), answer in zip(share, answers, strict=True):
                failures[number] += isinstance(answer, Failed)
                if isinstance(answer, Failed) and failures[number] < TRIES:
                    again(number, answer.why)
                    running[task.remote(work, [unit])] = [(number, unit)]
                else:
                    done[number] = answer
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
        there = ray.get(ray.remote(_version).remote())
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise DrumtokError(f"{where} cannot be used: {reason(getattr(error, 'cause', None) or error)}") from error
    if there != __version__:
        raise DrumtokError(f"{where} has drumtok {there}: allowed is {__version__}, as here")
    return ray, workers.jobs or int(ray.cluster_resources().get("CPU", 1))


def _version() -> str:
    return __version__
