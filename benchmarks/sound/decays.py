"""Measure in sounds of every class whether their decays are the seconds that were asked for.

`python -m benchmarks.sound.decays`
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from drumtok.sound.bands import RATE
from drumtok.sound.decay import FALL
from drumtok.sound.voices import SOUND_CLASSES, Controls, SoundModel

SOUNDS = 20  # of each class
FACTORS = np.geomspace(0.25, 4, 9)  # of the own decay of a sound
RANGE = (0.03, 6.0)  # seconds


def decay(wave: NDArray[np.float32]) -> float:
    """Return the seconds after which the energy that is left is `FALL` decibels below that of a whole sound."""
    left = np.cumsum(wave[::-1].astype(float) ** 2)[::-1]
    return float(np.argmax(left <= left[0] * 10 ** (-FALL / 10)) / RATE)


def errors(model: SoundModel, sound_class: str) -> tuple[NDArray[np.float64], float]:
    """Return the relative errors of decays, (sounds, factors), and the least rank correlation of a sound."""
    found, least = [], 1.0
    for seed in range(SOUNDS):
        latent = model.sample(sound_class, np.random.default_rng([SOUNDS, seed]))
        asked = np.clip(model.decay(sound_class, latent) * FACTORS, *RANGE)
        heard = [decay(model.render(sound_class, latent, Controls(decay=float(seconds)))) for seconds in asked]
        least = min(least, float(spearmanr(asked, heard).statistic))
        found.append(np.abs(np.array(heard) / asked - 1))
    return np.array(found), least


def main() -> None:
    """Print a table of the errors, and of the rank correlations."""
    model, rows = SoundModel.load(), []
    print("class        median     95 %     most   rank correlation, least")
    for sound_class in SOUND_CLASSES:
        found, least = errors(model, sound_class)
        rows.append(found)
        median, most = np.median(found), found.max()
        print(f"{sound_class:11}{median:7.1%}{np.quantile(found, 0.95):9.1%}{most:9.1%}   {least:.3f}", flush=True)
    every = np.concatenate(rows)
    print(f"{'all':11}{np.median(every):7.1%}{np.quantile(every, 0.95):9.1%}{every.max():9.1%}")


if __name__ == "__main__":
    main()
