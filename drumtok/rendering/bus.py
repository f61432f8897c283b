"""The bus: the level of a mix, its peaks and its loudness."""

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.rendering.kits import RATE
from drumtok.runtime.install import install_command

LIMIT = 10 ** (-1 / 20)  # the highest peak of a file, 1 dB below full scale
KNEE = 10 ** (-6 / 20)  # a soft clip changes nothing below this level
CLOSE = 0.05  # LU between a loudness and its target
PASSES = 12  # iterations, since a soft clip reduces the effect of each gain
SHORTEST = 0.4  # seconds, the block of ITU-R BS.1770; a shorter sound is repeated


def level_gain(peak: float) -> float:
    """Return the gain that brings a peak down to -1 dB of full scale; 1 for a lower one."""
    return min(1.0, LIMIT / peak) if peak else 1.0


def soft_clip(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round off peaks: identity up to -6 dB of full scale, then a hyperbolic tangent that stays below -1 dB.

    >>> soft_clip(np.float32([0.5, -0.5])).tolist(), bool(soft_clip(np.float32([4.0]))[0] <= np.float32(LIMIT))
    ([0.5, -0.5], True)
    """
    room = LIMIT - KNEE
    size = np.abs(sound)
    rounded = KNEE + room * np.tanh(np.maximum(size - KNEE, 0) / room)
    return np.where(size <= KNEE, sound, np.copysign(rounded, sound)).astype(np.float32)


def loudness(sound: NDArray[np.float32], rate: int = RATE) -> float:
    """Return the integrated loudness of a sound in LUFS, by ITU-R BS.1770; minus infinity for silence.

    Raises:
        DrumtokError: pyloudnorm is not installed.
    """
    try:
        import pyloudnorm
    except ImportError:
        raise DrumtokError(f"loudness requires pyloudnorm: {install_command('sound')}") from None
    times = -(-int(SHORTEST * rate + 1) // max(len(sound), 1))
    with np.errstate(divide="ignore"):
        return float(pyloudnorm.Meter(rate).integrated_loudness(np.tile(sound, (times, 1))))


def loudness_gain(sound: NDArray[np.float32], target: float, rate: int = RATE) -> float:
    """Return the gain before `soft_clip` that brings a sound to a loudness in LUFS; 1 for silence.

    Raises:
        DrumtokError: pyloudnorm is not installed, or the sound cannot be so loud.
    """
    gain = 1.0
    for _ in range(PASSES):
        found = loudness(soft_clip(sound * np.float32(gain)), rate)
        if found == -np.inf:
            return 1.0
        if abs(target - found) < CLOSE:
            return gain
        gain *= 10 ** ((target - found) / 20)
    raise DrumtokError(f"loudness must be at most {found:.1f} LUFS for this sound, got {target:g}")
