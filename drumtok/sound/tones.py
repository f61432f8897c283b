"""Find the tones of a drum: the fall of its pitch, and the partials on it."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.bands import RATE, SPAN

HERTZ = np.geomspace(35, 1000, 100)  # candidate pitches
OCTAVES = (0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0)  # candidate falls of pitch, besides none
TIMES = (0.006, 0.012, 0.025, 0.05, 0.1)  # candidate times in which a fall decays to 1/e
TOP = 1300.0  # highest start of a fall in hertz
PITCH_STEP, PARTIAL_STEP = 16, 8  # decimation for the search of pitches and of partials
SEARCHED = 0.32  # seconds
WINDOW = 0.012  # seconds of half a window
# Bounds of the ratios of the partials to the pitch; the second slot is the pitch itself.
SLOTS = (0.5, 0.82, 1.22, 1.75, 2.4, 3.2, 4.4, 6.2, 8.8, 12.0)
PARTIALS, PITCH = len(SLOTS) - 1, 1
RATIOS = np.geomspace(SLOTS[0], SLOTS[-1], 200)
PROMINENCE = 4.0  # power of a partial relative to its surroundings; less is noise
SILENT = -50.0  # decibels of a missing partial
RING = (0.03, 5.0)  # seconds in which a partial falls by 60 dB


class Tone(NamedTuple):
    """The tones of a drum.

    Attributes:
        hertz: the final pitch.
        sweep, sweep_time: octaves above it at the start, and seconds in which the sweep decays to 1/e.
        ratios, levels, rings: (partials,) ratios to the pitch, decibels of full scale at the start, and seconds in
            which they fall by 60 dB.
    """

    hertz: float
    sweep: float
    sweep_time: float
    ratios: NDArray[np.float64]
    levels: NDArray[np.float64]
    rings: NDArray[np.float64]


def slot_middles() -> NDArray[np.float64]:
    """Return the middle ratio of each slot of a partial, (partials,)."""
    middles = np.sqrt(np.array(SLOTS[:-1]) * np.array(SLOTS[1:]))
    middles[PITCH] = 1.0
    return middles


def no_tone(fall: NDArray[np.float64]) -> Tone:
    """Return a tone of silent partials."""
    hertz, sweep, time = map(float, fall)
    return Tone(hertz, sweep, time, slot_middles(), np.full(PARTIALS, SILENT), np.full(PARTIALS, 0.1))


def fewer_frames(wave: NDArray[np.floating], step: int) -> NDArray[np.float32]:
    """Return the beginning of a sound, low-passed and decimated by `step`."""
    spectrum = np.fft.rfft(wave[:SPAN], SPAN)[: SPAN // step // 2 + 1]
    spectrum[int(len(spectrum) * 0.95) :] = 0
    return np.asarray(np.fft.irfft(spectrum, SPAN // step)[: int(SEARCHED * RATE / step)] / step, np.float32)


def cycles(hertz: float, sweep: float, sweep_time: float, frames: int, rate: float) -> NDArray[np.float64]:
    """Return the phase of a falling pitch in cycles, (frames,)."""
    time = np.arange(frames) / rate
    return np.cumsum(hertz * np.exp2(sweep * np.exp(-time / sweep_time))) / rate


def falls() -> NDArray[np.float64]:
    """Return the candidate falls of pitch, (falls, 3): the final hertz, the octaves above and the time of each."""
    sweeps = [(0.0, TIMES[2]), *((sweep, time) for sweep in OCTAVES for time in TIMES)]
    return np.array([(hertz, *sweep) for hertz in HERTZ for sweep in sweeps if hertz * 2 ** sweep[0] < TOP])


@lru_cache(maxsize=1)
def _pitches() -> tuple[NDArray[np.float64], NDArray[np.complex64]]:
    """Return the candidate falls, (falls, 3), and their waves in blocks, (blocks, falls, frames)."""
    tried = falls()
    rate = RATE / PITCH_STEP
    width = int(WINDOW * rate)
    blocks = int(SEARCHED * rate) // width
    waves = np.empty((blocks, len(tried), width), np.complex64)
    for number, fall in enumerate(tried):
        phase = cycles(fall[0], fall[1], fall[2], blocks * width, rate)
        waves[:, number] = np.exp(-2j * np.pi * (phase % 1)).reshape(blocks, width)
    return tried, waves


def pitches_of(lows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the fall of pitch of sounds, (sounds, 3): the candidate with most of their energy.

    Args:
        lows: (sounds, frames), results of `fewer_frames` with `PITCH_STEP`.
    """
    tried, waves = _pitches()
    energy = np.zeros((len(tried), len(lows)), np.float32)
    before = None
    for number, block in enumerate(waves):
        width = block.shape[1]
        found = block @ lows[:, number * width : (number + 1) * width].T.astype(np.complex64)
        if before is not None:
            energy += np.abs(found + before) ** 2
        before = found
    return np.asarray(tried[energy.argmax(axis=0)])


