"""Rhythm features of windows of two bars, for classifiers, distributions and plots.

A window has hits of shape (2, steps per bar, 9), so many windows are a bool array (windows, 2, steps per bar, 9); every
feature is computed for all of them at once.
"""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, N_DRUMS
from drumtok.tokenizer.tokens import BAR_ID, ids_to_hits

Bars = NDArray[np.bool_]  # (bars, steps per bar, 9)
Windows = NDArray[np.bool_]
Columns = NDArray[np.float64]
PAIRS = np.triu_indices(N_DRUMS, 1)  # of drums


def bars_as_hits(song: NDArray[np.integer], steps_per_bar: int) -> Bars:
    """Return the bars of a song as hits, (bars, steps per bar, 9), up to the first of another length.

    >>> bars_as_hits(np.array([256, 0, BAR_ID, 0, 0, BAR_ID, 256, BAR_ID]), steps_per_bar=2).shape
    (2, 2, 9)
    """
    lengths = np.diff(np.flatnonzero(song == BAR_ID), prepend=-1) - 1
    bars = int(np.argmin(np.append(lengths, -1) == steps_per_bar))
    return ids_to_hits(song[: bars * (steps_per_bar + 1)].reshape(bars, steps_per_bar + 1)[:, :-1])


def two_bar_windows(bars: Bars) -> Windows:
    """Return the windows of a song, its first two bars, the next two and so on, without a last odd bar.

    >>> two_bar_windows(np.zeros((5, 16, 9), dtype=bool)).shape
    (2, 2, 16, 9)
    """
    windows = len(bars) // 2
    return bars[: 2 * windows].reshape(windows, 2, *bars.shape[1:])


def metrical_weights(steps_per_bar: int) -> NDArray[np.float64]:
    """Return the metrical weight of each step: 0 for the first, one less for every halving of the bar to reach it.

    >>> metrical_weights(8).tolist()
    [0.0, -3.0, -2.0, -3.0, -1.0, -3.0, -2.0, -3.0]
    """
    return np.log2(np.gcd(np.arange(steps_per_bar), steps_per_bar) / steps_per_bar)


def density(windows: Windows) -> Columns:
    """Return the fraction of the steps on which each drum is hit, (windows, 9)."""
    return windows.mean(axis=(1, 2))


def onsets(windows: Windows) -> Columns:
    """Return the onset histograms of each drum over the steps of the bar, (windows, steps per bar * 9)."""
    return windows.mean(axis=1).reshape(len(windows), -1)


def syncopation(windows: Windows) -> Columns:
    """Return the syncopation of each drum per step, (windows, 9).

    It is the sum over hits of how much the strongest step before the next hit of that drum is stronger than the step of
    the hit (Longuet-Higgins and Lee, "The rhythmic interpretation of monophonic music", Music Perception 1984).

    >>> off_beat = np.zeros((1, 2, 4, 9), dtype=bool)
    >>> off_beat[0, 0, 3, 0] = True  # weight -2; the next bar is silent and begins with weight 0
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
    """Return the fraction of the steps on which each drum differs between the two bars, (windows, 9)."""
    return (windows[:, 0] != windows[:, 1]).mean(axis=1)


def together(windows: Windows) -> Columns:
    """Return the fraction of the steps on which both drums of each of `PAIRS` are hit, (windows, 36)."""
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
    """Return the columns of each of `GROUPS` by name, one row per window."""
    return {name: columns_of(windows) for name, columns_of in GROUPS.items()}


def single_features(windows: Windows) -> dict[str, Columns]:
    """Return the features that are one number per window by name, (windows,) each, for density plots.

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
