"""Realism: how well a classifier tells generated from played windows of two bars (extra `evaluate`: scikit-learn).

0.5 cannot tell them apart, 1 always does. Folds are grouped by song, for windows of one song give each other away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from drumtok.evaluation.bootstrap import Estimate, Ratio, resample
from drumtok.evaluation.rhythm_features import Bars, Windows, feature_groups, two_bar_windows

FOLDS = 5
SHUFFLES = 3
WINDOWS_PER_SONG = 4


@dataclass(frozen=True)
class WindowSet:
    """Windows of two bars and which song each is of.

    Attributes:
        windows: (windows, 2, steps per bar, 9) hits.
        songs: (windows,) numbers from 0, in order.
    """

    windows: Windows
    songs: NDArray[np.intp]

    @property
    def count(self) -> int:
        """How many songs there are."""
        return int(self.songs[-1]) + 1 if len(self.songs) else 0

    def of_songs(self, chosen: NDArray[np.intp]) -> "WindowSet":
        """The windows of some songs, numbered anew."""
        places = np.searchsorted(np.sort(chosen), self.songs)
        taken = np.isin(self.songs, chosen)
        return WindowSet(self.windows[taken], places[taken])


def draw_windows(songs: Sequence[Bars], rng: np.random.Generator) -> WindowSet:
    """At most four windows of two bars of each song, drawn at random; a song of one bar is left out.

    Args:
        songs: at least one, each of bars (bars, steps per bar, 9).
    """
    drawn = [_draw(two_bar_windows(bars), rng) for bars in songs]
    lengths = np.array([len(windows) for windows in drawn])
    return WindowSet(np.concatenate(drawn), np.repeat(np.cumsum(lengths > 0) - 1, lengths))


def _draw(windows: Windows, rng: np.random.Generator) -> Windows:
    return windows[np.sort(rng.permutation(len(windows))[:WINDOWS_PER_SONG])]


def available() -> bool:
    """Whether scikit-learn is installed, which only this measure needs."""
    return find_spec("sklearn") is not None


def tell_apart(one: WindowSet, other: WindowSet, rng: np.random.Generator) -> Estimate | None:
    """The AUC of a gradient-boosted classifier on `features.GROUPS`: 5 folds by song, the mean of 3 shuffles.

    The interval is that of songs drawn anew, the classifiers being as they are.

    Returns:
        None where a side has fewer songs than there are folds.
    """
    if min(one.count, other.count) < FOLDS:
        return None
    columns = np.concatenate([columns_of(one), columns_of(other)])
    is_other = np.repeat([False, True], [len(one.songs), len(other.songs)])
    songs = np.concatenate([one.songs, one.count + other.songs])
    drawn = np.concatenate([resample(one.count, rng), resample(other.count, rng)], axis=1)
    return tell_columns_apart(columns, is_other, songs, drawn, rng)


def tell_columns_apart(
    columns: NDArray[np.float64],
    is_other: NDArray[np.bool_],
    songs: NDArray[np.intp],
    drawn: NDArray[np.float64],
    rng: np.random.Generator,
) -> Estimate:
    """The AUC of a gradient-boosted classifier on any columns: 5 folds by song, the mean of 3 shuffles.

    Args:
        columns: (windows, features).
        is_other: (windows,) which side each is of.
        songs: (windows,) the song of each; all of one song are in one fold.
        drawn: (resamples, songs) how often each song counts in each.
    """
    drawn = np.concatenate([np.ones((1, drawn.shape[1])), drawn])  # the first has every song once
    areas = [
        _areas(scores, is_other[test], drawn[:, songs[test]]) for test, scores in _scores(columns, is_other, songs, rng)
    ]
    means = np.ma.masked_invalid(areas).mean(axis=0)  # a resample may leave a side of a fold without songs
    return Estimate.of(means[0], means[1:].compressed())


def halves(songs: WindowSet, rng: np.random.Generator) -> Estimate | None:
    """The AUC of two random halves of the songs, which nothing but chance tells apart."""
    order = rng.permutation(songs.count)
    middle = len(order) // 2
    return tell_apart(songs.of_songs(order[:middle]), songs.of_songs(order[middle:]), rng)


def columns_of(side: WindowSet) -> NDArray[np.float64]:
    """(windows, features) what a classifier is given of windows."""
    return np.concatenate(list(feature_groups(side.windows).values()), axis=1)


def _scores(
    columns: NDArray[np.float64], is_other: NDArray[np.bool_], songs: NDArray[np.intp], rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """(windows of a fold, their scores by a classifier that was fitted to the other folds), 3 x 5 times."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedGroupKFold

    for seed in rng.integers(2**31, size=SHUFFLES).tolist():
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
        for training, test in folds.split(columns, is_other, songs):
            classifier = HistGradientBoostingClassifier(random_state=seed)
            classifier.fit(columns[training], is_other[training])
            yield test, classifier.predict_proba(columns[test])[:, 1]


def _areas(
    scores: NDArray[np.float64], is_other: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(draws,) the share of the pairs of windows that the scores rank rightly, a tie being half of one.

    Args:
        scores, is_other: (windows,).
        weights: (draws, windows) how often each window counts; nan comes where a side has none.
    """
    high, low = scores[is_other], scores[~is_other]
    ranked = (high[:, None] > low) + 0.5 * (high[:, None] == low)
    of_high, of_low = weights[:, is_other], weights[:, ~is_other]
    pairs = of_high.sum(axis=1) * of_low.sum(axis=1)
    right = ((of_high @ ranked) * of_low).sum(axis=1)
    return np.divide(right, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


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
    conditioning = [(bars, style) for bars, style in songs if style and len(bars) > 1]
    if not conditioning:
        empty = np.zeros((0, 2, 1, 9), dtype=bool)
        return Styled(WindowSet(empty, np.zeros(0, dtype=np.intp)), np.zeros(0, dtype=np.str_))
    windows = draw_windows([bars for bars, _ in conditioning], rng)
    return Styled(windows, np.array([style for _, style in conditioning])[windows.songs])


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
