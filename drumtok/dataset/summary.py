"""What a corpus holds at a glance: its styles, tempi, and how often each drum sounds on each step; a picture of it.

The picture needs matplotlib, which `drumtok[train]` brings.
"""

import os
from collections import Counter
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.corpus import Corpus
from drumtok.drums import DRUMS, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import parse_meter, steps_per_bar
from drumtok.runtime.files import write_atomically
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.tokens import ids_to_hits

MOST_STYLES = 24  # bars of the picture; the others are added up


@dataclass(frozen=True)
class Overview:
    """What a corpus holds.

    Attributes:
        styles: style -> side -> songs, the commonest style first; songs without one have the style `""`.
        tempi: the slowest, the median and the fastest tempo.
        meter: the commonest meter, by bars.
        density: (9, steps of a bar) the share of the bars of that meter in which a drum sounds on a step.
    """

    styles: dict[str, dict[str, int]]
    tempi: tuple[float, float, float]
    meter: str
    density: NDArray[np.float64]


def overview(corpus: Corpus) -> Overview:
    """Looks through a corpus, a song at a time.

    Raises:
        DrumtokError: it was built by an earlier version, which did not write down what is told here.
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
    """Draws onset density per drum and step, and the songs of each style by side, as a PNG.

    Raises:
        DrumtokError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # not pyplot, which keeps global state
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise DrumtokError(f"a picture needs {error.name}: pip install 'drumtok[train]'") from error
    styles = _fewer(overview.styles)
    figure = Figure(figsize=(11, 3.4 + 0.24 * len(styles)), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=[3, 0.4 + 0.28 * len(styles)])
    steps = overview.density.shape[1]
    upper.imshow(overview.density, aspect="auto", cmap="Blues", vmin=0)
    for drum, step in np.argwhere(overview.density >= 0.005):
        share = overview.density[drum, step]
        shade = "white" if share > 0.6 * overview.density.max() else "0.3"
        upper.text(step, drum, f"{100 * share:.0f}", ha="center", va="center", fontsize=6, color=shade)
    upper.set_yticks(range(N_DRUMS), [drum.name for drum in DRUMS], fontsize=8)
    upper.set_xticks(range(steps), [str(step + 1) for step in range(steps)], fontsize=7)
    upper.set_title(f"bars of {overview.meter} in which a drum sounds on a step, percent", fontsize=9)
    begin = np.zeros(len(styles))
    for side, colour in zip(SPLITS, ("#3b6ea5", "#e0a030", "#b5403a"), strict=True):
        songs = np.array([counts[side] for counts in styles.values()])
        lower.barh(range(len(styles)), songs, left=begin, color=colour, label=side, height=0.75)
        begin += songs
    lower.set_yticks(range(len(styles)), [style or "(none)" for style in styles], fontsize=8)
    lower.invert_yaxis()
    lower.set_title("songs of each style", fontsize=9)
    lower.legend(fontsize=8, frameon=False)
    for axis in (upper, lower):
        axis.tick_params(length=0, labelsize=8)
        axis.spines[:].set_visible(False)
    figure.suptitle(title, fontsize=10)
    buffer = BytesIO()
    FigureCanvasAgg(figure).print_figure(buffer, dpi=110)
    write_atomically(path, buffer.getvalue())


def _fewer(styles: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """The commonest styles, the others as one."""
    names = list(styles)
    if len(names) <= MOST_STYLES:
        return styles
    others = names[MOST_STYLES - 1 :]
    rest = {side: sum(styles[name][side] for name in others) for side in SPLITS}
    return {name: styles[name] for name in names[: MOST_STYLES - 1]} | {f"{len(others)} others": rest}
