"""The settings of kits, without slow imports."""

from dataclasses import dataclass

import numpy as np

from drumtok.rendering.kit import MAX_VELOCITY
from drumtok.rendering.pieces import PIECE
from drumtok.runtime.settings import borrowed, check, setting

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
class NewKitConfig:
    """The character of a new kit."""

    style: str = setting("", "Character of the kit, such as trap, or a style that uses it.")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class VaryKitConfig:
    """How far a kit is varied, and which of its pieces are kept."""

    amount: float = setting(0.3, "How far to go: 0 changes nothing, 1 draws new sounds.", low=0, high=1)
    keep: tuple[str, ...] = setting((), "Pieces that stay as they are.", choices=tuple(PIECE), kind=str)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class MorphKitConfig:
    """The position between two kits."""

    amount: float = setting(0.5, "Position between the kits: 0 is the first, 1 the second.", low=0, high=1)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class LikeKitConfig:
    """How many sounds are made like a given one."""

    count: int = setting(8, "Variations near the sound.", low=0, high=1000)
    amount: float = borrowed(VaryKitConfig, "amount")

    def __post_init__(self) -> None:
        check(self)
