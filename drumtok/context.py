"""What the model is told besides the words: place in the bar, words of earlier bars at that place, labels of the song.

An LSTM that must count to sixteen by itself writes bars of every length, and one that must carry a bar in its
state copies it badly. So with each word to come go its position in the bar and, for each look-back, the hit word
that stood at this position so many bars before (look-back: Magenta's lookback RNN, `magenta/models/shared`).
`song_context` gives these for a whole song at once, `BarTracker` one word at a time; they agree. The labels are the
same at every word of a song.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.labels import KINDS, UNTOLD, Label
from drumtok.tokens import BAR_ID, START_ID

MAX_POSITION = 63  # later positions count as this one; the longest usual bar, 12/8 in thirty-seconds, has 48 steps
N_POSITIONS = len(KINDS) * (MAX_POSITION + 1)  # each kind has positions of its own


@dataclass(frozen=True)
class Context:
    """What is known before each of n words.

    Attributes:
        previous: (n,) id of the word before, `START_ID` before the first.
        position: (n,) steps since the last bar line, at most `MAX_POSITION`, counted on from where those of the kinds
            before the song's own end.
        past: (n, look-backs) id of the hit word at this position in an earlier bar, 0 (silence) where there is none.
        style, tempo: (n,) numbers of the labels, 0 where they are not told.
    """

    previous: NDArray[np.integer]
    position: NDArray[np.integer]
    past: NDArray[np.integer]
    style: NDArray[np.integer]
    tempo: NDArray[np.integer]


def song_context(ids: NDArray[np.integer], lookback: tuple[int, ...], label: Label = UNTOLD) -> Context:
    """The context of every word of one song.

    Args:
        ids: (n,) the song's words, from its start.
        lookback: how many bars back each look-back reads.
        label: what is told of the song.
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
    previous = np.append(START_ID, ids)[:-1] if n else ids
    return _context(previous, place, past, np.broadcast_to(label, (n, len(label))))


def _context(
    previous: NDArray[np.integer], place: NDArray[np.integer], past: NDArray[np.integer], labels: NDArray[np.integer]
) -> Context:
    kind, style, tempo = labels.T
    return Context(previous, np.minimum(place, MAX_POSITION) + kind * (MAX_POSITION + 1), past, style, tempo)


class BarTracker:
    """The context of the next word of each of several streams, kept up word by word.

    Args:
        streams: how many streams are followed at once.
        lookback: as in `song_context`.
        label: what is told of the songs, of all alike or of each.
    """

    def __init__(self, streams: int, lookback: tuple[int, ...], label: Label | Sequence[Label] = UNTOLD) -> None:
        self._lookback, self._labels = lookback, np.broadcast_to(label, (streams, len(UNTOLD)))
        self._previous = np.full(streams, START_ID)
        self._bars: list[list[list[int]]] = [[[]] for _ in range(streams)]

    @property
    def context(self) -> Context:
        """The context of the next word: past (streams, look-backs), the others (streams,)."""
        position = np.array([len(bars[-1]) for bars in self._bars])
        past = np.array([[_word_at(bars, back) for back in self._lookback] for bars in self._bars], dtype=np.int64)
        return _context(self._previous, position, past.reshape(len(self._bars), -1), self._labels)

    @property
    def steps_in_bar(self) -> NDArray[np.integer]:
        """(streams,) hit words since the last `BAR`, without the limit that the context has."""
        return np.array([len(bars[-1]) for bars in self._bars])

    def push(self, ids: NDArray[np.integer]) -> None:
        """Takes the word that came, one for each stream: (streams,)."""
        self._previous = np.asarray(ids, dtype=np.int64)
        keep = max(self._lookback, default=0) + 1
        for bars, word in zip(self._bars, self._previous.tolist(), strict=True):
            if word == BAR_ID:
                bars.append([])
                del bars[:-keep]
            else:
                bars[-1].append(word)


def _word_at(bars: list[list[int]], back: int) -> int:
    """The word `back` bars before the last bar at the place that comes next, 0 where there is none."""
    place = len(bars[-1])
    if len(bars) <= back or len(bars[-1 - back]) <= place:
        return 0
    return bars[-1 - back][place]
