"""The ancestors by name."""

from collections.abc import Callable, Iterator
from functools import partial

from torch import Tensor

from benchmarks.sound.ancestors.autoencoders import ACTIVATIONS, convolutional, dense, variational
from benchmarks.sound.ancestors.base import Ancestor
from benchmarks.sound.ancestors.ddsp import DDSP
from benchmarks.sound.ancestors.samplernn import SampleRNN
from benchmarks.sound.ancestors.wavegan import WaveGAN
from benchmarks.sound.ancestors.wavenet import WaveNet

UNITS = ((9, 2), (96, 24, 2), (384, 96, 24, 2))
WEIGHTS = ("0.01", "0.001", "0.0001")
Make = Callable[[Tensor], Ancestor]


def _rows() -> Iterator[tuple[str, Make]]:
    for weight in WEIGHTS:
        yield f"vae-{weight}", partial(variational, weight=float(weight))
    yield "conv", convolutional
    yield "wavegan", WaveGAN
    yield "ddsp", DDSP
    yield "samplernn", SampleRNN
    yield "wavenet", WaveNet
    for units in UNITS:
        for activation in ACTIVATIONS:
            name = f"dense-{'-'.join(map(str, units))}-{activation}"
            yield name, partial(dense, units=units, activation=activation)


ANCESTORS: dict[str, Make] = dict(_rows())
