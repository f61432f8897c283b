"""The measures: how well a network predicts held-out songs, and what its own songs are like beside them.

All run on the engine, without torch. The definitions are those of the Groove MIDI protocol in the README.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drumtok.config import EvaluationConfig
from drumtok.context import Context, song_context
from drumtok.corpus import Corpus
from drumtok.engine import Engine
from drumtok.errors import DrumtokError
from drumtok.rules import BarGrammar
from drumtok.sampling import sample_words
from drumtok.tokens import BAR_ID, N_HIT_WORDS

Ids = NDArray[np.uint16]
STREAMS = 64  # songs stepped side by side
VALIDITY_BARS = 1000


@dataclass(frozen=True)
class Prediction:
    """How well the hit words of songs are predicted, `BAR` words being context and not counted.

    Attributes:
        steps: how many were predicted.
        bits_per_step: the mean of -log2 p(word | everything before it in its song), over the 512 hit words.
        accuracy: share of steps whose likeliest word is the right one.
        copy_accuracy: the same for the word one bar earlier, silence where there is none.
    """

    steps: int
    bits_per_step: float
    accuracy: float
    copy_accuracy: float


@dataclass(frozen=True)
class Writing:
    """What songs of the network's own are like, beside the held-out songs (natural_...).

    Attributes:
        bar_validity: share of `BAR` words that close a full bar, sampled at temperature 1 without the grammar.
        copied, copied_two: share of non-empty bars, and of windows of two bars, found in the training songs.
        repeated: share of bars equal to the bar before.
    """

    bar_validity: float
    copied: float
    natural_copied: float
    copied_two: float
    natural_copied_two: float
    repeated: float
    natural_repeated: float


def predict(engine: Engine, songs: Sequence[Ids]) -> Prediction:
    """Measures prediction on whole songs, each from its start without a primer.

    Raises:
        DrumtokError: there is no step to predict.
    """
    bits: list[NDArray[np.float64]] = []
    right: list[NDArray[np.bool_]] = []
    copied: list[NDArray[np.bool_]] = []
    by_length = sorted(songs, key=len)
    for start in range(0, len(by_length), STREAMS):
        batch = by_length[start : start + STREAMS]
        for words, logits in _step_through(engine, batch):
            hit = words < N_HIT_WORDS
            at_hits = logits[hit, :N_HIT_WORDS].astype(np.float64)
            at_hits -= at_hits.max(axis=1, keepdims=True)
            nats = np.log(np.exp(at_hits).sum(axis=1)) - np.take_along_axis(at_hits, words[hit, None], axis=1)[:, 0]
            bits.append(nats / np.log(2))
            right.append(at_hits.argmax(axis=1) == words[hit])
        copied += [_copies_last_bar(song) for song in batch]
    steps = sum(map(len, bits))
    if not steps:
        raise DrumtokError("there is no step to predict: the held-out songs are empty")
    mean = [float(np.concatenate(values).mean()) for values in (bits, right, copied)]
    return Prediction(steps, *mean)


def _step_through(engine: Engine, songs: Sequence[Ids]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """(word, its logits before it came) of all songs at once, word by word; songs that have ended drop out."""
    songs = sorted(songs, key=len, reverse=True)
    contexts = [song_context(song, engine.lookback) for song in songs]
    state = engine.start(len(songs))
    for n in range(len(songs[0])):
        going = sum(len(song) > n for song in songs)  # the longest songs stand first
        state.hidden, state.cell = state.hidden[:, :going], state.cell[:, :going]
        now = Context(*(np.array([getattr(c, part)[n] for c in contexts[:going]]) for part in _PARTS))
        yield np.array([song[n] for song in songs[:going]], dtype=np.int64), engine.step(now, state)


_PARTS = ("previous", "position", "past")


def _copies_last_bar(song: Ids) -> NDArray[np.bool_]:
    return (song_context(song, (1,)).past[:, 0] == song)[song != BAR_ID]


def bar_validity(engine: Engine, rng: np.random.Generator, steps_per_bar: int = 16) -> float:
    """Share of `BAR` words that close a bar of exactly `steps_per_bar`, over 1,000 bars sampled without the grammar."""
    each = -(-VALIDITY_BARS // STREAMS)
    # With room for bars that are too long; a stream that writes too few bars fails with those it did not write.
    ids = sample_words(engine, rng, streams=STREAMS, words=2 * each * (steps_per_bar + 1))
    right = 0
    for stream in ids:
        lengths = np.diff(np.flatnonzero(stream == BAR_ID), prepend=-1) - 1
        right += int((lengths[:each] == steps_per_bar).sum())
    return right / (each * STREAMS)


def write_pieces(
    engine: Engine, rng: np.random.Generator, pieces: int, bars: int, steps_per_bar: int = 16
) -> list[Ids]:
    """Pieces of whole bars at temperature 1, of the kind that the network writes unless it is told."""
    grammar, kind = BarGrammar(steps_per_bar), engine.checkpoint.default_kind
    return list(sample_words(engine, rng, [grammar], streams=pieces, words=bars * (steps_per_bar + 1), kind=kind))


def writing(
    engine: Engine, rng: np.random.Generator, pieces: Sequence[Ids], held_out: Sequence[Ids], training: Iterable[Ids]
) -> Writing:
    """Measures the network's own pieces beside the held-out songs."""
    one: set[bytes] = set()
    two: set[bytes] = set()
    for song in training:
        bars = bars_of(song)
        one.update(bars)
        two.update(_pairs(bars))
    ours, theirs = ([bars_of(song) for song in songs] for songs in (pieces, held_out))
    return Writing(
        bar_validity(engine, rng),
        _share(one, ours, list),
        _share(one, theirs, list),
        _share(two, ours, _pairs),
        _share(two, theirs, _pairs),
        _repeated(ours),
        _repeated(theirs),
    )


