"""Bound the threads of the BLAS library that NumPy multiplies with.

drumtok's products are small: threads that share one gain little on an idle machine, and on a busy one, or in several
workers at once, they wait for each other longer than the product takes.
"""

import os
import sys
from contextlib import ContextDecorator
from functools import cache
from threading import current_thread, main_thread
from typing import Any

OPENBLAS, OPENMP = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"  # read when the library is loaded


def start_without_threads() -> None:
    """Make NumPy start no BLAS threads in this process, where it is not imported yet, and in those that it starts.

    The environment of the user comes first. NumPy is then imported faster, too.
    """
    if "numpy" not in sys.modules:
        os.environ.setdefault(OPENBLAS, "1")


def bound_worker() -> None:
    """Bound this process, one of several workers, and what it starts to one thread each."""
    os.environ.update({OPENBLAS: "1", OPENMP: "1"})
    if "numpy" in sys.modules:  # of the process that was forked, or imported by a function that was unpickled
        _controller().limit(limits=1, user_api="blas")


class _OneThread(ContextDecorator):
    """Limit BLAS to one thread while functions of the main thread run under it; they may be nested.

    Calls in other threads change nothing: the limit is that of the whole process, and OpenBLAS lets only the main
    thread raise it again.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._limits: Any = None

    def __enter__(self) -> None:
        if current_thread() is main_thread():
            if not self._depth and os.environ.get(OPENBLAS) != "1":
                self._limits = _controller().limit(limits=1, user_api="blas")
            self._depth += 1

    def __exit__(self, *error: object) -> None:
        if current_thread() is main_thread():
            self._depth -= 1
            if not self._depth and self._limits is not None:
                self._limits.restore_original_limits()
                self._limits = None


one_thread = _OneThread()


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
