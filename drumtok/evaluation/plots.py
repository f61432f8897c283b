"""Pictures of what `drumtok evaluate` measured, as SVG; needs matplotlib, which `drumtok[evaluate]` brings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from drumtok.drums import DRUMS, N_DRUMS
from drumtok.evaluation.bar_distance import self_similarity
from drumtok.evaluation.pattern_metrics import Measures
from drumtok.evaluation.rhythm_features import Bars

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

OURS, THEIRS = "#c8553d", "#2f5d8c"  # apart by lightness too
NAMES = ("written", "held-out")
MATRICES = 5  # of each
COLUMNS = 4  # of the densities
EVERY = 3  # which point of a density is drawn, of its 512
SEEN = 0.01  # of its height; what lies lower at either end of a density is not shown


@dataclass(frozen=True)
class Picture:
    """A picture and what it says.

    Attributes:
        draw: fills a figure.
        inches: its size.
        title, caption: shown above and below; {kinds} is what the pieces are.
    """

    draw: Callable[["Figure", Measures], None]
    inches: tuple[float, float]
    title: str
    caption: str


def to_svg(picture: Picture, measures: Measures) -> bytes:
    """The picture as an SVG file, the same bytes for the same measures."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure  # not pyplot, which keeps global state

    buffer = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "drumtok", "font.size": 8}):
        figure = Figure(figsize=picture.inches, layout="constrained")
        picture.draw(figure, measures)
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def draw_onsets(figure: "Figure", measures: Measures) -> None:
    """How often each drum is hit on each step of the bar, and the difference."""
    ours, theirs = (
        100 * np.concatenate(side).mean(axis=0).T for side in (measures.pieces, measures.held_out)
    )  # (9, P)
    most, apart = max(ours.max(), theirs.max()), max(np.abs(ours - theirs).max(), 1e-9)
    axes = figure.subplots(1, 3, sharey=True)
    for axis, table, name in zip(axes, (ours, theirs), NAMES, strict=False):
        shown = _heat_map(axis, table, name, cmap="Blues", vmin=0, vmax=most)
    figure.colorbar(shown, ax=axes[:2], label="% of bars", shrink=0.8)
    shown = _heat_map(axes[2], ours - theirs, f"{NAMES[0]} less {NAMES[1]}", cmap="RdBu_r", vmin=-apart, vmax=apart)
    figure.colorbar(shown, ax=axes[2], label="points", shrink=0.8)
    axes[0].set_yticks(range(N_DRUMS), [drum.name for drum in DRUMS])


