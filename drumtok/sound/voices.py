"""Sounds of drums by class, latent and controls, and what finds the latent of a sound."""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.runtime.settings import check, setting
from drumtok.sound.bands import BANK, BLOCK, RATE
from drumtok.sound.classes import CLASSES, SOUND_CLASSES, SoundClass
from drumtok.sound.decay import DecayCurve
from drumtok.sound.details import detail_of, with_detail
from drumtok.sound.latents import SoundNetwork, bundled_network
from drumtok.sound.likeness import log_mel, onset_at
from drumtok.sound.parameters import analyse, from_vector
from drumtok.sound.reproduction import reproduced
from drumtok.sound.synthesis import LONGEST, Strike, synthesise

TAKE_SPREAD = 0.08  # standard deviation of the latents of takes


@dataclass(frozen=True)
class Controls:
    """The controls of a sound; by default all are neutral.

    `decay` is that of the hardest stroke before the other controls, as `SoundModel.decay` returns it. A softer hit is
    up to 30 % shorter. A sound becomes at most 32 times shorter or longer, and has the nearest decay beyond.
    """

    tune: float = setting(0.0, "Pitch in semitones.", low=-24, high=24)
    decay: float | None = setting(
        None, "Seconds in which the sound falls by 30 dB; by default its own.", low=0.02, high=6, kind=float
    )
    brightness: float = setting(0.0, "High frequencies relative to low ones.", low=-1, high=1)
    punch: float = setting(0.0, "Strength of the beginning.", low=-1, high=1)
    noise: float = setting(0.0, "Noise relative to tone.", low=-1, high=1)
    drive: float = setting(0.0, "Saturation.", low=0, high=1)

    def __post_init__(self) -> None:
        check(self)


NEUTRAL = Controls()


class Found(NamedTuple):
    """What makes a sound like a given one: its class, its latent, (n,), and its detail, a text."""

    sound_class: str
    latent: NDArray[np.float32]
    detail: str


class SoundModel:
    """Sounds of drums: a latent of a class and controls make a one-shot.

    Args:
        network: its weights.
    """

    def __init__(self, network: SoundNetwork) -> None:
        self._network = network

    @classmethod
    def load(cls) -> "SoundModel":
        """Return the model that comes with drumtok."""
        return cls(bundled_network())

    @property
    def latent_size(self) -> int:
        """The length of a latent."""
        return self._network.latent_size

    def sample(self, sound_class: str, rng: np.random.Generator, style: str | None = None) -> NDArray[np.float32]:
        """Draw the latent of a sound of a class, (n,)."""
        self._kind(sound_class)
        return self._network.draw(sound_class, rng)

    def render(
        self,
        sound_class: str,
        latent: NDArray[np.float32],
        controls: Controls = NEUTRAL,
        *,
        velocity: int = 127,
        take: int = 0,
        detail: str = "",
    ) -> NDArray[np.float32]:
        """Render one hit, (frames,) mono at 44,100 frames a second, with a peak of 1.

        Args:
            velocity: 1 to 127; a softer hit is duller and shorter.
            take: round robin; takes differ a little.
            detail: what a reproduced sound has besides its latent, as `encode` returns it.

        Raises:
            DrumtokError: the class is unknown, the latent has another length, or the detail is invalid.
        """
        vector = self._parameters(sound_class, latent, detail, take)
        length = 1.0 if controls.decay is None else self.length(sound_class, latent, detail, controls.decay)
        return _struck(sound_class, vector, controls, velocity, take, length)

    def decay(self, sound_class: str, latent: NDArray[np.float32], detail: str = "", *, length: float = 1.0) -> float:
        """Return the decay of a sound: the seconds in which it falls by 30 dB, to a thousandth of its energy.

        It is computed for the hardest stroke and neutral controls.

        Args:
            length: the factor by which the sound is longer than its own length.

        Raises:
            DrumtokError: as in `render`.
        """
        vector = self._parameters(sound_class, latent, detail)
        return _decay_curve(sound_class, vector.tobytes()).decay(length)

    def length(self, sound_class: str, latent: NDArray[np.float32], detail: str, decay: float) -> float:
        """Return the length factor, 1/32 to 32, that gives a sound a decay in seconds, or the nearest one.

        Raises:
            DrumtokError: as in `render`.
        """
        return _length(sound_class, self._parameters(sound_class, latent, detail).tobytes(), decay)

    def _parameters(
        self, sound_class: str, latent: NDArray[np.floating], detail: str, take: int = 0
    ) -> NDArray[np.float64]:
        """Return the parameters of a take of a sound, (SIZE,)."""
        self._kind(sound_class)
        if np.shape(latent) != (self.latent_size,):
            raise DrumtokError(f"latent must have {self.latent_size} numbers, got shape {np.shape(latent)}")
        moved = np.asarray(latent, dtype=float)
        if take:
            moved = moved + TAKE_SPREAD * np.random.default_rng([take, 1]).standard_normal(self.latent_size)
        return np.asarray(with_detail(self._network.decode(sound_class, moved), detail), np.float64)

    def encode(self, wave: NDArray[np.float32], rate: int, sound_class: str | None = None) -> Found:
        """Return what makes a sound like a given one, (frames,) mono.

        Args:
            sound_class: its class; if `None`, it is recognised.

        Raises:
            DrumtokError: the sound is silent, or the class unknown.
        """
        sound = _prepared(wave, rate)
        sound_class = sound_class or self._network.classify(analyse(sound, [False])[0])
        vector = analyse(sound, [self._kind(sound_class).tonal])[0]
        latent = self._network.fit(sound_class, vector, self._network.encode(vector))
        vector = reproduced(partial(_struck, sound_class), vector, log_mel(sound[0]))
        return Found(sound_class, latent, detail_of(vector, self._network.decode(sound_class, latent)))

    @staticmethod
    def _kind(sound_class: str) -> SoundClass:
        if sound_class not in CLASSES:
            raise DrumtokError(f"class must be one of {', '.join(SOUND_CLASSES)}, got {sound_class!r}")
        return CLASSES[sound_class]


