"""Rhythm features of windows of two bars: hand-made numbers that a classifier, or a plot, can tell drummers by.

Everything is counted for all windows at once. A window is hits of shape (2, steps per bar, 9), so windows are an array
(windows, 2, steps per bar, 9) of bool.
"""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, N_DRUMS
from drumtok.tokenizer.tokens import BAR_ID, ids_to_hits

Bars = NDArray[np.bool_]  # (bars, steps per bar, 9)
Windows = NDArray[np.bool_]
Columns = NDArray[np.float64]
PAIRS = np.triu_indices(N_DRUMS, 1)  # of drums, each once


def bars_as_hits(song: NDArray[np.integer], steps_per_bar: int) -> Bars:
    """The bars of a song as hits, (bars, steps per bar, 9), as far as they are of that length.

    >>> bars_as_hits(np.array([256, 0, BAR_ID, 0, 0, BAR_ID, 256, BAR_ID]), steps_per_bar=2).shape
    (2, 2, 9)
    """
    lengths = np.diff(np.flatnonzero(song == BAR_ID), prepend=-1) - 1
    bars = int(np.argmin(np.append(lengths, -1) == steps_per_bar))  # before the first one of another length
    return ids_to_hits(song[: bars * (steps_per_bar + 1)].reshape(bars, steps_per_bar + 1)[:, :-1])


def two_bar_windows(bars: Bars) -> Windows:
    """The first two bars of a song, the next two, and so on; a last odd bar is left out.

    >>> two_bar_windows(np.zeros((5, 16, 9), dtype=bool)).shape
    (2, 2, 16, 9)
    """
    windows = len(bars) // 2
    return bars[: 2 * windows].reshape(windows, 2, *bars.shape[1:])


def metrical_weights(steps_per_bar: int) -> NDArray[np.float64]:
    """How strong each step of a bar is: 0 for the first, one less for every halving of the bar that it takes.

    >>> metrical_weights(8).tolist()
    [0.0, -3.0, -2.0, -3.0, -1.0, -3.0, -2.0, -3.0]
    """
    return np.log2(np.gcd(np.arange(steps_per_bar), steps_per_bar) / steps_per_bar)


def density(windows: Windows) -> Columns:
    """(windows, 9) share of the steps on which each drum is hit."""
    return windows.mean(axis=(1, 2))


def onsets(windows: Windows) -> Columns:
    """(windows, steps per bar * 9) onset histograms: how often each drum is hit on each step of the bar."""
    return windows.mean(axis=1).reshape(len(windows), -1)


def syncopation(windows: Windows) -> Columns:
    """(windows, 9) of each drum: by how much the rests after its hits are stronger than the hits, per step.

    Each hit counts the strongest step before the next hit of its drum, if that is stronger than its own
    (Longuet-Higgins and Lee, "The rhythmic interpretation of monophonic music", Music Perception 1984).

    >>> off_beat = np.zeros((1, 2, 4, 9), dtype=bool)
    >>> off_beat[0, 0, 3, 0] = True  # weight -2, and the next bar, silent, begins with weight 0
    >>> syncopation(off_beat)[0, :2].tolist()  # 2 over 8 steps
    [0.25, 0.0]
    """
    count, bars, per_bar, drums = windows.shape
    hits = windows.reshape(count, bars * per_bar, drums)
    weights = np.tile(metrical_weights(per_bar), bars)
    total = np.zeros((count, drums))
    rest = np.full((count, drums), -np.inf)  # the strongest step since the next hit, going backwards
    for step in range(bars * per_bar - 1, -1, -1):
        hit, weight = hits[:, step], weights[step]
        total += np.where(hit, np.maximum(rest - weight, 0), 0)
        rest = np.where(hit, -np.inf, np.maximum(rest, weight))
    return total / hits.shape[1]


def change(windows: Windows) -> Columns:
    """(windows, 9) share of the steps on which each drum differs between the two bars."""
    return (windows[:, 0] != windows[:, 1]).mean(axis=1)


def together(windows: Windows) -> Columns:
    """(windows, 36) share of the steps on which both drums of each of `PAIRS` are hit."""
    steps = windows.reshape(len(windows), -1, N_DRUMS).astype(np.float64)
    both = steps.transpose(0, 2, 1) @ steps / steps.shape[1]  # (windows, 9, 9)
    return both[:, *PAIRS]


GROUPS = {
    "density": density,
    "onset histograms": onsets,
    "syncopation": syncopation,
    "change between the bars": change,
    "drums together": together,
}


def feature_groups(windows: Windows) -> dict[str, Columns]:
    """name of each of `GROUPS` -> its columns, a row for each window."""
    return {name: columns_of(windows) for name, columns_of in GROUPS.items()}


def single_features(windows: Windows) -> dict[str, Columns]:
    """name -> (windows,): the features that are one number each, for densities that one can look at.

    >>> four = np.zeros((1, 2, 16, 9), dtype=bool)
    >>> four[0, :, ::4, 0] = True
    >>> found = single_features(four)
    >>> [found[name].tolist() for name in ("kick, hits a bar", "steps hit a bar", "drums a step hit")]
    [[4.0], [4.0], [1.0]]
    """
    per_bar = windows.shape[2]
    hit_steps = windows.any(axis=3).sum(axis=(1, 2))
    hits = windows.sum(axis=(1, 2, 3))
    a_bar = per_bar * density(windows)
    return {
        **{f"{drum.name}, hits a bar": a_bar[:, n] for n, drum in enumerate(DRUMS)},
        "steps hit a bar": hit_steps / 2,
        "drums a step hit": hits / np.maximum(hit_steps, 1),
        "syncopation a bar": per_bar * syncopation(windows).sum(axis=1),
        "hits changed in the second bar": per_bar * change(windows).sum(axis=1),
    }
