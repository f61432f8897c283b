"""Ideas from other networks that drumtok's could adopt, as variants that `models.py` trains like the rest."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.training.networks import OURS, state_of
from drumtok.network.config import ModelConfig
from drumtok.tokenizer.tokens import VOCABULARY
from drumtok.training.model import DrumLSTM

SEEN = 128  # steps that attention looks back: about as far as the look-backs
HEADS = 4
KEPT_CELLS, KEPT_OUTPUTS = 0.2, 0.05  # fractions of the units that zoneout keeps from the step before


class Tied(DrumLSTM):
    """A network with tied weights: words are written by the vectors that they are read by (Press and Wolf, 2017)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.out = nn.Linear(config.hidden, config.width)
        self.bias = nn.Parameter(torch.zeros(len(VOCABULARY)))

    def forward(self, *read: Any) -> Any:
        """Return the same as `DrumLSTM.forward`."""
        y, after = super().forward(*read)
        vectors = self.word.weight + self.bits(self.bits_of)
        return y @ vectors[: len(VOCABULARY)].T + self.bias, after


class Attentive(DrumLSTM):
    """A network that attends to its last outputs before it writes a word, like Drums RNN, over eight bars."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.attention = nn.MultiheadAttention(config.hidden, HEADS, config.dropout / 2, batch_first=True)
        self.write = self.out
        self.out = nn.Identity()  # type: ignore[assignment]  # the words are read from `write` instead
        self.norm = nn.LayerNorm(config.hidden)

    def forward(self, *read: Any) -> Any:
        """Return the same as `DrumLSTM.forward`; the state holds the last outputs as well."""
        lstm_state, before = state_of(read, 0) or (None, None)
        y, after = super().forward(*read[: len(read) - (lstm_state is not None)], *([lstm_state] if lstm_state else []))
        past = y if before is None else torch.cat([before.to(y.dtype), y], dim=1)
        keys, time_ = self.norm(past), y.shape[1]
        place = torch.arange(past.shape[1])
        apart = place[-time_:, None] - place  # (time, past)
        hidden = (apart < 0) | (apart > SEEN)
        read_again, _ = self.attention(keys[:, -time_:], keys, keys, attn_mask=hidden, need_weights=False)
        return self.write(y + read_again), (after, past[:, -SEEN:])


class Zoneout(DrumLSTM):
    """A network that, in training, keeps some units of its state from the step before (Krueger et al., 2017)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.lstm = nn.ModuleList(_Zoned(layer) for layer in self.lstm)


class _Zoned(nn.Module):
    """An LSTM layer with zoneout; outside of training it computes the expected value."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        layer, size = self.layer, self.layer.hidden_size
        h, c = (part[0] for part in state) if state else (x.new_zeros(len(x), size), x.new_zeros(len(x), size))
        pushed = nn.functional.linear(x, layer.weight_ih_l0, layer.bias_ih_l0 + layer.bias_hh_l0)
        outputs = []
        for step in pushed.unbind(dim=1):
            i, f, g, o = (step + nn.functional.linear(h, layer.weight_hh_l0)).chunk(4, dim=-1)
            cells = f.sigmoid() * c + i.sigmoid() * g.tanh()
            c_new = self._mixed(c, cells, KEPT_CELLS)
            h = self._mixed(h, o.sigmoid() * cells.tanh(), KEPT_OUTPUTS)
            c = c_new
            outputs.append(h)
        return torch.stack(outputs, dim=1), (h[None], c[None])

    def _mixed(self, old: Tensor, new: Tensor, fraction: float) -> Tensor:
        kept = torch.full_like(new, fraction).bernoulli() if self.training else fraction
        return kept * old + (1 - kept) * new


IDEAS: dict[str, Callable[[], nn.Module]] = {
    "drumtok, zoneout": lambda: Zoneout(OURS),
    "drumtok, weights of words tied": lambda: Tied(OURS),
    "drumtok, attention over its own last 128 steps": lambda: Attentive(OURS),
}
