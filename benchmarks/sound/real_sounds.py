"""Real one-shots to compare sounds of the model with: a folder with an index.csv (file, class, source, original)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from drumtok.sound.likeness import log_mel, onset_at

CLASS_OF = {"closed_hat": "closed", "open_hat": "open", "snare_brush": "brush"}


@dataclass(frozen=True)
class RealSounds:
    """The log-mel spectrograms of real one-shots, (sounds, frames, bands), their classes, sources and names."""

    spectra: NDArray[np.float32]
    classes: NDArray[np.str_]
    sources: NDArray[np.str_]
    names: list[str]

    @classmethod
    def read(cls, folder: Path) -> "RealSounds":
        """Read a folder with an index.csv."""
        spectra, classes, sources, names = [], [], [], []
        with open(folder / "index.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                wave = soundfile.read(folder / row["file"], dtype="float32", always_2d=True)[0].mean(axis=1)
                spectra.append(log_mel(wave[onset_at(wave) :]))
                classes.append(CLASS_OF.get(row["class"], row["class"]))
                sources.append(row["source"])
                names.append(f"{row['source']} {row['original']}".lower())
        return cls(np.array(spectra, np.float32), np.array(classes), np.array(sources), names)


def distances(spectra: NDArray[np.float32], one: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the distance of one spectrogram to each of several, the mean difference in decibels."""
    return np.abs(spectra - one.astype(np.float32)).mean(axis=(1, 2))
