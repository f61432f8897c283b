"""Bands of noise: the bank, and that gains and measured powers are inverse."""

import numpy as np
import pytest

from drumtok.sound.bands import BANDS, BANK, KNOTS, RATE, band_centres, band_powers, gains_of, noise_bank


@pytest.mark.parametrize("metal", [False, True])
def test_bands_of_equal_gain_are_white_noise_of_power_one_that_loops(metal):
    bank = noise_bank(metal)
    noise = bank.sum(axis=1).ravel()
    assert len(noise) == BANK
    assert noise.std() == pytest.approx(1, abs=0.06)
    thirds = np.abs(np.fft.rfft(noise))[int(100 * BANK / RATE) : int(19_000 * BANK / RATE)] ** 2 / BANK
    assert [part.mean() for part in np.array_split(thirds, 3)] == pytest.approx([1, 1, 1], abs=0.06)


def test_the_bank_of_metal_is_of_few_lines():
    lines = [np.mean(np.abs(np.fft.rfft(noise_bank(metal).sum(axis=1).ravel())) > 1) for metal in (False, True)]
    assert lines[0] > 0.85
    assert lines[1] < 0.1


def test_the_powers_of_white_noise_are_one_and_a_sine_is_in_its_band():
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert band_powers(noise)[8:-3].mean() == pytest.approx(1, abs=0.05)
    sine = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    loudest = band_powers(sine)[:-3].mean(axis=0).argmax()
    assert loudest == np.abs(band_centres() - 1000).argmin()


def test_gains_give_the_powers_that_they_were_found_from():
    rng = np.random.default_rng(1)
    gains = np.exp(np.cumsum(rng.normal(0, 0.3, (4, BANDS)), axis=1))
    padded = np.pad(gains, ((0, 0), (1, 1)))
    places = np.linspace(-1, 1, 2001)
    inside = np.maximum(1 - np.abs(places), 0)
    upper, lower = np.maximum(places, 0), np.maximum(-places, 0)
    # the squared sum of the triangles, weighted by the square of the band's own
    total = (gains[..., None] * inside + padded[:, 2:, None] * upper + padded[:, :-2, None] * lower) ** 2 * inside**2
    powers = total.sum(axis=2) / (inside**2).sum()
    assert np.allclose(gains_of(powers), gains, rtol=0.02)


def test_knots_rise_from_the_onset():
    assert KNOTS[0] == 0
    assert (np.diff(KNOTS) > 0).all()
