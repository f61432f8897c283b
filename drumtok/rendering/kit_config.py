"""The settings of kits, without slow imports."""

import re
from dataclasses import dataclass, fields

import numpy as np

from drumtok.errors import DrumtokError, did_you_mean
from drumtok.rendering.kit import MAX_VELOCITY
from drumtok.rendering.pieces import PIECE
from drumtok.runtime.settings import borrowed, check, setting
from drumtok.sound.classes import SOUND_CLASSES

ALL, OWN = "all", "own"  # every piece, and the decay that a sound has by itself
CONTROL = re.compile(r"([^.=]+)\.([^.=]+)=(.+)")
SOFTEST = 32  # velocity up to which the softest of several layers is played


@dataclass(frozen=True)
class LayersConfig:
    """The number of sounds of each piece of a kit."""

    layers: int = setting(4, "Velocity layers of each piece.", low=1, high=16)
    takes: int = setting(2, "Round robins of each layer.", low=1, high=16)

    def __post_init__(self) -> None:
        check(self)

    @property
    def tops(self) -> tuple[int, ...]:
        """The highest velocity of each layer, evenly spaced.

        >>> LayersConfig(layers=4).tops, LayersConfig(layers=1).tops
        ((32, 64, 95, 127), (127,))
        """
        if self.layers == 1:
            return (MAX_VELOCITY,)
        return tuple(round(top) for top in np.linspace(SOFTEST, MAX_VELOCITY, self.layers))


@dataclass(frozen=True)
class ControlsConfig:
    """Controls of the pieces of a kit."""

    controls: tuple[str, ...] = setting(
        (),
        "Controls of pieces or of all: kick.decay=0.9 (seconds, or own), snare.tune=-2 (semitones), all.punch=0.3; "
        "also brightness, noise and drive.",
        kind=str,
    )

    def __post_init__(self) -> None:
        check(self)
        self.values()

    def values(self) -> list[tuple[str, str, float | None]]:
        """Return piece, control and value of each; the piece may be "all", and None is the sound's own decay.

        Raises:
            DrumtokError: one of them is not of this form, or there is no such piece or control.
        """
        return [_control_of(text) for text in self.controls]


def _control_of(text: str) -> tuple[str, str, float | None]:
    from drumtok.sound.voices import Controls

    form = f"controls must be PIECE.CONTROL=VALUE such as kick.decay=0.9, got {text!r}"
    found = CONTROL.fullmatch(text)
    if not found:
        raise DrumtokError(form)
    piece, name, value = found.groups()
    names = [f.name for f in fields(Controls)]
    for what, word, known in (("piece", piece, [ALL, *PIECE]), ("control", name, names)):
        if word not in known:
            raise DrumtokError(f"{what} must be one of {', '.join(known)}, got {word!r}{did_you_mean(word, known)}")
    try:
        return piece, name, None if (name, value) == ("decay", OWN) else float(value)
    except ValueError:
        raise DrumtokError(form) from None


@dataclass(frozen=True)
class NewKitConfig(ControlsConfig):
    """The character of a new kit."""

    style: str = setting("", "Character of the kit, such as trap, or a style that uses it.")


@dataclass(frozen=True)
class VaryKitConfig(ControlsConfig):
    """How far a kit is varied, and which of its pieces are kept."""

    amount: float = setting(0.3, "How far to go: 0 changes nothing, 1 draws new sounds.", low=0, high=1)
    keep: tuple[str, ...] = setting((), "Pieces that stay as they are.", choices=tuple(PIECE), kind=str)


@dataclass(frozen=True)
class MorphKitConfig(ControlsConfig):
    """The position between two kits."""

    amount: float = setting(0.5, "Position between the kits: 0 is the first, 1 the second.", low=0, high=1)


@dataclass(frozen=True)
class LikeKitConfig:
    """What is made like a given sound."""

    sound_class: str | None = setting(
        None, "Class of the sound; by default it is recognised.", choices=SOUND_CLASSES, kind=str
    )
    count: int = setting(8, "Variations near the sound.", low=0, high=1000)
    amount: float = borrowed(VaryKitConfig, "amount")

    def __post_init__(self) -> None:
        check(self)
