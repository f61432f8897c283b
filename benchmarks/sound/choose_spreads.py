"""Choose how widely the latents of each class are drawn, by training sounds alone, and write the checkpoint with it.

    python -m benchmarks.sound.choose_spreads ONE_SHOTS CHECKPOINT OUT

A wider prior makes sounds as different as real ones are, and more of them are not recognised as their class. The spread
of a class is the widest of `SPREADS` up to which a classifier of the training sounds recognises `RECOGNISED` of `DRAWN`
sounds. Classes that are not among the lanes keep their spread, and the held-out sounds are not used.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.pipeline import Pipeline

from benchmarks.sound.metrics import classifier, heard
from benchmarks.sound.real_sounds import LANES, RealSounds
from drumtok.runtime.weights import read_weights, write_weights
from drumtok.sound.classes import SOUND_CLASSES
from drumtok.sound.latents import FORMAT, SoundNetwork
from drumtok.sound.likeness import log_mel
from drumtok.sound.voices import SoundModel

SPREADS = tuple(round(0.75 + 0.1 * step, 2) for step in range(8))
RECOGNISED, DRAWN = 0.84, 150  # fraction, and sounds of a class
SEEDS = 1000  # the first; `benchmarks.sound.measure` draws other sounds


def widest(model: SoundModel, lane: str, prior: np.ndarray, hear: Pipeline) -> float:
    """Return the widest spread of a class at which its drawn sounds are recognised.

    Args:
        prior: the spreads of the network of the model, which are changed.
        hear: a classifier of the training sounds.
    """
    number, best = SOUND_CLASSES.index(lane), SPREADS[0]
    for spread in SPREADS:
        prior[number] = spread
        latents = [model.sample(lane, np.random.default_rng([number, SEEDS + seed])) for seed in range(DRAWN)]
        made = [log_mel(model.render(lane, latent, take=seed)) for seed, latent in enumerate(latents)]
        share = heard(hear, np.array(made, np.float32), lane)
        print(f"{lane:8} {spread:5.2f} recognised {share:4.0%}", flush=True)
        if share < RECOGNISED:
            break
        best = spread
    return best


def main() -> None:
    """Choose the spreads, print them, and write the checkpoint."""
    folder, path, out = map(Path, sys.argv[1:])
    real = RealSounds.read(folder)
    known = np.isin(real.classes, LANES) & ~real.held_out
    hear = classifier(real.spectra[known], real.classes[known])
    description, weights, name = read_weights(path, FORMAT)
    network = SoundNetwork(name, description["config"], weights)
    chosen = {lane: widest(SoundModel(network), lane, network.w["prior.spread"], hear) for lane in LANES}
    spreads = weights["prior.spread"]
    for lane, spread in chosen.items():
        spreads[SOUND_CLASSES.index(lane)] = spread
    print(chosen)
    write_weights(out, description, weights)


if __name__ == "__main__":
    main()
