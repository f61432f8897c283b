"""Measure how well a network predicts held-out songs, and how much its pieces copy and repeat, without torch."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.evaluation.bootstrap import Ratio
from drumtok.network.context import BarTracker, song_context
from drumtok.network.engine import SteppedNetwork
from drumtok.sampling.logit_filters import BarGrammar
from drumtok.sampling.sampler import log_sum, next_logits, sample_words
from drumtok.tokenizer.labels import UNCONDITIONED, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS

Ids = NDArray[np.uint16]
STREAMS = 64  # songs stepped in parallel
VALIDITY_BARS = 1000
EARLY, LATE = 4, 8  # the early bars of a song end, and the late bars begin, after this many


@dataclass(frozen=True)
class Prediction:
    """The prediction of the hit words of songs; `BAR` words are context and are not counted.

    Attributes:
        bits: -log2 p(word | all earlier words of its song) of each step, over the 512 hit words.
        right: whether the likeliest word is the right one.
        copied: whether the word one bar earlier (silence in the first bar) is the right one.
        early, late: `bits` in the first four bars of the songs, and in the ninth and later ones.
    """

    bits: Ratio
    right: Ratio
    copied: Ratio
    early: Ratio
    late: Ratio

    @property
    def steps(self) -> int:
        """The number of predicted steps."""
        return int(self.bits.counts.sum())

    @property
    def bits_per_step(self) -> float:
        """The mean of `bits`."""
        return self.bits.value

    @property
    def accuracy(self) -> float:
        """The mean of `right`."""
        return self.right.value

    @property
    def copy_accuracy(self) -> float:
        """The mean of `copied`."""
        return self.copied.value


@dataclass(frozen=True)
class PieceMetrics:
    """Copying and repetition in the network's own pieces and, for comparison, in held-out songs (natural_...).

    Attributes:
        bar_validity: fraction of `BAR` words that close a full bar, sampled at temperature 1 without the grammar.
        copied, copied_two: fraction of the non-empty bars, and windows of two bars, that are found in training songs.
        repeated: fraction of bars equal to the bar before.
    """

    bar_validity: Ratio
    copied: Ratio
    natural_copied: Ratio
    copied_two: Ratio
    natural_copied_two: Ratio
    repeated: Ratio
    natural_repeated: Ratio


def predict(engine: SteppedNetwork, songs: Sequence[Ids], conditioning: Sequence[Conditioning] = ()) -> Prediction:
    """Predict whole songs, each from its start without a primer.

    Args:
        engine: the network.
        songs: the words of each song.
        conditioning: that of each song, or empty.

    Raises:
        DrumtokError: the songs have no step to predict.
    """
    conditioning = conditioning or [UNCONDITIONED] * len(songs)
    bits, counts, right = np.zeros((len(songs), 3)), np.zeros((len(songs), 3)), np.zeros(len(songs))  # (songs, spans)
    longest_first = np.argsort([-len(song) for song in songs], kind="stable")
    for start in range(0, len(songs), STREAMS):
        batch = longest_first[start : start + STREAMS]
        closed = np.zeros(len(batch), dtype=np.int64)  # bars of each song
        for words, logits in _step_through(engine, [songs[n] for n in batch], [conditioning[n] for n in batch]):
            hit = words < N_HIT_WORDS
            at_hits = logits[hit, :N_HIT_WORDS]
            nats = log_sum(at_hits) - np.take_along_axis(at_hits, words[hit, None], axis=1)[:, 0]
            stepped, bar = batch[: len(words)][hit], closed[: len(words)][hit]
            span = np.digitize(bar, (EARLY, LATE))
            bits[stepped, span] += nats / np.log(2)
            counts[stepped, span] += 1
            right[stepped] += at_hits.argmax(axis=1) == words[hit]
            closed[: len(words)] += ~hit
    copied = Ratio.of(map(_copies_last_bar, songs))
    if not copied.counts.sum():
        raise DrumtokError("the held-out songs must have a step to predict, got none")
    early, _, late = (Ratio(bits[:, n], counts[:, n]) for n in range(3))
    return Prediction(Ratio(bits.sum(axis=1), copied.counts), Ratio(right, copied.counts), copied, early, late)


def _step_through(
    engine: SteppedNetwork, songs: Sequence[Ids], conditioning: Sequence[Conditioning]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Yield the next words of all unfinished songs and their logits, step by step.

    The songs must be sorted by length, the longest first.
    """
    state = engine.start(len(songs))
    tracker = BarTracker(len(songs), engine.lookback, [engine.label(own) for own in conditioning])
    for n in range(len(songs[0])):
        going = sum(len(song) > n for song in songs)
        if going < len(tracker.words):
            state = state.select(np.arange(going))
            tracker.select(np.arange(going))
        words = np.array([song[n] for song in songs[:going]], dtype=np.int64)
        yield words, next_logits(engine, state, tracker)
        tracker.push(words, given=True)


