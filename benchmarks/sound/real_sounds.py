"""Real one-shots to compare sounds of the model with: a folder with an index.csv (file, class, source, original)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from drumtok.sound.bands import RATE
from drumtok.sound.likeness import FLOOR, log_mel, onset_at

CLASS_OF = {"closed_hat": "closed", "open_hat": "open", "snare_brush": "brush", "surdo": "tom"}
# Sources that no model is trained on; the sounds of the two fonts are related, so that both are held out.
HELD_OUT = ("FluidR3Mono_GM", "MuseScore_General", "discord-sfz-gm-drums", "uzu-drumkit")
LANES = ("kick", "snare", "rim", "clap", "closed", "open", "tom", "ride", "crash")


@dataclass(frozen=True)
class RealSounds:
    """Real one-shots.

    Attributes:
        waves: from their onset, with a peak of 1.
        spectra: log-mel spectrograms, (sounds, frames, bands).
        classes, sources, names: of each.
    """

    waves: list[NDArray[np.float32]]
    spectra: NDArray[np.float32]
    classes: NDArray[np.str_]
    sources: NDArray[np.str_]
    names: list[str]

    @classmethod
    def read(cls, folder: Path) -> "RealSounds":
        """Read a folder with an index.csv."""
        waves, classes, sources, names = [], [], [], []
        with open(folder / "index.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                wave = soundfile.read(folder / row["file"], dtype="float32", always_2d=True)[0].mean(axis=1)
                wave = wave[onset_at(wave) :][: int(1.5 * RATE)]
                waves.append(wave / np.abs(wave).max())
                classes.append(CLASS_OF.get(row["class"], row["class"]))
                sources.append(row["source"])
                names.append(f"{row['source']} {row['original']}".lower())
        spectra = np.array([log_mel(wave) for wave in waves], np.float32)
        return cls(waves, spectra, np.array(classes), np.array(sources), names)

    @property
    def held_out(self) -> NDArray[np.bool_]:
        """Which sounds are of held-out sources."""
        return np.isin(self.sources, HELD_OUT)


def distances(spectra: NDArray[np.float32], one: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the distance of one spectrogram to each of several, the mean difference in decibels."""
    return np.abs(spectra - one.astype(np.float32)).mean(axis=(1, 2))


def audible_distances(spectra: NDArray[np.float32], one: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the distance of one spectrogram to each of several where either is audible, as `audible_distance`."""
    off = np.abs(spectra - one.astype(np.float32)).sum(axis=(1, 2))
    return np.asarray(off / np.maximum((np.maximum(spectra, one) > FLOOR).sum(axis=(1, 2)), 1))
