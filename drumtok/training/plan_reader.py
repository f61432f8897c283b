"""Fit a plan reader to held-out songs, since the network is overconfident on training songs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from drumtok.drums import N_DRUMS
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.network.plan_reader import HITS, INPUTS, PREFIX, UNITS, SoFar, inputs
from drumtok.sampling.sampler import log_sum, next_logits
from drumtok.tokenizer.bar_plan import BACKS, COLUMN, LANE_WEIGHTS
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS, hits_to_ids
from drumtok.training.bar_clock import PlannedSong

RATE, DECAY, WARMUP = 4e-3, 0.05, 30  # of AdamW; steps in which the rate rises
BATCH = 96  # bars
STREAMS = 48  # songs stepped in parallel
MOST_BARS = 3000  # for fitting the reader, plus at most a song
KNOWN, WHOLE = 0.7, 0.5  # fraction of known values in partly known plans, and of fully known plans
LOWEST = -60.0  # a log-probability below all others

_LIKE, _SAME = COLUMN["like"], COLUMN["same"]


@dataclass(frozen=True)
class ReadBars:
    """Bars of songs, and the predictions of the network for them.

    Attributes:
        bars: (bars, steps, 9).
        words: (bars, steps).
        log_p: (bars, steps, 512) log-probabilities of the network with its song cache.
        plans: (bars, fields).
        other: (bars, steps, 9) the most similar earlier bar of each, zeros for a first bar.
        other_words: (bars, steps), -1 for a first bar.
    """

    bars: NDArray[np.bool_]
    words: NDArray[np.int64]
    log_p: NDArray[np.float16]
    plans: NDArray[np.int64]
    other: NDArray[np.bool_]
    other_words: NDArray[np.int64]


class ReaderModel(nn.Module):
    """The differentiable counterpart of `drumtok.network.plan_reader.PlanReader`."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(INPUTS, UNITS), nn.Tanh(), nn.Linear(UNITS, UNITS), nn.Tanh(), nn.Linear(UNITS, N_DRUMS + 1)
        )
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)  # an untrained reader changes nothing
        nn.init.zeros_(last.bias)
        self.hits: Tensor
        self.register_buffer("hits", torch.from_numpy(HITS.astype(np.float32)), persistent=False)

    def forward(self, x: Tensor, other_words: Tensor, log_p: Tensor) -> Tensor:
        """Return the reweighted log-probabilities, (..., 512).

        Args:
            x: (..., 88), as in `drumtok.network.plan_reader.inputs`.
            other_words: (...,) or -1 without one.
            log_p: (..., 512) log-probabilities of the network.
        """
        made = self.layers(x)
        added = made[..., :N_DRUMS] @ self.hits.T
        there = (other_words >= 0).float()
        added = added.scatter_add(-1, other_words.clamp(min=0)[..., None], (made[..., -1] * there)[..., None])
        return torch.log_softmax(log_p + added, dim=-1)


def bar_inputs(bars: NDArray[np.bool_], other: NDArray[np.bool_], plans: NDArray[np.int64], grid: int) -> Tensor:
    """Return the inputs of the reader at all steps of bars, (bars, steps, 88); plans may be partly unknown."""
    steps = bars.shape[1]

    def before(values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the sum of the values of all earlier steps."""
        summed: NDArray[np.float64] = values.cumsum(axis=1, dtype=np.float64) - values
        return summed

    weighted = other * LANE_WEIGHTS
    so_far = SoFar(
        before(bars.astype(np.float64)),
        before(((bars != other) * LANE_WEIGHTS).sum(axis=-1)),
        before(((bars & other) * LANE_WEIGHTS).sum(axis=-1)),
        other.astype(np.float64),
        np.broadcast_to(weighted.sum(axis=(1, 2))[:, None], bars.shape[:2]),
        np.broadcast_to(np.arange(steps), bars.shape[:2]),
    )
    every_step = np.broadcast_to(plans[:, None], (*bars.shape[:2], plans.shape[1]))
    return torch.from_numpy(inputs(every_step, so_far, steps, grid).astype(np.float32))


def fitted_reader(bars: ReadBars, grid: int, *, steps: int, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a reader that is fitted to bars and their partly hidden plans."""
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = ReaderModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    for step in range(steps):
        chosen = rng.integers(len(bars.bars), size=BATCH)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, step / WARMUP) * (1 + math.cos(math.pi * step / steps)) / 2
        optimizer.zero_grad()
        _nats(model, bars, chosen, _partly_known(bars.plans[chosen], rng), grid).backward()
        optimizer.step()
    return {PREFIX + name.removeprefix("layers."): own.numpy() for name, own in model.state_dict().items()}