def _heat_map(axis: "Axes", table: np.ndarray, title: str, **colours: Any) -> "AxesImage":
    shown = axis.imshow(table, aspect="auto", interpolation="nearest", **colours)
    beat = max(table.shape[1] // 4, 1)
    axis.set_xticks(range(0, table.shape[1], beat), [str(n + 1) for n in range(len(range(0, table.shape[1], beat)))])
    axis.set(title=title, xlabel="beat")
    axis.tick_params(length=0)
    return shown


def draw_densities(figure: "Figure", measures: Measures) -> None:
    """The two densities of every rhythm feature."""
    rows = max(-(-len(measures.features) // COLUMNS), 1)
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis, (name, found) in zip(axes, measures.features.items(), strict=False):
        grid = found.grid[::EVERY]
        for density, colour, label in zip((found.ours, found.theirs), (OURS, THEIRS), NAMES, strict=True):
            axis.fill_between(grid, density[::EVERY], color=colour, alpha=0.25, linewidth=0)
            axis.plot(grid, density[::EVERY], color=colour, linewidth=1.2, label=label)
        higher = np.maximum(found.ours, found.theirs)
        seen = found.grid[higher > SEEN * higher.max()]
        axis.set_title(f"{name}\noverlap {found.overlap:.2f}", fontsize=7)
        axis.set_yticks([])
        axis.set(xlim=(seen[0], seen[-1]), ylim=(0, None))
        axis.tick_params(labelsize=6)
    for axis in axes[len(measures.features) :]:
        axis.set_axis_off()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False)


def draw_similarity(figure: "Figure", measures: Measures) -> None:
    """Self-similarity matrices of pieces, and of the beginnings of held-out songs that are as long."""
    bars = len(measures.pieces[0])
    long_enough = [song[:bars] for song in measures.held_out if len(song) >= bars]
    axes = figure.subplots(2, MATRICES, squeeze=False)
    for row, songs, name in zip(axes, (measures.pieces, long_enough), NAMES, strict=True):
        for axis, song in zip(row, _spread(songs), strict=False):
            shown = axis.imshow(self_similarity(song), cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
            axis.set_xticks([0, bars - 1], ["1", str(bars)])
            axis.set_yticks([0, bars - 1], ["1", str(bars)])
            axis.tick_params(length=0)
        for axis in row[min(len(songs), MATRICES) :]:
            axis.set_axis_off()
        row[0].set_ylabel(f"{name}, bar")
    figure.colorbar(shown, ax=axes, label="likeness of two bars", shrink=0.7)


def _spread(songs: Sequence[Bars]) -> list[Bars]:
    """As many as are shown, evenly from the first to the last."""
    places = np.linspace(0, len(songs) - 1, min(MATRICES, len(songs))).round().astype(int)
    return [songs[n] for n in places]


def draw_novelty(figure: "Figure", measures: Measures) -> None:
    """The distances to the nearest training bar."""
    axis = figure.subplots()
    sides = (measures.distances, measures.natural_distances)
    last = int(max(side.max(initial=0) for side in sides))
    for side, shift, colour, name in zip(sides, (-0.2, 0.2), (OURS, THEIRS), NAMES, strict=True):
        shares = np.bincount(side.astype(int), minlength=last + 1) / max(len(side), 1)
        axis.bar(np.arange(last + 1) + shift, 100 * shares, width=0.4, color=colour, label=name)
    axis.set(xlabel="weighted hits from the nearest training bar, 0 where it stands there", ylabel="% of bars")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)


def draw_temperatures(figure: "Figure", measures: Measures) -> None:
    """What becomes of entropy, repetition and novelty as the temperature rises."""
    names = {"entropy": "bits of a draw", "repeated": "bars like the one before", "novelty": "hits from training"}
    for axis, (name, title) in zip(figure.subplots(1, len(names)), names.items(), strict=True):
        at = list(measures.temperatures)
        found = [figures[name] for figures in measures.temperatures.values()]
        axis.fill_between(at, [one.low for one in found], [one.high for one in found], color=OURS, alpha=0.2)
        axis.plot(at, [one.value for one in found], "o-", color=OURS)
        axis.set(xlabel="temperature", title=title, xticks=at, ylim=(0, None))
        axis.spines[["top", "right"]].set_visible(False)


PICTURES = (
    Picture(draw_onsets, (10, 2.8), "Where the drums are hit", "Share of the bars of {kinds} in which a drum is hit on"
        " a step: what the network wrote, what was played, and the difference."),
    Picture(draw_densities, (10, 8.5), "Rhythm features", "Densities over windows of two bars of {kinds}. Of a group of"
        " features, the distances from written to held-out windows beside those among held-out windows."
        " Drawn smooth, and so a little beyond what can be."),
    Picture(draw_similarity, (10, 3.8), "Likeness of the bars of a piece", "Every bar against every bar: black where"
        " the bars are the same. Pieces and {kinds} taken evenly from the first to the last, not picked."),
    Picture(draw_novelty, (10, 3), "New, or found in training?", "The distance of each bar that is not empty to its"
        " nearest training bar, kick and snare counting double; beside it the held-out songs', all kinds of them."),
    Picture(draw_temperatures, (10, 2.8), "Temperature", "Pieces written below, at and above temperature 1: how much"
        " there is to choose at each step, how many bars repeat the one before, how far they are from training."),
)  # fmt: skip
