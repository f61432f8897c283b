"""The context of each word: its place in bar and phrase, the words of earlier bars at that place, and the labels.

An LSTM that has to count to sixteen itself writes bars of varying length, and one that has to store a bar in its state
copies it badly. So the network also reads the position of the next word in its bar, the hit word at that position some
bars before for each look-back (after Magenta's lookback RNN, `magenta/models/shared`), and the number of its bar, from
which a network that counts phrases derives the position of the bar in its phrase. `song_context` builds the contexts of
a whole song, `BarTracker` one word at a time; they agree. The labels are the same at every word of a song.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.tokenizer.labels import EMBEDDED_COLUMNS, KINDS, NO_LABELS, LabelIds
from drumtok.tokenizer.tokens import BAR_ID, START_ID

MAX_POSITION = 63  # later positions count as this one; the longest usual bar, 12/8 in thirty-seconds, has 48 steps
REMEMBERED = 64  # bars whose beginnings a tracker keeps at least
LABEL_COLUMN = {name: column for column, name in enumerate(LabelIds._fields)}
N_POSITIONS = len(KINDS) * (MAX_POSITION + 1)  # each kind has its own positions


@dataclass(frozen=True)
class Context:
    """The input of the network before each of n words.

    Attributes:
        previous: (n,) id of the previous word; at the start `START_ID`, or `BAR_ID` for a song that starts mid-song.
        bar: (n,) number of closed bars before the word.
        position: (n,) steps since the last bar line, at most `MAX_POSITION`, plus an offset for the kind of song.
        past: (n, look-backs) id of the hit word at this position in an earlier bar, 0 (silence) before the first bar.
        labels: (n, embedded labels) ids of `drumtok.tokenizer.labels.EMBEDDED`, 0 for unknown.
    """

    previous: NDArray[np.integer]
    bar: NDArray[np.integer]
    position: NDArray[np.integer]
    past: NDArray[np.integer]
    labels: NDArray[np.integer]


def song_context(
    ids: NDArray[np.integer], lookback: tuple[int, ...], label: LabelIds = NO_LABELS, bars_before: int = 0
) -> Context:
    """Build the context of every word of one song.

    Args:
        ids: (n,) the song's words, from its start.
        lookback: how many bars back each look-back reads.
        label: the labels of the song.
        bars_before: bars of the song before these words.
    """
    ids = ids.astype(np.int64)
    n = len(ids)
    is_bar = ids == BAR_ID
    bar = np.cumsum(is_bar) - is_bar  # (n,) the bar of each word; BAR belongs to the bar that it ends
    starts = np.append(0, np.flatnonzero(is_bar) + 1)  # (bars + 1,) where each bar begins
    place = np.arange(n) - starts[bar]
    past = np.zeros((n, len(lookback)), dtype=np.int64)
    for column, bars in enumerate(lookback):
        earlier = np.maximum(bar - bars, 0)
        index = starts[earlier] + place
        there = (bar >= bars) & (index < starts[np.minimum(earlier + 1, len(starts) - 1)] - 1)
        past[there, column] = ids[index[there]]
    previous = np.append(_before(label.starts_mid_song), ids)[:-1] if n else ids
    return _context(previous, bars_before + bar, place, past, np.broadcast_to(label, (n, len(label))))


def _context(
    previous: NDArray[np.integer],
    bar: NDArray[np.integer],
    place: NDArray[np.integer],
    past: NDArray[np.integer],
    labels: NDArray[np.integer],
) -> Context:
    position = np.minimum(place, MAX_POSITION) + labels[:, LABEL_COLUMN["kind"]] * (MAX_POSITION + 1)
    return Context(previous, bar, position, past, labels[:, EMBEDDED_COLUMNS])


def _before(starts_mid_song: Any) -> Any:
    """Return the id before the first word of one or several songs."""
    return np.where(starts_mid_song, BAR_ID, START_ID)


class BarTracker:
    """Track several streams of words and the context of the next word of each.

    Args:
        streams: number of streams.
        lookback: as in `song_context`.
        label: the labels of all streams, or of each.
    """

    def __init__(
        self, streams: int, lookback: tuple[int, ...], label: LabelIds | Sequence[LabelIds] = NO_LABELS
    ) -> None:
        self._lookback, self._labels = lookback, np.broadcast_to(label, (streams, len(NO_LABELS)))
        self._words = np.zeros((streams, 64), dtype=np.uint16)  # with room to grow
        self._drawn = np.zeros(64, dtype=bool)
        self._length = 0
        self._bars = np.zeros(streams, dtype=np.int64)
        # Where the last bars begin, the current one first; -1 beyond the first bar.
        self._starts = np.full((streams, max((REMEMBERED, *lookback)) + 1), -1)
        self._starts[:, 0] = 0

    @property
    def context(self) -> Context:
        """The context of the next word: past (streams, look-backs), the others (streams,)."""
        last = self._words[:, self._length - 1].astype(np.int64)
        previous = last if self._length else _before(self._labels[:, LABEL_COLUMN["starts_mid_song"]])
        past = np.maximum(self.words_at(self._lookback), 0)
        return _context(previous, self._bars.copy(), self.steps_in_bar, past, self._labels)

    @property
    def steps_in_bar(self) -> NDArray[np.integer]:
        """(streams,) hit words since the last `BAR`, not limited to `MAX_POSITION`."""
        steps: NDArray[np.integer] = self._length - self._starts[:, 0]
        return steps

    @property
    def words(self) -> NDArray[np.uint16]:
        """(streams, n) the words so far."""
        return self._words[:, : self._length]

    @property
    def drawn(self) -> NDArray[np.uint16]:
        """(streams, n) the words so far that were sampled, not given."""
        return self.words[:, self._drawn[: self._length]]

    @property
    def closed_bars(self) -> int:
        """The number of closed bars, the maximum over the streams."""
        return int(self._bars.max(initial=0))

    def push(self, ids: NDArray[np.integer], given: bool = False) -> None:
        """Append a word to each stream, (streams,); `given` marks words that were not sampled."""
        if self._length == self._words.shape[1]:
            self._words = np.concatenate([self._words, np.zeros_like(self._words)], axis=1)
            self._drawn = np.concatenate([self._drawn, np.zeros_like(self._drawn)])
        self._words[:, self._length] = ids
        self._drawn[self._length] = not given
        self._length += 1
        closed = np.flatnonzero(np.asarray(ids) == BAR_ID)
        self._bars[closed] += 1
        self._starts[closed, 1:] = self._starts[closed, :-1]
        self._starts[closed, 0] = self._length

    def select(self, streams: NDArray[np.integer]) -> None:
        """Keep only these streams, in this order; a repeated index duplicates its stream."""
        self._words, self._starts, self._labels = self._words[streams], self._starts[streams], self._labels[streams]
        self._bars = self._bars[streams]

    def copy(self) -> "BarTracker":
        """Return an independent copy."""
        return deepcopy(self)

    def word_at(self, back: int) -> NDArray[np.integer]:
        """Return the hit word `back` bars ago at the next position, (streams,), or -1 without such a word."""
        return self.words_at([back])[:, 0]

    def words_at(self, backs: Sequence[int] | NDArray[np.integer]) -> NDArray[np.integer]:
        """Return `word_at` for several numbers of bars, (streams, backs)."""
        columns = np.array(backs, dtype=np.int64)
        start, place = self._starts[:, columns], self.steps_in_bar[:, None]
        there = (start >= 0) & (start + place < self._starts[:, columns - 1] - 1)  # the bar's own BAR is not a hit word
        words = self._words[np.arange(len(start))[:, None], np.where(there, start + place, 0)].astype(np.int64)
        return np.where(there, words, -1)

    def words_before(self, backs: NDArray[np.integer], lags: int) -> NDArray[np.integer]:
        """Return the words before the next position, the last first, in several earlier bars; 0 is the current one.

        Returns:
            (streams, backs, lags) words, `BAR` among them, or -1 without such a word.
        """
        start = self._starts[:, backs]
        after_last = np.where(start < 0, 0, start + self.steps_in_bar[:, None])
        index = after_last[:, :, None] - np.arange(1, lags + 1)
        words = self._words[np.arange(len(start))[:, None, None], np.maximum(index, 0)].astype(np.int64)
        words[index < 0] = -1
        return words

    def same_so_far(self, back: int) -> NDArray[np.bool_]:
        """Return whether the current bar so far equals the bar `back` bars ago, (streams,)."""
        place = np.arange(self.steps_in_bar.max())
        present, earlier = (self._starts[:, [b]] + place for b in (0, back))  # (streams, places)
        last = self._words.shape[1] - 1
        rows = np.arange(len(present))[:, None]
        same = self._words[rows, np.minimum(present, last)] == self._words[rows, np.clip(earlier, 0, last)]
        same |= place >= self.steps_in_bar[:, None]
        alike: NDArray[np.bool_] = same.all(axis=1) & (self._starts[:, back] >= 0)
        return alike
