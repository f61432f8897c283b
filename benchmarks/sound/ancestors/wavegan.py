"""WaveGAN (Donahue, McAuley and Puckette 2019): a network that makes waves, and a critic of them."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, pad, relu

from benchmarks.sound.ancestors.base import Ancestor

NOISE, LAYERS, KERNEL, STRIDE = 100, 5, 25, 4
WHOLE = STRIDE**LAYERS  # frames of a wave for each frame of the first layer
CHANNELS = 8  # of the outer layer, doubled with each further one; the article has 64
CRITIC_STEPS, BATCH, PENALTY, SHUFFLE = 5, 16, 10.0, 2
RATE, BETAS = 1e-4, (0.5, 0.9)


def _channels() -> list[int]:
    return [CHANNELS * 2**layer for layer in range(LAYERS)]


class Generator(nn.Module):
    """Waves, (batch, frames), of noise, (batch, NOISE), by transposed convolutions.

    Args:
        frames: of a wave, a multiple of `WHOLE`.
    """

    def __init__(self, frames: int) -> None:
        super().__init__()
        sizes = [*_channels()[::-1], 1]
        self._shortest = frames // WHOLE
        self._first = nn.Linear(NOISE, sizes[0] * self._shortest)
        self._layers = nn.ModuleList(
            nn.ConvTranspose1d(before, after, KERNEL, STRIDE, padding=11, output_padding=1)
            for before, after in pairwise(sizes)
        )

    def forward(self, noise: Tensor) -> Tensor:
        """Return waves."""
        flow = self._first(noise).reshape(len(noise), -1, self._shortest)
        for layer in self._layers:
            flow = layer(relu(flow))
        return torch.tanh(flow[:, 0])


class Critic(nn.Module):
    """Scores of waves, (batch,), by convolutions whose outputs are shifted at random.

    Args:
        frames: of a wave, as in `Generator`.
    """

    def __init__(self, frames: int) -> None:
        super().__init__()
        sizes = [1, *_channels()]
        self._layers = nn.ModuleList(
            nn.Conv1d(before, after, KERNEL, STRIDE, padding=11) for before, after in pairwise(sizes)
        )
        self._last = nn.Linear(sizes[-1] * (frames // WHOLE), 1)

    def forward(self, waves: Tensor) -> Tensor:
        """Return scores, the higher the more real."""
        flow = waves[:, None]
        for number, layer in enumerate(self._layers):
            flow = leaky_relu(layer(flow), 0.2)
            if number < LAYERS - 1:
                flow = _shuffled(flow)
        scores: Tensor = self._last(flow.flatten(1))
        return scores[:, 0]


def _shuffled(flow: Tensor) -> Tensor:
    """Shift by up to `SHUFFLE` frames, the same for a batch, so that a critic does not go by the phase of artefacts."""
    shift = int(torch.randint(-SHUFFLE, SHUFFLE + 1, ()))
    padded = pad(flow, (SHUFFLE, SHUFFLE), mode="reflect")
    return padded[..., SHUFFLE + shift :][..., : flow.shape[-1]]


class WaveGAN(Ancestor):
    """A generator and a critic, trained in turn by Wasserstein distance with a penalty of gradients.

    Args:
        sounds: one-shots of `FRAMES`, or sounds of another multiple of `WHOLE` frames.
    """

    def __init__(self, sounds: Tensor) -> None:
        super().__init__(sounds)
        frames = sounds.shape[1]
        self.generator, self.critic = Generator(frames), Critic(frames)
        self._of_generator = torch.optim.Adam(self.generator.parameters(), RATE, BETAS)
        self._of_critic = torch.optim.Adam(self.critic.parameters(), RATE, BETAS)

    def step(self) -> None:
        """Train the critic for five batches, and the generator for one."""
        for _ in range(CRITIC_STEPS):
            real = self.sounds[torch.randint(len(self.sounds), (BATCH,))]
            with torch.no_grad():
                made = self.generator(_noise(BATCH))
            loss = self.critic(made).mean() - self.critic(real).mean() + PENALTY * self._penalty(real, made)
            self._of_critic.zero_grad()
            loss.backward()
            self._of_critic.step()
        self._of_generator.zero_grad()
        (-self.critic(self.generator(_noise(BATCH))).mean()).backward()
        self._of_generator.step()

    def sample(self, count: int) -> Tensor:
        """Make sounds of noise, (count, frames)."""
        made: Tensor = self.generator(_noise(count))
        return made

    def _penalty(self, real: Tensor, made: Tensor) -> Tensor:
        between = torch.lerp(made, real, torch.rand(len(real), 1)).requires_grad_()
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        return ((slope.norm(dim=1) - 1) ** 2).mean()


def _noise(count: int) -> Tensor:
    return 2 * torch.rand(count, NOISE) - 1
