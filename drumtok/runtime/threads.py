"""Limit the threads of NumPy's BLAS library.

The matrix products here are small: sharing one among threads gains little on an idle machine, and on a busy one, or
with several workers, threads wait for each other longer than the product takes.
"""

import os
import sys
from contextlib import ContextDecorator
from functools import cache
from threading import current_thread, main_thread
from typing import Any

OPENBLAS, OPENMP = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"  # read when the library is loaded


def start_without_threads() -> None:
    """Prevent BLAS threads in this process, if NumPy is not imported yet, and in its child processes.

    Environment variables that the user has set take precedence. This also makes importing NumPy faster.
    """
    if "numpy" not in sys.modules:
        os.environ.setdefault(OPENBLAS, "1")


def bound_worker() -> None:
    """Limit this worker process and its child processes to one thread each."""
    os.environ.update({OPENBLAS: "1", OPENMP: "1"})
    if "numpy" in sys.modules:  # inherited by the fork, or imported by an unpickled function
        _controller().limit(limits=1, user_api="blas")


class _OneThread(ContextDecorator):
    """Limit BLAS to one thread while decorated functions of the main thread run; they may be nested.

    Calls in other threads have no effect: the limit applies to the whole process, and in OpenBLAS only the main thread
    can raise it again.
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