def _nats(model: ReaderModel, bars: ReadBars, chosen: NDArray[np.int64], plans: NDArray[np.int64], grid: int) -> Tensor:
    """Return the nats per step of the chosen bars under plans."""
    known = plans[:, _LIKE] > 0
    other = bars.other[chosen] & known[:, None, None]
    other_words = np.where(known[:, None], bars.other_words[chosen], -1)
    x = bar_inputs(bars.bars[chosen], other, plans, grid)
    log_p = model(x, torch.from_numpy(other_words), torch.from_numpy(bars.log_p[chosen].astype(np.float32)))
    return -log_p.gather(-1, torch.from_numpy(bars.words[chosen])[..., None]).mean()


def _partly_known(plans: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Hide values of plans; `same` is hidden together with `like`."""
    known = rng.random(plans.shape) < KNOWN
    known |= rng.random((len(plans), 1)) < WHOLE
    known[:, _SAME] &= known[:, _LIKE]
    known[:, _LIKE] = known[:, _SAME]
    return plans * known


def read_bars(engine: Engine, songs: Sequence[PlannedSong], rng: np.random.Generator) -> ReadBars:
    """Return the bars of songs with the most frequent bar length, up to about `MOST_BARS`."""
    lengths = [song.bars.shape[1] for song in songs]
    usual = max(set(lengths), key=lengths.count)
    fitting = [song for song in songs if song.bars.shape[1] == usual]
    order = rng.permutation(len(fitting))
    before = np.cumsum([0, *(len(fitting[n].bars) for n in order[:-1])])
    chosen = sorted((fitting[n] for n in order[before < MOST_BARS]), key=lambda song: -len(song.bars))
    parts = [part for n in range(0, len(chosen), STREAMS) for part in _stepped(engine, chosen[n : n + STREAMS])]
    return ReadBars(*(np.concatenate([getattr(part, name) for part in parts]) for name in ReadBars.__annotations__))


def _stepped(engine: Engine, songs: Sequence[PlannedSong]) -> list[ReadBars]:
    """Step through songs, the longest first."""
    steps = songs[0].bars.shape[1]
    ids = [
        hits_to_ids(song.bars.reshape(len(song.bars) * steps, -1)).reshape(-1, steps).astype(np.int64) for song in songs
    ]
    predicted = [np.zeros((*own.shape, N_HIT_WORDS), dtype=np.float16) for own in ids]
    state, tracker = engine.start(len(songs)), BarTracker(len(songs), engine.lookback)
    for bar in range(len(ids[0])):
        going = sum(len(own) > bar for own in ids)
        if going < len(tracker.words):
            state = state.select(np.arange(going))
            tracker.select(np.arange(going))
        for step in range(steps):
            logits = next_logits(engine, state, tracker)[:, :N_HIT_WORDS]
            log_p = np.maximum(logits - log_sum(logits)[:, None], LOWEST)
            for n in range(going):
                predicted[n][bar, step] = log_p[n]
            tracker.push(np.array([own[bar, step] for own in ids[:going]]), given=True)
        next_logits(engine, state, tracker)
        tracker.push(np.full(going, BAR_ID), given=True)
    return [_with_others(song, own, p) for song, own, p in zip(songs, ids, predicted, strict=True)]


def _with_others(song: PlannedSong, words: NDArray[np.int64], log_p: NDArray[np.float16]) -> ReadBars:
    back = np.array([0, *BACKS])[song.plans[:, _LIKE]]
    there = back > 0
    at = np.arange(len(words)) - back
    other = song.bars[at] & there[:, None, None]
    return ReadBars(song.bars, words, log_p, song.plans, other, np.where(there[:, None], words[at], -1))
