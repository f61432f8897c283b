"""The rows of a batch shared out among the cores, in threads that stay: NumPy lets go of Python while it calculates."""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

MIN_PROB = 16  # rows of a thread: with fewer, handing them over costs more than it wins


def cores() -> int:
    """The threads that work at once: the cores of this process, or what OMP_NUM_THREADS says."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said):
        return int(said)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_shares(rows: int, work: Callable[[slice], None]) -> None:
    """Does work on slices that together are all rows, side by side where there are many.

    >>> in_shares(3, lambda share: print(share))
    slice(0, 3, None)
    """
    parts = max(min(cores(), rows // MIN_PROB), 1)
    shares = [slice(rows * part // parts, rows * (part + 1) // parts) for part in range(parts)]
    others = [_pool(os.getpid()).submit(work, share) for share in shares[1:]]
    work(shares[0])
    for other in others:
        other.result()


@cache
def _pool(process: int) -> "ThreadPoolExecutor":
    """The threads of a process; a fork of it has none of them."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(cores(), "drumtok-rows")
