"""Models that only count: what `models.py` puts beside the networks."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import song_context
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS
from drumtok.training.data.window_batches import Split

MAX_BARS = 8  # words of an n-gram's past that are tried


def unigram(train: Split, held_out: Split) -> tuple[float, float]:
    """Return (bits per step, accuracy) by how often each word stands in the training songs, each once more."""
    counts = np.ones(N_HIT_WORDS)
    for _, word in _hits(train, 0):
        counts[word] += 1
    bits = -np.log2(counts / counts.sum())
    words = np.array([word for _, word in _hits(held_out, 0)])
    return float(bits[words].mean()), float((words == counts.argmax()).mean())


def copy_last_bar(train: Split, held_out: Split) -> tuple[None, float]:
    """Return the fraction of steps that have the word of the bar before at that place; it gives no probabilities."""
    right: list[NDArray[np.bool_]] = []
    for index in range(len(held_out)):
        song = held_out.song(index)
        right.append((song_context(song, (1,)).past[:, 0] == song)[song != BAR_ID])
    return None, float(np.concatenate(right).mean())


def ngram(train: Split, held_out: Split) -> tuple[float, float]:
    """Return (bits per step, accuracy) of the best length of past, Witten-Bell smoothed, by place in the bar.

    The length is chosen on the held-out songs themselves: a favour.
    """
    counts: list[dict[tuple[int, ...], Counter[int]]] = [defaultdict(Counter) for _ in range(MAX_BARS + 1)]
    for past, word in _hits(train, MAX_BARS):
        for order, known in enumerate(counts):
            known[past[: order + 1]][word] += 1
    bits, right, steps = np.zeros(MAX_BARS + 1), np.zeros(MAX_BARS + 1), 0
    for past, word in _hits(held_out, MAX_BARS):
        p = np.full(N_HIT_WORDS, 1 / N_HIT_WORDS)
        for order, known in enumerate(counts):
            seen = known.get(past[: order + 1])
            if seen is not None:
                total, kinds = seen.total(), len(seen)
                p *= kinds / (total + kinds)
                p[list(seen)] += np.fromiter(seen.values(), float) / (total + kinds)
            bits[order] -= math.log2(p[word])
            right[order] += p.argmax() == word
        steps += 1
    best = int(bits.argmin())
    return float(bits[best] / steps), float(right[best] / steps)


def _hits(songs: Split, longest: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Return (place in the bar and the words before, the latest first; the word) of each hit word."""
    for index in range(len(songs)):
        song = songs.song(index).tolist()
        starts = [0, *(n + 1 for n, word in enumerate(song) if word == BAR_ID)]
        hits: list[int] = []
        for begin, end in pairwise(starts):
            for place, word in enumerate(song[begin : end - 1]):
                yield (place, *hits[: -longest - 1 : -1]), word
                hits.append(word)
