"""Draw the log-mel spectrograms of made sounds beside held-out real ones.

python -m benchmarks.sound.draw_spectra ONE_SHOTS PICTURE
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib import pyplot

from benchmarks.sound.real_sounds import LANES, RealSounds
from drumtok.sound.likeness import log_mel
from drumtok.sound.voices import SoundModel

EACH = 3  # made and real sounds of a class


def main() -> None:
    """Draw a row of made and a row of real sounds, the first of each class."""
    real, model = RealSounds.read(Path(sys.argv[1])), SoundModel.load()
    figure, axes = pyplot.subplots(2 * EACH, len(LANES), figsize=(11, 6), sharex=True, sharey=True)
    for column, lane in enumerate(LANES):
        held_out = np.flatnonzero(real.held_out & (real.classes == lane))
        chosen = np.random.default_rng(0).choice(held_out, EACH, replace=False)
        draws = (model.sample(lane, np.random.default_rng([column, seed])) for seed in range(EACH))
        spectra = [log_mel(model.render(lane, latent)) for latent in draws] + [real.spectra[index] for index in chosen]
        for axis, spectrum in zip(axes[:, column], spectra, strict=True):
            axis.imshow(spectrum.T, origin="lower", aspect="auto", vmin=-60, vmax=0, cmap="magma")
            axis.set(xticks=[], yticks=[])
        axes[0, column].set_title(lane, fontsize=9)
    axes[1, 0].set_ylabel("made")
    axes[1 + EACH, 0].set_ylabel("real")
    figure.tight_layout(pad=0.4)
    figure.savefig(sys.argv[2], dpi=64)


if __name__ == "__main__":
    main()
