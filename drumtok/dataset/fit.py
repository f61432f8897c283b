"""Fit the patterns of an item to the grid and meter of a corpus."""

from dataclasses import replace

import numpy as np

from drumtok.dataset.config import ANY_METER, CorpusConfig
from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.pattern import Pattern
from drumtok.tokenizer.readers import Item

CLASH = "of the corpus's grid"  # so the reason ends of a song whose hits were moved to another grid

TRIPLET_GRIDS = (3, 6)  # whose steps lie between those of the other grids


def fitting(item: Item, config: CorpusConfig) -> Item:
    """The item with those of its patterns that the corpus takes, on the corpus's grid; the reason says what is lost.

    A finer grid's hits go to the nearest step. So do triplets in a corpus that counts in twos, and the other way
    round; but where that moves hits of most of a source's songs, the source does not belong here (`drumtok.dataset.assemble`).
    """
    if item.status == SKIPPED:
        return item
    sounding = [p for p in item.patterns if p.hits.any()]
    taken = [p for p in sounding if config.meter in (ANY_METER, "{}/{}".format(*p.meter))]
    others = sorted({"{}/{}".format(*p.meter) for p in sounding} - {"{}/{}".format(*p.meter) for p in taken})
    left_out = other_meters(others, config) if others else ""
    moved = sum(_between(p, config.grid) for p in taken)
    clash = f"line {item.line}: {moved} hits lie between the steps {CLASH}" if moved else ""
    reason = "; ".join(filter(None, (item.reason, left_out, clash)))
    if not taken:
        return replace(item, patterns=(), status=SKIPPED, reason=reason if others else "no hits of the kit")
    try:
        on_grid = tuple(p if p.grid == config.grid else p.regridded(config.grid) for p in taken)
    except DrumtokError as error:  # its bar is no whole number of the corpus's steps
        return replace(item, patterns=(), status=SKIPPED, reason=str(error))
    return replace(item, patterns=on_grid, reason=reason)  # sections of other meters are left out, and it says so


def other_meters(meters: list[str], config: CorpusConfig) -> str:
    """Why sections of those meters are not in the corpus."""
    return f"meter {', '.join(meters)}, not {config.meter}"


def _between(pattern: Pattern, grid: int) -> int:
    """The hits of a pattern in triplets that a grid in twos has no step for, or the other way round."""
    if (pattern.grid in TRIPLET_GRIDS) == (grid in TRIPLET_GRIDS):
        return 0
    steps, _ = np.nonzero(pattern.hits)
    return int((steps * grid % pattern.grid != 0).sum())
