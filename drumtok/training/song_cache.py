"""Fit the song cache of a trained network to held-out songs: training songs would teach it to trust the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from drumtok.network.checkpoint import Checkpoint
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.network.song_cache import PREFIX, SHAPES, Earlier, score_inputs
from drumtok.tokenizer.labels import UNCONDITIONED, Conditioning
from drumtok.tokenizer.tokens import N_HIT_WORDS

RATE, DECAY = 0.02, 1e-3  # of AdamW; the rate falls to 0 over the steps
STREAMS = 64  # songs stepped in parallel
LEAST = 1e-9  # probability, so that no logarithm is infinite
LOWEST = -30.0  # a score below all others


@dataclass(frozen=True)
class Pairs:
    """The steps of songs, each with the earlier bars that have a word at its place.

    Attributes:
        step: (pairs,) the number of each pair's step.
        inputs: (pairs, 19) of `score_inputs`.
        right: (pairs,) 1 where the earlier bar has the word of the step.
        p: (steps,) the network's probability of the right word.
        entropy, highest: (steps,) of the network's probabilities, in nats; the highest of them.
        bars: (steps,) earlier bars with a word there.
    """

    step: Tensor
    inputs: Tensor
    right: Tensor
    p: Tensor
    entropy: Tensor
    highest: Tensor
    bars: Tensor


class CacheModel(nn.Module):
    """What `drumtok.network.song_cache.SongCache` computes, on pairs and with gradients."""

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
        total = summed(exponentials).clamp_min(LEAST)
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


def with_song_cache(
    checkpoint: Checkpoint,
    songs: Sequence[NDArray[np.integer]],
    conditioning: Sequence[Conditioning] = (),
    *,
    steps: int,
    seed: int = 0,
) -> Checkpoint:
    """Return the network with a song cache that is fitted to songs; the network itself where no step has a pair.

    Args:
        songs: the words of each, which the network was not trained on.
        conditioning: of each song; none if empty.
        steps: of the optimiser.
        seed: of the first weights.
    """
    engine = Engine(replace(checkpoint, weights=without_cache(checkpoint.weights)))
    pairs = pairs_of(engine, songs, conditioning or [UNCONDITIONED] * len(songs))
    if not len(pairs.step):
        return checkpoint
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = CacheModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        (-model(pairs).clamp_min(LEAST).log().mean()).backward()
        optimizer.step()
        schedule.step()
    fitted = {PREFIX + name: array.numpy() for name, array in model.state_dict().items()}
    return replace(checkpoint, weights={**without_cache(checkpoint.weights), **fitted})


def without_cache(weights: Mapping[str, NDArray[np.floating]]) -> dict[str, NDArray[np.floating]]:
    """Return the weights of the network alone."""
    return {name: array for name, array in weights.items() if not name.startswith(PREFIX)}


def pairs_of(engine: Engine, songs: Sequence[NDArray[np.integer]], conditioning: Sequence[Conditioning]) -> Pairs:
    """Return the pairs of all hit words of songs."""
    found: list[tuple[NDArray, ...]] = []
    longest_first = np.argsort([-len(song) for song in songs], kind="stable")
    for start in range(0, len(songs), STREAMS):
        batch = longest_first[start : start + STREAMS]
        found += _stepped(engine, [songs[n] for n in batch], [conditioning[n] for n in batch])
    counts = [len(part[1]) for part in found]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64) if counts else []
    step = [part[0] + begin for part, begin in zip(found, first, strict=True)]
    whole = [np.concatenate(parts) for parts in zip(*((s, *part[1:]) for s, part in zip(step, found, strict=True)))]
    own_step, p, entropy, highest, bars, inputs, right = whole
    as_floats = (torch.from_numpy(array.astype(np.float32)) for array in (inputs, right, p, entropy, highest, bars))
    return Pairs(torch.from_numpy(own_step), *as_floats)


def _stepped(
    engine: Engine, songs: Sequence[NDArray[np.integer]], conditioning: Sequence[Conditioning]
) -> list[tuple[NDArray, ...]]:
    """Return what each step of songs, the longest first, adds to the pairs; the number of a step counts from it."""
    state, found = engine.start(len(songs)), []
    tracker = BarTracker(len(songs), engine.lookback, [engine.label(own) for own in conditioning])
    for n in range(len(songs[0])):
        going = sum(len(song) > n for song in songs)
        if going < len(tracker.words):
            state, _ = state.select(np.arange(going)), tracker.select(np.arange(going))
        words = np.array([song[n] for song in songs[:going]], dtype=np.int64)
        logits = engine.step(tracker.context, state)[:, :N_HIT_WORDS].astype(np.float64)
        hit = np.flatnonzero(words < N_HIT_WORDS)
        log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        earlier = Earlier.of(tracker)
        there = (earlier.words >= 0)[hit]
        inputs = score_inputs(earlier, log_p)[hit][there].astype(np.float32)
        right = (earlier.words == words[:, None])[hit][there]
        p, own = np.exp(log_p[hit]), words[hit]
        entropy = -(p * np.maximum(log_p[hit], -20)).sum(axis=1)
        found.append(
            (
                np.nonzero(there)[0],
                p[np.arange(len(own)), own],
                entropy,
                p.max(axis=1),
                there.sum(axis=1),
                inputs,
                right,
            )
        )
        tracker.push(words, given=True)
    return found
