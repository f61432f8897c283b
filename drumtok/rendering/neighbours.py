"""The pieces of the bundled kits that sound most like a voice."""

from typing import NamedTuple

from drumtok.rendering.kit_files import design_of
from drumtok.rendering.kits import SHIPPED
from drumtok.rendering.model_shots import one_shot
from drumtok.rendering.voice import Voice
from drumtok.sound.likeness import audible_distance, log_mel
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


def neighbours(model: SoundModel, voice: Voice, count: int = NEAREST) -> list[Neighbour]:
    """Return the pieces of the bundled kits of the same class that sound most like a voice, the nearest first."""
    heard = log_mel(one_shot(model, voice))
    return sorted(
        Neighbour(audible_distance(heard, log_mel(one_shot(model, other))), kit, piece)
        for kit in SHIPPED
        for piece, other in design_of(kit).voices.items()
        if other.sound_class == voice.sound_class
    )[:count]
