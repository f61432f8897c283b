"""Bands of noise: a bank of filtered noise that sounds are made from, and the levels of a sound's bands over time."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 44_100  # frames per second
BANDS, LOWEST, HIGHEST = 40, 30.0, 20_000.0  # number of bands, and their range in hertz, evenly spaced on the mel scale
# Seconds of the knots, dense around the stroke (or the hands of a clap); gains are interpolated between them.
KNOTS = (
    np.array([0, 2, 4, 7, 10, 14, 18, 23, 28, 34, 40, 50, 65, 85, 115, 155, 210, 290, 400, 550, 760, 1050, 1480]) / 1e3
)
BLOCK = 32  # frames that share a gain
BANK = 2**16  # frames of the bank, which loops
FLOOR = -90.0  # decibels of a silent band
LINES = 0.08  # fraction of the frequencies in the bank of metal: the modes of a cymbal, 8 Hz apart
SPAN = 81_920  # frames of the Fourier transform that a sound is analysed with
STEP = 24  # hop of the analysis in frames
SHARPENING = 12  # iterations that find the gains from the measured levels


def mel(hertz: NDArray[np.floating] | float) -> NDArray[np.float64]:
    """Convert hertz to the mel scale."""
    return 2595 * np.log10(1 + np.asarray(hertz, dtype=float) / 700)


def band_centres() -> NDArray[np.float64]:
    """Return the frequencies of the bands in hertz, (bands,)."""
    places = np.linspace(mel(LOWEST), mel(HIGHEST), BANDS)
    return np.asarray(700 * (10 ** (places / 2595) - 1))


def _triangles(hertz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the response of each band, (bands, frequencies): triangles between the centres of its neighbours."""
    places = (mel(hertz) - mel(LOWEST)) / (mel(HIGHEST) - mel(LOWEST)) * (BANDS - 1)
    return np.maximum(1 - np.abs(places - np.arange(BANDS)[:, None]), 0)


@lru_cache(maxsize=2)
def noise_bank(metal: bool) -> NDArray[np.float32]:
    """Return looped noise in bands, (blocks, bands, frames of a block); equal gains give white noise of power 1.

    Args:
        metal: whether the spectrum consists of lines, like the modes of a cymbal.
    """
    rng = np.random.default_rng(int(metal))
    hertz = np.fft.rfftfreq(BANK, 1 / RATE)
    spectrum = np.exp(2j * np.pi * rng.random(len(hertz)))
    if metal:
        spectrum *= rng.random(len(hertz)) < LINES
        spectrum /= np.sqrt(LINES)
    else:
        spectrum *= np.sqrt(rng.exponential(size=len(hertz)))
    responses = _triangles(hertz)
    bank = np.empty((BANDS, BANK), np.float32)
    for band, response in enumerate(responses):  # one by one: whole, the spectra would need a hundred megabytes
        bank[band] = np.fft.irfft(spectrum * response) * np.sqrt(BANK)
    return np.ascontiguousarray(bank.reshape(BANDS, -1, BLOCK).transpose(1, 0, 2))


@lru_cache(maxsize=1)
def _pooling() -> NDArray[np.float32]:
    """Return the weights of the moments in the level at each knot, (knots, moments)."""
    moments = np.arange(0, SPAN, STEP) / RATE
    before = np.concatenate([[-1e-3], KNOTS[:-1]])
    after = np.concatenate([KNOTS[1:], [1.5]])
    rising = (moments - before[:, None]) / (KNOTS - before)[:, None]
    falling = (after[:, None] - moments) / (after - KNOTS)[:, None]
    weights = np.maximum(np.minimum(rising, falling), 0)
    weights[0, 0] = max(weights[0, 0], 1e-3)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@lru_cache(maxsize=1)
def _bins() -> list[tuple[int, NDArray[np.float32], int]]:
    """Return the first bin of each band, the responses of its bins, and the size of its inverse transform."""
    responses = _triangles(np.fft.rfftfreq(SPAN, 1 / RATE))
    found = []
    for response in responses:
        used = np.flatnonzero(response)
        size = 512
        while size < len(used):
            size *= 2
        found.append((int(used[0]), response[used].astype(np.float32), size))
    return found


def band_powers(wave: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the power of each band of a sound at the knots, (knots, bands): 1 for white noise of power 1."""
    spectrum = np.fft.rfft(wave[:SPAN], SPAN).astype(np.complex64)
    powers = np.empty((BANDS, -(-SPAN // STEP)), np.float32)
    moments = np.arange(0, SPAN, STEP) / SPAN
    for band, (first, response, size) in enumerate(_bins()):
        kept = np.zeros(size, np.complex64)
        kept[: len(response)] = spectrum[first : first + len(response)] * response
        envelope = np.abs(np.fft.ifft(kept)) ** 2 * (size**2 / SPAN / np.sum(response**2))
        powers[band] = np.interp(moments * size, np.arange(size + 1), np.append(envelope, envelope[0]))
    return np.asarray((powers @ _pooling().T).T)


def gains_of(powers: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the gains of the bank that give a sound with given band powers, (..., bands) both."""
    powers = np.maximum(powers, 1e-12)
    gains = np.sqrt(powers)
    for _ in range(SHARPENING):
        padded = np.pad(gains, [(0, 0)] * (gains.ndim - 1) + [(1, 1)])
        near = padded[..., :-2] + padded[..., 2:]
        squares = padded[..., :-2] ** 2 + padded[..., 2:] ** 2
        # of the squared sum of overlapping triangles, each weighed by the square of the band's own
        measured = 0.6 * gains**2 + 0.15 * gains * near + 0.05 * squares
        gains = gains * np.clip(powers / measured, 0.1, 10) ** 0.4
    return np.asarray(gains, dtype=np.float32)
