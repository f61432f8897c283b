"""Sounds of drums by class, latent and controls, and what finds the latent of a sound."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.runtime.settings import check, setting
from drumtok.sound.classes import CLASSES, SoundClass
from drumtok.sound.likeness import fitted
from drumtok.sound.prior import prior_of
from drumtok.sound.synthesis import PARAMETERS, Strike, parameters, synthesise

SOUND_CLASSES = tuple(CLASSES)
LATENT_SIZE = len(PARAMETERS)


@dataclass(frozen=True)
class Controls:
    """The controls of a sound; by default all are neutral."""

    tune: float = setting(0.0, "Pitch in semitones.", low=-24, high=24)
    decay: float = setting(1.0, "Length, as a factor.", low=0.25, high=4)
    brightness: float = setting(0.0, "High frequencies beside low ones.", low=-1, high=1)
    punch: float = setting(0.0, "Strength of the beginning.", low=-1, high=1)
    noise: float = setting(0.0, "Noise beside tone.", low=-1, high=1)
    drive: float = setting(0.0, "Saturation.", low=0, high=1)

    def __post_init__(self) -> None:
        check(self)


NEUTRAL = Controls()


class SoundModel:
    """Sounds of drums: a latent of a class and controls make a one-shot."""

    @classmethod
    def load(cls) -> "SoundModel":
        """Return the model."""
        return cls()

    def sample(self, sound_class: str, rng: np.random.Generator, style: str | None = None) -> NDArray[np.float32]:
        """Draw the latent of a sound of a class, (n,)."""
        self._kind(sound_class)
        return prior_of(sound_class, LATENT_SIZE).sample(rng)

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
        if np.shape(latent) != (LATENT_SIZE,):
            raise DrumtokError(f"latent must have {LATENT_SIZE} numbers, got shape {np.shape(latent)}")
        moved = np.asarray(latent, dtype=float)
        if take:
            moved = moved + 0.06 * np.random.default_rng([take, 1]).standard_normal(LATENT_SIZE)
        strike = Strike(
            force=velocity / 127,
            seed=(SOUND_CLASSES.index(sound_class), take),
            pitch=2 ** (controls.tune / 12),
            decay=controls.decay,
            punch=controls.punch,
            noise=12 * controls.noise,
            tilt=4 * controls.brightness,
            drive=6 * controls.drive,
        )
        return synthesise(kind, parameters(kind, moved), strike)

    def encode(self, wave: NDArray[np.float32], rate: int) -> tuple[str, NDArray[np.float32], Controls]:
        """Return the class, the latent and the controls of a sound like a given one, (frames,) mono.

        Raises:
            DrumtokError: the sound is silent.
        """
        sound_class, latent = fitted(self.render, LATENT_SIZE, SOUND_CLASSES, wave, rate)
        return sound_class, latent, NEUTRAL

    @staticmethod
    def _kind(sound_class: str) -> SoundClass:
        if sound_class not in CLASSES:
            raise DrumtokError(f"class must be one of {', '.join(SOUND_CLASSES)}, got {sound_class!r}")
        return CLASSES[sound_class]
