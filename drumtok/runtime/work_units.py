"""Work on units of files by whatever engine: of one that keeps failing, only the files that do are left out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from drumtok.runtime.retries import Failed
from drumtok.runtime.workers import Workers

Unit = TypeVar("Unit")
Made = tuple[Sequence[bytes], Counter[str]]  # what a unit gives: a piece for each file that is written, and counts


@dataclass(frozen=True)
class Task:
    """Work on units of files, each of which can be done by itself.

    Attributes:
        work: what is done with a unit; it can be pickled.
        parts: the units of one file that a unit consists of.
        lost: what stands in the place of a unit of one file that keeps failing, by it and why.
    """

    work: Callable[[Any], Made]
    parts: Callable[[Any], Sequence[Any]]
    lost: Callable[[Any, str], Made]

    def results(
        self, units: Iterable[Unit], workers: Workers, again: Callable[[Unit, str], object]
    ) -> Iterator[tuple[Unit, Made]]:
        """The units in order, each with what it gives.

        Args:
            again: called with a unit that is done again, and why.

        Raises:
            DrumtokError: what `work` raised, or there is no such engine here.
        """
        taken: dict[int, Unit] = {}  # those that are given out; no more of them than the workers hold

        def noted() -> Iterator[Unit]:
            for number, unit in enumerate(units):
                taken[number] = unit
                yield unit

        found = workers.map(self.work, noted(), lambda number, why: again(taken[number], why))
        for number, made in enumerate(found):
            unit = taken.pop(number)
            yield unit, self._piecemeal(unit, made.why, workers) if isinstance(made, Failed) else made

    def _piecemeal(self, unit: Any, why: str, workers: Workers) -> Made:
        """What a unit that keeps failing gives file by file."""
        parts = self.parts(unit)
        if len(parts) == 1:
            return self.lost(unit, why)
        found = workers.map(self.work, parts, lambda number, why: None)
        every = [self.lost(part, m.why) if isinstance(m, Failed) else m for part, m in zip(parts, found, strict=True)]
        pieces = [b"".join(own) for own in zip(*(pieces for pieces, _ in every), strict=True)]
        return pieces, sum((counts for _, counts in every), Counter[str]())


def span(names: Iterable[str]) -> str:
    """The first and the last name of a unit.

    >>> span(["a.mid", "b.mid", "c.mid"]), span(["a.mid"])
    ('a.mid to c.mid', 'a.mid')
    """
    known = list(names)
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"
