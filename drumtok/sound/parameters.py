"""The parameters of a sound as a vector: its pitch, its partials, and the levels of its noise bands over time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.bands import BANDS, KNOTS, RATE, band_centres, band_powers, gains_of
from drumtok.sound.tones import (
    PARTIALS,
    PITCH,
    PITCH_STEP,
    SILENT,
    SLOTS,
    Tone,
    cycles,
    fewer_frames,
    no_tone,
    pitches_of,
    slot_middles,
    tone_of,
)

DEPTH = 66.0  # decibels below the loudest band or partial; anything softer is silent
LOUDEST = 60.0  # decibels of a band at most, which only latents far outside the training range reach
TONES = 3 + 3 * PARTIALS  # numbers of the tone in a vector: pitch, ratios, levels and rings
LEVELS = slice(3 + PARTIALS, 3 + 2 * PARTIALS)
SIZE = TONES + len(KNOTS) * BANDS
OVERLAP = 0.01  # fraction of the power of a band that remains for noise if partials account for all of it
HUSH = 4.0  # decibels above SILENT up to which a partial is left out
SIXTY_DB = float(np.log(1000.0))  # an amplitude falls by 60 dB in this many time constants


class Parameters(NamedTuple):
    """The parameters of a sound.

    Attributes:
        tone: its pitch and partials.
        noise: power of each band at the knots in decibels, (knots, bands); the loudest of all bands and partials of a
            sound is about 0.
    """

    tone: Tone
    noise: NDArray[np.float64]


def widths() -> NDArray[np.float64]:
    """Return the fraction of the power of white noise in each band, in decibels, (bands,)."""
    centres = band_centres()
    edges = np.concatenate([[centres[0] - 15], (centres[1:] + centres[:-1]) / 2, [RATE / 2]])
    return np.asarray(10 * np.log10(np.diff(edges) / (RATE / 2)))


def analyse(waves: NDArray[np.floating], tonal: Sequence[bool]) -> NDArray[np.float32]:
    """Return the parameters of sounds as vectors, (sounds, SIZE).

    Args:
        waves: (sounds, frames) at `RATE`, each from its onset.
        tonal: whether the partials of each sound are modelled separately; if not, it only has bands.
    """
    falls = pitches_of(np.array([fewer_frames(wave, PITCH_STEP) for wave in waves]))
    return np.array(
        [to_vector(_analysed(wave, fall, own)) for wave, fall, own in zip(waves, falls, tonal, strict=True)]
    )


def _analysed(wave: NDArray[np.floating], fall: NDArray[np.float64], tonal: bool) -> Parameters:
    tone = tone_of(wave, fall) if tonal else no_tone(fall)
    powers = band_powers(wave)
    if tonal:
        frames = min(len(wave), int(KNOTS[-1] * RATE))
        powers = np.maximum(powers - band_powers(tone_wave(tone, frames)), OVERLAP * powers)
    levels = 20 * np.log10(gains_of(powers) + 1e-9) + widths()
    loudest = max(float(levels.max()), float(tone.levels.max()) - 3)
    tone = tone._replace(levels=np.where(tone.levels > SILENT, np.maximum(tone.levels - loudest, SILENT), SILENT))
    return Parameters(tone, np.maximum(levels - loudest, -DEPTH))


def audible_partials(tone: Tone) -> NDArray[np.bool_]:
    """Return which partials of a tone are audible, (partials,)."""
    return np.asarray((tone.levels > SILENT + HUSH) & (tone.ratios * tone.hertz < RATE / 2.2))


def tone_wave(tone: Tone, frames: int) -> NDArray[np.float32]:
    """Return the partials of a tone, (frames,)."""
    total = np.zeros(frames, np.float32)
    heard = audible_partials(tone)
    if not heard.any():
        return total
    longest = min(frames, int(tone.rings[heard].max() * 1.2 * RATE))
    time = np.arange(longest, dtype=np.float32) / np.float32(RATE)
    phase = cycles(tone.hertz, tone.sweep, tone.sweep_time, longest, RATE)
    for ratio, level, ring in zip(tone.ratios[heard], tone.levels[heard], tone.rings[heard], strict=True):
        last = min(frames, int(ring * 1.2 * RATE))
        wave = np.sin((2 * np.pi * (ratio * phase[:last] % 1)).astype(np.float32))
        wave *= np.exp(time[:last] * np.float32(-SIXTY_DB / ring))
        total[:last] += np.float32(10 ** (level / 20)) * wave
    return total


def to_vector(parameters: Parameters) -> NDArray[np.float32]:
    """Return parameters as a vector, (SIZE,), on a scale like decibels; the inverse of `from_vector`."""
    tone = parameters.tone
    head = [40 * np.log2(tone.hertz / 100), 10 * tone.sweep, 10 * np.log2(tone.sweep_time / 0.02)]
    offsets = 40 * np.log2(np.asarray(tone.ratios) / slot_middles())
    rings = 10 * np.log2(np.asarray(tone.rings) / 0.3)
    return np.concatenate([head, offsets, tone.levels, rings, np.ravel(parameters.noise)]).astype(np.float32)


def from_vector(vector: NDArray[np.floating]) -> Parameters:
    """Return the parameters of a vector, each clipped to its range."""
    vector = np.asarray(vector, dtype=float)
    head, parts, noise = vector[:3], vector[3:TONES].reshape(3, PARTIALS), vector[TONES:]
    ratios = slot_middles() * np.exp2(parts[0] / 40)
    ratios = np.clip(ratios, SLOTS[:-1], SLOTS[1:])
    ratios[PITCH] = 1.0
    tone = Tone(
        float(np.clip(100 * np.exp2(head[0] / 40), 25, 1500)),
        float(np.clip(head[1] / 10, 0, 4)),
        float(np.clip(0.02 * np.exp2(head[2] / 10), 0.003, 0.2)),
        ratios,
        np.clip(parts[1], SILENT, 6),
        np.clip(0.3 * np.exp2(parts[2] / 10), 0.02, 6),
    )
    return Parameters(tone, np.clip(noise.reshape(len(KNOTS), BANDS), -DEPTH, LOUDEST))


def floors() -> NDArray[np.float32]:
    """Return the lower bound of each number of a vector, below which it is inaudible, (SIZE,)."""
    found = np.full(SIZE, -np.inf, np.float32)
    found[LEVELS], found[TONES:] = SILENT, -DEPTH
    return found


def importance() -> NDArray[np.float32]:
    """Return the weight of each number of a vector in the difference of two, (SIZE,)."""
    spacing = np.sqrt(np.minimum(np.gradient(KNOTS), 0.1))
    found = np.full(SIZE, 0.3, np.float32)
    found[:2], found[LEVELS] = (1.5, 0.5), 0.8
    found[TONES:] = np.repeat(spacing / spacing.mean(), BANDS)
    return found
