"""One-shots of the sound model for kits: without offset, silent at both ends, with a common peak."""

import numpy as np
from numpy.typing import NDArray

from drumtok.rendering.kit import MAX_VELOCITY
from drumtok.rendering.kits import RATE
from drumtok.rendering.voice import Voice
from drumtok.sound.voices import SoundModel

PEAK = 10 ** (-0.5 / 20)  # of a one-shot
FADE_IN, FADE_OUT = 16, RATE // 100  # frames; 0.4 ms avoids a click and keeps the transient


def one_shot(model: SoundModel, voice: Voice, velocity: int = MAX_VELOCITY, take: int = 0) -> NDArray[np.float32]:
    """Render a voice, (frames,) mono at `RATE`: peak at -0.5 dB, no offset, silent at both ends."""
    latent = np.array(voice.latent, np.float32)
    return finished(
        model.render(voice.sound_class, latent, voice.controls, velocity=velocity, take=take, detail=voice.detail)
    )


def finished(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fade the ends of a one-shot, remove its offset and set its peak.

    The offset is removed by a slow curve that is 0 at both ends, so that neither begins with a step.
    """
    sound = wave.astype(np.float64)
    frames = len(sound)
    rise, fall = min(FADE_IN, frames), min(FADE_OUT, frames)
    sound[:rise] *= np.linspace(0, 1, rise, endpoint=False)
    sound[frames - fall :] *= np.linspace(1, 0, fall)
    curve = np.hanning(frames)
    sound -= curve * (sound.sum() / max(curve.sum(), 1e-9))
    peak = np.abs(sound).max()
    return (sound * (PEAK / peak if peak else 1)).astype(np.float32)
