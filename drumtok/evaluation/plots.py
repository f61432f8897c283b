"""Plots of the metrics of `drumtok evaluate` as SVG; needs matplotlib (extra `evaluate`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from drumtok.drums import DRUMS, N_DRUMS
from drumtok.evaluation.bar_distance import self_similarity
from drumtok.evaluation.pattern_metrics import PatternMetrics
from drumtok.evaluation.rhythm_features import Bars

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

OURS, THEIRS = "#c8553d", "#2f5d8c"  # which also differ in lightness
NAMES = ("generated", "held-out")
MATRICES = 5  # similarity matrices of pieces, and of songs
COLUMNS = 4  # of the density plots
EVERY = 3  # every third of the 512 points of a density is drawn
VISIBLE = 0.01  # fraction of the height below which both tails of a density are cut


@dataclass(frozen=True)
class Picture:
    """A plot with its title and caption.

    Attributes:
        draw: draws it into a figure.
        inches: its size.
        title, caption: shown above and below; {kinds} is replaced by the kind of the pieces.
    """

    draw: Callable[["Figure", PatternMetrics], None]
    inches: tuple[float, float]
    title: str
    caption: str


def to_svg(picture: Picture, metrics: PatternMetrics) -> bytes:
    """Render a plot as an SVG file, the same bytes for the same metrics."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure  # not pyplot, which keeps global state

    buffer = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "drumtok", "font.size": 8}):
        figure = Figure(figsize=picture.inches, layout="constrained")
        picture.draw(figure, metrics)
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def draw_onsets(figure: "Figure", metrics: PatternMetrics) -> None:
    """Draw the frequency of hits of each drum on each step of the bar, and the difference."""
    groups = (metrics.pieces, metrics.held_out)
    ours, theirs = (100 * np.concatenate(songs).mean(axis=0).T for songs in groups)  # (9, steps per bar)
    most, apart = max(ours.max(), theirs.max()), max(np.abs(ours - theirs).max(), 1e-9)
    axes = figure.subplots(1, 3, sharey=True)
    for axis, table, name in zip(axes, (ours, theirs), NAMES, strict=False):
        image = _heat_map(axis, table, name, cmap="Blues", vmin=0, vmax=most)
    figure.colorbar(image, ax=axes[:2], label="% of bars", shrink=0.8)
    image = _heat_map(axes[2], ours - theirs, f"{NAMES[0]} minus {NAMES[1]}", cmap="RdBu_r", vmin=-apart, vmax=apart)
    figure.colorbar(image, ax=axes[2], label="points", shrink=0.8)
    axes[0].set_yticks(range(N_DRUMS), [drum.name for drum in DRUMS])