@lru_cache(maxsize=16)  # 12 MB
def _decay_curve(sound_class: str, vector: bytes) -> DecayCurve:
    """Return the decay curve of the sound of parameters, the bytes of (SIZE,)."""
    parameters = from_vector(np.frombuffer(vector, np.float64))
    return DecayCurve(parameters, CLASSES[sound_class].metal, _start(sound_class, 0))


@lru_cache(maxsize=256)  # the layers and takes of a piece have one
def _length(sound_class: str, vector: bytes, decay: float) -> float:
    return _decay_curve(sound_class, vector).length(decay)


def _start(sound_class: str, take: int) -> int:
    """Return the first block of the noise of a hit."""
    return int(np.random.default_rng([SOUND_CLASSES.index(sound_class), take]).integers(BANK // BLOCK))


def _struck(
    sound_class: str,
    vector: NDArray[np.floating],
    controls: Controls = NEUTRAL,
    velocity: int = 127,
    take: int = 0,
    length: float = 1.0,
) -> NDArray[np.float32]:
    """Return one hit of the sound of parameters, (SIZE,)."""
    strike = Strike(
        force=velocity / 127,
        start=_start(sound_class, take),
        pitch=2 ** (controls.tune / 12),
        length=length,
        punch=controls.punch,
        noise=controls.noise,
        tilt=4 * controls.brightness,
        drive=6 * controls.drive,
    )
    return synthesise(from_vector(vector), CLASSES[sound_class].metal, strike)


def _prepared(wave: NDArray[np.floating], rate: int) -> NDArray[np.float64]:
    """Return a sound from its onset with a peak of 1 at `RATE`, (1, frames).

    Raises:
        DrumtokError: the sound is silent.
    """
    if not np.abs(wave).max(initial=0) > 0:
        raise DrumtokError("the sound must not be silent")
    wave = np.interp(np.arange(0, len(wave), rate / RATE), np.arange(len(wave)), wave)
    wave = wave[onset_at(wave) :][: int(LONGEST * RATE)]
    return np.asarray(wave / np.abs(wave).max())[None]