def _copies_last_bar(song: Ids) -> NDArray[np.bool_]:
    return (song_context(song, (1,)).past[:, 0] == song)[song != BAR_ID]


def bar_validity(engine: SteppedNetwork, rng: np.random.Generator, steps_per_bar: int = 16) -> Ratio:
    """Return the fraction of 1,000 bars, sampled without the grammar, that have exactly `steps_per_bar` steps."""
    each = -(-VALIDITY_BARS // STREAMS)
    # Twice the words, because bars may be too long; missing bars count as wrong.
    ids = sample_words(engine, rng, streams=STREAMS, words=2 * each * (steps_per_bar + 1))
    lengths = [np.diff(np.flatnonzero(stream == BAR_ID), prepend=-1) - 1 for stream in ids]
    right = np.array([(bars[:each] == steps_per_bar).sum() for bars in lengths], dtype=np.float64)
    return Ratio(right, np.full(STREAMS, float(each)))


def write_pieces(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    conditioning: Sequence[Conditioning],
    bars: int,
    steps_per_bar: int = 16,
) -> list[Ids]:
    """Generate pieces of whole bars at temperature 1, one per conditioning."""
    words = bars * (steps_per_bar + 1)
    return list(
        sample_words(
            engine, rng, [BarGrammar(steps_per_bar)], streams=len(conditioning), words=words, conditioning=conditioning
        )
    )


def piece_metrics(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    pieces: Sequence[Ids],
    held_out: Sequence[Ids],
    training: Iterable[Ids],
    steps_per_bar: int = 16,
) -> PieceMetrics:
    """Return the metrics of the network's own pieces and of held-out songs."""
    one: set[bytes] = set()
    two: set[bytes] = set()
    for song in training:
        bars = bars_of(song)
        one.update(bars)
        two.update(_pairs(bars))
    ours, theirs = ([bars_of(song) for song in songs] for songs in (pieces, held_out))
    return PieceMetrics(
        bar_validity(engine, rng, steps_per_bar),
        _found_in(one, ours, list),
        _found_in(one, theirs, list),
        _found_in(two, ours, _pairs),
        _found_in(two, theirs, _pairs),
        repeated(ours),
        repeated(theirs),
    )


def bars_of(song: Ids) -> list[bytes]:
    """Return the bars of a song, each as the bytes of its words."""
    ends = np.flatnonzero(song == BAR_ID)
    return [bar.tobytes() for bar in np.split(song, ends + 1)[:-1]]


def _pairs(bars: list[bytes]) -> list[bytes]:
    return [a + b for a, b in pairwise(bars)]


def _is_silent(window: bytes) -> bool:
    words = np.frombuffer(window, dtype=np.uint16)
    return not words[words != BAR_ID].any()


def _found_in(known: set[bytes], songs: list[list[bytes]], windows_of: Callable[[list[bytes]], list[bytes]]) -> Ratio:
    """Return the fraction of the non-empty windows that are known."""
    return Ratio.of([window in known for window in windows_of(bars) if not _is_silent(window)] for bars in songs)


def repeated(songs: list[list[bytes]]) -> Ratio:
    """Return the fraction of the bars that equal the bar before, from the bars of each song."""
    return Ratio.of([a == b for a, b in pairwise(bars)] for bars in songs)
