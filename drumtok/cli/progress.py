"""The progress of what goes through many files: a bar, and what was done again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from drumtok.cli.terminal import is_quiet, note

OFTEN = 0.1  # seconds between two looks of the bar


@contextmanager
def progress(what: str, total: Callable[[], int]) -> Iterator[Callable[[int, int], None]]:
    """A bar with files per second on a terminal, nothing elsewhere.

    Args:
        what: what is done with the files.
        total: how many files there are; asked only where there is a terminal.

    Yields:
        What is to be called with the files done, and with those of them that an earlier run did.
    """
    if is_quiet() or not sys.stderr.isatty():
        yield lambda done, before: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]} files/s")
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    began, on_progress = perf_counter(), 0.0
    # Without a thread that keeps the bar moving: where there is none, workers start faster (`drumtok.runtime.process_pool`).
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as bars:
        task = bars.add_task("", total=total(), rate="")

        def show(done: int, before: int) -> None:
            nonlocal on_progress
            now = perf_counter()
            if now - on_progress >= OFTEN:
                on_progress = now
                bars.update(task, completed=done, rate=f"{(done - before) / max(now - began, 1e-9):,.0f}", refresh=True)
            else:
                bars.update(task, completed=done)

        yield show


class Reruns:
    """The units that were done again because a worker died or failed."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def add(self, files: str, why: str) -> None:
        """Takes up one."""
        self._found.append((files, why))

    def tell(self) -> None:
        """Prints them, if there are any."""
        for files, why in self._found:
            note(f"done again: {files} ({why})")
