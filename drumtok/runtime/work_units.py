"""Run work on units of several files; if a unit keeps failing, only skip the files that fail."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from drumtok.runtime.retries import Failed
from drumtok.runtime.workers import Workers

Unit = TypeVar("Unit")
Made = tuple[Sequence[bytes], Counter[str]]  # the result of a unit: a piece for each file that is written, and counts


@dataclass(frozen=True)
class Task:
    """Work on units of files that are independent of one another.

    Attributes:
        work: a function of a unit, which can be pickled.
        parts: splits a unit into single-file units.
        lost: returns the result of a single-file unit that keeps failing, given the unit and the reason.
    """

    work: Callable[[Any], Made]
    parts: Callable[[Any], Sequence[Any]]
    lost: Callable[[Any, str], Made]

    def results(
        self, units: Iterable[Unit], workers: Workers, on_retry: Callable[[Unit, str], object]
    ) -> Iterator[tuple[Unit, Made]]:
        """Yield the units in order, each with its result.

        Args:
            on_retry: called with a unit that is retried, and why.

        Raises:
            DrumtokError: `work` raised it, or the backend is not available.
        """
        taken: dict[int, Unit] = {}  # units in progress

        def noted() -> Iterator[Unit]:
            for number, unit in enumerate(units):
                taken[number] = unit
                yield unit

        found = workers.map(self.work, noted(), lambda number, why: on_retry(taken[number], why))
        for number, made in enumerate(found):
            unit = taken.pop(number)
            yield unit, self._piecemeal(unit, made.why, workers) if isinstance(made, Failed) else made

    def _piecemeal(self, unit: Any, why: str, workers: Workers) -> Made:
        """Return the result of a unit that keeps failing, run file by file."""
        parts = self.parts(unit)
        if len(parts) == 1:
            return self.lost(unit, why)
        found = workers.map(self.work, parts, lambda number, why: None)
        every = [self.lost(part, m.why) if isinstance(m, Failed) else m for part, m in zip(parts, found, strict=True)]
        pieces = [b"".join(own) for own in zip(*(pieces for pieces, _ in every), strict=True)]
        return pieces, sum((counts for _, counts in every), Counter[str]())


def span(names: Iterable[str]) -> str:
    """Return the first and the last name of a unit.

    >>> span(["a.mid", "b.mid", "c.mid"]), span(["a.mid"])
    ('a.mid to c.mid', 'a.mid')
    """
    known = list(names)
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"
