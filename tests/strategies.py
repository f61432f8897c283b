"""Hypothesis strategies for patterns of every meter, grid and tempo, and the number of examples of a property."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from drumtok.drums import N_DRUMS
from drumtok.grids import GRIDS, steps_per_bar
from drumtok.pattern import Pattern

ALL_EXAMPLES = 100  # of a property that sets no number, in the profile "full"
METERS = ((4, 4), (3, 4), (6, 8), (5, 4), (2, 4), (12, 8), (7, 8), (1, 4), (5, 8))
FITTING = [(grid, meter) for grid in GRIDS for meter in METERS if 4 * grid * meter[0] % meter[1] == 0]

grids_and_meters = st.sampled_from(FITTING)
tempi = st.integers(40, 10_000).map(lambda tenths: tenths / 10)  # tenths, which a MIDI file holds exactly
velocities = st.integers(1, 127)
level_velocities = st.sampled_from((40, 100, 120))  # the three levels of grid notation
on_grid = st.just(0.0)
offsets = st.floats(-0.5, 0.5, width=32)


def examples(count):
    """Decorate a property to be tried on `count` examples in the profile "full", and on fewer in others."""
    return settings(max_examples=max(count * settings().max_examples // ALL_EXAMPLES, 1))


@st.composite
def patterns(draw, velocity=velocities, offset=on_grid, min_bars=0, max_bars=4, shape=grids_and_meters):
    """Draw patterns of `min_bars` to `max_bars` bars, some of them silent or with silent bars at the end.

    Args:
        velocity, offset: strategies for the velocities and offsets of hits.
        shape: strategy for (grid, meter).
    """
    grid, meter = draw(shape)
    steps = draw(st.integers(min_bars, max_bars)) * steps_per_bar(grid, meter)
    hits = np.zeros((steps, N_DRUMS), dtype=bool)
    velocity_of, offset_of = np.zeros(hits.shape, dtype=np.uint8), np.zeros(hits.shape, dtype=np.float32)
    cells = st.tuples(st.integers(0, max(steps - 1, 0)), st.integers(0, N_DRUMS - 1))
    drawn = draw(st.dictionaries(cells, st.tuples(velocity, offset), max_size=40 if steps else 0))
    for cell, (v, o) in drawn.items():
        hits[cell], velocity_of[cell], offset_of[cell] = True, v, o
    return Pattern(hits, velocity_of, offset_of, grid, meter, draw(tempi))
