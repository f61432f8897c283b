"""SampleRNN (Mehri et al. 2017) of two tiers: an LSTM over blocks of frames, and a network of single frames."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.sound.ancestors.base import FRAMES, LossAncestor
from benchmarks.sound.ancestors.samples import BATCH, CODES, SILENCE, codes_of, crops_of, draw_codes, frames_of

BLOCK = 16  # frames of a step of the upper tier, and that the lower one looks back
HIDDEN, LAYERS, EMBEDDING = 128, 3, 16
State = tuple[Tensor, Tensor]


class SampleRNN(LossAncestor):
    """Three layers of an LSTM over blocks of 16 frames, whose outputs the predictions of the next block depend on."""

    batch = BATCH
    rate = 2e-3

    def __init__(self, sounds: Tensor) -> None:
        super().__init__(sounds)
        self._codes = codes_of(sounds)
        self.upper = nn.LSTM(BLOCK, HIDDEN, LAYERS, batch_first=True)
        self.spread = nn.Linear(HIDDEN, BLOCK * HIDDEN)
        self.embedding = nn.Embedding(CODES, EMBEDDING)
        self.near = nn.Linear(BLOCK * EMBEDDING, HIDDEN)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CODES))

    def loss(self, chosen: Tensor) -> Tensor:
        """Return the cross-entropy of the next code in nats."""
        crops = crops_of(self._codes[chosen], BLOCK)
        return cross_entropy(self.logits(crops).flatten(0, 1), crops[:, BLOCK:].flatten())

    def logits(self, codes: Tensor) -> Tensor:
        """Return logits, (batch, time - BLOCK, CODES), of all codes but the first block's, each from those before."""
        blocks = frames_of(codes[:, :-BLOCK]).reshape(len(codes), -1, BLOCK)
        context = self.context(blocks)[0]
        windows = codes[:, :-1].unfold(1, BLOCK, 1)  # (batch, time - BLOCK, BLOCK)
        return self.frame_logits(windows, context)

    def context(self, blocks: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return what the next frames depend on, (batch, frames, HIDDEN), after blocks, (batch, blocks, BLOCK)."""
        flow, state = self.upper(blocks, state)
        return self.spread(flow).reshape(len(blocks), -1, HIDDEN), state

    def frame_logits(self, windows: Tensor, context: Tensor) -> Tensor:
        """Return logits, (..., CODES), from the codes just before, (..., BLOCK), and the context, (..., HIDDEN)."""
        return torch.as_tensor(self.head(self.near(self.embedding(windows).flatten(-2)) + context))

    def sample(self, count: int) -> Tensor:
        """Make sounds frame by frame, (count, FRAMES), after silence."""
        codes = torch.full((count, BLOCK + FRAMES), SILENCE)
        state: State | None = None
        for start in range(0, FRAMES, BLOCK):
            context, state = self.context(frames_of(codes[:, start : start + BLOCK])[:, None], state)
            for at in range(BLOCK):
                window = codes[:, start + at : start + at + BLOCK]
                codes[:, start + BLOCK + at] = draw_codes(self.frame_logits(window, context[:, at]))
        return frames_of(codes[:, BLOCK:])
