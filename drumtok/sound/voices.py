"""Sounds of drums by class, latent and controls, and what finds the latent of a sound."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.runtime.settings import check, setting
from drumtok.sound.bands import BANK, BLOCK, RATE
from drumtok.sound.classes import CLASSES, SOUND_CLASSES, SoundClass
from drumtok.sound.latents import SoundNetwork, bundled_network
from drumtok.sound.likeness import log_mel, onset_at, refined
from drumtok.sound.parameters import analyse, from_vector
from drumtok.sound.synthesis import LONGEST, Strike, synthesise

TAKE_SPREAD = 0.08  # standard deviation of the latents of takes


@dataclass(frozen=True)
class Controls:
    """The controls of a sound; by default all are neutral."""

    tune: float = setting(0.0, "Pitch in semitones.", low=-24, high=24)
    decay: float = setting(1.0, "Length, as a factor.", low=0.25, high=4)
    brightness: float = setting(0.0, "High frequencies relative to low ones.", low=-1, high=1)
    punch: float = setting(0.0, "Strength of the beginning.", low=-1, high=1)
    noise: float = setting(0.0, "Noise relative to tone.", low=-1, high=1)
    drive: float = setting(0.0, "Saturation.", low=0, high=1)

    def __post_init__(self) -> None:
        check(self)


NEUTRAL = Controls()


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
    ) -> NDArray[np.float32]:
        """Render one hit, (frames,) mono at 44,100 frames a second, with a peak of 1.

        Args:
            velocity: 1 to 127; a softer hit is duller and shorter.
            take: round robin; takes differ a little.

        Raises:
            DrumtokError: the class is unknown, or the latent has another length.
        """
        kind = self._kind(sound_class)
        if np.shape(latent) != (self.latent_size,):
            raise DrumtokError(f"latent must have {self.latent_size} numbers, got shape {np.shape(latent)}")
        moved = np.asarray(latent, dtype=float)
        if take:
            moved = moved + TAKE_SPREAD * np.random.default_rng([take, 1]).standard_normal(self.latent_size)
        start = np.random.default_rng([SOUND_CLASSES.index(sound_class), take]).integers(BANK // BLOCK)
        strike = Strike(
            force=velocity / 127,
            start=int(start),
            pitch=2 ** (controls.tune / 12),
            decay=controls.decay,
            punch=controls.punch,
            noise=controls.noise,
            tilt=4 * controls.brightness,
            drive=6 * controls.drive,
        )
        return synthesise(from_vector(self._network.decode(sound_class, moved)), kind.metal, strike)

    def encode(self, wave: NDArray[np.float32], rate: int) -> tuple[str, NDArray[np.float32], Controls]:
        """Return the class, the latent and the controls of a sound like a given one, (frames,) mono.

        Raises:
            DrumtokError: the sound is silent.
        """
        sound_class = self._network.classify(analyse(_prepared(wave, rate), [False])[0])
        return sound_class, self.latent_of(wave, rate, sound_class), NEUTRAL

    def latent_of(self, wave: NDArray[np.float32], rate: int, sound_class: str) -> NDArray[np.float32]:
        """Return the latent of the sound of a class that is most like a given one, (frames,) mono.

        Raises:
            DrumtokError: the sound is silent, or the class unknown.
        """
        sound = _prepared(wave, rate)
        vector = analyse(sound, [self._kind(sound_class).tonal])[0]
        latent = self._network.fit(sound_class, vector, self._network.encode(vector))
        return refined(partial(self.render, sound_class), latent, log_mel(sound[0]))

    @staticmethod
    def _kind(sound_class: str) -> SoundClass:
        if sound_class not in CLASSES:
            raise DrumtokError(f"class must be one of {', '.join(SOUND_CLASSES)}, got {sound_class!r}")
        return CLASSES[sound_class]


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
