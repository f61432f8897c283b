"""Train a bar clock (`drumtok.network.bar_clock`) on the plans of the songs of a corpus, under Lightning."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import IterableDataset

from drumtok.network.bar_clock import PHRASE, PICTURE, PREFIX, UNITS, picture_of
from drumtok.network.config import ModelConfig
from drumtok.tokenizer.bar_plan import BACKS, SIZES, plans_of
from drumtok.tokenizer.labels import EMBEDDED, EMBEDDED_COLUMNS, OPTIONAL_LABELS, Conditioning, LabelVocabulary
from drumtok.tokenizer.tokens import BAR_ID, ids_to_hits
from drumtok.training.data.window_batches import Split

RATE, DECAY, DROPOUT = 2e-3, 0.05, 0.3
STRETCHES, BARS = 32, 48  # stretches of a batch, and the greatest length of a stretch in bars
SORTED = 16  # batches within which stretches are sorted by length
CUT = 4  # bars; a stretch begins after a multiple of it
LABELLED = 0.7  # fraction of the stretches that have each label
IGNORE = -1


class ClockModel(nn.Module):
    """The differentiable counterpart of `drumtok.network.bar_clock.BarClock`, over all bars of stretches at once."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.read, self.drawn = (nn.ModuleList(_embedding(size) for size in SIZES) for _ in range(2))
        self.picture, self.phrase = nn.Linear(PICTURE, UNITS), _embedding(PHRASE)
        self.labels = nn.ModuleDict({name: _embedding(size) for name, size in config.labels.sizes.items()})
        self.lstm = nn.LSTM(UNITS, UNITS, batch_first=True)
        self.heads = nn.ModuleList(nn.Linear(UNITS, size) for size in SIZES)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, plans: Tensor, pictures: Tensor, labels: Tensor) -> list[Tensor]:
        """Return the logits of each field, (stretches, bars, values) each.

        Args:
            plans: (stretches, bars, fields); 0 after the end of a stretch.
            pictures: (stretches, bars, places * 9).
            labels: (stretches, embedded labels).
        """
        before, seen = _later(plans), _later(pictures)
        bar = torch.arange(plans.shape[1], device=plans.device) % PHRASE
        x = self.picture(self.drop(seen)) + self.phrase(bar)  # (stretches, bars, units)
        for field, embedding in enumerate(self.read):
            x = x + embedding(before[..., field])
        for label, ids in zip(EMBEDDED, labels.unbind(-1), strict=True):
            if label.name in self.labels:
                x = x + self.labels[label.name](ids)[:, None]
        hidden, _ = self.lstm(self.drop(torch.tanh(x)))
        context, logits = self.drop(hidden), []
        for field, (head, embedding) in enumerate(zip(self.heads, self.drawn, strict=True)):
            logits.append(head(torch.tanh(context)))
            context = context + embedding(plans[..., field])
        return logits


def _embedding(rows: int) -> nn.Embedding:
    embedding = nn.Embedding(rows, UNITS)
    nn.init.normal_(embedding.weight, std=0.1)
    return embedding


def _later(values: Tensor) -> Tensor:
    """Return values one bar later, zeros first."""
    return torch.cat([torch.zeros_like(values[:, :1]), values[:, :-1]], dim=1)


def plan_nats(logits: Sequence[Tensor], plans: Tensor) -> Tensor:
    """Return the nats of each field over all bars, (fields,), without unknown values."""
    return torch.stack(
        [
            cross_entropy(
                own.flatten(0, 1),
                plans[..., field].masked_fill(plans[..., field] == 0, IGNORE).flatten(),
                ignore_index=IGNORE,
                reduction="sum",
            )
            for field, own in enumerate(logits)
        ]
    )


@dataclass(frozen=True)
class PlannedSong:
    """A song as input of the bar clock.

    Attributes:
        bars: (bars, steps, 9).
        plans: (bars, fields).
        pictures: (bars, places * 9).
        conditioning: its labels.
        weight: how often an epoch contains it.
    """

    bars: NDArray[np.bool_]
    plans: NDArray[np.int64]
    pictures: NDArray[np.float32]
    conditioning: Conditioning
    weight: float


def planned_songs(split: Split, grid: int) -> list[PlannedSong]:
    """Return the songs of a split with at least two bars, all of the same length."""
    found = []
    for n in range(len(split)):
        ids = np.asarray(split.song(n))
        steps = np.diff(np.flatnonzero(ids == BAR_ID), prepend=-1) - 1
        if len(steps) < 2 or (steps != steps[0]).any():
            continue
        bars = ids_to_hits(ids.reshape(-1, steps[0] + 1)[:, :-1]).astype(bool)
        plans, weight = plans_of(bars, grid), float(split.weights[n])
        found.append(PlannedSong(bars, plans, picture_of(bars), split.conditioning(n), weight))
    return found


