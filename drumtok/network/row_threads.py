"""Split the rows of a batch among persistent threads; NumPy releases the interpreter lock while it computes."""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

MIN_ROWS = 16  # per thread; with fewer rows the overhead exceeds the gain


def cores() -> int:
    """Return the number of threads that run at once: OMP_NUM_THREADS if it is set, else the cores of this process."""
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdecimal() and int(threads):
        return int(threads)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_row_threads(rows: int, work: Callable[[slice], None], min_rows: int = MIN_ROWS) -> None:
    """Call `work` with slices that together cover all rows, in parallel where there are many.

    >>> in_row_threads(3, lambda part: print(part))
    slice(0, 3, None)
    """
    count = max(min(cores(), rows // min_rows), 1)
    parts = [slice(rows * n // count, rows * (n + 1) // count) for n in range(count)]
    others = [_pool(os.getpid()).submit(work, part) for part in parts[1:]]
    work(parts[0])
    for other in others:
        other.result()


@cache
def _pool(process: int) -> "ThreadPoolExecutor":
    """Return the threads of a process; a forked process needs new ones."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(cores(), "drumtok-rows")
