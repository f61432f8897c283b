"""The decay of a sound in seconds, computed from its parameters, and the length factor that gives a sound a decay.

The decay is the time in which a sound falls by 30 dB: a thousandth of its energy is left.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.bands import BLOCK, KNOTS, RATE, band_centres, noise_bank
from drumtok.sound.parameters import SIXTY_DB, Parameters, audible_partials, tone_wave
from drumtok.sound.synthesis import knots_at, low_cut, noise_gains, noise_wave, seconds_of

FALL = 30.0  # decibels
STROKE = 64  # blocks at the start in which tones and noise of one frequency, equally loud, interfere
LENGTH_RANGE = (1 / 32, 32.0)  # the least and greatest length factors
BRACKET_STEP = 0.2  # of the search for a longer or shorter sound, in logarithms of the length factor
MAX_ITERATIONS, TOLERANCE = 40, 1e-5  # of the search; the tolerance is a relative error of the decay


@lru_cache(maxsize=2)
def _bank_energies(metal: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the energy of each band of the bank of noise, (blocks, bands), and what it shares with the next band."""
    blocks = noise_bank(metal)
    own = np.einsum("nbf,nbf->nb", blocks, blocks)
    return own, np.einsum("nbf,nbf->nb", blocks[:, :-1], blocks[:, 1:])


class DecayCurve:
    """The energy that is left in a sound over time, at the hardest stroke and with neutral controls.

    Args:
        parameters: those of the sound.
        metal: whether its bands are of metal.
        start: first block of its noise.
    """

    def __init__(self, parameters: Parameters, metal: bool, start: int) -> None:
        tone = parameters.tone
        tone = tone._replace(levels=tone.levels + _decibels(low_cut(tone.ratios * tone.hertz)))
        noise = parameters.noise + _decibels(low_cut(band_centres()))
        self._parameters, self._start = parameters, start
        self._at_knots, self._between = _noise_energies(noise_gains(noise), metal)
        self._partials = np.where(audible_partials(tone), 10 ** (tone.levels / 10) / 2, 0)
        self._interference = np.ones(STROKE + 1)
        wave = tone_wave(tone, STROKE * BLOCK) + noise_wave(noise, KNOTS, metal, start, STROKE * BLOCK)
        made = (wave.astype(float) ** 2).reshape(STROKE, BLOCK).sum(axis=1)
        apart = self._energies(1.0)[:STROKE]
        self._interference[: len(apart)] = made[: len(apart)] / np.maximum(apart, 1e-12)

    def decay(self, length: float = 1.0) -> float:
        """Return the decay in seconds with a length factor."""
        energies = self._energies(length)
        left = np.append(np.cumsum(energies[::-1])[::-1], 0)
        goal = left[0] * 10 ** (-FALL / 10)
        after = max(int(np.argmax(left <= goal)), 1)
        part = (left[after - 1] - goal) / max(left[after - 1] - left[after], 1e-300)  # of the block before
        return float((after - 1 + part) * BLOCK / RATE)

    def length(self, decay: float) -> float:
        """Return the length factor that gives a decay in seconds, or the nearest possible one."""

        def off(place: float) -> float:
            return float(np.log(max(self.decay(np.exp(place)), 1e-9) / decay))

        least, greatest = np.log(LENGTH_RANGE)
        first = last = float(np.clip(np.log(decay / max(self.decay(), 1e-9)), least, greatest))
        low = high = off(first)
        while low > 0 and first > least:
            first = max(first - BRACKET_STEP, least)
            low = off(first)
        while high < 0 and last < greatest:
            last = min(last + BRACKET_STEP, greatest)
            high = off(last)
        if low >= 0 or high <= 0:
            return float(np.exp(first if low >= 0 else last))
        return float(np.exp(_zero(off, first, low, last, high)))

    def _energies(self, length: float) -> NDArray[np.float64]:
        """Return the energy in each block, (blocks,)."""
        tone, knots = self._parameters.tone, knots_at(length)
        tone = tone._replace(rings=tone.rings * length)
        end = seconds_of(tone, self._parameters.noise, knots, length) * RATE / BLOCK
        blocks = int(np.ceil(end))
        energies = self._noise(knots, blocks) + self._tones(tone.rings, blocks)
        at_own_length = np.interp(_middles(blocks), knots, KNOTS) * RATE / BLOCK  # blocks
        energies *= np.interp(at_own_length, np.arange(STROKE + 1) + 0.5, self._interference)
        return np.asarray(energies * np.minimum(end - np.arange(blocks), 1))

    def _noise(self, knots: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
        """Return the energy of the noise in each block, (blocks,), with the knots at other seconds."""
        places = np.interp(_middles(blocks), knots, np.arange(len(knots)))
        below = np.minimum(places.astype(int), len(knots) - 2)
        part, turn = places - below, (self._start + np.arange(blocks)) % len(self._at_knots)
        energies = (1 - part) ** 2 * self._at_knots[turn, below] + part**2 * self._at_knots[turn, below + 1]
        return np.asarray(energies + 2 * part * (1 - part) * self._between[turn, below])

    def _tones(self, rings: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
        """Return the energy of the partials in each block, (blocks,), with other times in which they ring."""
        rates, edges = 2 * SIXTY_DB / rings, np.arange(blocks + 1)[:, None] * BLOCK / RATE
        return np.diff(np.exp(-rates * edges) @ (-self._partials / rates * RATE))


def _middles(blocks: int) -> NDArray[np.float64]:
    """Return the middle of each block in seconds, (blocks,)."""
    return (np.arange(blocks) + 0.5) * BLOCK / RATE


def _noise_energies(gains: NDArray[np.float64], metal: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the energy of each block of noise at the gains of the knots, and what those of two neighbours share.

    Between two knots, a sum of their gains with weights that add up to 1 has the energy of a quadratic form.

    Args:
        gains: (knots, bands).

    Returns:
        (blocks, knots) and (blocks, knots - 1).
    """
    own, shared = _bank_energies(metal)
    one, other = gains[:-1], gains[1:]
    crossed = one[:, :-1] * other[:, 1:] + other[:, :-1] * one[:, 1:]
    at_knots = own @ (gains**2).T + 2 * shared @ (gains[:, :-1] * gains[:, 1:]).T
    return at_knots, own @ (one * other).T + shared @ crossed.T


def _decibels(gains: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(20 * np.log10(gains))


def _zero(function: Callable[[float], float], first: float, low: float, last: float, high: float) -> float:
    """Return where a rising function is 0, by false position (Illinois algorithm).

    Args:
        first, low: a place where the function is negative, and its value there.
        last, high: a place where it is positive, and its value there.
    """
    for _ in range(MAX_ITERATIONS):
        place = (first * high - last * low) / (high - low)
        found = function(place)
        if abs(found) < TOLERANCE:
            break
        first, low = (last, high) if found * high < 0 else (first, low / 2)
        last, high = place, found
    return place
