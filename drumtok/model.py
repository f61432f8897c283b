"""`DrumLSTM`: a plain `torch.nn.Module` that gives the logits of the next word; Lightning wraps it in training.py."""

import numpy as np
import torch
from torch import Tensor, nn

from drumtok.config import ModelConfig
from drumtok.context import MAX_POSITION
from drumtok.drums import N_DRUMS
from drumtok.tokens import N_HIT_WORDS, START_ID, VOCABULARY, ids_to_hits

State = tuple[Tensor, Tensor]


class DrumLSTM(nn.Module):
    """An LSTM over words that is told the place in the bar and the words of earlier bars at that place.

    The first layer's input is a plain sum, without a bias or a nonlinearity of its own, so that `engine.py` can fold
    it and the first layer's input weights into look-up tables.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.word = nn.Embedding(START_ID + 1, config.width)
        self.bits = nn.Linear(N_DRUMS, config.width, bias=False)
        self.position = nn.Embedding(MAX_POSITION + 1, config.width)
        self.past = nn.Linear(N_DRUMS * len(config.lookback), config.width, bias=False)
        between = config.dropout if config.layers > 1 else 0.0
        self.lstm = nn.LSTM(config.width, config.hidden, config.layers, batch_first=True, dropout=between)
        self.drop = nn.Dropout(config.dropout)
        self.out = nn.Linear(config.hidden, len(VOCABULARY))
        bits = np.zeros((START_ID + 1, N_DRUMS), dtype=np.float32)  # BAR and the start of a song have no bits
        bits[:N_HIT_WORDS] = ids_to_hits(np.arange(N_HIT_WORDS))
        self._initialise_lstm()
        self.bits_of: Tensor
        self.register_buffer("bits_of", torch.from_numpy(bits), persistent=False)

    def _initialise_lstm(self) -> None:
        """Orthogonal recurrent weights and open forget gates.

        With torch's own small uniform weights three layers stay for hundreds of steps at the entropy of single words.
        """
        hidden = self.config.hidden
        for name, parameter in self.lstm.named_parameters():
            if "weight_hh" in name:
                nn.init.orthogonal_(parameter)
            elif "weight_ih" in name:
                nn.init.xavier_uniform_(parameter)
            else:
                nn.init.zeros_(parameter)
                if "bias_hh" in name:
                    nn.init.ones_(parameter.data[hidden : 2 * hidden])  # gates: input, forget, cell, output

    def forward(
        self, previous: Tensor, position: Tensor, past: Tensor, state: State | None = None
    ) -> tuple[Tensor, State]:
        """The logits of each next word, and the state after the last.

        Args:
            previous: (batch, time) ids, as in `drumtok.context.Context`.
            position: (batch, time).
            past: (batch, time, look-backs).
            state: what an earlier call returned, zeros by default.
        """
        x = self.word(previous) + self.bits(self.bits_of[previous]) + self.position(position)  # (batch, time, width)
        x = x + self.past(self.bits_of[past].flatten(-2))
        y, state = self.lstm(x, state)  # (batch, time, hidden)
        return self.out(self.drop(y)), state  # (batch, time, 513)
