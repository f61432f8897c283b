"""The network of the sound model in NumPy: sounds as latents, and the prior of latents."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.runtime.files import data_path
from drumtok.runtime.weights import checked_weights, read_weights
from drumtok.sound.classes import SOUND_CLASSES
from drumtok.sound.parameters import LEVELS, SIZE, floors, importance
from drumtok.sound.tones import PITCH, SILENT

FORMAT = "drumtok-sound-2"
FILE = "checkpoints/sound.safetensors"
REACH = 4.0  # latents beyond this are outside the training range
ROUNDS, HOLD = 12, 0.05  # iterations of a fit, and its penalty on large latents
N_CLASSES = len(SOUND_CLASSES)
COMPONENTS = 6  # number of normal distributions in the prior of a class, a mixture with a shared covariance


def sound_shapes(latent: int, hidden: int, ear: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight of a network, named as in `SoundNet.state_dict()`."""
    layers = {
        "encoder.0": (hidden, SIZE),
        "encoder.2": (hidden, hidden),
        "encoder.4": (2 * latent, hidden),
        "decoder.0": (hidden, latent + N_CLASSES),
        "decoder.2": (hidden, hidden),
        "decoder.4": (SIZE, hidden),
        "ear.0": (ear, SIZE),
        "ear.3": (N_CLASSES, ear),
    }
    shapes: dict[str, tuple[int, ...]] = {"mean": (SIZE,), "scale": (SIZE,)}
    for name, shape in layers.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return shapes | {
        "prior.weight": (N_CLASSES, COMPONENTS),
        "prior.mean": (N_CLASSES, COMPONENTS, latent),
        "prior.factor": (N_CLASSES, latent, latent),
        "prior.spread": (N_CLASSES,),
    }


class SoundNetwork:
    """Encode, decode, classify and draw sounds by the weights of a checkpoint.

    Args:
        name: the name of the checkpoint.
        config: its sizes: `latent`, `hidden` and `ear`.
        weights: name -> array, as in `sound_shapes`.
    """

    def __init__(self, name: str, config: Mapping[str, int], weights: Mapping[str, NDArray[np.floating]]) -> None:
        self.latent_size = config["latent"]
        self.w = checked_weights(name, weights, sound_shapes(config["latent"], config["hidden"], config["ear"]))

    def encode(self, vector: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the latent of a sound's parameters, (SIZE,): the mean of the encoder."""
        hidden = _silu(self._layer("encoder.2", _silu(self._layer("encoder.0", self._normal(vector)))))
        return self._layer("encoder.4", hidden)[: self.latent_size]

    def decode(self, sound_class: str, latent: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the parameters of a sound as a vector, (SIZE,)."""
        hidden = _silu(self._layer("decoder.2", _silu(self._layer("decoder.0", _joined(sound_class, latent)))))
        return np.asarray(self._layer("decoder.4", hidden) * self.w["scale"] + self.w["mean"], np.float32)

    def classify(self, vector: NDArray[np.floating]) -> str:
        """Return the class of a sound from its parameters, (SIZE,), analysed as not tonal."""
        hidden = _silu(self._layer("ear.0", self._normal(vector)))
        return SOUND_CLASSES[int(self._layer("ear.3", hidden).argmax())]

    def draw(self, sound_class: str, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw a latent from the prior of a class, (latent,)."""
        number = SOUND_CLASSES.index(sound_class)
        weights = self.w["prior.weight"][number].astype(float)
        mean = self.w["prior.mean"][number][rng.choice(COMPONENTS, p=weights / weights.sum())]
        factor = self.w["prior.spread"][number] * self.w["prior.factor"][number]
        drawn = mean + factor @ rng.standard_normal(self.latent_size)
        return np.clip(drawn, -REACH, REACH).astype(np.float32)

    def fit(self, sound_class: str, vector: NDArray[np.floating], latent: NDArray[np.floating]) -> NDArray[np.float32]:
        """Fit a latent to given parameters, by Gauss-Newton steps from a first guess.

        The cost is the mean absolute difference weighted by `importance`; levels below `floors` are ignored.
        """
        lowest, weights = floors(), importance().astype(float)
        if vector[LEVELS][PITCH] <= SILENT:
            weights[:3] = 0
        best, least = np.asarray(latent, float), np.inf
        place, step = best, 1.0
        for _ in range(ROUNDS):
            made, jacobian = self._with_jacobian(sound_class, place)
            off = np.maximum(vector, lowest) - np.maximum(made, lowest)
            cost = float(weights @ np.abs(off)) + HOLD * float(place @ place)
            if cost < least:
                best, least, step = place, cost, min(1.0, 1.5 * step)
                pull = weights / np.maximum(np.abs(off), 1) * ((made > lowest) | (off > 0))
                square = jacobian.T @ (pull[:, None] * jacobian) + 2 * HOLD * np.eye(len(place))
                move = np.linalg.solve(square, jacobian.T @ (pull * off) - 2 * HOLD * place)
            else:
                step /= 3
            place = np.clip(best + step * move, -REACH, REACH)
        return best.astype(np.float32)

    def _with_jacobian(
        self, sound_class: str, latent: NDArray[np.floating]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return decoded parameters, (SIZE,), and their derivatives by the latent, (SIZE, latent)."""
        first = self._layer("decoder.0", _joined(sound_class, latent))
        second = self._layer("decoder.2", _silu(first))
        inner = _slope(first)[:, None] * self.w["decoder.0.weight"][:, : self.latent_size]
        outer = self.w["decoder.4.weight"] @ (_slope(second)[:, None] * (self.w["decoder.2.weight"] @ inner))
        made = self._layer("decoder.4", _silu(second)) * self.w["scale"] + self.w["mean"]
        return made.astype(float), (outer * self.w["scale"][:, None]).astype(float)

    def _normal(self, vector: NDArray[np.floating]) -> NDArray[np.float32]:
        return ((vector - self.w["mean"]) / self.w["scale"]).astype(np.float32)

    def _layer(self, name: str, values: NDArray[np.floating]) -> NDArray[np.float32]:
        return np.asarray(self.w[f"{name}.weight"] @ values + self.w[f"{name}.bias"], dtype=np.float32)


def _joined(sound_class: str, latent: NDArray[np.floating]) -> NDArray[np.float32]:
    known = np.zeros(N_CLASSES, np.float32)
    known[SOUND_CLASSES.index(sound_class)] = 1
    return np.concatenate([np.asarray(latent, np.float32), known])


def _silu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # far below 0, where the result is 0
        return values / (1 + np.exp(-values))


def _slope(values: NDArray[np.float32]) -> NDArray[np.float32]:
    gate = 1 / (1 + np.exp(-values))
    return np.asarray(gate * (1 + values * (1 - gate)), np.float32)


def network_of(path: Any) -> SoundNetwork:
    """Read a checkpoint.

    Raises:
        DrumtokError: the file is missing, damaged or of another kind.
    """
    description, weights, name = read_weights(path, FORMAT)
    return SoundNetwork(name, description["config"], weights)


@lru_cache(maxsize=1)
def bundled_network() -> SoundNetwork:
    """Return the bundled network."""
    return network_of(data_path(FILE))
