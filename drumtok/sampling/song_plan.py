"""`SongPlan`: the sections of a piece, and the targets of each bar: intensity, a fill, the material of another bar."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drumtok.sampling.plan_text import Section
from drumtok.tokenizer.bar_plan import PHRASE_BARS


@dataclass(frozen=True)
class BarTarget:
    """What a bar should be like; None leaves it open.

    Attributes:
        section: the index of its section.
        intensity: 0 to 1.
        fill: whether it is a fill.
        same_as: the index of an earlier bar whose material it shares.
    """

    section: int
    intensity: float | None = None
    fill: bool | None = None
    same_as: int | None = None


@dataclass(frozen=True)
class SongPlan:
    """The plan of a piece.

    Attributes:
        sections: in order.
        curve: intensities from the first bar to the last, interpolated over the bars; a single one applies to all bars,
            an empty curve leaves them open. The intensity of a section takes precedence.
        fills: fraction of phrases that end with a fill; no other bars are fills. None leaves it open.
    """

    sections: tuple[Section, ...]
    curve: tuple[float, ...] = ()
    fills: float | None = None

    @property
    def bars(self) -> int:
        """The total number of bars."""
        return sum(section.bars for section in self.sections)

    @property
    def starts(self) -> tuple[int, ...]:
        """The first bar of each section, from 0."""
        return tuple(sum(section.bars for section in self.sections[:n]) for n in range(len(self.sections)))

    def targets(self) -> tuple[BarTarget, ...]:
        """Return the target of each bar.

        >>> [target.same_as for target in SongPlan((Section("a", 2), Section("b", 1), Section("a", 3))).targets()]
        [None, None, None, 0, 1, 0]
        """
        filled, intensities = self._filled(), self._intensities()
        found: list[BarTarget] = []
        for number, (section, start) in enumerate(zip(self.sections, self.starts, strict=True)):
            first = next(n for n, other in enumerate(self.sections) if other.name == section.name)
            for bar in range(start, start + section.bars):
                same = None
                if first != number and not filled[bar]:
                    same = self._source(self.starts[first], self.sections[first].bars, bar - start, filled)
                found.append(BarTarget(number, intensities[bar], filled[bar], same))
        return tuple(found)

    def _source(self, start: int, bars: int, place: int, filled: Sequence[bool | None]) -> int | None:
        """Return the bar whose material a bar shares: not a fill, and if possible at the same position of a phrase."""
        source = start + place % bars
        for bar in (source, *range(source - PHRASE_BARS, start - 1, -PHRASE_BARS), *range(source - 1, start - 1, -1)):
            if not filled[bar]:
                return bar
        return None

    def _filled(self) -> list[bool | None]:
        """Return for each bar whether it is a fill."""
        if self.fills is None:
            filled: list[bool | None] = [None] * self.bars
        else:
            filled = [False] * self.bars
            ends = self._phrase_ends()
            share = np.floor(np.arange(len(ends) + 1) * self.fills + 1e-9)
            for end, more in zip(ends, np.diff(share), strict=True):
                filled[end] = bool(more)
        for section, start in zip(self.sections, self.starts, strict=True):
            if section.fill:
                filled[start + section.bars - 1] = True
        return filled

    def _phrase_ends(self) -> list[int]:
        """Return the last bar of each phrase."""
        return [
            start + bar
            for section, start in zip(self.sections, self.starts, strict=True)
            for bar in range(section.bars)
            if bar % PHRASE_BARS == PHRASE_BARS - 1 or bar == section.bars - 1
        ]

    def _intensities(self) -> list[float | None]:
        """Return the intensity of each bar."""
        found: list[float | None] = [None] * self.bars
        if self.curve:
            places = np.linspace(0, self.bars - 1, len(self.curve)) if len(self.curve) > 1 else np.zeros(1)
            found = [float(value) for value in np.interp(np.arange(self.bars), places, self.curve)]
        for section, start in zip(self.sections, self.starts, strict=True):
            if section.intensity is not None:
                found[start : start + section.bars] = [section.intensity] * section.bars
        return found
