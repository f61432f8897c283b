"""Synthesise a struck drum in NumPy from its parameters: partials on a falling pitch, and bands of noise or metal."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.bands import BANDS, BLOCK, HIGHEST, KNOTS, RATE, band_centres, noise_bank
from drumtok.sound.parameters import DEPTH, Parameters, tone_wave, widths
from drumtok.sound.tones import Tone

LONGEST = 1.5  # seconds of a sound of its own length
MAX_STRETCH = 4.0  # length factor up to which a sound may last longer than `LONGEST`
SHORTEST = 0.06
QUIET = 60.0  # decibels below its loudest part at which a sound ends
EVEN = 1024  # frames; a Fourier transform of a multiple is fast
TAIL = 4096  # frames that the filters ring
STRUCK = 0.01  # seconds of the stick sound, whose length does not change
FLATNESS = 0.35  # fraction of the differences between bands that noise removes or adds
DEEPEST = 30.0  # hertz down to which a tone is tuned; a kick would not be heard below
CROWDED = 10_000.0  # hertz above which bands of noise crowd together at a higher pitch
TAPS, PHASES = 16, 512  # frames, and places between two frames, of the filter that changes the speed of noise
ATTACK, PUNCH = 0.012, 12.0  # seconds of the attack, and decibels by which punch changes it
SOFT_CUTOFF = 2500.0  # hertz above which the softest hits lose 6 dB per octave
TILT_CENTRE = 1000.0  # hertz at which brightness changes nothing


@dataclass(frozen=True)
class Strike:
    """How a drum is struck, and its controls as gains and factors.

    Attributes:
        force: the strength of the stroke, 0 to 1.
        start: first block of the noise, which differs between takes.
        pitch, length: factors.
        punch: additional octaves of the sweep, and gain of the attack in units of 12 dB.
        noise: -1 to 1, in units of 12 dB.
        tilt: decibels per octave.
        drive: gain before saturation, 0 for none.
    """

    force: float = 1.0
    start: int = 0
    pitch: float = 1.0
    length: float = 1.0
    punch: float = 0.0
    noise: float = 0.0
    tilt: float = 0.0
    drive: float = 0.0


def synthesise(parameters: Parameters, metal: bool, strike: Strike) -> NDArray[np.float32]:
    """Return a struck drum, (frames,) at `RATE`, with a peak of 1."""
    lasting = strike.length * (0.7 + 0.3 * strike.force)
    tone = parameters.tone
    bend = 0.5 * strike.punch * (tone.sweep > 0.05)
    tone = tone._replace(
        hertz=max(tone.hertz * strike.pitch, min(tone.hertz, DEEPEST)),
        sweep=max(tone.sweep * (0.5 + 0.5 * strike.force) + bend, 0),
        rings=tone.rings * lasting,
    )
    speed = strike.pitch if metal else np.sqrt(strike.pitch)
    levels = _crowded(_changed(parameters.noise, strike), speed)
    knots = knots_at(lasting)
    frames = -(-int(seconds_of(tone, levels, knots, strike.length) * RATE) // EVEN) * EVEN
    read = -(-int(frames * speed + TAPS) // BLOCK) * BLOCK if speed != 1 else frames
    noise = noise_wave(levels, knots * speed, metal, strike.start, read)
    return _finished(tone_wave(tone, frames) + _faster(noise, speed, frames), strike)


def knots_at(length: float) -> NDArray[np.float64]:
    """Return the seconds of the knots with a length factor, (knots,); the stick sound stays as it is."""
    return np.asarray(np.where(KNOTS > STRUCK, STRUCK + (KNOTS - STRUCK) * length, KNOTS))


def seconds_of(tone: Tone, levels: NDArray[np.float64], knots: NDArray[np.float64], length: float) -> float:
    """Return how long a sound lasts, until all of it is quiet, with a length factor."""
    heard = tone.rings * np.clip((tone.levels + QUIET) / 60, 0, 1.1)
    last = np.flatnonzero(levels.max(axis=1) > -QUIET)
    until = float(knots[min(int(last[-1]) + 1, len(knots) - 1)]) if len(last) else 0.0
    longest = LONGEST * float(np.clip(length, 1, MAX_STRETCH))
    return float(np.clip(max(until, heard.max(), SHORTEST), SHORTEST, longest))


def _changed(levels: NDArray[np.float64], strike: Strike) -> NDArray[np.float64]:
    """Return the levels of bands with more or less noise, which is then flatter or less flat."""
    gain = 12 * strike.noise - 6 * (1 - strike.force)
    if strike.noise:
        density = levels - widths()
        middle = density.mean(axis=1, keepdims=True)
        flatter = middle + (density - middle) * (1 - FLATNESS * strike.noise) + widths()
        levels = np.where(levels > -DEPTH, flatter, levels)
    return np.where(levels > -DEPTH, levels + gain, -DEPTH)


def _crowded(levels: NDArray[np.float64], speed: float) -> NDArray[np.float64]:
    """Return the levels of bands for a higher speed: above `CROWDED` they crowd together, so that no power is lost."""
    if speed <= 1:
        return levels
    centres = band_centres()
    moved = centres * speed
    places = np.interp(np.log(moved), np.log([CROWDED, HIGHEST]), np.log([CROWDED / speed, HIGHEST]))
    sources = np.interp(places, np.log(centres), np.arange(BANDS))  # the bands whose power arrives at each
    below = np.minimum(sources.astype(int), BANDS - 2)
    part, density = sources - below, 10 * np.log10(np.maximum(np.gradient(sources), 1e-3))
    crowded = levels[:, below] * (1 - part) + levels[:, below + 1] * part + density
    return np.where(moved > HIGHEST, -DEPTH, np.maximum(np.where(moved > CROWDED, crowded, levels), -DEPTH))


@lru_cache(maxsize=1)
def _between_frames() -> NDArray[np.float32]:
    """Return the weights of the frames around each place between two frames, (phases, taps): a windowed sinc."""
    away = np.arange(TAPS) - (TAPS // 2 - 1) - np.arange(PHASES)[:, None] / PHASES
    return np.asarray(np.sinc(away) * np.cos(np.pi * away / TAPS) ** 2, np.float32)


def _faster(noise: NDArray[np.float32], speed: float, frames: int) -> NDArray[np.float32]:
    """Return noise at another speed, like a tape: all its frequencies move alike, also the lines of metal."""
    if speed == 1:
        return noise
    places = np.floor(np.arange(frames) * (speed * PHASES) + 0.5).astype(int)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(noise, (TAPS // 2 - 1, TAPS)), TAPS)
    return np.asarray(np.einsum("nk,nk->n", around[places // PHASES], _between_frames()[places % PHASES]), np.float32)


def noise_gains(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gains of the bank of noise at levels in decibels, (knots, bands) both."""
    return np.asarray(10 ** ((levels - widths()) / 20) * (levels > 1 - DEPTH))


