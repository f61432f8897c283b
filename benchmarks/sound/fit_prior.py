"""Fit the prior of the sound model to real one-shots, and write kits/prior.json.

    python -m benchmarks.sound.fit_prior ONE_SHOTS

For each class a bank of sounds is rendered from latents that are drawn widely; of each real sound the most similar one
of the bank is found, and the latents of these are the sample that a normal distribution is fitted to, with its
covariance shrunk towards the diagonal. A second bank, drawn from that distribution and spread a little, refines it. The
prior is their mean and covariance: no sound is stored.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound.real_sounds import RealSounds, distances
from drumtok.sound.likeness import log_mel
from drumtok.sound.prior import FILE, Gaussian
from drumtok.sound.voices import LATENT_SIZE, SOUND_CLASSES, SoundModel

ROOT = Path(__file__).resolve().parents[2]
BANK = 300  # sounds of a class
WIDE, WIDER = 1.2, 1.25  # spread of the first bank, and factor of the second
SHRINK, FLOOR = 0.2, 0.05  # of the covariance towards its diagonal, and its least variance
FEWEST = 6  # real sounds of a class; one with fewer keeps the standard normal prior


def nearest_latents(
    model: SoundModel, sound_class: str, bank: NDArray[np.float64], spectra: NDArray[np.float32]
) -> tuple[NDArray[np.float64], float]:
    """Return the latent of the bank that is nearest to each real sound, and the mean distance."""
    made = np.array([log_mel(model.render(sound_class, latent.astype(np.float32))) for latent in bank], np.float32)
    far = np.array([distances(made, one) for one in spectra])
    return bank[far.argmin(axis=1)], float(far.min(axis=1).mean())


def fitted(latents: NDArray[np.float64]) -> Gaussian:
    """Return the normal distribution of latents, shrunk."""
    covariance = np.cov(latents.T)
    covariance = (1 - SHRINK) * covariance + SHRINK * np.diag(np.diag(covariance)) + FLOOR * np.eye(LATENT_SIZE)
    return Gaussian(latents.mean(axis=0), np.linalg.cholesky(covariance).astype(np.float64))


def main() -> None:
    """Fit and write the prior; print the mean distance of the real sounds to the first and the second bank."""
    real = RealSounds.read(Path(sys.argv[1]))
    model = SoundModel.load()
    rows = {}
    for number, sound_class in enumerate(SOUND_CLASSES):
        spectra = real.spectra[real.classes == sound_class]
        if len(spectra) < FEWEST:
            continue
        rng = np.random.default_rng(number)
        bank = np.clip(WIDE * rng.standard_normal((BANK, LATENT_SIZE)), -2.5, 2.5)
        first, before = nearest_latents(model, sound_class, bank, spectra)
        bank = np.array([fitted(first).sample(rng, WIDER) for _ in range(BANK)], float)
        second, after = nearest_latents(model, sound_class, bank, spectra)
        made = fitted(second)
        rows[sound_class] = {"mean": made.mean.round(3).tolist(), "factor": made.factor.round(3).tolist()}
        print(f"{sound_class:12}{len(spectra):4} sounds, distance {before:5.2f} dB, then {after:5.2f} dB", flush=True)
    text = ",\n".join(f" {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    (ROOT / FILE).write_text("{\n" + text + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
