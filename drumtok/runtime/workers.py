"""Run units of work in processes of this machine, or on the workers of a Ray cluster (extra `cluster`).

Output does not depend on the backend, the number of workers or the order in which they finish. If a worker or a node
dies, its units are retried.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command
from drumtok.runtime.retries import TRIES, Failed, Unit, attempt_all, reason
from drumtok.runtime.settings import check, setting
from drumtok.version import __version__

PROCESSES, RAY = "processes", "ray"
TASK_SECONDS = 0.25  # processor time of a Ray task made of several short units; each task has an overhead
TASK_UNITS = 8  # greatest number of units of a task; if one kills the worker, all are lost


@dataclass(frozen=True)
class Workers:
    """The backend, its address and the number of workers."""

    backend: str = setting(
        PROCESSES,
        "Backend of the workers; the output does not depend on it.",
        choices=(PROCESSES, RAY),
        deprecated="engine",
    )
    address: str | None = setting(
        None, "Ray cluster, such as auto or HOST:6379; by default one is started on this machine.", kind=str
    )
    jobs: int | None = setting(
        None, "Number of workers; the output does not depend on it. All cores by default.", low=1, kind=int
    )

    def __post_init__(self) -> None:
        check(self)
        if self.address is not None and self.backend != RAY:
            raise DrumtokError(f"address requires backend {RAY}, got backend {self.backend}")

    def map(
        self, work: Callable[[Unit], Any], units: Iterable[Unit], on_retry: Callable[[int, str], object]
    ) -> Iterator[Any]:
        """Map work over units, as `drumtok.runtime.process_pool.ordered_map` does."""
        if self.backend == PROCESSES:
            from drumtok.runtime.process_pool import ordered_map

            return ordered_map(work, units, self.jobs or os.cpu_count() or 1, on_retry)
        return _on_ray(self, work, units, on_retry)


ALONE = Workers(jobs=1)


def _on_ray(
    workers: Workers, work: Callable[[Any], Any], units: Iterable[Any], on_retry: Callable[[int, str], object]
) -> Iterator[Any]:
    """Map work over units on a cluster; the connection stays open until the process ends."""
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
                size = max(1, round(TASK_SECONDS / max(seconds, TASK_SECONDS / TASK_UNITS)))
            except ray.exceptions.RayError as error:  # the worker or its node died, or the result is lost
                answers = [Failed(reason(getattr(error, "cause", None) or error))] * len(share)
            for (number, unit), answer in zip(share, answers, strict=True):
                failures[number] += isinstance(answer, Failed)
                if isinstance(answer, Failed) and failures[number] < TRIES:
                    on_retry(number, answer.why)
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
    """Return Ray, connected to a cluster with the same version of drumtok, and its number of workers."""
    import logging

    try:
        import ray
    except ModuleNotFoundError as error:
        raise DrumtokError(f"backend {RAY} requires {error.name}: {install_command('cluster')}") from error
    where = f"the Ray cluster {workers.address or 'of this machine'}"
    try:
        ray.init(workers.address, log_to_driver=False, logging_level=logging.ERROR, ignore_reinit_error=True)
        there = ray.get(ray.remote(_version).remote())
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise DrumtokError(f"cannot use {where}: {reason(getattr(error, 'cause', None) or error)}") from error
    if there != __version__:
        raise DrumtokError(f"drumtok of {where} must be {__version__}, as here, got {there}")
    return ray, workers.jobs or int(ray.cluster_resources().get("CPU", 1))


def _version() -> str:
    return __version__
