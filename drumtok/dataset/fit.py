"""Fit the patterns of an item to the grid and meter of a corpus."""

from dataclasses import replace

import numpy as np

from drumtok.dataset.config import ANY_METER, CorpusConfig
from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.pattern import TRIPLET_GRIDS, Pattern
from drumtok.tokenizer.readers import Item

CLASH = "of the corpus's grid"  # the end of the reason for a song whose hits were moved to another grid


def fitting(item: Item, config: CorpusConfig) -> Item:
    """Return the item with the patterns that the corpus includes, on its grid; the reason names what is left out.

    Hits of a finer grid are moved to the nearest step. So are triplets in a corpus with a binary grid, and vice versa,
    but if this moves hits in most songs of a source, the build fails (`drumtok.dataset.assemble`).
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
    except DrumtokError as error:  # its bar is not a whole number of steps of the corpus
        return replace(item, patterns=(), status=SKIPPED, reason=str(error))
    return replace(item, patterns=on_grid, reason=reason)


def other_meters(meters: list[str], config: CorpusConfig) -> str:
    """Return why sections of those meters are not in the corpus."""
    return f"meter {', '.join(meters)}, not {config.meter}"


def _between(pattern: Pattern, grid: int) -> int:
    """Count the hits of a triplet pattern without a step on a binary grid, or vice versa."""
    if (pattern.grid in TRIPLET_GRIDS) == (grid in TRIPLET_GRIDS):
        return 0
    steps, _ = np.nonzero(pattern.hits)
    return int((steps * grid % pattern.grid != 0).sum())
