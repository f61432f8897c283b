"""Draw patterns as PNG with matplotlib (extra `picture`)."""

import os
from io import BytesIO

import numpy as np

from drumtok.drums import DRUMS, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.runtime.files import write_atomically

BARS_PER_ROW = 4
PNG_METADATA = {"Software": "drumtok"}


def draw_png(pattern: Pattern, path: str | os.PathLike[str], title: str = "") -> None:
    """Draw a pattern as a PNG: a lane for each drum, four bars to a row, louder hits darker.

    Raises:
        DrumtokError: the pattern has no bars, or the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # not pyplot, which keeps global state
    from matplotlib.figure import Figure

    if not pattern.bars:
        raise DrumtokError("pattern must have at least 1 bar, got 0")
    rows = -(-pattern.bars // BARS_PER_ROW)
    figure = Figure(figsize=(12, 1.9 * rows + 0.4), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(rows, 1, squeeze=False)[:, 0]
    for row, axis in enumerate(axes):
        first = row * BARS_PER_ROW
        _draw_bars(axis, pattern.slice_bars(first, first + BARS_PER_ROW), first)
    figure.suptitle(title.encode(errors="replace").decode(), fontsize=10, parse_math=False)
    buffer = BytesIO()
    canvas.print_figure(buffer, dpi=110, metadata=PNG_METADATA)
    write_atomically(path, buffer.getvalue())


def _draw_bars(axis: object, pattern: Pattern, first_bar: int) -> None:
    """Draw a row of bars on a matplotlib axis."""
    from matplotlib.axes import Axes

    assert isinstance(axis, Axes)
    per_bar = pattern.steps_per_bar
    for bar in range(pattern.bars):
        axis.axvline(bar * per_bar, color="0.25", linewidth=1.2)
        for beat in range(pattern.grid, per_bar, pattern.grid):
            axis.axvline(bar * per_bar + beat, color="0.85", linewidth=0.8)
    steps, lanes = np.nonzero(pattern.hits)
    starts = steps + pattern.offset[steps, lanes]
    loudness = pattern.velocity[steps, lanes] / 127
    colours = np.stack([0.85 - 0.7 * loudness, 0.6 - 0.35 * loudness, np.full(len(steps), 0.55)], axis=1)
    axis.barh(N_DRUMS - 1 - lanes, np.full(len(steps), 0.8), left=starts, height=0.7, color=colours)
    axis.set_xlim(0, BARS_PER_ROW * per_bar)
    axis.set_ylim(-0.6, N_DRUMS - 0.4)
    axis.set_yticks(range(N_DRUMS), [drum.name for drum in reversed(DRUMS)], fontsize=7)
    bars = range(pattern.bars)
    axis.set_xticks(
        [bar * per_bar for bar in bars], [f"bar {first_bar + bar + 1}" for bar in bars], fontsize=7, ha="left"
    )
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
