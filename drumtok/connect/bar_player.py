"""Play bars in time: find the hits that are due as a clock advances."""

from collections import deque
from typing import NamedTuple

import numpy as np

from drumtok.drums import DRUMS, LANES
from drumtok.pattern import Pattern

CLOCKS = 24  # of a quarter note, as in MIDI


class DueHit(NamedTuple):
    """A hit that is due: its drum, note and velocity."""

    drum: str
    note: int
    velocity: int


class BarPlayer:
    """Play a queue of bars, and repeat the last bar while the queue is empty."""

    def __init__(self) -> None:
        self.waiting: deque[Pattern] = deque()
        self.bars = 0  # that have started
        self._hits: list[tuple[float, DueHit]] = []
        self._length = 0.0  # of the current bar, in quarter notes
        self._position = 0.0
        self._last: Pattern | None = None

    def add(self, bar: Pattern) -> None:
        """Add a bar to the queue."""
        self.waiting.append(bar)

    def clear(self) -> None:
        """Forget all bars."""
        self.__init__()  # type: ignore[misc]

    @property
    def tempo(self) -> float | None:
        """The tempo of the current bar, or of the next; None without a bar."""
        bar = self._last or (self.waiting[0] if self.waiting else None)
        return None if bar is None else bar.tempo

    def advance(self, quarters: float) -> list[DueHit]:
        """Advance the clock by a time in quarter notes, and return the hits in between.

        >>> player = BarPlayer()
        >>> player.add(Pattern.from_grid("kick |x-x-|", meter=(1, 4)))
        >>> [len(player.advance(1 / 4)) for _ in range(6)]
        [1, 0, 1, 0, 1, 0]
        """
        due: list[DueHit] = []
        while quarters > 1e-9:
            if self._position >= self._length - 1e-9 and not self._begin():
                return due
            part = min(quarters, self._length - self._position)
            end = self._position + part
            due += [hit for time, hit in self._hits if self._position - 1e-9 <= time < end - 1e-9]
            self._position, quarters = end, quarters - part
        return due

    def _begin(self) -> bool:
        """Begin the next bar; return whether there is one."""
        bar = self.waiting.popleft() if self.waiting else self._last
        if bar is None:
            return False
        self._last, self._position = bar, 0.0
        self._length = bar.steps / bar.grid
        self.bars += 1
        cells = np.argwhere(bar.hits).tolist()
        self._hits = sorted(
            (
                min(max((step + float(bar.offset[step, drum])) / bar.grid, 0), self._length - 1e-6),
                DueHit(LANES[drum], DRUMS[drum].note, int(bar.velocity[step, drum])),
            )
            for step, drum in cells
        )
        return True
