"""The novelty of a kit: the distance of its sounds to one-shots, such as those a model was trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.one_shots.config import OneShotConfig
from drumtok.dataset.one_shots.files import list_one_shots
from drumtok.dataset.one_shots.shaping import shape
from drumtok.errors import DrumtokError
from drumtok.evaluation.report import Table
from drumtok.rendering.kit import Kit
from drumtok.rendering.wav_files import parse_sound
from drumtok.sound.bands import RATE
from drumtok.sound.likeness import audible_distance, log_mel

SAME_DB, SAME_SCORE = 1.0, 0.1  # a sound is found below these: log-mel decibels, and the similarity score
Wave = NDArray[np.float32]


@dataclass(frozen=True)
class Nearest:
    """The one-shots nearest to a sound of a kit.

    Attributes:
        piece: the piece of the kit.
        decibels, alike: the least mean difference of log-mel spectrograms where either is audible, and its file.
        score, same: the least similarity score, and its file.
    """

    piece: str
    decibels: float
    alike: str
    score: float
    same: str

    @property
    def found(self) -> bool:
        """Whether the sound is one of the one-shots."""
        return self.decibels < SAME_DB or self.score < SAME_SCORE


def similarity_score(made: Wave, other: Wave) -> float:
    """Return sum((A - B)^2) / sum(A^2) of two aligned sounds: 0 for equal, about 2 for unrelated sounds of equal level.

    >>> similarity_score(np.array([1.0, -1.0]), np.array([1.0, -1.0, 0.0]))
    0.0
    """
    frames = max(len(made), len(other))
    a, b = (np.pad(np.asarray(wave, float), (0, frames - len(wave))) for wave in (made, other))
    return float(((a - b) ** 2).sum() / max(float((a**2).sum()), 1e-12))


def one_shots_of(paths: Sequence[Path]) -> Iterator[tuple[str, Wave]]:
    """Yield names and waves of the one-shots of folders and zips, aligned at their onset and with the same peak."""
    for path in paths:
        for file in list_one_shots(path):
            if not file.why:
                try:
                    yield (
                        file.ref.name,
                        shape(*parse_sound(file.ref.read(), file.ref.name), OneShotConfig().seconds).wave,
                    )
                except ValueError:
                    continue  # `drumtok sound corpus build` reports these


def nearest_one_shots(kit: Kit, paths: Sequence[Path]) -> list[Nearest]:
    """Return the nearest one-shots of each sound of a kit at full velocity.

    Raises:
        DrumtokError: a path cannot be read, or has no one-shots.
    """
    made = {
        name: shape(piece.sound(), RATE, OneShotConfig().seconds).wave for name, piece in sorted(kit.pieces.items())
    }
    spectra = {name: log_mel(wave) for name, wave in made.items()}
    best = {name: Nearest(name, np.inf, "", np.inf, "") for name in made}
    count = 0
    for file, wave in one_shots_of(paths):
        count += 1
        spectrum = log_mel(wave)
        for name, nearest in best.items():
            far, score = audible_distance(spectra[name], spectrum), similarity_score(made[name], wave)
            decibels = (far, file) if far < nearest.decibels else (nearest.decibels, nearest.alike)
            scores = (score, file) if score < nearest.score else (nearest.score, nearest.same)
            best[name] = Nearest(name, *decibels, *scores)
    if not count:
        raise DrumtokError("one_shots must hold audio files that can be read, got none")
    return list(best.values())


def novelty_table(nearest: Sequence[Nearest]) -> Table:
    """Return the table of a kit's novelty."""
    rows: list[tuple[str, ...]] = [
        (one.piece, f"{one.decibels:.2f}", one.alike, f"{one.score:.2f}", one.same, "yes" if one.found else "no")
        for one in nearest
    ]
    return Table(("piece", "log-mel dB", "of", "similarity score", "of", "found"), rows)
