"""Synthesise a drum in NumPy: partials on a pitch envelope, modes of metal, a band of noise, bursts and a click."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.classes import SILENT, SoundClass

RATE = 44_100  # frames per second
LONGEST = 1.5  # seconds
SHORTEST = 0.06
BLOCK = 1024  # frames; a Fourier transform of a multiple is fast
SIXTY_DB = float(np.log(1000.0))  # an amplitude falls by 60 dB in this many time constants
CLICK = 0.0012  # seconds
ATTACK, PUNCH = 0.012, 12.0  # seconds of a beginning, and decibels that punch moves it by
SOFT_CUTOFF = 2500.0  # hertz above which the softest hits lose 6 dB per octave
TILT_CENTRE = 1000.0  # hertz that brightness leaves as it is
# latent number -> the parameter that it moves
PARAMETERS = ("hertz", "body", "ring", "sweep", "sweep_time", "metal", "noise", "hiss", "centre", "click")
LOGARITHMIC = {"ring": np.e, "hiss": np.e, "sweep_time": np.e, "centre": 2.0, "hertz": 2 ** (1 / 12)}  # base of spreads
REACH = 2.5  # latents beyond this change a sound little more


@dataclass(frozen=True)
class Strike:
    """How a drum is struck, and its controls as gains and factors.

    Attributes:
        force: 0 to 1, of the velocity.
        seed: of the noise, which differs from take to take.
        pitch, decay: factors.
        punch: octaves more of a sweep and, in units of 12 dB, of the click and of the beginning.
        noise: decibels.
        tilt: decibels per octave.
        drive: gain before saturation, 0 for none.
    """

    force: float
    seed: tuple[int, ...]
    pitch: float
    decay: float
    punch: float
    noise: float
    tilt: float
    drive: float


def parameters(kind: SoundClass, latent: NDArray[np.floating]) -> dict[str, float]:
    """Return the parameters of a sound, each moved from its mean by a number of the latent."""
    found = {}
    for name, number in zip(PARAMETERS, REACH * np.tanh(np.asarray(latent, dtype=float) / REACH), strict=True):
        mean, spread = getattr(kind, name)
        base = LOGARITHMIC.get(name)
        found[name] = float(mean + spread * number if base is None else mean * base ** (spread * number))
    return found


def synthesise(kind: SoundClass, values: Mapping[str, float], strike: Strike) -> NDArray[np.float32]:
    """Return a struck drum, (frames,) at `RATE`, with a peak of 1."""
    soft = 0.7 + 0.3 * strike.force
    ring, hiss = (values[name] * strike.decay * soft for name in ("ring", "hiss"))
    lasting = [ring] * (values["body"] > SILENT) + [hiss] * (max(values["noise"], values["metal"]) > SILENT)
    seconds = float(np.clip(max(lasting) * 1.05 + max((0.0, *kind.bursts)), SHORTEST, LONGEST * max(strike.decay, 1)))
    time = np.arange(-(-int(seconds * RATE) // BLOCK) * BLOCK, dtype=np.float32) / np.float32(RATE)
    rng = np.random.default_rng(strike.seed)
    sound = _partials(kind, values, strike, time, ring)
    if kind.modes and values["metal"] > SILENT:
        sound += _gain(values["metal"]) * _modes(kind, values, strike, time, hiss)
    level = _gain(values["noise"] + strike.noise - 6 * (1 - strike.force))
    sound += level * _noise(kind, values, strike, time, hiss, rng)
    click = rng.standard_normal(len(time), dtype=np.float32) * np.exp(-time / np.float32(CLICK))
    sound += _gain(values["click"] + 12 * strike.punch - 9 * (1 - strike.force)) * click
    return _finished(sound, strike)


def _gain(decibels: float) -> float:
    return 0.0 if decibels <= SILENT else float(10 ** (decibels / 20))


def _partials(
    kind: SoundClass, values: Mapping[str, float], strike: Strike, time: NDArray[np.float32], ring: float
) -> NDArray[np.float32]:
    """Return the partials of a membrane, whose pitch falls from where it is struck."""
    if values["body"] <= SILENT:
        return np.zeros(len(time), np.float32)
    sweep = max(values["sweep"] * (0.5 + 0.5 * strike.force) + 0.5 * strike.punch * (values["sweep"] > 0), 0)
    octaves = sweep * np.exp(-time * 3 / values["sweep_time"])
    cycles = np.cumsum(values["hertz"] * strike.pitch * np.exp2(octaves), dtype=np.float64) / RATE
    total = np.zeros(len(time), np.float32)
    for ratio in kind.ratios:
        level = np.exp(time * np.float32(-SIXTY_DB * ratio**0.7 / ring)) / np.float32(ratio**1.1)
        phase = (2 * np.pi * (ratio * cycles % 1)).astype(np.float32)
        total += level * np.sin(phase)
    return _gain(values["body"]) * total


def _modes(
    kind: SoundClass, values: Mapping[str, float], strike: Strike, time: NDArray[np.float32], hiss: float
) -> NDArray[np.float32]:
    """Return the modes of a plate of metal, dense and out of tune; higher ones are shorter."""
    fixed = np.random.default_rng([kind.modes, int(kind.low)])  # the modes of a class; the centre shifts them
    places = np.sort(fixed.uniform(0, 1, kind.modes))
    hertz = kind.low * (kind.high / kind.low) ** places * strike.pitch**0.5 * (values["centre"] / kind.centre[0]) ** 0.5
    phases, levels = fixed.uniform(0, 2 * np.pi, kind.modes), fixed.uniform(0.3, 1, kind.modes)
    total = np.zeros(len(time), np.float32)
    for one, phase, level, place in zip(hertz, phases, levels, places, strict=True):
        if one < RATE / 2:
            total += (
                np.float32(level)
                * np.sin(np.float32(2 * np.pi * one) * time + np.float32(phase))
                * np.exp(np.float32(-SIXTY_DB * (0.8 + 0.6 * place) / hiss) * time)
            )
    return total / np.float32(np.sqrt(kind.modes / 2))


def _noise(
    kind: SoundClass,
    values: Mapping[str, float],
    strike: Strike,
    time: NDArray[np.float32],
    hiss: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return a band of noise, in bursts if the class has them, that darkens as it dies away."""
    frames = len(time)
    hertz = np.fft.rfftfreq(frames, 1 / RATE).astype(np.float32)
    centre = values["centre"] * strike.pitch**0.5
    distance = np.log2(np.maximum(hertz, 1) / centre) / (kind.width / 2)
    spectrum = np.fft.rfft(rng.standard_normal(frames, dtype=np.float32))
    dark, bright = (np.fft.irfft(spectrum * np.exp(-0.5 * (distance - by) ** 2), frames) for by in (-0.3, 0.4))
    sound = dark * np.exp(-SIXTY_DB * time / hiss) + bright * np.exp(-SIXTY_DB * time * 1.8 / hiss)
    sound *= 0.5 / max(float(np.sqrt(np.mean(dark**2))), 1e-9)
    if not kind.bursts:
        return sound
    envelope = np.zeros(frames, np.float32)
    for number, start in enumerate(kind.bursts):
        since = time - start
        last = number == len(kind.bursts) - 1
        envelope += np.where(since >= 0, np.exp(-np.maximum(since, 0) / (hiss / 4 if last else 0.003)), 0)
    return sound * np.exp(SIXTY_DB * time / hiss * 0.5) * envelope


