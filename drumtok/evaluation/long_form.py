"""Metrics of the form of long songs: repetition, phrases, fills, drift; `bar_order` has the order of their bars."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.evaluation.bar_distance import self_similarity
from drumtok.evaluation.rhythm_features import Bars
from drumtok.sampling.style_clauses import lanes_of
from drumtok.tokenizer.bar_plan import PHRASE_BARS, is_fill

LONG_PHRASE = 2 * PHRASE_BARS
APART = (8, 16)  # distances of compared bars
SHORTEST = APART[-1] + 1  # bars of the shortest song with all metrics

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class LongForm:
    """The form of one song; fractions are of bars, and nan if the song is too short.

    Attributes:
        longest_run: the longest run of equal bars.
        repeated: equal to the bar before.
        alike_8, alike_16: mean similarity of bars 8 and 16 apart (`drumtok.evaluation.bar_distance.self_similarity`).
        change_end, change_within: dissimilarity to the bar before, of the fourth bar of each four, and of the second
            and third.
        no_timekeeper: of the last quarter, without hi-hat and ride.
        hits_first, hits_last: hits per bar in the first and the last quarter.
        fills_4, fills_8, fills_elsewhere: fills among the fourth bars of each four, the eighth bars of each eight, and
            the bars that end no phrase.
    """

    longest_run: float
    repeated: float
    alike_8: float
    alike_16: float
    change_end: float
    change_within: float
    no_timekeeper: float
    hits_first: float
    hits_last: float
    fills_4: float
    fills_8: float
    fills_elsewhere: float


def long_form(bars: Bars) -> LongForm:
    """Return the form of a song.

    Args:
        bars: (bars, steps per bar, 9) hits, at least `SHORTEST` bars.
    """
    similarity, same = self_similarity(bars), _equal(bars)
    place = np.arange(len(bars))
    change = 1 - np.diagonal(similarity, 1)  # of the second bar and later
    in_phrase = place[1:] % PHRASE_BARS
    quarter = max(len(bars) // 4, 1)
    hits = bars.sum(axis=(1, 2))
    is_fill, ends = fills(bars), place % PHRASE_BARS == PHRASE_BARS - 1
    keeps_time = np.asarray(bars[-quarter:][..., list(lanes_of("timekeeper"))].any(axis=(1, 2)))
    return LongForm(
        longest_run=float(longest_run(bars)),
        repeated=_mean(same),
        **{f"alike_{apart}": _mean(np.diagonal(similarity, apart)) for apart in APART},
        change_end=_mean(change[in_phrase == PHRASE_BARS - 1]),
        change_within=_mean(change[(in_phrase > 0) & (in_phrase < PHRASE_BARS - 1)]),
        no_timekeeper=1 - _mean(keeps_time),
        hits_first=_mean(hits[:quarter]),
        hits_last=_mean(hits[-quarter:]),
        fills_4=_mean(is_fill[ends]),
        fills_8=_mean(is_fill[place % LONG_PHRASE == LONG_PHRASE - 1]),
        fills_elsewhere=_mean(is_fill[~ends]),
    )


def longest_run(bars: Bars) -> int:
    """Return the length of the longest run of equal bars.

    >>> kick, rest = np.eye(2, dtype=bool)[:, None, [0]].repeat(9, axis=2)
    >>> longest_run(np.stack([kick, rest, rest, rest, kick]))
    3
    """
    changes = np.flatnonzero(~_equal(bars)) + 1
    return int(np.diff(np.concatenate([[0], changes, [len(bars)]])).max())


def fills(bars: Bars) -> Flags:
    """Return which bars are fills by the bars before them (`drumtok.tokenizer.bar_plan.is_fill`), (bars,).

    Drummers play a fill in 22 % of the fourth bars of each four, in 24 % of the eighth bars of each eight, and in 9 %
    of the bars that end no phrase (songs of the Groove MIDI Dataset with at least 32 bars).
    """
    return np.array([is_fill(bar, bars[:n]) for n, bar in enumerate(bars)], dtype=bool)


@dataclass(frozen=True)
class LongForms:
    """The forms of several songs, and their figures."""

    songs: Sequence[LongForm]

    def mean(self, name: str) -> float:
        """Return the mean of a field of `LongForm` over the songs that have it."""
        values = np.array([getattr(song, name) for song in self.songs])
        return float(np.nanmean(values))

    def percentiles(self, name: str, *percent: float) -> list[float]:
        """Return percentiles of a field of `LongForm`."""
        found: list[float] = np.nanpercentile([getattr(song, name) for song in self.songs], percent).tolist()
        return found

    @property
    def phrase_change(self) -> float:
        """The change at fourth bars over that within phrases: 1 without phrases, infinite without change within."""
        within = self.mean("change_within")
        return self.mean("change_end") / within if within else float("inf")

    @property
    def drift(self) -> float:
        """The ratio of hits per bar in the last and the first quarters; 1 without drift."""
        return self.mean("hits_last") / self.mean("hits_first")


def _equal(bars: Bars) -> Flags:
    """Return which bars equal the one before, (bars - 1,), from the second on."""
    same: Flags = (bars[1:] == bars[:-1]).all(axis=(1, 2))
    return same


def _mean(values: NDArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
