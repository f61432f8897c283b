"""What a new pattern must hold: cells of a given one, whole lanes of it or whole bars."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.sampling.primers import Primer, read_primer
from drumtok.tokenizer.tokens import N_HIT_WORDS, from_ids, hits_to_ids, to_ids

ALL_DRUMS = N_HIT_WORDS - 1
WORDS = np.arange(N_HIT_WORDS)


@dataclass(frozen=True, eq=False)
class KeptPattern:
    """A pattern of which some cells are kept.

    Attributes:
        pattern: of at least one bar.
        kept: (steps, 9) true where a cell, hit or none, is kept as it is.
    """

    pattern: Pattern
    kept: NDArray[np.bool_]

    @cached_property
    def words(self) -> NDArray[np.uint16]:
        """(n,) the ids of the pattern, `BAR` among them; what is not kept does not count."""
        return to_ids(self.pattern)

    @cached_property
    def masks(self) -> NDArray[np.uint16]:
        """(n,) the digits of each word that are kept, all of them for `BAR`."""
        bars = hits_to_ids(self.kept).reshape(self.pattern.bars, -1)
        return np.pad(bars, ((0, 0), (0, 1)), constant_values=ALL_DRUMS).ravel()

    def is_whole(self, n: int) -> bool:
        """Whether word `n` is kept whole, so that there is nothing to draw."""
        return bool(self.masks[n] == ALL_DRUMS)

    def allowed(self, n: int) -> NDArray[np.int64]:
        """The ids of the hit words that may stand at `n`."""
        return np.flatnonzero((WORDS & self.masks[n]) == (self.words[n] & self.masks[n]))

    def of_bars(self) -> "list[KeptPattern]":
        """Each bar as a pattern of its own, with what is kept of it."""
        per_bar = self.pattern.steps_per_bar
        return [
            KeptPattern(self.pattern.slice_bars(bar, bar + 1), self.kept[bar * per_bar : (bar + 1) * per_bar])
            for bar in range(self.pattern.bars)
        ]

    def led_in(self, bars: int) -> "KeptPattern":
        """The same after `bars` bars of itself, those that come before its first where it is looped."""
        order = np.arange(-bars, self.pattern.bars) % self.pattern.bars
        steps = np.arange(self.pattern.steps).reshape(self.pattern.bars, -1)[order].ravel()
        return KeptPattern(self.pattern.take(steps), self.kept[steps])

    def filled(self, ids: NDArray[np.integer], tempo: float | None = None) -> Pattern:
        """The pattern of ids that hold what is kept, the velocity and offset of what is kept with them."""
        p = self.pattern
        made = from_ids(ids, p.grid, p.meter, p.tempo if tempo is None else tempo)
        arrays = {name: np.where(self.kept, getattr(p, name), getattr(made, name)) for name in ("velocity", "offset")}
        return replace(made, note_length=p.note_length, **arrays)


def read_kept(
    keep: Mapping[str, Primer] | Iterable[str],
    fill_bars: Iterable[int],
    given: "Primer | KeptPattern | None",
    grid: int,
) -> KeptPattern | None:
    """What is to be kept, None where that is nothing.

    Args:
        keep: lanes of `given`, or lane -> what it is taken from.
        fill_bars: bars of `given`, from 1, in which other lanes are not kept; without any, in no bar they are.
        given: the pattern, where `keep` is no mapping; what a `KeptPattern` keeps is kept besides.

    Raises:
        TypeError: a pattern is of the wrong type.
        DrumtokError: there is nothing to keep from, too much to keep from, or what is kept does not go together.
    """
    fill_bars = sorted(set(fill_bars))
    lanes = tuple(keep)
    if isinstance(keep, Mapping) and given is None and not fill_bars:
        return _of_lanes({lane: read_primer(source, grid, f"keep of {lane}", "keep") for lane, source in keep.items()})
    if isinstance(keep, Mapping) and keep:
        raise DrumtokError(
            "keep is a mapping and a pattern is given, or wanted by fill_bars: allowed are lanes of that"
        )
    if given is None:
        if lanes or fill_bars:
            raise DrumtokError("keep and fill_bars want a pattern to keep from: given, or --from, is missing")
        return None
    if not lanes and not fill_bars:
        raise DrumtokError("a pattern is given (--from) and nothing is said to be kept: keep or fill_bars is missing")
    pattern, also = (given.pattern, given.kept) if isinstance(given, KeptPattern) else (given, None)
    pattern = read_primer(pattern, grid, "the pattern given", "given")
    if fill_bars and not 1 <= fill_bars[0] <= fill_bars[-1] <= pattern.bars:
        raise DrumtokError(f"fill_bars has {fill_bars[-1]}: allowed is from 1 up to {pattern.bars}, the bars given")
    kept = np.zeros((pattern.bars, pattern.steps_per_bar, N_DRUMS), dtype=bool)
    if fill_bars:
        kept[:] = True
        kept[np.array(fill_bars) - 1] = False
    kept[..., [LANE_INDEX[lane] for lane in lanes]] = True
    cells = kept.reshape(-1, N_DRUMS)
    return KeptPattern(pattern, cells if also is None else cells | also)


def _of_lanes(patterns: Mapping[str, Pattern]) -> KeptPattern | None:
    """Each lane out of a pattern of its own."""
    if not patterns:
        return None
    (first_lane, first), *others = patterns.items()
    for lane, other in others:
        for what in ("bars", "meter"):
            if getattr(other, what) != getattr(first, what):
                raise DrumtokError(
                    f"keep of {lane} and of {first_lane} differ in {what}, {getattr(other, what)} and"
                    f" {getattr(first, what)}: allowed are patterns that go together"
                )
    kept = np.zeros(first.hits.shape, dtype=bool)
    kept[:, [LANE_INDEX[lane] for lane in patterns]] = True
    arrays = {name: np.zeros_like(getattr(first, name)) for name in ("hits", "velocity", "offset")}
    for lane, pattern in patterns.items():
        for name, array in arrays.items():
            array[:, LANE_INDEX[lane]] = getattr(pattern, name)[:, LANE_INDEX[lane]]
    return KeptPattern(replace(first, **arrays), kept)