def _finished(sound: NDArray[np.float32], strike: Strike) -> NDArray[np.float32]:
    """Filter by force and brightness, saturate, fade the end, and set the peak to 1."""
    frames = len(sound)
    hertz = np.maximum(np.fft.rfftfreq(2 * frames, 1 / RATE), 20).astype(np.float32)
    cutoff = SOFT_CUTOFF * (22_000 / SOFT_CUTOFF) ** strike.force
    response = (hertz / TILT_CENTRE) ** (strike.tilt / 6.02) / np.sqrt(1 + (hertz / cutoff) ** 2)
    response *= 1 / np.sqrt(1 + (25 / hertz) ** 4)  # nothing below what is heard
    shaped = np.fft.irfft(np.fft.rfft(sound, 2 * frames) * response)[:frames].astype(np.float32)
    if strike.punch:
        attack = np.exp(np.arange(frames, dtype=np.float32) / np.float32(-ATTACK * RATE))
        shaped *= np.float32(10) ** (np.float32(PUNCH / 20 * strike.punch) * attack)
    shaped /= max(float(np.abs(shaped).max()), 1e-9)
    if strike.drive:
        shaped = np.tanh(strike.drive * shaped) / float(np.tanh(strike.drive))
    fade = min(RATE // 50, frames // 3)
    shaped[frames - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return np.asarray(shaped, dtype=np.float32)
