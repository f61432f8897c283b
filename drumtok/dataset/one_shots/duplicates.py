"""Find sounds that are nearly the same as an earlier one, by the distance of their log-mel spectrograms."""

import numpy as np
from numpy.typing import NDArray

from drumtok.sound.likeness import FLOOR, log_mel


class NearDuplicates:
    """The sounds so far.

    Args:
        limit: decibels of mean difference, where either is audible, below which two sounds are the same.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._names: list[str] = []
        self._spectra = np.zeros((0, *log_mel(np.ones(1)).shape), np.float32)
        self._profiles = self._spectra.mean(axis=1)

    def add(self, name: str, wave: NDArray[np.float32]) -> str | None:
        """Add a sound; if it is nearly the same as an earlier one, return the name of the most similar one instead."""
        spectrum = log_mel(wave).astype(np.float32)
        profile = spectrum.mean(axis=0)
        count = len(self._names)
        # A lower bound of the distance of the spectra, which is 32 times as fast.
        near = np.flatnonzero(np.abs(self._profiles[:count] - profile).mean(axis=1) < self._limit)
        audible = np.maximum(self._spectra[near], spectrum) > FLOOR  # silence is the same in all short sounds
        far = np.abs(self._spectra[near] - spectrum).sum(axis=(1, 2)) / audible.sum(axis=(1, 2))
        if len(far) and far.min() < self._limit:
            return self._names[near[far.argmin()]]
        if count == len(self._spectra):
            self._spectra = np.concatenate([self._spectra, np.zeros((count + 64, *spectrum.shape), np.float32)])
            self._profiles = np.concatenate([self._profiles, np.zeros((count + 64, len(profile)), np.float32)])
        self._spectra[count], self._profiles[count] = spectrum, profile
        self._names.append(name)
        return None
