"""`DrumLSTM`: a plain `torch.nn.Module` that returns the logits of the next word; `module.py` trains it."""

import numpy as np
import torch
from torch import Tensor, nn

from drumtok.drums import N_DRUMS
from drumtok.network.config import ModelConfig
from drumtok.network.context import N_POSITIONS
from drumtok.tokenizer.labels import EMBEDDED
from drumtok.tokenizer.tokens import N_HIT_WORDS, START_ID, VOCABULARY, ids_to_hits

State = list[tuple[Tensor, Tensor]]  # of each layer, its output and its cells: (1, batch, hidden) each


class DrumLSTM(nn.Module):
    """An LSTM over words that reads the position in the bar and the words of earlier bars at that position.

    Each layer adds its output to its input: without these residual sums three layers stay at the entropy of single
    words for hundreds of steps, and need four minutes instead of one for the same loss.

    The input of the first layer is a plain sum, without a bias or a nonlinearity, so that `engine.py` can fold it and
    the input weights of the first layer into look-up tables.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.word = nn.Embedding(START_ID + 1, config.width)
        self.bits = nn.Linear(N_DRUMS, config.width, bias=False)
        self.position = nn.Embedding(N_POSITIONS, config.width)
        self.phrase = _unheard(config.phrase, config.width) if config.phrase else None
        self.past = nn.Linear(N_DRUMS * len(config.lookback), config.width, bias=False)
        self.labels = nn.ModuleDict({name: _unheard(n, config.width) for name, n in config.labels.sizes.items()})
        sizes = [config.width] + [config.hidden] * (config.layers - 1)
        self.lstm = nn.ModuleList(_layer(size, config.hidden) for size in sizes)
        self.drop_input, self.drop = SongDropout(config.dropout / 2), SongDropout(config.dropout)
        self.out = nn.Linear(config.hidden, len(VOCABULARY))
        bits = np.zeros((START_ID + 1, N_DRUMS), dtype=np.float32)  # BAR and the start of a song have no bits
        bits[:N_HIT_WORDS] = ids_to_hits(np.arange(N_HIT_WORDS))
        self.bits_of: Tensor
        self.register_buffer("bits_of", torch.from_numpy(bits), persistent=False)

    def forward(
        self,
        previous: Tensor,
        bar: Tensor,
        position: Tensor,
        past: Tensor,
        labels: Tensor,
        state: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return the logits of each next word, and the state after the last.

        Args:
            previous: (batch, time) ids, as in `drumtok.network.context.Context`.
            bar: (batch, time) bars of the song before it.
            position: (batch, time).
            past: (batch, time, look-backs).
            labels: (batch, time, embedded labels).
            state: the state returned by an earlier call, zeros by default.
        """
        x = self.word(previous) + self.bits(self.bits_of[previous]) + self.position(position)  # (batch, time, width)
        x = x + self.past(self.bits_of[past].flatten(-2))
        if self.phrase is not None:
            x = x + self.phrase(bar % self.config.phrase)
        for label, ids in zip(EMBEDDED, labels.unbind(-1), strict=True):
            if label.name in self.labels:
                x = x + self.labels[label.name](ids)
        after: State = []
        for n, layer in enumerate(self.lstm):
            dropped = self.drop(x) if n else self.drop_input(x)
            y, layer_state = layer(dropped, state[n] if state else None)  # (batch, time, hidden)
            x = x + y if n else y
            after.append(layer_state)
        return self.out(self.drop(x)), after  # (batch, time, 513)


class SongDropout(nn.Module):
    """Drop the same units at every step of a row, so that noise does not accumulate in the state of an LSTM.

    Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks", NIPS 2016.

    Args:
        fraction: the fraction of the units to drop in training.
    """

    def __init__(self, fraction: float) -> None:
        super().__init__()
        self.fraction = fraction

    def forward(self, x: Tensor) -> Tensor:
        """Drop units of x: (batch, time, units)."""
        if not self.training or not self.fraction:
            return x
        kept = torch.full((x.shape[0], 1, x.shape[2]), 1 - self.fraction, device=x.device, dtype=x.dtype)
        return x * kept.bernoulli() / (1 - self.fraction)


def _unheard(rows: int, width: int) -> nn.Embedding:
    """Return an embedding of zeros, which has no effect until it is trained."""
    embedding = nn.Embedding(rows, width)
    nn.init.zeros_(embedding.weight)
    return embedding


def _layer(size: int, hidden: int) -> nn.LSTM:
    """Return a layer with orthogonal recurrent weights and open forget gates, so gradients reach back over bars."""
    layer = nn.LSTM(size, hidden, batch_first=True)
    for name, weight in layer.named_parameters():
        if "weight_hh" in name:
            nn.init.orthogonal_(weight)
        elif "weight_ih" in name:
            nn.init.xavier_uniform_(weight)
        else:
            nn.init.zeros_(weight)
            if "bias_hh" in name:
                nn.init.ones_(weight.data[hidden : 2 * hidden])  # torch's order of gates: input, forget, cell, output
    return layer
