"""The map of the sounds of a class: sounds drawn from its prior at places on a square, where similar ones are close."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.likeness import audible_distance, log_mel
from drumtok.sound.voices import SoundModel

MAP_SIZE = 60  # sounds of a map
NEAREST = 3  # sounds of the map by whose distance another one is called unusual


class Spot(NamedTuple):
    """A sound on a map: its place, 0 to 1 from the left and from the bottom, and its latent, (n,)."""

    x: float
    y: float
    latent: NDArray[np.float32]


@lru_cache(maxsize=64)
def sound_map(model: SoundModel, sound_class: str) -> tuple[Spot, ...]:
    """Return sounds of a class with their places.

    The places are the two main axes of their latents, spread evenly by rank.
    """
    latents = np.stack([model.sample(sound_class, np.random.default_rng([MAP_SIZE, n])) for n in range(MAP_SIZE)])
    centred = latents - latents.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    places = (centred @ axes.T).argsort(axis=0).argsort(axis=0) / (MAP_SIZE - 1)
    return tuple(Spot(float(x), float(y), latent) for (x, y), latent in zip(places, latents, strict=True))


def spot_of(model: SoundModel, sound_class: str, latent: NDArray[np.floating]) -> Spot:
    """Return the sound of the map whose latent is nearest to another one; the page places the other one there."""
    return min(sound_map(model, sound_class), key=lambda spot: float(((spot.latent - latent) ** 2).sum()))


def unusualness(model: SoundModel, sound_class: str, wave: NDArray[np.floating]) -> float:
    """Return how unusual a sound is for its class: the fraction of the sounds of the map that are less so.

    A sound is the more unusual, the further it is from the three most similar other sounds of the map.

    Args:
        wave: (frames,) from its onset.
    """
    known = _spectrograms(model, sound_class)
    within = [_distance(one, [other for other in known if other is not one]) for one in known]
    return float(np.mean(np.array(within) < _distance(log_mel(wave), known)))


def _distance(one: NDArray[np.float64], others: list[NDArray[np.float64]]) -> float:
    """Return the mean distance of a spectrogram from the most similar ones, in decibels."""
    return float(np.mean(sorted(audible_distance(one, other) for other in others)[:NEAREST]))


@lru_cache(maxsize=4)
def _spectrograms(model: SoundModel, sound_class: str) -> list[NDArray[np.float64]]:
    return [log_mel(model.render(sound_class, spot.latent)) for spot in sound_map(model, sound_class)]
