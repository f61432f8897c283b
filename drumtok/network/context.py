"""What the model is told besides the words: place in bar and phrase, words of earlier bars there, labels of the song.

An LSTM that must count to sixteen by itself writes bars of every length, and one that must carry a bar in its
state copies it badly. So with each word to come go its position in the bar and, for each look-back, the hit word
that stood at this position so many bars before (look-back: Magenta's lookback RNN, `magenta/models/shared`),
and the number of its bar, from which a network that counts phrases takes the bar's place in one.
`song_context` gives these for a whole song at once, `BarTracker` one word at a time; they agree. The labels are the
same at every word of a song.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.tokenizer.labels import KINDS, NO_LABELS, LabelIds
from drumtok.tokenizer.tokens import BAR_ID, START_ID

MAX_POSITION = 63  # later positions count as this one; the longest usual bar, 12/8 in thirty-seconds, has 48 steps
REMEMBERED = 8  # bars that a tracker knows the beginning of, whatever the network looks back to
N_POSITIONS = len(KINDS) * (MAX_POSITION + 1)  # each kind has positions of its own


@dataclass(frozen=True)
class Context:
    """What is known before each of n words.

    Attributes:
        previous: (n,) id of the word before; before the first `START_ID`, or `BAR_ID` in the midst of a song.
        bar: (n,) bars that are closed before it.
        position: (n,) steps since the last bar line, at most `MAX_POSITION`, counted on from where those of the kinds
            before the song's own end.
        past: (n, look-backs) id of the hit word at this position in an earlier bar, 0 (silence) where there is none.
        style, tempo, source, hits: (n,) numbers of the labels, 0 where they are not told.
    """

    previous: NDArray[np.integer]
    bar: NDArray[np.integer]
    position: NDArray[np.integer]
    past: NDArray[np.integer]
    style: NDArray[np.integer]
    tempo: NDArray[np.integer]
    source: NDArray[np.integer]
    hits: NDArray[np.integer]


def song_context(
    ids: NDArray[np.integer], lookback: tuple[int, ...], label: LabelIds = NO_LABELS, bars_before: int = 0
) -> Context:
    """The context of every word of one song.

    Args:
        ids: (n,) the song's words, from its start.
        lookback: how many bars back each look-back reads.
        label: what is told of the song.
        bars_before: how many bars of the song stand before these words.
    """
    ids = ids.astype(np.int64)
    n = len(ids)
    is_bar = ids == BAR_ID
    bar = np.cumsum(is_bar) - is_bar  # (n,) the bar that each word is of, its BAR included
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
    kind, *others, _ = labels.T
    return Context(previous, bar, np.minimum(place, MAX_POSITION) + kind * (MAX_POSITION + 1), past, *others)


def _before(starts_mid_song: Any) -> Any:
    """What stands before the first word, or first words."""
    return np.where(starts_mid_song, BAR_ID, START_ID)


class BarTracker:
    """What several streams hold so far and the context of each one's next word, kept up word by word.

    Args:
        streams: how many streams are followed at once.
        lookback: as in `song_context`.
        label: what is told of the songs, of all alike or of each.
    """

    def __init__(
        self, streams: int, lookback: tuple[int, ...], label: LabelIds | Sequence[LabelIds] = NO_LABELS
    ) -> None:
        self._lookback, self._labels = lookback, np.broadcast_to(label, (streams, len(NO_LABELS)))
        self._words = np.zeros((streams, 64), dtype=np.uint16)  # with room to grow
        self._drawn = np.zeros(64, dtype=bool)
        self._length = 0
        self._bars = np.zeros(streams, dtype=np.int64)
        # Where the last bars begin, the present one first; -1 where a stream has not so many.
        self._starts = np.full((streams, max((REMEMBERED, *lookback)) + 1), -1)
        self._starts[:, 0] = 0

    @property
    def context(self) -> Context:
        """The context of the next word: past (streams, look-backs), the others (streams,)."""
        last = self._words[:, self._length - 1].astype(np.int64)
        previous = last if self._length else _before(self._labels[:, LabelIds._fields.index("starts_mid_song")])
        past = np.maximum(self._words_at(self._lookback), 0)
        return _context(previous, self._bars.copy(), self.steps_in_bar, past, self._labels)

    @property
    def steps_in_bar(self) -> NDArray[np.integer]:
        """(streams,) hit words since the last `BAR`, without the limit that the context has."""
        steps: NDArray[np.integer] = self._length - self._starts[:, 0]
        return steps

    @property
    def words(self) -> NDArray[np.uint16]:
        """(streams, n) the words so far."""
        return self._words[:, : self._length]

    @property
    def drawn(self) -> NDArray[np.uint16]:
        """(streams, n) the words so far, those that were given not among them."""
        return self.words[:, self._drawn[: self._length]]

    def push(self, ids: NDArray[np.integer], given: bool = False) -> None:
        """Takes the word that came, one for each stream: (streams,); `given` where it was not drawn."""
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
        """Goes on with these streams alone, in this order; one that is named twice is doubled."""
        self._words, self._starts, self._labels = self._words[streams], self._starts[streams], self._labels[streams]
        self._bars = self._bars[streams]

    def copy(self) -> "BarTracker":
        """A tracker that further words of this one leave alone."""
        return deepcopy(self)

    def tell(self, label: LabelIds) -> None:
        """Tells all streams something else of their songs, from the next word on."""
        self._labels = np.broadcast_to(label, self._labels.shape)

    def word_at(self, back: int) -> NDArray[np.integer]:
        """(streams,) the hit word `back` bars ago at the place that comes next, -1 where there is none."""
        return self._words_at([back])[:, 0]

    def _words_at(self, backs: Sequence[int]) -> NDArray[np.integer]:
        """(streams, backs) the same for several bars back."""
        columns = np.array(backs, dtype=np.int64)
        start, place = self._starts[:, columns], self.steps_in_bar[:, None]
        there = (start >= 0) & (start + place < self._starts[:, columns - 1] - 1)  # that bar's BAR is no hit word
        words = self._words[np.arange(len(start))[:, None], np.where(there, start + place, 0)].astype(np.int64)
        return np.where(there, words, -1)

    def same_so_far(self, back: int) -> NDArray[np.bool_]:
        """(streams,) whether the present bar is up to now the same as the bar `back` bars ago."""
        place = np.arange(self.steps_in_bar.max())
        present, earlier = (self._starts[:, [b]] + place for b in (0, back))  # (streams, places)
        last = self._words.shape[1] - 1
        rows = np.arange(len(present))[:, None]
        same = self._words[rows, np.minimum(present, last)] == self._words[rows, np.clip(earlier, 0, last)]
        same |= place >= self.steps_in_bar[:, None]
        alike: NDArray[np.bool_] = same.all(axis=1) & (self._starts[:, back] >= 0)
        return alike
