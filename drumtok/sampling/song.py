"""The state of a song that is being written, and loops whose last bar leads back to the first.

Sampling alone cannot make the last bar lead back to the first, so several last bars are drawn, and the one after which
the first bar is most likely is kept. In a loop of a phrase or more a fill is preferred among them, as drummers end
phrases with fills.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import BarTracker
from drumtok.network.engine import SteppedNetwork
from drumtok.sampling.config import ENDINGS
from drumtok.sampling.logit_filters import Rule, in_order
from drumtok.sampling.sampler import log_sum, next_logits, write_on
from drumtok.tokenizer.bar_plan import PHRASE_BARS, REMEMBERED, is_fill
from drumtok.tokenizer.labels import FILL, UNCONDITIONED, Conditioning
from drumtok.tokenizer.tokens import N_HIT_WORDS, ids_to_hits

NO_WORDS = np.zeros(0, dtype=np.uint16)
FILL_BONUS = 0.1  # nats a step; 32 % of the last bars of loops then are fills, of drummers' fourth bars 22 %

Faults = Callable[[NDArray[np.integer]], NDArray[np.integer]]
"""Counts what is wrong with the words of each stream, (streams, words) -> (streams,)."""


def no_faults(words: NDArray[np.integer]) -> NDArray[np.integer]:
    """Count no faults in any stream."""
    return np.zeros(len(words), dtype=np.int64)


class BarStream:
    """Call a function with each bar of a song, in order, as soon as the bar is final.

    Args:
        per_bar: steps of a bar.
        start: index of the first word to report.
        on_bar: called with the words of each bar, (per_bar + 1,) ids, or None.

    >>> stream = BarStream(1, 0, print)
    >>> stream.push(np.array([[7, 512, 8, 512], [7, 512, 9, 512]]))  # two streams agree on the first bar
    [  7 512]
    >>> stream.push(np.array([[7, 512, 9, 512]]))
    [  9 512]
    """

    def __init__(
        self, per_bar: int = 0, start: int = 0, on_bar: Callable[[NDArray[np.integer]], None] | None = None
    ) -> None:
        self._words, self._next, self._on_bar = per_bar + 1, start, on_bar

    def push(self, words: NDArray[np.integer]) -> None:
        """Report the new bars among all words so far, (streams, n); a bar is final when all streams agree."""
        while self._on_bar is not None and words.shape[1] >= self._next + self._words:
            bar = words[:, self._next : self._next + self._words]
            if (bar != bar[0]).any():
                return
            self._on_bar(bar[0])
            self._next += self._words


SILENT = BarStream()


class SongState:
    """A song that is being written, in one or several streams: its words and the state to continue from.

    Args:
        rng: draws the words.
        rules: as in `drumtok.sampling.sampler.sample_words`.
        conditioning: labels of the song.
        primer: (n,) ids that the song begins with.
        streams: number of parallel streams.
        others: generators of further songs. Each song has an equal number of the streams, and gets the same words as if
            it were written alone.

    Attributes:
        uses_cache: whether the song cache is mixed in when words are sampled.
    """

    uses_cache = True

    def __init__(
        self,
        engine: SteppedNetwork,
        rng: np.random.Generator,
        rules: Iterable[Rule],
        conditioning: Conditioning = UNCONDITIONED,
        primer: NDArray[np.integer] = NO_WORDS,
        streams: int = 1,
        others: Sequence[np.random.Generator] = (),
    ) -> None:
        self.engine, self.rng, self.others = engine, rng, others
        self.rules, self.conditioning = in_order(rules), conditioning
        self.state = engine.start(streams)
        self.tracker = BarTracker(streams, engine.lookback, engine.label(conditioning))
        self.append(primer)

    def __len__(self) -> int:
        return self.tracker.words.shape[1]

    @property
    def words(self) -> NDArray[np.uint16]:
        """All words, (streams, n), including the primer."""
        return self.tracker.words

    def select(self, *streams: int) -> "SongState":
        """Return a song of these streams, which may repeat. It shares the generator."""
        other = copy(self)
        other.state, other.tracker = self.state.select(np.array(streams)), self.tracker.copy()
        other.tracker.select(np.array(streams))
        return other

    def forked(self) -> "SongState":
        """Return a song with `ENDINGS` copies of each stream."""
        return self.select(*np.repeat(np.arange(len(self.words)), ENDINGS).tolist())

    def append(self, ids: NDArray[np.integer], given: bool = True) -> None:
        """Append words, (n,) or (streams, n).

        Args:
            given: whether the words were not sampled, so that for example `Density` does not count them.
        """
        for words in np.broadcast_to(ids, (len(self.words), ids.shape[-1])).T:
            self.engine.step(self.tracker.context, self.state)
            self.tracker.push(words, given=given)

    def write(self, words: int) -> None:
        """Sample this many words in each stream. The first stream of each song gets the same words as if written alone.

        Raises:
            DrumtokError: the rules leave no word to draw.
        """
        each = len(self.words) // (1 + len(self.others))
        numbers = np.concatenate([rng.random((each, words)) for rng in (self.rng, *self.others)])
        write_on(self.engine, self.state, self.tracker, self.rules, numbers, self.uses_cache)

    def likelihood(self, bars: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the likelihood of a bar as the next one of each stream, without any rule.

        Args:
            bars: (streams, steps) ids of hit words.

        Returns:
            (streams,) mean log-probability of the steps in nats, among the hit words.
        """
        state, tracker, streams = self.state.copy(), self.tracker.copy(), np.arange(len(bars))
        total = np.zeros(len(bars))
        for words in bars.T:
            logits = next_logits(self.engine, state, tracker)[:, :N_HIT_WORDS]
            total += logits[streams, words] - log_sum(logits)
            tracker.push(words, given=True)
        return total / bars.shape[1]

    def with_fewest(self, faults: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the first stream with the fewest faults of each song; `faults` is (streams,)."""
        of_song = faults.reshape(1 + len(self.others), -1)
        best: NDArray[np.int64] = of_song.argmin(axis=1) + np.arange(0, of_song.size, of_song.shape[1])
        return best

    def leading_to(self, start: int, steps: int, faults: Faults = no_faults, fill_bonus: float = 0) -> "SongState":
        """Select for each song the stream with the fewest faults, and among equals the one that best leads to a bar.

        Args:
            start, steps: index of the first word of that bar, and its length.
            fill_bonus: what a fill in the last bar adds to the mean log-probability of a step.
        """
        likely = self.likelihood(self.words[:, start : start + steps])
        if fill_bonus:
            likely += fill_bonus * self.ends_with_fill(steps, start)
        wrong = faults(self.words[:, start:]).reshape(1 + len(self.others), -1)
        likely = np.where(wrong == wrong.min(axis=1, keepdims=True), likely.reshape(wrong.shape), -np.inf)
        return self.select(*(likely.argmax(axis=1) + np.arange(0, likely.size, likely.shape[1])).tolist())

    def ends_with_fill(self, steps: int, start: int = 0) -> NDArray[np.bool_]:
        """Return whether the last bar of each stream is a fill by the bars before it, (streams,).

        Args:
            steps: steps of a bar.
            start: index of the first word of the first bar that counts.
        """
        words = self.words[:, start:][:, -(REMEMBERED + 1) * (steps + 1) :]
        words = words[:, words.shape[1] % (steps + 1) :].reshape(len(words), -1, steps + 1)
        return np.array([is_fill(bars[-1], bars[:-1]) for bars in ids_to_hits(words[..., :-1])])


def write_bars(
    song: SongState,
    bars: int,
    steps: int,
    loop: bool,
    bar_stream: BarStream = SILENT,
    faults: Faults = no_faults,
) -> SongState:
    """Write bars in songs of one stream, or of several of which one is chosen.

    With `loop`, the first bar is likely after the last, which is chosen from several; in a loop of a phrase or more it
    is more often a fill than other bars are. Without it, and in songs of one stream, the last bar is the first of those
    that a loop would choose from.

    Args:
        steps: steps of a bar.
        bar_stream: receives the words.
        faults: counts faults; the stream with the fewest is kept for each song.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    start, words, everyone = len(song), steps + 1, range(len(song.words))
    for _ in range(bars - 1):
        song.write(words)
        bar_stream.push(song.words)
    if len(everyone) > 1 + len(song.others):
        whole = song.select(*everyone)
        whole.write(words)
        best = whole.with_fewest(faults(whole.words[:, start:])).tolist()
        song = song.select(*best) if loop else whole.select(*best)
        bar_stream.push(song.words)
        if not loop:
            return song
    if loop:
        song = song.forked()
    song.write(words)
    song = song.leading_to(start, steps, faults, FILL_BONUS if bars >= PHRASE_BARS else 0) if loop else song
    bar_stream.push(song.words)
    return song


def with_fills(song: SongState, begun: NDArray[np.integer], words: int) -> SongState:
    """Fork a song of one stream into `ENDINGS` streams, each with a fill to the end of a bar.

    If the condition changes to a fill within a beat, the network continues the beat; so the fill is written as a new
    song.

    Args:
        begun: the words that the bar already has, if any.
        words: length of the fill, with its `BAR`.
    """
    many = song.forked()
    if FILL not in song.engine.checkpoint.kinds:
        many.write(words)
        return many
    conditioning = replace(song.conditioning, kind=FILL, starts_mid_song=False)
    fill = SongState(song.engine, song.rng, song.rules, conditioning, begun, streams=len(many.words))
    fill.write(words)
    many.append(fill.words[:, -words:], given=False)
    return many
