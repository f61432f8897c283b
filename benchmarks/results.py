"""Results of benchmarks: a file with a line for each, from which an interrupted benchmark resumes, and tables."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, TypeVar

import click
from rich.console import Console
from rich.table import Table

Task = TypeVar("Task")
Result = TypeVar("Result")


class Results(Generic[Task, Result]):
    """A file with one result per line.

    Args:
        path: the file, which is created with the first result.
        task, result: frozen dataclasses that can be written as JSON.
    """

    def __init__(self, path: Path, task: Callable[..., Task], result: Callable[..., Result]) -> None:
        self.path, self._task, self._result = path, task, result

    def known(self) -> dict[Task, Result]:
        """Return the results in the file."""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        return {self._task(**row["task"]): self._result(**row["result"]) for row in map(json.loads, lines)}

    def make(self, tasks: Iterable[Task], run: Callable[[Task], Result]) -> Iterator[tuple[Task, Result]]:
        """Run the tasks that have no result yet, and yield each with its result."""
        for task in tasks:
            if task in self.known():
                continue
            result = run(task)
            row: dict[str, Any] = {"task": asdict(task), "result": asdict(result)}  # type: ignore[call-overload]
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            yield task, result


def show(head: Sequence[str], rows: Iterable[Sequence[str]], markdown: bool) -> None:
    """Print a table, in Markdown if requested."""
    if markdown:
        click.echo("\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)))
        return
    table = Table(*head)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
