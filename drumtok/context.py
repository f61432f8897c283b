"""What the model is told besides the words: kind of song, place in the bar, words of earlier bars at that place.

An LSTM that must count to sixteen by itself writes bars of every length, and one that must carry a bar in its
state copies it badly. So with each word to come go its position in the bar and, for each look-back, the hit word
that stood at this position so many bars before (look-back: Magenta's lookback RNN, `magenta/models/shared`).
`song_context` gives these for a whole song at once, `BarTracker` one word at a time; they agree.

More than half of the Groove MIDI Dataset's files are fills of a bar or two. Told which songs are fills, a network can
be asked for a groove; the kind is left out for every other song in training, so that it does without as well.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.tokens import BAR_ID, START_ID

ANY, BEAT, FILL = KINDS = ("any", "beat", "fill")  # of a song; "any" where it is not told
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
    """

    previous: NDArray[np.integer]
    position: NDArray[np.integer]
    past: NDArray[np.integer]


def song_context(ids: NDArray[np.integer], lookback: tuple[int, ...], kind: str = ANY) -> Context:
    """The context of every word of one song.

    Args:
        ids: (n,) the song's words, from its start.
        lookback: how many bars back each look-back reads.
        kind: one of `KINDS`.
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
    return Context(previous, _positions(place, kind), past)


def _positions(place: NDArray[np.integer], kind: str) -> NDArray[np.integer]:
    return np.minimum(place, MAX_POSITION) + KINDS.index(kind) * (MAX_POSITION + 1)


class BarTracker:
    """The context of the next word of each of several streams, kept up word by word.

    Args:
        streams: how many streams are followed at once.
        lookback, kind: as in `song_context`.
    """

    def __init__(self, streams: int, lookback: tuple[int, ...], kind: str = ANY) -> None:
        self._lookback, self._kind = lookback, kind
        self._previous = np.full(streams, START_ID)
        self._bars: list[list[list[int]]] = [[[]] for _ in range(streams)]

    @property
    def context(self) -> Context:
        """The context of the next word: previous (streams,), position (streams,), past (streams, look-backs)."""
        position = np.array([len(bars[-1]) for bars in self._bars])
        past = np.array([[_word_at(bars, back) for back in self._lookback] for bars in self._bars], dtype=np.int64)
        return Context(self._previous, _positions(position, self._kind), past.reshape(len(self._bars), -1))

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
