"""Whether the order of a song's bars matters: how well a classifier separates real order from shuffled bars.

Its features of windows of 16 bars are the similarity of bars at each distance, the positions of hits, fills and crashes
in phrases, and the changes of density. An AUC of 0.5 means that the order of the bars is random (extra `evaluate`:
scikit-learn).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.evaluation.bar_distance import self_similarity
from drumtok.evaluation.classifier import CV_FOLDS
from drumtok.evaluation.long_form import LONG_PHRASE
from drumtok.evaluation.rhythm_features import Bars
from drumtok.sampling.style_clauses import lanes_of
from drumtok.tokenizer.bar_plan import PHRASE_BARS

WINDOW = 16  # bars
WINDOWS_PER_SONG = 4
LAGS = (1, 2, 3, 4, 8)
CRASH = LANE_INDEX["crash"]
FILL_DRUMS = (LANE_INDEX["snare"], *lanes_of("toms"))


@dataclass(frozen=True)
class OrderSet:
    """Windows of songs in real order and with shuffled bars, as columns.

    Attributes:
        columns: (windows, features).
        is_real: (windows,) whether the order is real.
        songs: (windows,) the number of each window's song.
    """

    columns: NDArray[np.float64]
    is_real: NDArray[np.bool_]
    songs: NDArray[np.intp]


def order_set(songs: Sequence[Bars], rng: np.random.Generator) -> OrderSet:
    """Return windows of each song that is long enough, in real order and with shuffled bars.

    Args:
        songs: (bars, steps per bar, 9) each; windows begin at multiples of a phrase.
        rng: draws the windows and the shuffled orders.
    """
    columns, is_real, numbers = [], [], []
    for number, bars in enumerate(songs):
        starts = np.arange(0, len(bars) - WINDOW + 1, PHRASE_BARS)
        for start in np.sort(rng.permutation(starts)[:WINDOWS_PER_SONG]):
            window = bars[start : start + WINDOW]
            for real in (True, False):
                columns.append(order_features(window if real else window[rng.permutation(WINDOW)]))
                is_real.append(real)
                numbers.append(number)
    return OrderSet(np.array(columns), np.array(is_real, dtype=bool), np.array(numbers, dtype=np.intp))


def order_features(window: Bars) -> NDArray[np.float64]:
    """Return the features of a window of `WINDOW` bars, (features,)."""
    similarity = self_similarity(window).astype(np.float64)
    place = np.arange(WINDOW)
    change = np.append(0, 1 - np.diagonal(similarity, 1))  # from the bar before, 0 for the first
    hits = window.sum(axis=(1, 2)).astype(np.float64)
    busy = window[:, window.shape[1] // 2 :][..., list(FILL_DRUMS)].any(axis=2).sum(axis=1)
    crash = window[:, 0, CRASH].astype(np.float64)
    series = (change, hits - hits.mean(), busy - np.median(busy), crash)
    return np.concatenate(
        [
            [np.diagonal(similarity, lag).mean() for lag in LAGS],
            *([values[place % PHRASE_BARS == n].mean() for n in range(PHRASE_BARS)] for values in series),
            [values[place % LONG_PHRASE == LONG_PHRASE - 1].mean() for values in series],
            [
                np.abs(np.diff(hits)).mean(),
                np.abs(np.diff(busy)).mean(),
                hits[place >= 8].mean() - hits[place < 8].mean(),
            ],
        ]
    )


def order_aucs(songs: OrderSet, pieces: OrderSet, seed: int = 0) -> tuple[float, float]:
    """Return the AUC of a gradient-boosted classifier of songs on held-out songs, and on pieces.

    It is fitted to four fifths of the songs in turn; the windows of a song are in one fold.

    Args:
        songs: of at least `CV_FOLDS` songs.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    held_out: list[float] = []
    ours: list[float] = []
    for training, test in GroupKFold(CV_FOLDS).split(songs.columns, songs.is_real, songs.songs):
        classifier = HistGradientBoostingClassifier(random_state=seed, max_iter=60, learning_rate=0.05)
        classifier.fit(songs.columns[training], songs.is_real[training])
        for found, columns, is_real in (
            (held_out, songs.columns[test], songs.is_real[test]),
            (ours, pieces.columns, pieces.is_real),
        ):
            found.append(roc_auc_score(is_real, classifier.predict_proba(columns)[:, 1]))
    return float(np.mean(held_out)), float(np.mean(ours))
