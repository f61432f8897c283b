"""How likely the network finds a loop, and what it makes of each cell of it."""

import numpy as np
from numpy.typing import NDArray

from drumtok.context import BarTracker
from drumtok.drums import N_DRUMS
from drumtok.engine import Engine
from drumtok.generation import LEAD_IN
from drumtok.labels import Told
from drumtok.tokens import BAR_ID, N_HIT_WORDS, hits_to_ids

Hits = NDArray[np.bool_]  # (steps, 9)
Cells = NDArray[np.integer]  # (cells, 2) of each its step and its drum


def flipped(hits: Hits, cells: Cells) -> Hits:
    """The hits with those cells changed."""
    changed = hits.copy()
    changed[*cells.T] ^= True
    return changed


def gains(engine: Engine, hits: Hits, per_bar: int) -> NDArray[np.float64]:
    """(steps, 9) by how many nats each cell makes its own word likelier where it alone is flipped.

    What is before the word counts, what comes after it does not.
    """
    logits = _logits(engine, hits[None], per_bar)[0]  # (steps, 512)
    words = hits_to_ids(hits).astype(np.int64)[:, None]
    others = words ^ hits_to_ids(np.eye(N_DRUMS, dtype=bool)).astype(np.int64)  # (steps, 9)
    gained: NDArray[np.float64] = np.take_along_axis(logits, others, 1) - np.take_along_axis(logits, words, 1)
    return gained


def log_likelihood(engine: Engine, songs: NDArray[np.bool_], per_bar: int) -> NDArray[np.float64]:
    """(songs,) the log-probability in nats of the hit words of loops of equal length, each led in by its last bars.

    Args:
        songs: (songs, steps, 9) hits.
        per_bar: steps of a bar.
    """
    words = hits_to_ids(songs).astype(np.int64)
    total: NDArray[np.float64] = np.take_along_axis(_logits(engine, songs, per_bar), words[..., None], 2).sum((1, 2))
    return total


def _logits(engine: Engine, songs: NDArray[np.bool_], per_bar: int) -> NDArray[np.float64]:
    """(songs, steps, 512) the log-probability of each hit word at each step, a lead-in of the loop being given."""
    count, steps, _ = songs.shape
    bars = hits_to_ids(songs).reshape(count, -1, per_bar)
    order = np.arange(-LEAD_IN, bars.shape[1]) % bars.shape[1]
    words = np.pad(bars[:, order], ((0, 0), (0, 0), (0, 1)), constant_values=BAR_ID).reshape(count, -1)
    state = engine.start(count)
    tracker = BarTracker(count, engine.lookback, engine.label(Told(engine.checkpoint.default_kind)))
    found = np.empty((words.shape[1], count, N_HIT_WORDS))
    for n, word in enumerate(words.T):
        found[n] = engine.step(tracker.context, state)[:, :N_HIT_WORDS]
        tracker.push(word, given=True)
    found = found[words[0] != BAR_ID][-steps:]  # the same places in all songs
    highest = found.max(axis=2, keepdims=True)
    found -= highest + np.log(np.exp(found - highest).sum(axis=2, keepdims=True))
    return found.transpose(1, 0, 2)