def _heat_map(axis: "Axes", table: np.ndarray, title: str, **colours: Any) -> "AxesImage":
    image = axis.imshow(table, aspect="auto", interpolation="nearest", **colours)
    beat = max(table.shape[1] // 4, 1)
    axis.set_xticks(range(0, table.shape[1], beat), [str(n + 1) for n in range(len(range(0, table.shape[1], beat)))])
    axis.set(title=title, xlabel="beat")
    axis.tick_params(length=0)
    return image


def draw_densities(figure: "Figure", metrics: PatternMetrics) -> None:
    """Draw the two densities of every rhythm feature."""
    rows = max(-(-len(metrics.features) // COLUMNS), 1)
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axis, (name, found) in zip(axes, metrics.features.items(), strict=False):
        grid = found.grid[::EVERY]
        for density, colour, label in zip((found.ours, found.theirs), (OURS, THEIRS), NAMES, strict=True):
            axis.fill_between(grid, density[::EVERY], color=colour, alpha=0.25, linewidth=0)
            axis.plot(grid, density[::EVERY], color=colour, linewidth=1.2, label=label)
        higher = np.maximum(found.ours, found.theirs)
        visible = found.grid[higher > VISIBLE * higher.max()]
        axis.set_title(f"{name}\noverlap {found.overlap:.2f}", fontsize=7)
        axis.set_yticks([])
        axis.set(xlim=(visible[0], visible[-1]), ylim=(0, None))
        axis.tick_params(labelsize=6)
    for axis in axes[len(metrics.features) :]:
        axis.set_axis_off()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False)


def draw_similarity(figure: "Figure", metrics: PatternMetrics) -> None:
    """Draw self-similarity matrices of pieces, and of the beginnings of held-out songs of at least that length."""
    bars = len(metrics.pieces[0])
    long_enough = [song[:bars] for song in metrics.held_out if len(song) >= bars]
    axes = figure.subplots(2, MATRICES, squeeze=False)
    for row, songs, name in zip(axes, (metrics.pieces, long_enough), NAMES, strict=True):
        for axis, song in zip(row, _spread(songs), strict=False):
            image = axis.imshow(self_similarity(song), cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
            axis.set_xticks([0, bars - 1], ["1", str(bars)])
            axis.set_yticks([0, bars - 1], ["1", str(bars)])
            axis.tick_params(length=0)
        for axis in row[min(len(songs), MATRICES) :]:
            axis.set_axis_off()
        row[0].set_ylabel(f"{name}, bar")
    figure.colorbar(image, ax=axes, label="similarity of two bars", shrink=0.7)


def _spread(songs: Sequence[Bars]) -> list[Bars]:
    """Return the songs to show, evenly spaced from the first to the last."""
    places = np.linspace(0, len(songs) - 1, min(MATRICES, len(songs))).round().astype(int)
    return [songs[n] for n in places]


def draw_novelty(figure: "Figure", metrics: PatternMetrics) -> None:
    """Draw the distances to the nearest training bar."""
    axis = figure.subplots()
    groups = (metrics.distances, metrics.natural_distances)
    last = int(max(distances.max(initial=0) for distances in groups))
    for distances, shift, colour, name in zip(groups, (-0.2, 0.2), (OURS, THEIRS), NAMES, strict=True):
        fractions = np.bincount(distances.astype(int), minlength=last + 1) / max(len(distances), 1)
        axis.bar(np.arange(last + 1) + shift, 100 * fractions, width=0.4, color=colour, label=name)
    axis.set(xlabel="weighted hits from the nearest training bar, 0 if it is one", ylabel="% of bars")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)


def draw_temperatures(figure: "Figure", metrics: PatternMetrics) -> None:
    """Draw entropy, repetition and novelty against the temperature."""
    names = {"entropy": "bits of a draw", "repeated": "bars equal to the one before", "novelty": "hits from training"}
    for axis, (name, title) in zip(figure.subplots(1, len(names)), names.items(), strict=True):
        at = list(metrics.temperatures)
        found = [figures[name] for figures in metrics.temperatures.values()]
        axis.fill_between(at, [one.low for one in found], [one.high for one in found], color=OURS, alpha=0.2)
        axis.plot(at, [one.value for one in found], "o-", color=OURS)
        axis.set(xlabel="temperature", title=title, xticks=at, ylim=(0, None))
        axis.spines[["top", "right"]].set_visible(False)


PICTURES = (
    Picture(draw_onsets, (10, 2.8), "Where the drums are hit", "Percentage of the bars of {kinds} in which a drum is"
        " hit on a step: generated, held-out, and the difference."),
    Picture(draw_densities, (10, 8.5), "Rhythm features", "Densities over windows of two bars of {kinds}. For groups of"
        " features, the distances from generated to held-out windows, and among held-out windows. Smoothing extends the"
        " densities a little beyond the possible values."),
    Picture(draw_similarity, (10, 3.8), "Similarity of the bars of a piece", "Every bar against every bar, black if"
        " they are equal. Pieces and {kinds} are evenly spaced from the first to the last, not selected."),
    Picture(draw_novelty, (10, 3), "New, or found in training?", "Distance of each non-empty bar to the nearest"
        " training bar, kick and snare counted twice; for comparison, held-out songs of all kinds."),
    Picture(draw_temperatures, (10, 2.8), "Temperature", "Pieces generated below, at and above temperature 1: the"
        " entropy of each draw, repeated bars, and the distance to training."),
)  # fmt: skip
