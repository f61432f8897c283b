"""Where a voice is among others: its place on the map of sounds, and the pieces of kits that sound most like it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from drumtok.rendering.kit_files import design_of
from drumtok.rendering.kits import SHIPPED
from drumtok.rendering.model_shots import one_shot
from drumtok.rendering.voice import Voice
from drumtok.sound.likeness import audible_distance, log_mel
from drumtok.sound.sound_map import spot_of, unusualness
from drumtok.sound.voices import SoundModel

NEAREST = 3


class Neighbour(NamedTuple):
    """A piece of a kit near a voice.

    Attributes:
        decibels: the mean difference of their log-mel spectrograms where either is audible.
        kit, piece: such as "909" and "snare".
    """

    decibels: float
    kit: str
    piece: str


@dataclass(frozen=True)
class Surroundings:
    """Where a voice is among others.

    Attributes:
        x, y: its place on the map of its class, 0 to 1 from the left and from the bottom, as the page draws it.
        unusual: the fraction of the sounds of the map that are less unusual.
        neighbours: the most similar pieces of the bundled kits.
    """

    x: float
    y: float
    unusual: float
    neighbours: tuple[Neighbour, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the surroundings as JSON."""
        near = [{"kit": kit, "piece": piece, "decibels": round(far, 2)} for far, kit, piece in self.neighbours]
        place = {"x": round(self.x, 4), "y": round(self.y, 4)}
        return {"place": place, "unusual": round(self.unusual, 4), "neighbours": near}


def surroundings(model: SoundModel, voice: Voice) -> Surroundings:
    """Return where a voice is among the sounds of its class."""
    latent = np.array(voice.latent, np.float32)
    x, y, _ = spot_of(model, voice.sound_class, latent)
    wave = model.render(voice.sound_class, latent, voice.controls, detail=voice.detail)
    return Surroundings(x, y, unusualness(model, voice.sound_class, wave), tuple(neighbours(model, voice)))


def neighbours(model: SoundModel, voice: Voice, count: int = NEAREST) -> list[Neighbour]:
    """Return the pieces of the bundled kits of the same class that sound most like a voice, the nearest first."""
    heard = log_mel(one_shot(model, voice))
    return sorted(
        Neighbour(audible_distance(heard, log_mel(one_shot(model, other))), kit, piece)
        for kit in SHIPPED
        for piece, other in design_of(kit).voices.items()
        if other.sound_class == voice.sound_class
    )[:count]
