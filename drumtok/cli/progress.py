"""Progress bars, and the report of repeated work."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from drumtok.cli.terminal import is_quiet, note

REFRESH_SECONDS = 0.1


@contextmanager
def progress(what: str, total: Callable[[], int]) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar with files per second on a terminal, and nothing elsewhere.

    Args:
        what: the description of the work.
        total: counts the files; called only on a terminal.

    Yields:
        A function to call with the number of finished files, and how many of them an earlier run finished.
    """
    if is_quiet() or not sys.stderr.isatty():
        yield lambda done, before: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]} files/s")
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    began, refreshed = perf_counter(), 0.0
    # Without a refresh thread, because workers start faster in a process without threads (`runtime.process_pool`).
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bars:
        task = bars.add_task("", total=total(), rate="")

        def show(done: int, before: int) -> None:
            nonlocal refreshed
            now = perf_counter()
            if now - refreshed >= REFRESH_SECONDS:
                refreshed = now
                bars.update(task, completed=done, rate=f"{(done - before) / max(now - began, 1e-9):,.0f}", refresh=True)
            else:
                bars.update(task, completed=done)

        yield show


class Reruns:
    """The units of work that were repeated because a worker died or failed."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def add(self, files: str, why: str) -> None:
        """Add one."""
        self._found.append((files, why))

    def report(self) -> None:
        """Print them, if there are any."""
        for files, why in self._found:
            note(f"repeated: {files} ({why})")
