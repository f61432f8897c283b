"""Constraints on a new pattern: cells, drums or bars that it keeps from another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DRUMS, DrumsConfig
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
        kept: (steps, 9) true for cells that are kept, whether they are hits or rests.
    """

    pattern: Pattern
    kept: NDArray[np.bool_]

    @cached_property
    def words(self) -> NDArray[np.uint16]:
        """The ids of the pattern, (n,), `BAR` included; only the kept bits matter."""
        return to_ids(self.pattern)

    @cached_property
    def masks(self) -> NDArray[np.uint16]:
        """The kept bits of each word, (n,), all bits for `BAR`."""
        bars = hits_to_ids(self.kept).reshape(self.pattern.bars, -1)
        return np.pad(bars, ((0, 0), (0, 1)), constant_values=ALL_DRUMS).ravel()

    def is_whole(self, n: int) -> bool:
        """Return whether all bits of word `n` are kept, so that nothing is sampled."""
        return bool(self.masks[n] == ALL_DRUMS)

    def allowed(self, n: int) -> NDArray[np.int64]:
        """Return the ids of the hit words that are allowed at `n`."""
        return np.flatnonzero((WORDS & self.masks[n]) == (self.words[n] & self.masks[n]))

    def of_bars(self) -> "list[KeptPattern]":
        """Return each bar as a separate pattern, with its kept cells."""
        per_bar = self.pattern.steps_per_bar
        return [
            KeptPattern(self.pattern.slice_bars(bar, bar + 1), self.kept[bar * per_bar : (bar + 1) * per_bar])
            for bar in range(self.pattern.bars)
        ]

    def led_in(self, bars: int) -> "KeptPattern":
        """Return the pattern after a lead-in of its own last `bars` bars, which precede its first bar in a loop."""
        order = np.arange(-bars, self.pattern.bars) % self.pattern.bars
        steps = np.arange(self.pattern.steps).reshape(self.pattern.bars, -1)[order].ravel()
        return KeptPattern(self.pattern.take(steps), self.kept[steps])

    def filled(self, ids: NDArray[np.integer], tempo: float | None = None) -> Pattern:
        """Return the pattern of ids, with the velocities and offsets of the kept cells."""
        p = self.pattern
        made = from_ids(ids, p.grid, p.meter, p.tempo if tempo is None else tempo)
        changes = p.tempo_changes if tempo is None else ()
        return replace(made.merged(p, self.kept), note_length=p.note_length, tempo_changes=changes)


def read_kept(
    keep: Mapping[str, Primer] | Iterable[str],
    fill_bars: Iterable[int],
    source_pattern: "Primer | KeptPattern | None",
    grid: int,
    meter: str | None = None,
    drums: DrumsConfig = DRUMS,
) -> KeptPattern | None:
    """Read the cells to keep, or None.

    Args:
        keep: drums of `source_pattern`, or drum -> the pattern that it is kept from.
        fill_bars: bars of `source_pattern`, counted from 1, that are rewritten except for the `keep` drums; the others
            are kept. If empty, all bars are rewritten except for the `keep` drums.
        source_pattern: the pattern, unless `keep` is a mapping; the cells that a `KeptPattern` marks are kept as well.
        meter: the meter of all bars of MIDI files; None follows their time signatures.
        drums: how the drums of MIDI files are found and read.

    Raises:
        TypeError: a pattern is of the wrong type.
        DrumtokError: a pattern is missing or redundant, or the patterns differ in bars or meter.
    """
    fill_bars = sorted(set(fill_bars))
    lanes = tuple(keep)
    if isinstance(keep, Mapping) and source_pattern is None and not fill_bars:
        return _of_lanes(
            {lane: read_primer(each, grid, f"keep of {lane}", "keep", drums, meter) for lane, each in keep.items()}
        )
    if isinstance(keep, Mapping) and keep:
        raise DrumtokError("keep as a mapping cannot be combined with source_pattern or fill_bars")
    if source_pattern is None:
        if lanes or fill_bars:
            raise DrumtokError("keep and fill_bars require source_pattern (--from)")
        return None
    if not lanes and not fill_bars:
        raise DrumtokError("source_pattern (--from) requires keep or fill_bars")
    marked: NDArray[np.bool_] | bool = False
    if isinstance(source_pattern, KeptPattern):
        marked, source_pattern = source_pattern.kept, source_pattern.pattern
    pattern = read_primer(source_pattern, grid, "the source pattern", "source_pattern", drums, meter)
    return KeptPattern(pattern, _kept_cells(pattern, lanes, fill_bars) | marked)


def _kept_cells(pattern: Pattern, lanes: Sequence[str], fill_bars: Sequence[int]) -> NDArray[np.bool_]:
    """Return which cells are kept, (steps, 9); `fill_bars` are in order.

    Raises:
        DrumtokError: the pattern has no such bars.
    """
    if fill_bars and not 1 <= fill_bars[0] <= fill_bars[-1] <= pattern.bars:
        raise DrumtokError(
            f"fill_bars must be between 1 and {pattern.bars}, the bars of the source pattern, got {fill_bars[-1]}"
        )
    kept = np.zeros((pattern.bars, pattern.steps_per_bar, N_DRUMS), dtype=bool)
    if fill_bars:
        kept[:] = True
        kept[np.array(fill_bars) - 1] = False
    kept[..., [LANE_INDEX[lane] for lane in lanes]] = True
    return kept.reshape(-1, N_DRUMS)


def _of_lanes(patterns: Mapping[str, Pattern]) -> KeptPattern | None:
    """Keep each lane from its own pattern."""
    if not patterns:
        return None
    (first_lane, first), *others = patterns.items()
    for lane, other in others:
        for what in ("bars", "meter"):
            if getattr(other, what) != getattr(first, what):
                raise DrumtokError(
                    f"patterns of keep must have the same {what}, got {getattr(first, what)} for {first_lane} and"
                    f" {getattr(other, what)} for {lane}"
                )
    kept = np.zeros(first.hits.shape, dtype=bool)
    kept[:, [LANE_INDEX[lane] for lane in patterns]] = True
    arrays = {name: np.zeros_like(getattr(first, name)) for name in ("hits", "velocity", "offset")}
    for lane, pattern in patterns.items():
        for name, array in arrays.items():
            array[:, LANE_INDEX[lane]] = getattr(pattern, name)[:, LANE_INDEX[lane]]
    return KeptPattern(replace(first, **arrays), kept)