def tone_of(wave: NDArray[np.floating], fall: NDArray[np.float64]) -> Tone:
    """Return the tones of a sound along a fall of its pitch."""
    low, rate = fewer_frames(wave, PARTIAL_STEP), RATE / PARTIAL_STEP
    ratios = RATIOS[RATIOS * fall[0] < 0.45 * rate]
    ratios = np.sort(np.append(ratios, 1.0))
    width = int(WINDOW * rate)
    blocks = len(low) // width
    phase = np.outer(ratios, cycles(fall[0], fall[1], fall[2], blocks * width, rate)) % 1
    shifted = np.exp((-2j * np.pi * phase).astype(np.complex64)) * low[: blocks * width]
    sums = np.pad(shifted.reshape(len(ratios), blocks, width).sum(axis=2), ((0, 0), (1, 1)))
    power = np.abs(sums[:, :-2] / 2 + sums[:, 1:-1] + sums[:, 2:] / 2) ** 2 / width**2  # (ratios, blocks)
    power[:, 0] *= (2 / 1.5) ** 2  # half a block less
    partials = [_partial(ratios, power, slot, fall[0]) for slot in range(PARTIALS)]
    ratios, levels, rings = np.array(partials).T
    return no_tone(fall)._replace(ratios=ratios, levels=levels, rings=rings)


def _partial(
    ratios: NDArray[np.float64], power: NDArray[np.float32], slot: int, hertz: float
) -> tuple[float, float, float]:
    """Return ratio, level and ring of the strongest partial of a slot, silent if it does not stand out."""
    middle = float(slot_middles()[slot])
    inside = (ratios >= SLOTS[slot]) & (ratios < SLOTS[slot + 1]) if slot != PITCH else ratios == 1.0
    energy = power.sum(axis=1)
    if not inside.any():
        return middle, SILENT, 0.1
    best = int(np.flatnonzero(inside)[energy[inside].argmax()])
    gap = np.abs(ratios - ratios[best]) * hertz
    near = (gap > 70) & (gap < max(0.35 * ratios[best] * hertz, 220))
    around = np.median(power[near], axis=0) if near.sum() > 2 else np.zeros(power.shape[1])
    peak = energy[best] >= energy[max(best - 1, 0) : best + 2].max() * (0.6 if slot == PITCH else 1)
    if energy[best] < PROMINENCE * around.sum() or not peak or energy[best] < 1e-9:
        return middle, SILENT, 0.1
    level, ring = _decay(np.maximum(power[best] - around, 1e-3 * power[best]))
    return float(ratios[best]), level, ring


def _decay(power: NDArray[np.floating]) -> tuple[float, float]:
    """Return the level at the start in decibels and the ring of a partial from its powers in blocks."""
    decibels = 10 * np.log10(power + 1e-12)
    weights = np.sqrt(power) * (decibels > decibels.max() - 45)
    weights = weights / weights.sum()
    time = (np.arange(len(power)) + 0.5) * WINDOW
    mean, level = weights @ time, weights @ decibels
    slope = weights @ ((time - mean) * (decibels - level)) / max(weights @ (time - mean) ** 2, 1e-9)
    ring = float(np.clip(-60 / min(slope, -10), *RING))
    return float(max(level + 60 / ring * mean, SILENT)), ring
