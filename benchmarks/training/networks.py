"""The networks that `models.py` compares with drumtok's; each takes the arguments of `DrumLSTM.forward`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from drumtok.drums import N_DRUMS
from drumtok.network.config import ModelConfig
from drumtok.tokenizer.tokens import N_HIT_WORDS, START_ID, VOCABULARY, ids_to_hits
from drumtok.training.data.window_batches import PAST
from drumtok.training.losses import inputs
from drumtok.training.model import DrumLSTM

OURS = ModelConfig(hidden=256, layers=2)
READ = len(inputs(torch.zeros(1, 1, PAST)))  # number of arguments before the state in `DrumLSTM.forward`
COUNTERS = 6  # binary digits of the step's position in a phrase of 64, as in Drums RNN
ATTENTION = 32  # steps over which Drums RNN attends
SEEN = 512  # words before a chunk that the transformer sees; in training, a window is a chunk


def state_of(rest: tuple[object, ...], named: int) -> Any:
    """Return the state from the arguments of `DrumLSTM.forward` after the first `named` ones, or None."""
    return rest[READ - named] if len(rest) > READ - named else None


class Plain(nn.Module):
    """An LSTM that reads only the last word, so that it has to count the steps of a bar by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.word = nn.Embedding(START_ID + 1, 256)
        self.lstm = nn.LSTM(256, 256, num_layers=3, batch_first=True, dropout=0.2)
        self.out = nn.Linear(256, len(VOCABULARY))

    def forward(self, previous: Tensor, *unread: object) -> tuple[Tensor, object]:
        """Return the same as `DrumLSTM.forward`, from the words alone."""
        y, after = self.lstm(self.word(previous), state_of(unread, 1))
        return self.out(y), after


class DrumsRNN(nn.Module):
    """The network of Magenta's Drums RNN: 3 x 256, dropout 0.5, binary counters, attention over 32 steps.

    Attention is added to the output but not fed into the next input, so that a window is computed in one call.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(START_ID + 1 + COUNTERS, 256, num_layers=3, batch_first=True, dropout=0.5)
        self.query, self.key, self.score = nn.Linear(256, 64), nn.Linear(256, 64), nn.Linear(64, 1)
        self.mix = nn.Linear(512, 256)
        self.drop, self.out = nn.Dropout(0.5), nn.Linear(256, len(VOCABULARY))

    def forward(self, previous: Tensor, bar: Tensor, *rest: object) -> tuple[Tensor, object]:
        """Return the same as `DrumLSTM.forward`; the state also holds the last outputs and the number of steps."""
        lstm_state, earlier, steps = state_of(rest, 2) or (None, None, 0)
        batch, time_ = previous.shape
        place = steps + torch.arange(time_)
        digits = (place[:, None] >> torch.arange(COUNTERS)) & 1  # (time, counters)
        x = torch.cat(
            [
                nn.functional.one_hot(previous, START_ID + 1).float(),
                digits.float().expand(batch, time_, COUNTERS),
            ],
            dim=-1,
        )
        y, lstm_after = self.lstm(x, lstm_state)
        known = y.new_zeros(batch, ATTENTION, 256) if earlier is None else earlier
        past = torch.cat([known.to(y.dtype), y], dim=1)  # (batch, 32 + time, 256)
        seen = past.unfold(1, ATTENTION, 1)[:, :time_].transpose(2, 3)  # (batch, time, 32, 256) before each step
        keys = self.key(past).unfold(1, ATTENTION, 1)[:, :time_].transpose(2, 3)
        scores = self.score(torch.tanh(keys + self.query(y)[:, :, None])).softmax(dim=2)
        mixed = self.mix(torch.cat([y, (scores * seen).sum(dim=2)], dim=-1))
        return self.out(self.drop(mixed)), (lstm_after, past[:, -ATTENTION:], steps + time_)


class Transformer(nn.Module):
    """A decoder-only transformer with the inputs of `DrumLSTM`; distances come from ALiBi (Press et al., 2022)."""

    HEADS = 4

    def __init__(self, size: int = 160, layers: int = 4) -> None:
        super().__init__()
        reads = DrumLSTM(replace(OURS, width=size, hidden=8, layers=1))
        self.word, self.bits, self.position, self.past = reads.word, reads.bits, reads.position, reads.past
        bits = np.zeros((START_ID + 1, N_DRUMS), dtype=np.float32)
        bits[:N_HIT_WORDS] = ids_to_hits(np.arange(N_HIT_WORDS))
        self.bits_of: Tensor
        self.register_buffer("bits_of", torch.from_numpy(bits), persistent=False)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(size, self.HEADS, 4 * size, 0.3, batch_first=True, norm_first=True)
            for _ in range(layers)
        )
        self.norm, self.out = nn.LayerNorm(size), nn.Linear(size, len(VOCABULARY))

    def forward(
        self, previous: Tensor, bar: Tensor, position: Tensor, past: Tensor, *rest: object
    ) -> tuple[Tensor, Tensor]:
        """Return the same as `DrumLSTM.forward`; the state holds the inputs of the last words."""
        x = self.word(previous) + self.bits(self.bits_of[previous]) + self.position(position)
        x = x + self.past(self.bits_of[past].flatten(-2))
        before = state_of(rest, 4)
        if before is not None:
            x = torch.cat([before, x], dim=1)
        kept, time_ = x[:, -SEEN:], previous.shape[1]
        x = x[:, -(SEEN + time_) :]
        mask = self._bias(x.shape[1]).repeat(len(x), 1, 1)  # (batch * heads, time, time)
        for block in self.blocks:
            x = block(x, src_mask=mask.to(x.dtype))
        return self.out(self.norm(x[:, -time_:])), kept

    def _bias(self, length: int) -> Tensor:
        place = torch.arange(length)
        apart = (place[:, None] - place).float()
        slopes = 2.0 ** -torch.arange(2, 2 + 2 * self.HEADS, 2)
        bias = -apart * slopes[:, None, None]
        return bias.masked_fill(apart < 0, float("-inf"))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "drumtok": lambda: DrumLSTM(OURS),
    "drumtok, three layers": lambda: DrumLSTM(replace(OURS, layers=3)),
    "LSTM without place or look-back": Plain,
    "Drums RNN": DrumsRNN,
    "transformer with drumtok's inputs": Transformer,
}
