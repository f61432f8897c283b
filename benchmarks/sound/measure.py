"""Measure a sound model on sounds of sources that it was not trained on.

    python -m benchmarks.sound.measure ONE_SHOTS [CHECKPOINT]

ONE_SHOTS is a folder of real one-shots with an index.csv (file, class, source, original); CHECKPOINT is by default the
one that comes with drumtok. The split is by source: `benchmarks.sound.real_sounds.HELD_OUT`.
"""

import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound.control_metrics import correlations
from benchmarks.sound.metrics import classifier, covered_fraction, evenly, frechet, heard, kernel_distance, score_made
from benchmarks.sound.real_sounds import LANES, RealSounds, distances
from drumtok.sound.bands import RATE
from drumtok.sound.latents import network_of
from drumtok.sound.likeness import distance, log_mel
from drumtok.sound.voices import SoundModel

MADE = 60  # sounds of a class
RECONSTRUCTED = 12  # held-out sounds of a class, at most


def draw(model: SoundModel, lane: str, number: int) -> tuple[list[NDArray[np.float32]], float]:
    """Return sounds of a class, drawn from the prior, and the seconds that they took."""
    latents = [model.sample(lane, np.random.default_rng([number, seed])) for seed in range(MADE)]
    begun = time.process_time()
    # takes differ in their noise, as the sounds of different drums do
    return [model.render(lane, latent, take=seed) for seed, latent in enumerate(latents)], time.process_time() - begun


def print_prior(model: SoundModel, real: RealSounds) -> None:
    """Print a row for each class about the sounds that are drawn from the prior, and the speed."""
    train, held = ~real.held_out, real.held_out
    lanes = np.isin(real.classes, LANES)
    hear = classifier(real.spectra[lanes & train], real.classes[lanes & train])
    heads = ("heard", "covered", "Frechet", "kernel")
    print(f"class    train held {' '.join(f'{head}: real made' for head in heads)}  found  nearest")
    rows, seconds = [], 0.0
    for number, lane in enumerate(LANES):
        waves, took = draw(model, lane, number)
        seconds += took
        made = np.array([log_mel(wave) for wave in waves], np.float32)
        own, other = real.spectra[train & (real.classes == lane)], real.spectra[held & (real.classes == lane)]
        score = score_made(made, real, lane, hear)
        pairs = [
            (heard(hear, other, lane), score.heard),
            (covered_fraction(evenly(own, MADE), other), score.covered),
            (frechet(own, other), score.frechet),
            (kernel_distance(own, other), score.kernel),
            (score.found, score.nearest),
        ]
        row = [number for pair in pairs for number in pair]
        rows.append(row)
        print(f"{lane:8} {len(own):5} {len(other):4} {_row(row)}", flush=True)
    print(f"{'mean':19} {_row(list(np.mean(rows, axis=0)))}")
    print(f"{len(LANES) * MADE / seconds:.0f} one-shots a second of one core")


def _row(row: list[float]) -> str:
    return "{:11.0%} {:4.0%} {:13.0%} {:4.0%} {:13.2f} {:4.2f} {:12.0f} {:4.0f} {:6.1%} {:8.2f}".format(*row)


def print_reconstruction(model: SoundModel, real: RealSounds) -> None:
    """Print how near a held-out sound comes to itself through the latent, and what it is heard as."""
    print("class    encoded as it  log-mel dB, class found and class known  nearest in training")
    rows = []
    for lane in LANES:
        row = []
        for index in np.flatnonzero(real.held_out & (real.classes == lane))[:RECONSTRUCTED]:
            goal = real.spectra[index]
            found = model.encode(real.waves[index], RATE)
            known = model.encode(real.waves[index], RATE, lane)
            near = distances(real.spectra[~real.held_out], goal).min()
            made = [model.render(one.sound_class, one.latent, detail=one.detail) for one in (found, known)]
            row.append((found.sound_class == lane, *(distance(goal, log_mel(wave)) for wave in made), near))
        rows.append(np.mean(row, axis=0))
        print(f"{lane:8} {rows[-1][0]:13.0%} {rows[-1][1]:12.2f} {rows[-1][2]:12.2f} {rows[-1][3]:12.2f}", flush=True)
    print("mean     {:13.0%} {:12.2f} {:12.2f} {:12.2f}".format(*np.mean(rows, axis=0)))


def main() -> None:
    """Print all tables."""
    real = RealSounds.read(Path(sys.argv[1]))
    model = SoundModel(network_of(sys.argv[2])) if sys.argv[2:] else SoundModel.load()
    print_prior(model, real)
    print_reconstruction(model, real)
    for control, lanes in correlations(model).items():
        worst = min(lanes, key=lanes.__getitem__)
        print(f"{control:10} rank correlation {np.mean(list(lanes.values())):.3f}, least {lanes[worst]:.3f} ({worst})")


if __name__ == "__main__":
    main()
