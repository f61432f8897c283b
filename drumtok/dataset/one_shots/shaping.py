"""Convert a recording to a one-shot: mono, 44,100 Hz, from its onset until it has died away."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.rendering.wav_files import resample
from drumtok.sound.likeness import RATE, onset_at

PEAK = 0.95
SILENCE = 1e-4  # peak below which a recording is silent
AUDIBLE = 1e-3  # level relative to the peak (-60 dB) below which a sound has ended
SHORTEST, LONGEST = 0.01, 20.0  # seconds of a one-shot, and of a recording that may be one
FADE_IN, FADE_OUT = 22, 441  # frames: 0.5 and 10 ms
BLOCK = 441  # frames that a level is measured in


class Shaped(NamedTuple):
    """A one-shot, (frames,) at 44,100 Hz with a peak of 0.95, and the peak of its recording in decibels."""

    wave: NDArray[np.float32]
    peak_db: float


def shape(sound: NDArray[np.float32], rate: int, longest: float) -> Shaped:
    """Return the one-shot of a recording, (frames, channels).

    Its onset, where it first reaches a tenth of its peak, is a millisecond after its start, or less if the recording
    begins later. It ends where it stays 60 dB below its peak, or is faded out after `longest` seconds.

    Raises:
        ValueError: the recording is silent, too short or too long, or not all of its samples are finite.
    """
    seconds = len(sound) / rate
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError(f"it must be {SHORTEST:g} to {LONGEST:g} seconds long, got {seconds:.3g}")
    if not np.isfinite(sound).all():
        raise ValueError("its samples are not all finite numbers")
    wave = resample(_mono(sound), rate, RATE)[:, 0]
    wave = wave - np.median(wave)  # an offset of the recorder
    peak = float(np.abs(wave).max())
    if peak < SILENCE:
        raise ValueError("it is silent")
    wave = wave[onset_at(wave) :]
    wave = wave[: min(_end(wave), round(longest * RATE))]
    if len(wave) < SHORTEST * RATE:
        raise ValueError(f"it is shorter than {SHORTEST * 1000:g} ms from its onset on")
    wave = wave * _fades(len(wave))
    return Shaped((PEAK / np.abs(wave).max() * wave).astype(np.float32), float(20 * np.log10(peak)))


def _mono(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of the channels, or the loudest channel if they cancel each other."""
    mean = sound.mean(axis=1, keepdims=True)
    levels = np.square(sound, dtype=np.float64).mean(axis=0)
    loudest = int(levels.argmax())
    cancelled = np.square(mean, dtype=np.float64).mean() < levels[loudest] / 10
    return sound[:, loudest : loudest + 1] if cancelled else mean


def _end(wave: NDArray[np.float32]) -> int:
    """Return the frame after the last block that is audible."""
    padded = np.pad(np.abs(wave), (0, -len(wave) % BLOCK))
    heard = np.flatnonzero(padded.reshape(-1, BLOCK).max(axis=1) > AUDIBLE * padded.max())
    return min(int(heard[-1] + 1) * BLOCK, len(wave))


def _fades(frames: int) -> NDArray[np.float32]:
    """Return the gain of short fades at both ends, so that neither clicks."""
    gain = np.ones(frames, np.float32)
    gain[:FADE_IN] = np.linspace(0, 1, FADE_IN + 1)[1:]
    out = min(FADE_OUT, frames // 4)
    gain[frames - out :] = np.linspace(1, 0, out)
    return gain
