"""The classes of sounds: one table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SoundClass:
    """A class of sounds.

    Attributes:
        tonal: whether its partials are modelled separately; other classes only have bands.
        metal: whether its bands consist of lines, like the modes of a cymbal, instead of noise.
    """

    tonal: bool = False
    metal: bool = False


CLASSES = {
    "kick": SoundClass(tonal=True),
    "snare": SoundClass(tonal=True),
    "brush": SoundClass(tonal=True),
    "rim": SoundClass(tonal=True),
    "clap": SoundClass(),
    "closed": SoundClass(metal=True),
    "open": SoundClass(metal=True),
    "tom": SoundClass(tonal=True),
    "ride": SoundClass(metal=True),
    "crash": SoundClass(metal=True),
    "cowbell": SoundClass(tonal=True, metal=True),
    "tambourine": SoundClass(metal=True),
    "shaker": SoundClass(),
    "conga": SoundClass(tonal=True),
    "snap": SoundClass(tonal=True),
}
SOUND_CLASSES = tuple(CLASSES)
