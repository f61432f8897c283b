"""A song that is being written, and bars of it that lead where they should: chosen by the network's own likelihood.

A pattern that is looped goes from its last bar to its first. Nothing in the drawing of words hears that seam, for the
last bar is drawn when the first is long past. So several last bars are drawn side by side, the first bar is put to the
network after each, and the one after which it is likeliest stays.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.sampling.config import CANDIDATES
from drumtok.sampling.logit_filters import Rule, in_order
from drumtok.sampling.sampler import log_sum, write_on
from drumtok.tokenizer.labels import FILL, UNCONDITIONED, Conditioning
from drumtok.tokenizer.tokens import N_HIT_WORDS

NO_WORDS = np.zeros(0, dtype=np.uint16)


class BarStream:
    """Tells each bar of a song once, in their order, as soon as it is settled.

    Args:
        per_bar: steps of a bar.
        start: the place of the first word that counts.
        on_bar: is given the words of each bar, (per_bar + 1,) ids; None where nobody listens.

    >>> settled = Settled(1, 0, print)
    >>> settled.tell(np.array([[7, 512, 8, 512], [7, 512, 9, 512]]))  # two streams agree on the first bar
    [  7 512]
    >>> settled.tell(np.array([[7, 512, 9, 512]]))
    [  9 512]
    """

    def __init__(
        self, per_bar: int = 0, start: int = 0, on_bar: Callable[[NDArray[np.integer]], None] | None = None
    ) -> None:
        self._words, self._told, self._heard = per_bar + 1, start, on_bar

    def tell(self, words: NDArray[np.integer]) -> None:
        """Takes what the streams hold so far, (streams, n); a bar on which all agree is settled."""
        while self._heard is not None and words.shape[1] >= self._told + self._words:
            bar = words[:, self._told : self._told + self._words]
            if (bar != bar[0]).any():
                return
            self._heard(bar[0])
            self._told += self._words


SILENT = BarStream()


class Song:
    """A song under way, in one stream or in several that go their own ways: its words, and what comes next.

    Args:
        rng: draws the words.
        rules: as in `drumtok.sampling.sampler.sample_words`.
        conditioning: what the song is to be.
        primer: (n,) ids that it goes on from; they are its first words.
        streams: how many are written side by side.
        others: draw the words of further songs. Each of these, and the song of `rng`, has an equal share of the
            streams, side by side, and gets the words that it would get alone.
    """

    def __init__(
        self,
        engine: Engine,
        rng: np.random.Generator,
        rules: Iterable[Rule],
        conditioning: Conditioning = UNCONDITIONED,
        primer: NDArray[np.integer] = NO_WORDS,
        streams: int = 1,
        others: Sequence[np.random.Generator] = (),
    ) -> None:
        self.engine, self.rng, self.rules, self.conditioning, self.others = (
            engine,
            rng,
            in_order(rules),
            conditioning,
            others,
        )
        self.state, self.tracker = (
            engine.start(streams),
            BarTracker(streams, engine.lookback, engine.label(conditioning)),
        )
        self.take(primer)

    def __len__(self) -> int:
        return self.tracker.words.shape[1]

    @property
    def words(self) -> NDArray[np.uint16]:
        """(streams, n) all of them, those of the primer too."""
        return self.tracker.words

    def select(self, *streams: int) -> "Song":
        """A song of these streams, one that is named twice being doubled. It draws from the same generator."""
        other = copy(self)
        other.state, other.tracker = self.state.select(np.array(streams)), self.tracker.copy()
        other.tracker.select(np.array(streams))
        return other

    def forked(self) -> "Song":
        """Each stream as `CANDIDATES` streams."""
        return self.select(*np.repeat(np.arange(len(self.words)), CANDIDATES).tolist())

    def take(self, ids: NDArray[np.integer], given: bool = True) -> None:
        """Goes on with words: (n,) or (streams, n).

        Args:
            given: whether they do not count as drawn, as for the density of a drum.
        """
        for words in np.broadcast_to(ids, (len(self.words), ids.shape[-1])).T:
            self.engine.step(self.tracker.context, self.state)
            self.tracker.push(words, given=given)

    def write(self, words: int) -> None:
        """Draws so many words for each stream. The first stream of each song gets what it would get alone.

        Raises:
            DrumtokError: the rules leave no word to draw.
        """
        each = len(self.words) // (1 + len(self.others))
        numbers = np.concatenate([rng.random((each, words)) for rng in (self.rng, *self.others)])
        write_on(self.engine, self.state, self.tracker, self.rules, numbers)

    def likelihood(self, bars: NDArray[np.integer]) -> NDArray[np.float64]:
        """How likely the network finds a bar as what comes next in each stream, no rule being applied.

        Args:
            bars: (streams, steps) ids of hit words.

        Returns:
            (streams,) the mean logarithm (nats) of the probability of each step, among the hit words.
        """
        state, tracker, streams = self.state.copy(), self.tracker.copy(), np.arange(len(bars))
        total = np.zeros(len(bars))
        for words in bars.T:
            logits = self.engine.step(tracker.context, state)[:, :N_HIT_WORDS].astype(np.float64)
            total += logits[streams, words] - log_sum(logits)
            tracker.push(words, given=True)
        return total / bars.shape[1]

    def leading_to(self, start: int, steps: int) -> "Song":
        """Of each song the one stream after which a bar of that stream itself is likeliest.

        Args:
            start, steps: the place of that bar's first word, and how many steps it has.
        """
        likely = self.likelihood(self.words[:, start : start + steps]).reshape(1 + len(self.others), -1)
        return self.select(*(likely.argmax(axis=1) + np.arange(0, likely.size, likely.shape[1])).tolist())


def write_bars(song: Song, bars: int, steps: int, turns: bool, bar_stream: BarStream = SILENT) -> Song:
    """The song of one stream with so many more bars; where it `turns`, the first of them is likely after the last.

    Without `turns`, the last bar is the first of those that would be chosen from: to turn never costs anything.

    Args:
        bar_stream: is told of the words as they are settled.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    start, words = len(song), steps + 1
    for _ in range(bars - 1):
        song.write(words)
        bar_stream.tell(song.words)
    if turns:
        song = song.forked()
    song.write(words)
    song = song.leading_to(start, steps) if turns else song
    bar_stream.tell(song.words)
    return song


def with_fills(song: Song, begun: NDArray[np.integer], words: int) -> Song:
    """The song of one stream as `CANDIDATES` streams, each with a fill to the end of a bar.

    Told in the midst of a beat that it is a fill, a network goes on with the beat; so it writes a song of its own.

    Args:
        begun: what the bar holds already, which may be nothing.
        words: how many the fill has, its `BAR` among them.
    """
    many = song.forked()
    if FILL not in song.engine.checkpoint.kinds:
        many.write(words)
        return many
    conditioning = replace(song.conditioning, kind=FILL, starts_mid_song=False)
    fill = Song(song.engine, song.rng, song.rules, conditioning, begun, streams=len(many.words))
    fill.write(words)
    many.take(fill.words[:, -words:], given=False)
    return many
