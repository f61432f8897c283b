"""One-shots as vectors of parameters for training the sound model, and their random changes."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from drumtok.dataset.one_shots.config import OneShotConfig
from drumtok.dataset.one_shots.files import list_one_shots
from drumtok.dataset.one_shots.shaping import shape
from drumtok.errors import DrumtokError
from drumtok.rendering.wav_files import parse_sound
from drumtok.sound.bands import BANDS, KNOTS
from drumtok.sound.classes import CLASSES, SOUND_CLASSES
from drumtok.sound.parameters import DEPTH, LEVELS, TONES, analyse
from drumtok.sound.tones import PARTIALS, SILENT

EQUALISER, DECAYS, ATTACKS = 10, 6, 4  # numbers of the curves over the bands that change levels, decays and attacks
HIGHEST = 8.0  # decibels of a band after a change


class SoundVectors(NamedTuple):
    """Sounds as vectors.

    Attributes:
        vectors: parameters, (sounds, SIZE).
        toneless: the same sounds, analysed as not tonal.
        classes: indices in `SOUND_CLASSES`, (sounds,).
        sources: the collections of the sounds.
    """

    vectors: NDArray[np.float32]
    toneless: NDArray[np.float32]
    classes: NDArray[np.int64]
    sources: Sequence[str]


def read_sounds(paths: Sequence[Path], held_out: Sequence[str] = ()) -> SoundVectors:
    """Read and analyse the one-shots of folders and zips, as `drumtok sound corpus build` reads them.

    Args:
        held_out: sources to leave out.

    Raises:
        DrumtokError: a path cannot be read, a source of `held_out` does not exist, or no sound is left.
    """
    rows: list[tuple[NDArray[np.float32], NDArray[np.float32], str, str]] = []
    known = set()
    for file in (file for path in paths for file in list_one_shots(path)):
        known.add(file.source)
        if file.why or file.sound_class is None or file.source in held_out:
            continue
        try:
            wave = shape(*parse_sound(file.ref.read(), file.ref.name), OneShotConfig().seconds).wave[None]
        except ValueError:
            continue  # `drumtok sound corpus build` reports these
        toneless = analyse(wave, [False])[0]
        own = analyse(wave, [True])[0] if CLASSES[file.sound_class].tonal else toneless
        rows.append((own, toneless, file.sound_class, file.source))
    if missing := sorted(set(held_out) - known):
        raise DrumtokError(f"held_out must be sources of the sounds, got {missing[0]!r}")
    if not rows:
        raise DrumtokError("no sounds are left to train on")
    vectors, toneless, classes, sources = zip(*rows, strict=True)
    numbers = np.array([SOUND_CLASSES.index(name) for name in classes])
    return SoundVectors(np.array(vectors), np.array(toneless), numbers, sources)


def changed(vectors: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Change sounds, (batch, SIZE), at random: spectrum, decays, attack, pitch, and the balance of tone and noise."""
    count = len(vectors)
    head, levels = vectors[:, :TONES].clone(), vectors[:, TONES:].reshape(count, len(KNOTS), BANDS)
    knots = torch.tensor(KNOTS, dtype=torch.float32)[None, :, None]

    def normal(spread: float) -> Tensor:
        return strength * spread * torch.randn(count, 1, generator=generator)

    def curve(size: int, spread: float, smoothness: float) -> Tensor:
        """Return random curves over the bands, (batch, 1, bands)."""
        order = torch.arange(size)[:, None]
        waves = torch.cos(torch.pi * order * (torch.arange(BANDS) + 0.5) / BANDS)
        numbers = torch.randn(count, size, generator=generator) * strength * spread / (1 + smoothness * order[:, 0])
        return (numbers @ waves)[:, None]

    live = levels > 0.5 - DEPTH
    loudest = levels.amax(dim=1, keepdim=True)
    faster = loudest + (levels - loudest) * torch.exp(curve(DECAYS, 0.22, 0.3))
    levels = torch.where(live & (knots > 0.01), faster, levels)
    levels = levels + live * (curve(EQUALISER, 4, 0.25) + curve(ATTACKS, 3, 0) * torch.exp(-knots / 0.012))
    head[:, :1] += normal(8)
    head[:, LEVELS] += (head[:, LEVELS] > SILENT + 1) * normal(3)
    head[:, 3 + 2 * PARTIALS :] += normal(2)
    return torch.cat([head, levels.clamp(-DEPTH, HIGHEST).reshape(count, -1)], dim=1)