class ClockBatches(IterableDataset):
    """Batches of stretches of songs for training, drawn again at each iteration, or of whole songs.

    Args:
        songs: the songs.
        labels: the label vocabulary of the network.
        grid: steps per quarter note.
        rng: for the order, the cuts and the labels; None yields each song whole and without labels.
    """

    def __init__(
        self, songs: Sequence[PlannedSong], labels: LabelVocabulary, grid: int, rng: np.random.Generator | None = None
    ) -> None:
        self._songs, self._labels, self._grid, self._rng = songs, labels, grid, rng

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        if self._rng is None:
            for song in self._songs:
                yield _batch([(song.plans, song.pictures, self._ids(song.conditioning, 0.0, False))])
            return
        stretches = self._stretches(self._rng)
        for begin in range(0, len(stretches), STRETCHES * SORTED):
            group = sorted(stretches[begin : begin + STRETCHES * SORTED], key=lambda stretch: stretch[2])
            batches = [group[n : n + STRETCHES] for n in range(0, len(group), STRETCHES)]
            for n in self._rng.permutation(len(batches)).tolist():
                yield _batch([self._stretch(*stretch) for stretch in batches[n]])

    def _stretches(self, rng: np.random.Generator) -> list[tuple[int, int, int]]:
        """Return song, first bar and bars of each stretch of an epoch, in random order."""
        found = []
        for n, song in enumerate(self._songs):
            bars = len(song.bars)
            for _ in range(int(song.weight + rng.random())):
                first = int(rng.integers(1, BARS // CUT)) * CUT
                starts = [0, *range(first, bars, BARS)]
                found += [
                    (n, start, min(end - start, BARS)) for start, end in zip(starts, [*starts[1:], bars], strict=True)
                ]
        return [found[n] for n in rng.permutation(len(found)).tolist()]

    def _stretch(self, n: int, start: int, bars: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        song = self._songs[n]
        plans = song.plans[start : start + bars].copy()
        if start:  # references to bars before the stretch are unknown
            seen = min(bars, max(BACKS) + 1)
            plans[:seen] = plans_of(song.bars[start : start + seen], self._grid)
        return plans, song.pictures[start : start + bars], self._ids(song.conditioning, LABELLED, start > 0)

    def _ids(self, conditioning: Conditioning, share: float, starts_mid_song: bool) -> NDArray[np.int64]:
        kept = [name for name in OPTIONAL_LABELS if self._rng is not None and self._rng.random() < share]
        known = replace(conditioning, starts_mid_song=starts_mid_song).only(kept)
        return np.array(self._labels.number(known))[list(EMBEDDED_COLUMNS)]


def _batch(stretches: Sequence[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]) -> tuple[Tensor, Tensor, Tensor]:
    """Return plans, pictures and labels of stretches, padded with zeros."""
    longest = max(len(plans) for plans, _, _ in stretches)
    plans = np.zeros((len(stretches), longest, len(SIZES)), dtype=np.int64)
    pictures = np.zeros((len(stretches), longest, PICTURE), dtype=np.float32)
    for row, (own, seen, _) in enumerate(stretches):
        plans[row, : len(own)], pictures[row, : len(seen)] = own, seen
    labels = np.stack([ids for _, _, ids in stretches])
    return torch.from_numpy(plans), torch.from_numpy(pictures), torch.from_numpy(labels)


class LitClock(pl.LightningModule):
    """A `ClockModel` in training.

    Attributes:
        bits: the bits of the plan of a bar, for each validation.
        best: the weights with the fewest bits.
    """

    def __init__(self, config: ModelConfig, epochs: int) -> None:
        super().__init__()
        self.model, self._epochs = ClockModel(config), epochs
        self.bits: list[float] = []
        self.best: dict[str, NDArray[np.float32]] = {}
        self._nats, self._bars = 0.0, 0

    def configure_optimizers(self) -> Any:
        """Return AdamW, whose learning rate falls to 0 as half a cosine."""
        optimizer = torch.optim.AdamW(self.parameters(), lr=RATE, weight_decay=DECAY)
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self._epochs)]

    def training_step(self, batch: Any, batch_index: int) -> Tensor:
        """Return the nats of the plan of a bar."""
        plans = batch[0]
        return plan_nats(self.model(*batch), plans).sum() / (plans[..., 0] > 0).sum()

    def validation_step(self, batch: Any, batch_index: int) -> None:
        """Add a song to the sums."""
        self._nats += float(plan_nats(self.model(*batch), batch[0]).sum())
        self._bars += int((batch[0][..., 0] > 0).sum())

    def on_validation_epoch_end(self) -> None:
        """Keep the weights if they are the best yet."""
        bits = self._nats / max(self._bars, 1) / math.log(2)
        self._nats, self._bars = 0.0, 0
        if not self.bits or bits < min(self.bits):
            self.best = {
                PREFIX + name: own.detach().cpu().numpy().copy() for name, own in self.model.state_dict().items()
            }
        self.bits.append(bits)
