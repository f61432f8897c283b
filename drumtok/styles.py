"""Styles: whether what is written in a style is taken for it, by a classifier of played bars (extra `evaluate`)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.features import Bars
from drumtok.intervals import Ratio
from drumtok.realism import WindowSet, columns_of, draw_windows


@dataclass(frozen=True)
class Styled:
    """Windows of two bars, and the style of the song that each is of."""

    windows: WindowSet
    styles: NDArray[np.str_]


def draw_styled(songs: Sequence[tuple[Bars, str]], rng: np.random.Generator) -> Styled:
    """At most four windows of two bars of each song that has a style, drawn at random.

    Args:
        songs: the bars of each, and its style.
    """
    told = [(bars, style) for bars, style in songs if style and len(bars) > 1]
    if not told:
        empty = np.zeros((0, 2, 1, 9), dtype=bool)
        return Styled(WindowSet(empty, np.zeros(0, dtype=np.intp)), np.zeros(0, dtype=np.str_))
    windows = draw_windows([bars for bars, _ in told], rng)
    return Styled(windows, np.array([style for _, style in told])[windows.songs])


def recognised(training: Styled, others: Sequence[Styled], rng: np.random.Generator) -> list[Ratio] | None:
    """The share of the windows of others whose style a gradient-boosted classifier, fitted to training, tells.

    The features are those of realism. Windows count alike, whatever their style.

    Returns:
        A ratio over songs for each of the others; None where there are fewer than two styles or no windows.
    """
    if len(set(training.styles.tolist())) < 2 or not all(len(other.styles) for other in others):
        return None
    from sklearn.ensemble import HistGradientBoostingClassifier

    classifier = HistGradientBoostingClassifier(random_state=int(rng.integers(2**31)), early_stopping=False)
    classifier.fit(columns_of(training.windows), training.styles)
    return [_ratio(other, classifier.predict(columns_of(other.windows))) for other in others]


def _ratio(side: Styled, heard: NDArray[np.str_]) -> Ratio:
    songs, right = side.windows.songs, (heard == side.styles).astype(np.float64)
    return Ratio(*(np.bincount(songs, weights=each).astype(np.float64) for each in (right, np.ones_like(right))))
