"""A kit: the sounds of each piece, by velocity layer and take."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.rendering.kits import RATE
from drumtok.rendering.wav_files import resample

MAX_VELOCITY = 127
# lane -> lanes that replace it in a kit without a sound for it, the most similar first
STAND_INS = {
    "kick": ("floor", "low"),
    "snare": ("high",),
    "closed": ("open",),
    "open": ("closed", "crash"),
    "floor": ("low", "high"),
    "low": ("floor", "high"),
    "high": ("low", "floor"),
    "ride": ("crash", "closed"),
    "crash": ("ride", "open"),
}
Make = Callable[[int, int], NDArray[np.float32]]


@dataclass(frozen=True)
class Piece:
    """One drum of a kit; its sounds are made on demand and cached.

    Attributes:
        make: returns the sound of a layer and a take, (frames, 2) at `RATE`. All layers are about equally loud; a hit
            of velocity v is played with the gain (v / 127)^2.
        tops: the highest velocity of each layer, the softest first; the last is 127.
        takes: the number of round robins, which differ slightly and are played in turn.
        choke: a hit ends earlier sounds of pieces with the same number, except 0.
    """

    make: Make
    tops: tuple[int, ...] = (MAX_VELOCITY,)
    takes: int = 1
    choke: int = 0
    _made: dict[tuple[int, int, int], NDArray[np.float32]] = field(default_factory=dict, repr=False, compare=False)

    def layer(self, velocity: int) -> int:
        """Return the number of the layer that a velocity plays."""
        return bisect_left(self.tops, velocity)

    def sound(self, layer: int = -1, take: int = 0, rate: int = RATE) -> NDArray[np.float32]:
        """Return a sound, (frames, 2), read-only; by default that of the loudest layer."""
        key = (layer % len(self.tops), take % self.takes, rate)
        if key not in self._made:
            made = resample(self.make(*key[:2]), RATE, rate)
            made.flags.writeable = False
            self._made[key] = made
        return self._made[key]


@dataclass(frozen=True, repr=False)
class Kit:
    """The pieces of a kit by name: those of the lanes of grid notation, and others.

    >>> Kit("mine", {})
    Kit('mine', 0 pieces)
    """

    name: str
    pieces: dict[str, Piece]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {len(self.pieces)} pieces)"

    def piece(self, lane: str) -> Piece:
        """Return the piece that plays a lane: its own or the most similar one.

        Raises:
            DrumtokError: the kit has no similar piece.
        """
        for name in (lane, *STAND_INS[lane]):
            if name in self.pieces:
                return self.pieces[name]
        raise DrumtokError(f"kit {self.name!r} must have a sound for {lane}, it has {', '.join(sorted(self.pieces))}")


def stereo(sound: NDArray[np.float32], level: float = 0.0, pan: float = 0.0) -> NDArray[np.float32]:
    """Place a sound, (frames, 1 or 2), in the mix: a level in decibels, a pan of constant power from -1 to 1, right.

    >>> stereo(np.float32([[1], [-1]]), level=0, pan=-1).tolist()
    [[1.0, 0.0], [-1.0, -0.0]]
    """
    gain, angle = 10 ** (level / 20), np.pi / 4 * (pan + 1)
    left_and_right = np.array([np.cos(angle), np.sin(angle)]) * gain
    return (sound * (left_and_right if sound.shape[1] == 1 else left_and_right * np.sqrt(2))).astype(np.float32)
