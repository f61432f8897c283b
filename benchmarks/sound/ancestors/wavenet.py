"""WaveNet (van den Oord et al. 2016): dilated causal convolutions that predict the next of 256 codes."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from benchmarks.sound.ancestors.base import FRAMES, LossAncestor
from benchmarks.sound.ancestors.samples import BATCH, CODES, SILENCE, codes_of, crops_of, draw_codes, frames_of

CHANNELS, SKIP = 32, 64
DILATIONS = tuple(2**power for power in range(10))
FIELD = sum(DILATIONS) + 1  # frames that a prediction depends on


class Layer(nn.Module):
    """A gated convolution of two frames that lie `dilation` apart, with its residual and its skip output."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.gated = nn.Conv1d(CHANNELS, 2 * CHANNELS, 2, dilation=dilation)
        self.onward = nn.Conv1d(CHANNELS, CHANNELS, 1)
        self.skip = nn.Conv1d(CHANNELS, SKIP, 1)

    def forward(self, flow: Tensor) -> tuple[Tensor, Tensor]:
        """Return residual and skip, (batch, channels, time - dilation), of (batch, channels, time)."""
        value, gate = self.gated(flow).chunk(2, dim=1)
        inner = torch.tanh(value) * torch.sigmoid(gate)
        return flow[..., self.dilation :] + self.onward(inner), self.skip(inner)


class WaveNet(LossAncestor):
    """One stack of dilations from 1 to 512, so that a frame follows the 23 milliseconds before it."""

    batch = BATCH
    rate = 2e-3

    def __init__(self, sounds: Tensor) -> None:
        super().__init__(sounds)
        self._codes = codes_of(sounds)
        self.embedding = nn.Embedding(CODES, CHANNELS)
        self.layers = nn.ModuleList(map(Layer, DILATIONS))
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(SKIP, SKIP), nn.ReLU(), nn.Linear(SKIP, CODES))

    def loss(self, chosen: Tensor) -> Tensor:
        """Return the cross-entropy of the next code in nats."""
        crops = crops_of(self._codes[chosen], FIELD)
        return cross_entropy(self.logits(crops[:, :-1]).flatten(0, 1), crops[:, FIELD:].flatten())

    def logits(self, codes: Tensor) -> Tensor:
        """Return logits of the codes after each whole field, (batch, time - FIELD + 1, CODES)."""
        flow = self.embedding(codes).transpose(1, 2)  # (batch, CHANNELS, time)
        length = codes.shape[1] - FIELD + 1
        skips = torch.zeros(len(codes), SKIP, length)
        for layer in self.layers:
            flow, skip = layer(flow)
            skips = skips + skip[..., -length:]
        return torch.as_tensor(self.head(skips.transpose(1, 2)))

    def sample(self, count: int) -> Tensor:
        """Make sounds frame by frame, (count, FRAMES), after silence."""
        silence = torch.full((count,), SILENCE)
        steps = Steps(self, count)
        for _ in range(FIELD - 1):
            steps.push(silence)
        codes = [silence]
        for _ in range(FRAMES):
            codes.append(draw_codes(steps.push(codes[-1])))
        return frames_of(torch.stack(codes[1:], dim=1))


class Steps:
    """A network that is run frame by frame: each layer keeps as many inputs as its dilation."""

    def __init__(self, network: WaveNet, count: int) -> None:
        self._network, self._time = network, 0
        self._layers = cast(list[Layer], list(network.layers))
        self._kept = [torch.zeros(dilation, count, CHANNELS) for dilation in DILATIONS]
        # of a layer: gates of a past and a present frame, and what goes onward and to the head; contiguous for speed
        self._gates = [layer.gated.weight.transpose(1, 2).flatten(1).contiguous() for layer in self._layers]
        self._outputs = [torch.cat([layer.onward.weight, layer.skip.weight])[..., 0] for layer in self._layers]
        self._biases = [torch.cat(cast(list[Tensor], [layer.onward.bias, layer.skip.bias])) for layer in self._layers]

    def push(self, codes: Tensor) -> Tensor:
        """Return the logits of the next codes, (batch, CODES), after codes, (batch,)."""
        flow = self._network.embedding(codes)
        skips = torch.zeros(len(codes), SKIP)
        for number, (layer, kept) in enumerate(zip(self._layers, self._kept, strict=True)):
            place = self._time % len(kept)
            both = torch.cat([kept[place], flow], dim=1)
            kept[place] = flow
            value, gate = linear(both, self._gates[number], layer.gated.bias).chunk(2, dim=1)
            outputs = linear(torch.tanh(value) * torch.sigmoid(gate), self._outputs[number], self._biases[number])
            flow = flow + outputs[:, :CHANNELS]
            skips = skips + outputs[:, CHANNELS:]
        self._time += 1
        return torch.as_tensor(self._network.head(skips))
