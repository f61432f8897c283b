"""The likelihood of a loop under the network, and the gain of flipping each of its cells."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.context import BarTracker
from drumtok.network.engine import SteppedNetwork
from drumtok.sampling.config import LEAD_IN
from drumtok.sampling.sampler import log_sum, next_logits
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS, hits_to_ids

Hits = NDArray[np.bool_]  # (steps, 9)
Cells = NDArray[np.integer]  # (cells, 2) step and drum of each


def flipped(hits: Hits, cells: Cells) -> Hits:
    """Return the hits with the given cells flipped."""
    changed = hits.copy()
    changed[*cells.T] ^= True
    return changed


def gains(engine: SteppedNetwork, hits: Hits, per_bar: int) -> NDArray[np.float64]:
    """Return the gain in log-probability of each word if one of its cells is flipped, in nats, (steps, 9).

    Only the words before it are taken into account, not those after it.
    """
    logits = np.concatenate(list(_logits(engine, hits[None], per_bar, None)))  # (steps, 512)
    words = hits_to_ids(hits).astype(np.int64)[:, None]
    others = words ^ hits_to_ids(np.eye(N_DRUMS, dtype=bool)).astype(np.int64)  # (steps, 9)
    gained: NDArray[np.float64] = np.take_along_axis(logits, others, 1) - np.take_along_axis(logits, words, 1)
    return gained


def log_likelihood(
    engine: SteppedNetwork, songs: NDArray[np.bool_], per_bar: int, conditioning: Conditioning | None = None
) -> NDArray[np.float64]:
    """Return the log-probability in nats of the hit words of loops of equal length, (songs,), each after its last bars.

    Args:
        songs: (songs, steps, 9) hits.
        per_bar: steps of a bar.
        conditioning: labels of the songs; None is only the default kind of the checkpoint.
    """
    words, total = hits_to_ids(songs).astype(np.int64), np.zeros(len(songs))
    for word, logits in zip(words.T, _logits(engine, songs, per_bar, conditioning), strict=True):
        total += logits[np.arange(len(total)), word]
    return total


def _logits(
    engine: SteppedNetwork, songs: NDArray[np.bool_], per_bar: int, conditioning: Conditioning | None
) -> Iterator[NDArray[np.float64]]:
    """Yield the log-probability of each hit word, (songs, 512), step by step, after a lead-in of the loop."""
    count = len(songs)
    bars = hits_to_ids(songs).reshape(count, -1, per_bar)
    order = np.arange(-LEAD_IN, bars.shape[1]) % bars.shape[1]
    words = np.pad(bars[:, order], ((0, 0), (0, 0), (0, 1)), constant_values=BAR_ID).reshape(count, -1)
    state = engine.start(count)
    tracker = BarTracker(
        count,
        engine.lookback,
        engine.label(conditioning or Conditioning(engine.checkpoint.default_kind, starts_mid_song=True)),
    )
    for n, word in enumerate(words.T):
        logits = next_logits(engine, state, tracker)
        if n >= LEAD_IN * (per_bar + 1) and word[0] != BAR_ID:
            at_hits = logits[:, :N_HIT_WORDS]
            yield at_hits - log_sum(at_hits)[:, None]
        tracker.push(word, given=True)
