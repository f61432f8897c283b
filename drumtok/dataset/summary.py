"""Summarise a corpus: its styles, tempi and onset density, as figures and as a picture (extra `picture`)."""

import os
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.corpus import Corpus
from drumtok.drums import DRUMS, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import parse_meter, steps_per_bar
from drumtok.rendering.picture import PNG_METADATA
from drumtok.runtime.files import write_atomically
from drumtok.runtime.install import install_command
from drumtok.tokenizer.splits import SPLIT_TABLE, SPLITS
from drumtok.tokenizer.tokens import ids_to_hits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_STYLES = 24  # in the picture; rarer styles are combined


@dataclass(frozen=True)
class Overview:
    """A summary of a corpus.

    Attributes:
        styles: style -> split -> songs, the commonest style first; songs without a style have `""`.
        tempi: the slowest, the median and the fastest tempo.
        meter: the commonest meter, by bars.
        density: (9, steps of a bar) the fraction of bars of that meter in which a drum has a hit on a step.
    """

    styles: dict[str, dict[str, int]]
    tempi: tuple[float, float, float]
    meter: str
    density: NDArray[np.float64]


def overview(corpus: Corpus) -> Overview:
    """Summarise a corpus, reading one song at a time.

    Raises:
        DrumtokError: the corpus was built by an earlier version with a shorter manifest.
    """
    if "split_rule" not in corpus.manifest:
        raise DrumtokError(f"{str(corpus.folder)!r} was built by an earlier version of drumtok: build it again")
    songs = [song for name in SPLITS for song in corpus.songs[name]]
    tempi = [song["tempo"] for song in songs]
    bars: Counter[str] = Counter()
    for song in songs:
        bars[song["meter"]] += song["bars"]
    ((meter, _),) = bars.most_common(1)
    counts = Counter(song["style"] for song in songs)
    styles = {style: dict.fromkeys(SPLITS, 0) for style, _ in sorted(counts.items(), key=lambda x: (-x[1], x[0]))}
    for song in songs:
        styles[song["style"]][song["split"]] += 1
    spread = (min(tempi), float(np.median(tempi)), max(tempi))
    return Overview(styles, spread, meter, _density(corpus, meter))


def _density(corpus: Corpus, meter: str) -> NDArray[np.float64]:
    steps = steps_per_bar(corpus.grid, parse_meter(meter))
    hits, bars = np.zeros((steps, N_DRUMS)), 0
    for name in SPLITS:
        split = corpus.split(name)
        for index, song in enumerate(corpus.songs[name]):
            if song["meter"] == meter:
                words = split.song(index).reshape(-1, steps + 1)[:, :-1]  # (bars, steps)
                hits += ids_to_hits(words).sum(axis=0)
                bars += len(words)
    return hits.T / max(bars, 1)


def draw_overview(overview: Overview, path: str | os.PathLike[str], title: str = "") -> None:
    """Draw onset density per drum and step, and the songs of each style and split, as a PNG.

    Raises:
        DrumtokError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # not pyplot, which keeps global state
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise DrumtokError(f"a picture requires {error.name}: {install_command('picture')}") from error
    styles = _fewer(overview.styles)
    figure = Figure(figsize=(11, 3.4 + 0.24 * len(styles)), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=[3, 0.4 + 0.28 * len(styles)])
    _draw_density(upper, overview)
    _draw_styles(lower, styles)
    for axis in (upper, lower):
        axis.tick_params(length=0, labelsize=8)
        axis.spines[:].set_visible(False)
    figure.suptitle(title.encode(errors="replace").decode(), fontsize=10, parse_math=False)
    buffer = BytesIO()
    FigureCanvasAgg(figure).print_figure(buffer, dpi=110, metadata=PNG_METADATA)
    write_atomically(path, buffer.getvalue())


def _draw_density(axis: "Axes", overview: Overview) -> None:
    density = overview.density
    axis.imshow(density, aspect="auto", cmap="Blues", vmin=0)
    for drum, step in np.argwhere(density >= 0.005):
        shade = "white" if density[drum, step] > 0.6 * density.max() else "0.3"
        text = f"{100 * density[drum, step]:.0f}"
        axis.text(step, drum, text, ha="center", va="center", fontsize=6, color=shade)
    axis.set_yticks(range(N_DRUMS), [drum.name for drum in DRUMS], fontsize=8)
    axis.set_xticks(range(density.shape[1]), [str(step + 1) for step in range(density.shape[1])], fontsize=7)
    axis.set_title(f"bars of {overview.meter} in which a drum has a hit on a step, percent", fontsize=9)


def _draw_styles(axis: "Axes", styles: dict[str, dict[str, int]]) -> None:
    begin = np.zeros(len(styles))
    for row in SPLIT_TABLE:
        songs = np.array([counts[row.name] for counts in styles.values()])
        axis.barh(range(len(styles)), songs, left=begin, color=row.colour, label=row.name, height=0.75)
        begin += songs
    axis.set_yticks(range(len(styles)), [style or "(none)" for style in styles], fontsize=8)
    axis.invert_yaxis()
    axis.set_title("songs of each style", fontsize=9)
    axis.legend(fontsize=8, frameon=False)


def _fewer(styles: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Combine all but the commonest styles."""
    names = list(styles)
    if len(names) <= MAX_STYLES:
        return styles
    others = names[MAX_STYLES - 1 :]
    rest = {split: sum(styles[name][split] for name in others) for split in SPLITS}
    return {name: styles[name] for name in names[: MAX_STYLES - 1]} | {f"{len(others)} others": rest}
