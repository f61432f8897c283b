"""Classifiers of windows of two bars (extra `evaluate`: scikit-learn).

Realism is how well a classifier distinguishes generated from played windows: an AUC of 0.5 is chance, 1 is perfect.
Folds are grouped by song, because windows of one song identify each other. Another classifier recognises styles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.evaluation.bootstrap import Estimate, Ratio, resample
from drumtok.evaluation.rhythm_features import Bars, Windows, feature_groups, two_bar_windows

CV_FOLDS = 5
SHUFFLES = 3
WINDOWS_PER_SONG = 4


@dataclass(frozen=True)
class WindowSet:
    """Windows of two bars and the song of each.

    Attributes:
        windows: (windows, 2, steps per bar, 9) hits.
        songs: (windows,) song numbers from 0, ascending.
    """

    windows: Windows
    songs: NDArray[np.intp]

    @property
    def count(self) -> int:
        """The number of songs."""
        return int(self.songs[-1]) + 1 if len(self.songs) else 0

    def of_songs(self, chosen: NDArray[np.intp]) -> "WindowSet":
        """Return the windows of some songs, renumbered from 0."""
        places = np.searchsorted(np.sort(chosen), self.songs)
        taken = np.isin(self.songs, chosen)
        return WindowSet(self.windows[taken], places[taken])


def draw_windows(songs: Sequence[Bars], rng: np.random.Generator) -> WindowSet:
    """Draw at most four windows of two bars from each song; a song of one bar has none.

    Args:
        songs: at least one, each as bars (bars, steps per bar, 9).
        rng: draws the windows.
    """
    drawn = [_draw(two_bar_windows(bars), rng) for bars in songs]
    lengths = np.array([len(windows) for windows in drawn])
    return WindowSet(np.concatenate(drawn), np.repeat(np.cumsum(lengths > 0) - 1, lengths))


def _draw(windows: Windows, rng: np.random.Generator) -> Windows:
    return windows[np.sort(rng.permutation(len(windows))[:WINDOWS_PER_SONG])]


def has_sklearn() -> bool:
    """Return whether scikit-learn, which only the classifiers need, is installed."""
    return find_spec("sklearn") is not None


def classifier_auc(
    one: WindowSet, other: WindowSet, rng: np.random.Generator, shuffles: int = SHUFFLES
) -> Estimate | None:
    """Return the AUC of a gradient-boosted classifier on `rhythm_features.GROUPS` that separates two sets of windows.

    It is cross-validated in 5 folds by song and averaged over shuffles. The confidence interval resamples songs and
    keeps the classifiers.

    Returns:
        The AUC, or None if either set has fewer songs than there are folds.
    """
    if min(one.count, other.count) < CV_FOLDS:
        return None
    columns = np.concatenate([classifier_columns(one), classifier_columns(other)])
    is_other = np.repeat([False, True], [len(one.songs), len(other.songs)])
    songs = np.concatenate([one.songs, one.count + other.songs])
    drawn = np.concatenate([resample(one.count, rng), resample(other.count, rng)], axis=1)
    return columns_auc(columns, is_other, songs, drawn, rng, shuffles)


def columns_auc(
    columns: NDArray[np.float64],
    is_other: NDArray[np.bool_],
    songs: NDArray[np.intp],
    drawn: NDArray[np.float64],
    rng: np.random.Generator,
    shuffles: int = SHUFFLES,
) -> Estimate:
    """Return the AUC of a gradient-boosted classifier on any columns, cross-validated in 5 folds by song.

    Args:
        columns: (windows, features).
        is_other: (windows,) the class of each window.
        songs: (windows,) the song of each window; all windows of a song are in one fold.
        drawn: (resamples, songs) the count of each song in each resample.
        rng: draws the folds.
        shuffles: how many times the folds are drawn; the AUC is the mean.
    """
    drawn = np.concatenate([np.ones((1, drawn.shape[1])), drawn])  # every song once in the first row
    areas = [
        _areas(scores, is_other[test], drawn[:, songs[test]])
        for test, scores in _scores(columns, is_other, songs, rng, shuffles)
    ]
    means = np.ma.masked_invalid(areas).mean(axis=0)  # a resample may leave a fold without songs of one class
    return Estimate.from_resamples(means[0], means[1:].compressed())


def split_in_halves(songs: WindowSet, rng: np.random.Generator) -> tuple[WindowSet, WindowSet]:
    """Split the songs into two random halves, which only chance distinguishes."""
    order = rng.permutation(songs.count)
    middle = len(order) // 2
    return songs.of_songs(order[:middle]), songs.of_songs(order[middle:])


def classifier_columns(windows: WindowSet) -> NDArray[np.float64]:
    """Return the input of the classifiers, (windows, features)."""
    return np.concatenate(list(feature_groups(windows.windows).values()), axis=1)


def _scores(
    columns: NDArray[np.float64],
    is_other: NDArray[np.bool_],
    songs: NDArray[np.intp],
    rng: np.random.Generator,
    shuffles: int,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Yield the windows of each fold and their scores by a classifier that was fitted to the other folds."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedGroupKFold

    for seed in rng.integers(2**31, size=shuffles).tolist():
        folds = StratifiedGroupKFold(CV_FOLDS, shuffle=True, random_state=seed)
        for training, test in folds.split(columns, is_other, songs):
            classifier = HistGradientBoostingClassifier(random_state=seed)
            classifier.fit(columns[training], is_other[training])
            yield test, classifier.predict_proba(columns[test])[:, 1]


def _areas(
    scores: NDArray[np.float64], is_other: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weighted AUC of each resample, (resamples,): the fraction of pairs ranked correctly, ties as half.

    Args:
        scores, is_other: (windows,).
        weights: (resamples, windows) the count of each window; the result is nan if a class has none.
    """
    high, low = scores[is_other], scores[~is_other]
    ranked = (high[:, None] > low) + 0.5 * (high[:, None] == low)
    of_high, of_low = weights[:, is_other], weights[:, ~is_other]
    pairs = of_high.sum(axis=1) * of_low.sum(axis=1)
    right = ((of_high @ ranked) * of_low).sum(axis=1)
    return np.divide(right, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


@dataclass(frozen=True)
class StyledWindows:
    """Windows of two bars and the style of each one's song."""

    windows: WindowSet
    styles: NDArray[np.str_]


def draw_styled(songs: Sequence[tuple[Bars, str]], rng: np.random.Generator) -> StyledWindows:
    """Draw at most four windows of two bars from each song that has a style.

    Args:
        songs: the bars of each, and its style.
        rng: draws the windows.
    """
    styled = [(bars, style) for bars, style in songs if style and len(bars) > 1]
    if not styled:
        empty = np.zeros((0, 2, 1, 9), dtype=bool)
        return StyledWindows(WindowSet(empty, np.zeros(0, dtype=np.intp)), np.zeros(0, dtype=np.str_))
    windows = draw_windows([bars for bars, _ in styled], rng)
    return StyledWindows(windows, np.array([style for _, style in styled])[windows.songs])


def style_accuracy(
    training: StyledWindows, others: Sequence[StyledWindows], rng: np.random.Generator, first: int = 1
) -> list[list[Ratio]] | None:
    """Return how often a style classifier, fitted to training windows, recognises the style of other sets of windows.

    The classifier and its features are those of realism. Every window has the same weight, independent of its style.

    Args:
        first: the greatest number of likeliest styles to consider.

    Returns:
        For each of the others a ratio over songs for the likeliest style, for the right one among the two likeliest,
        and so on; None if there are fewer than two styles or no windows.
    """
    if len(set(training.styles.tolist())) < 2 or not all(len(other.styles) for other in others):
        return None
    from sklearn.ensemble import HistGradientBoostingClassifier

    classifier = HistGradientBoostingClassifier(random_state=int(rng.integers(2**31)), early_stopping=False)
    classifier.fit(classifier_columns(training.windows), training.styles)
    return [_accuracies(other, _likeliest(classifier, other, first)) for other in others]


def _likeliest(classifier: Any, styled: StyledWindows, first: int) -> NDArray[np.str_]:
    """Return the likeliest styles of each window, (windows, first)."""
    odds = classifier.predict_proba(classifier_columns(styled.windows))
    likeliest: NDArray[np.str_] = classifier.classes_[np.argsort(-odds, axis=1, kind="stable")[:, :first]]
    return likeliest


def _accuracies(styled: StyledWindows, recognised: NDArray[np.str_]) -> list[Ratio]:
    right = np.logical_or.accumulate(recognised == styled.styles[:, None], axis=1).astype(np.float64)
    songs, windows = styled.windows.songs, np.ones(len(right))
    return [Ratio(*(np.bincount(songs, weights=each).astype(np.float64) for each in (own, windows))) for own in right.T]