def bars_of(song: Ids) -> list[bytes]:
    """The bars of a song, each as the bytes of its words."""
    ends = np.flatnonzero(song == BAR_ID)
    return [bar.tobytes() for bar in np.split(song, ends + 1)[:-1]]


def _pairs(bars: list[bytes]) -> list[bytes]:
    return [a + b for a, b in pairwise(bars)]


def _is_silent(window: bytes) -> bool:
    words = np.frombuffer(window, dtype=np.uint16)
    return not (words[words != BAR_ID]).any()


def _share(known: set[bytes], songs: list[list[bytes]], windows_of: Callable[[list[bytes]], list[bytes]]) -> float:
    """Share of the non-empty windows that are known."""
    found = [window in known for bars in songs for window in windows_of(bars) if not _is_silent(window)]
    return float(np.mean(found)) if found else 0.0


def _repeated(songs: list[list[bytes]]) -> float:
    same = [a == b for bars in songs for a, b in pairwise(bars)]
    return float(np.mean(same)) if same else 0.0


def evaluate(engine: Engine, corpus: Corpus, config: EvaluationConfig) -> tuple[Prediction, Writing]:
    """Every measure, on one source of a corpus.

    Raises:
        DrumtokError: the corpus is on another grid than the network, or has no such songs.
    """
    if corpus.grid != engine.checkpoint.grid:
        raise DrumtokError(f"the corpus has grid {corpus.grid}: the checkpoint asks for {engine.checkpoint.grid}")
    held_out, training = (_songs(corpus, split, config.source) for split in (config.split, "train"))
    rng = np.random.default_rng(config.seed)
    pieces = write_pieces(engine, rng, config.pieces, config.bars)
    return predict(engine, held_out), writing(engine, rng, pieces, held_out, training)


def _songs(corpus: Corpus, split: str, source: str) -> list[Ids]:
    side = corpus.split(split)
    songs = [side.song(n) for n, song in enumerate(corpus.songs[split]) if song["source"] == source]
    if not songs:
        raise DrumtokError(f"the corpus has no {split} songs of source {source!r}")
    return songs
