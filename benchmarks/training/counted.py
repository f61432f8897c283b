"""Models that only count, for comparison with the networks of `models.py`."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import song_context
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS
from drumtok.training.data.window_batches import Split

MAX_ORDER = 8  # most words of the past that `ngram` tries
STATIC_ORDER, ADAPTIVE_ORDER, BACK_OFF = 3, 6, 8.0  # orders and weight of `adaptive_ngram`
Counts = list[dict[tuple[int, ...], Counter[int]]]  # for each order: position and past -> counts of the next word


def unigram(train: Split, held_out: Split) -> tuple[float, float]:
    """Return (bits per step, accuracy) of the frequencies of words in the training songs, each counted once more."""
    counts = np.ones(N_HIT_WORDS)
    for _, word in _hits(train, 0):
        counts[word] += 1
    bits = -np.log2(counts / counts.sum())
    words = np.array([word for _, word in _hits(held_out, 0)])
    return float(bits[words].mean()), float((words == counts.argmax()).mean())


def copy_last_bar(train: Split, held_out: Split) -> tuple[None, float]:
    """Return (None, accuracy) of repeating the word a bar earlier; this gives no probabilities."""
    right: list[NDArray[np.bool_]] = []
    for index in range(len(held_out)):
        song = held_out.song(index)
        right.append((song_context(song, (1,)).past[:, 0] == song)[song != BAR_ID])
    return None, float(np.concatenate(right).mean())


def ngram(train: Split, held_out: Split) -> tuple[float, float]:
    """Return (bits per step, accuracy) of the best n-gram with the position in the bar, Witten-Bell smoothed.

    Its order is chosen on the held-out songs themselves, which favours it.
    """
    counts = _counted(train, MAX_ORDER)
    bits, right, steps = np.zeros(MAX_ORDER + 1), np.zeros(MAX_ORDER + 1), 0
    for past, word in _hits(held_out, MAX_ORDER):
        p = np.full(N_HIT_WORDS, 1 / N_HIT_WORDS)
        for order, known in enumerate(counts):
            seen = known.get(past[: order + 1])
            if seen is not None:
                _add(p, seen, len(seen))
            bits[order] -= math.log2(p[word])
            right[order] += p.argmax() == word
        steps += 1
    best = int(bits.argmin())
    return float(bits[best] / steps), float(right[best] / steps)


def adaptive_ngram(train: Split, held_out: Split) -> tuple[float, float]:
    """Return (bits per step, accuracy) of an n-gram that also counts the words of the song that it predicts.

    An n-gram of order 6, counted on the song so far, backs off to one of order 3, counted on the training songs; the
    back-off weighs as much as `BACK_OFF` counts.
    """
    static = _counted(train, STATIC_ORDER)
    bits, right, steps = 0.0, 0, 0
    for index in range(len(held_out)):
        song: Counts = [defaultdict(Counter) for _ in range(ADAPTIVE_ORDER + 1)]
        for past, word in _hits_of(held_out.song(index), ADAPTIVE_ORDER):
            p = np.full(N_HIT_WORDS, 1 / N_HIT_WORDS)
            for order, known in enumerate(static):
                if seen := known.get(past[: order + 1]):
                    _add(p, seen, len(seen))
            for order, known in enumerate(song):
                if seen := known.get(past[: order + 1]):
                    _add(p, seen, BACK_OFF)
                known[past[: order + 1]][word] += 1
            bits -= math.log2(p[word])
            right += int(p.argmax() == word)
            steps += 1
    return bits / steps, right / steps


def _counted(songs: Split, longest: int) -> Counts:
    counts: Counts = [defaultdict(Counter) for _ in range(longest + 1)]
    for past, word in _hits(songs, longest):
        for order, known in enumerate(counts):
            known[past[: order + 1]][word] += 1
    return counts


def _add(p: NDArray[np.floating], seen: Counter[int], back_off: float) -> None:
    """Mix the counts after a context into the probabilities of its back-off, which weigh as `back_off` counts."""
    total = seen.total()
    p *= back_off / (total + back_off)
    p[list(seen)] += np.fromiter(seen.values(), float) / (total + back_off)


def _hits(songs: Split, longest: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield, for each hit word, (position in the bar and the words before, the latest first; the word)."""
    for index in range(len(songs)):
        yield from _hits_of(songs.song(index), longest)


def _hits_of(song: NDArray[np.integer], longest: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield the same for one song; the past is shorter at its beginning."""
    words = song.tolist()
    starts = [0, *(n + 1 for n, word in enumerate(words) if word == BAR_ID)]
    hits: list[int] = []
    for begin, end in pairwise(starts):
        for place, word in enumerate(words[begin : end - 1]):
            yield (place, *hits[: -longest - 1 : -1]), word
            hits.append(word)