def noise_wave(
    levels: NDArray[np.float64], knots: NDArray[np.float64], metal: bool, start: int, frames: int
) -> NDArray[np.float32]:
    """Return the bands at their levels, (frames,)."""
    gains = noise_gains(levels)
    blocks = frames // BLOCK
    places = np.interp(np.arange(blocks + 1) * BLOCK / RATE, knots, np.arange(len(knots)))
    below = np.minimum(places.astype(int), len(knots) - 2)
    part = (places - below)[:, None]
    envelope = (gains[below] * (1 - part) + gains[below + 1] * part).astype(np.float32)  # (blocks + 1, bands)
    pairs = np.stack([envelope[:-1], envelope[1:]], axis=1)  # (blocks, 2, bands)
    bank, parts, done = noise_bank(metal), [], 0
    while done < blocks:  # slices of the loop, without a copy
        begin = (start + done) % len(bank)
        count = min(blocks - done, len(bank) - begin)
        parts.append(pairs[done : done + count] @ bank[begin : begin + count])
        done += count
    ends = np.concatenate(parts)  # (blocks, 2, frames of a block)
    ramp = np.arange(BLOCK, dtype=np.float32) / BLOCK
    return np.asarray(ends[:, 0] + (ends[:, 1] - ends[:, 0]) * ramp, np.float32).reshape(-1)


def low_cut(hertz: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the gain of a filter that removes inaudible low frequencies."""
    return 1 / np.sqrt(1 + (25 / hertz) ** 4)


def _finished(sound: NDArray[np.float32], strike: Strike) -> NDArray[np.float32]:
    """Filter by force and brightness, saturate, fade the end, and set the peak to 1."""
    frames = len(sound)
    hertz = np.maximum(np.fft.rfftfreq(frames + TAIL, 1 / RATE), 20).astype(np.float32)
    cutoff = SOFT_CUTOFF * (22_000 / SOFT_CUTOFF) ** strike.force
    response = (hertz / TILT_CENTRE) ** (strike.tilt / 6.02)
    if strike.force < 1:
        response /= np.sqrt(1 + (hertz / cutoff) ** 2)
    response *= low_cut(hertz)
    shaped = np.fft.irfft(np.fft.rfft(sound, frames + TAIL) * response)[:frames].astype(np.float32)
    if strike.punch:
        attack = np.exp(np.arange(frames, dtype=np.float32) / np.float32(-ATTACK * RATE))
        shaped *= np.float32(10) ** (np.float32(PUNCH / 20 * strike.punch) * attack)
    shaped /= max(float(np.abs(shaped).max()), 1e-9)
    if strike.drive:
        shaped = np.tanh(strike.drive * shaped) / float(np.tanh(strike.drive))
    fade = min(RATE // 50, frames // 3)
    shaped[frames - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return np.asarray(shaped, dtype=np.float32)
