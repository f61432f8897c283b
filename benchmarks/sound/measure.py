"""Measure the sounds of the sound model beside real ones.

    python -m benchmarks.sound.measure ONE_SHOTS

A classifier of real sounds (logistic regression on 40 principal components of log-mel spectrograms) is trained on the
sources of one half and hears the sounds of the other half, and those that the model draws from its prior. Distances are
mean differences of log-mel spectrograms in decibels: of real sounds to the nearest of another source, of made ones to
the nearest real one; a made sound within 1 dB of a real one is one found in training. A Frechet distance is that of
normal distributions on the components.
"""

import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.sound.real_sounds import RealSounds, distances
from drumtok.sound.likeness import log_mel
from drumtok.sound.voices import SoundModel

HEARD = ("kick", "snare", "rim", "clap", "closed", "open", "tom", "ride", "crash")
MADE, COMPONENTS = 40, 40
FOUND = 1.0  # decibels within which a sound is another one


def frechet(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the Frechet distance of two normal distributions with diagonal covariance."""
    spread = (one.std(axis=0) - other.std(axis=0)) ** 2
    return float(np.sqrt(((one.mean(axis=0) - other.mean(axis=0)) ** 2 + spread).sum() / one.shape[1]))


def main() -> None:
    """Print a row for each class, and the speed."""
    real = RealSounds.read(Path(sys.argv[1]))
    used = np.isin(real.classes, HEARD)
    flat = real.spectra.reshape(len(real.spectra), -1)
    half = np.isin(real.sources, sorted({*real.sources})[::2])
    hear = make_pipeline(StandardScaler(), PCA(COMPONENTS, random_state=0), LogisticRegression(max_iter=500))
    hear.fit(flat[used & half], real.classes[used & half])
    model, seconds = SoundModel.load(), 0.0
    print("class      real heard  made heard  real-real  made-real  found  Frechet made, real")
    shares = []
    for number, name in enumerate(HEARD):
        begun = time.process_time()
        waves = [model.render(name, model.sample(name, np.random.default_rng([number, seed]))) for seed in range(MADE)]
        seconds += time.process_time() - begun
        made = np.array([log_mel(wave) for wave in waves], np.float32)
        own = real.classes == name
        other_half = flat[own & ~half]
        near = np.array([distances(real.spectra[own], one).min() for one in made])
        apart = [
            distances(real.spectra[own & (real.sources != real.sources[index])], real.spectra[index]).min()
            for index in np.flatnonzero(own)[:MADE]
        ]
        heard = [float((hear.predict(one) == name).mean()) for one in (other_half, made.reshape(MADE, -1))]
        shares.append(heard)
        below = hear[:2].transform
        gaps = [frechet(below(one), below(flat[own & half])) for one in (made.reshape(MADE, -1), other_half)]
        print(
            f"{name:10} {heard[0]:10.0%} {heard[1]:11.0%} {np.mean(apart):10.2f} {near.mean():10.2f}"
            f" {(near < FOUND).mean():6.0%}  {gaps[0]:.2f}, {gaps[1]:.2f}",
            flush=True,
        )
    print(f"{'mean':10} {np.mean(shares, axis=0)[0]:10.0%} {np.mean(shares, axis=0)[1]:11.0%}")
    print(f"{len(HEARD) * MADE / seconds:.0f} one-shots a second of one core")


if __name__ == "__main__":
    main()
