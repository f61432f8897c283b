"""Fit the song cache of a trained network to held-out songs, since the network is overconfident on training songs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from drumtok.network.bar_clock import PREFIX as OF_CLOCK
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.network.plan_reader import PREFIX as OF_READER
from drumtok.network.song_cache import PREFIX, SHAPES, Earlier, entropy_of, log_sum, score_inputs
from drumtok.tokenizer.tokens import N_HIT_WORDS
from drumtok.training.data.window_batches import Split

RATE, DECAY = 0.02, 1e-3  # of AdamW; the rate falls to 0 over the steps
STREAMS = 64  # songs stepped in parallel
MOST_WORDS = 50_000  # for fitting the cache, plus at most a song; its five hundred weights need no more
MIN_PROB = 1e-9  # lower bound of probabilities, so that no logarithm is infinite
LOWEST = -30.0  # a score below all others


@dataclass(frozen=True)
class Pairs:
    """The steps of songs, each with the earlier bars that have a word at its position.

    Attributes:
        step: (pairs,) the index of the step of each pair.
        inputs: (pairs, 19) results of `score_inputs`.
        right: (pairs,) 1 if the earlier bar has the word of the step.
        p: (steps,) the network's probability of the right word.
        entropy, highest: (steps,) the entropy of the network's probabilities in nats, and their maximum.
        bars: (steps,) the number of earlier bars with a word there.
    """

    step: Tensor
    inputs: Tensor
    right: Tensor
    p: Tensor
    entropy: Tensor
    highest: Tensor
    bars: Tensor


class CacheModel(nn.Module):
    """The differentiable counterpart of `drumtok.network.song_cache.SongCache`, on pairs."""

    def __init__(self) -> None:
        super().__init__()
        (units, scored), (_, gated) = SHAPES["score.0.weight"], SHAPES["gate.0.weight"]
        self.score = nn.Sequential(nn.Linear(scored, units), nn.Tanh(), nn.Linear(units, 1))
        self.gate = nn.Sequential(nn.Linear(gated, units), nn.Tanh(), nn.Linear(units, 1))

    def forward(self, pairs: Pairs) -> Tensor:
        """Return the probability of the right word at each step, (steps,)."""
        steps, scores = len(pairs.p), self.score(pairs.inputs)[:, 0]  # (pairs,)

        def summed(values: Tensor) -> Tensor:
            return torch.zeros(steps).index_add(0, pairs.step, values)

        highest = torch.full((steps,), LOWEST).scatter_reduce(0, pairs.step, scores.detach(), "amax")
        exponentials = torch.exp(scores - highest[pairs.step])
        total = summed(exponentials).clamp_min(MIN_PROB)
        attention = exponentials / total[pairs.step]
        columns = [
            (total.log() + highest).clamp(-10, 30) / 4,
            summed(attention**2),
            summed(attention * pairs.inputs[:, -1]),
            pairs.entropy,
            pairs.highest,
            torch.log1p(pairs.bars),
            total.log().clamp_min(0),
        ]
        gate = torch.sigmoid(self.gate(torch.stack(columns, dim=1))[:, 0]) * (pairs.bars > 0)
        return (1 - gate) * pairs.p + gate * summed(attention * pairs.right)


def with_song_cache(checkpoint: Checkpoint, songs: Split, *, steps: int, seed: int = 0) -> tuple[Checkpoint, float]:
    """Return the network with a song cache that is fitted to songs, and its bits per step over them.

    Args:
        songs: songs that the network was not trained on, of which about `MOST_WORDS` words are drawn. Their labels are
            not used.
        steps: optimiser steps.
        seed: the seed of the initial weights and of the drawn songs.
    """
    order = np.random.default_rng(seed).permutation(len(songs))
    before = np.cumsum(songs.lengths[order]) - songs.lengths[order]
    chosen = order[before < MOST_WORDS]
    network = replace(checkpoint, weights=network_alone(checkpoint.weights))
    pairs = pairs_of(Engine(network), [songs.song(n) for n in chosen.tolist()])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = CacheModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        _nats(model, pairs).backward()
        optimizer.step()
        schedule.step()
    fitted = {PREFIX + name: array.numpy() for name, array in model.state_dict().items()}
    bits = _nats(model, pairs).item() / math.log(2)
    return replace(network, weights={**network.weights, **fitted}), bits


def _nats(model: CacheModel, pairs: Pairs) -> Tensor:
    return -model(pairs).clamp_min(MIN_PROB).log().mean()


def network_alone(weights: Mapping[str, NDArray[np.floating]]) -> dict[str, NDArray[np.floating]]:
    """Return the weights of the network, without those of song cache, bar clock and plan reader."""
    fitted = (PREFIX, OF_CLOCK, OF_READER)
    return {name: array for name, array in weights.items() if not name.startswith(fitted)}


def pairs_of(engine: Engine, songs: Sequence[NDArray[np.integer]]) -> Pairs:
    """Return the pairs of all hit words of songs."""
    found: list[_Found] = []
    longest_first = sorted(songs, key=len, reverse=True)
    for start in range(0, len(songs), STREAMS):
        found += _stepped(engine, longest_first[start : start + STREAMS])
    first = np.cumsum([0, *(len(part.p) for part in found)])
    step = np.concatenate([part.step + begin for part, begin in zip(found, first, strict=False)])

    def whole(name: str) -> Tensor:
        return torch.from_numpy(np.concatenate([getattr(part, name) for part in found]).astype(np.float32))

    return Pairs(torch.from_numpy(step), *map(whole, _Found._fields[1:]))


class _Found(NamedTuple):
    """The part of `Pairs` from one step of several songs; `step` counts from 0."""

    step: NDArray[np.integer]
    inputs: NDArray[np.floating]
    right: NDArray[np.bool_]
    p: NDArray[np.floating]
    entropy: NDArray[np.floating]
    highest: NDArray[np.floating]
    bars: NDArray[np.integer]


def _stepped(engine: Engine, songs: Sequence[NDArray[np.integer]]) -> list[_Found]:
    """Step through songs, the longest first."""
    state, tracker, found = engine.start(len(songs)), BarTracker(len(songs), engine.lookback), []
    for n in range(len(songs[0])):
        going = sum(len(song) > n for song in songs)
        if going < len(tracker.words):
            state = state.select(np.arange(going))
            tracker.select(np.arange(going))
        words = np.array([song[n] for song in songs[:going]], dtype=np.int64)
        logits = engine.step(tracker.context, state)[:, :N_HIT_WORDS].astype(np.float64)
        hit = words < N_HIT_WORDS
        log_p = logits - log_sum(logits)
        earlier = Earlier.of(tracker)
        there = (earlier.words >= 0)[hit]
        inputs = score_inputs(earlier, log_p)[hit][there]
        right = (earlier.words == words[:, None])[hit][there]
        p = np.exp(log_p[hit])
        of_word = np.take_along_axis(p, words[hit, None], axis=1)[:, 0]
        of_step = of_word, entropy_of(log_p[hit], p), p.max(axis=1), there.sum(axis=1)
        found.append(_Found(np.nonzero(there)[0], inputs, right, *of_step))
        tracker.push(words, given=True)
    return found
