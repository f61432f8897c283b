"""Kits of the sound model: their sounds are rendered on demand, by velocity layer and take."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.rendering.kit import Kit, Piece, stereo
from drumtok.rendering.kit_config import LayersConfig, MorphKitConfig, VaryKitConfig
from drumtok.rendering.kit_design import KitDesign, morph_designs, vary_design, with_controls
from drumtok.rendering.model_shots import one_shot
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.voice import Voice
from drumtok.runtime.files import new_folder
from drumtok.sound.voices import SoundModel

DEFAULT_LAYERS, VARY, MORPH = LayersConfig(), VaryKitConfig(), MorphKitConfig()


@dataclass(frozen=True, repr=False)
class ModelKit(Kit):
    """A kit of the sound model, with its design."""

    design: KitDesign
    layers: LayersConfig

    def with_controls(self, piece: str, **controls: float | None) -> "ModelKit":
        """Return the kit with other controls of a piece, such as `decay=0.9` (seconds) or `tune=-2` (semitones).

        Args:
            piece: its name, or "all" for every one.
            controls: fields of `drumtok.sound.voices.Controls`; `decay=None` is the sound's own decay.

        Raises:
            TypeError: there is no such control.
            DrumtokError: there is no such piece, or a value is out of range.
        """
        values = [(piece, name, value) for name, value in controls.items()]
        return kit_of(with_controls(self.design, values), self.name, self.layers)

    def vary(self, seed: int, amount: float = VARY.amount, keep: tuple[str, ...] = VARY.keep) -> "ModelKit":
        """Return a variation of the kit, as `drumtok kit vary` makes it."""
        return kit_of(vary_design(self.design, seed, amount, keep), self.name, self.layers)

    def morph(self, other: "ModelKit", amount: float = MORPH.amount) -> "ModelKit":
        """Return a kit between this one and another, as `drumtok kit morph` makes it."""
        return kit_of(morph_designs(self.design, other.design, amount), self.name, self.layers)

    def write(self, folder: str | os.PathLike[str]) -> None:
        """Write the kit to a folder, new or empty, as `drumtok kit new` does.

        Raises:
            DrumtokError: the folder is not empty or cannot be written.
        """
        from drumtok.rendering.kit_export import write_kit  # parsers of XML and addresses, which a sound does not need

        with new_folder(folder) as partial_folder:
            write_kit(self.design, partial_folder, Path(folder).resolve().name, self.layers)


def kit_of(
    design: KitDesign, name: str = "", layers: LayersConfig = DEFAULT_LAYERS, model: SoundModel | None = None
) -> ModelKit:
    """Return the kit of a design."""
    model = model or SoundModel.load()
    pieces = {piece: piece_of(model, piece, voice, layers) for piece, voice in design.voices.items()}
    return ModelKit(name or design.style or "kit", pieces, design, layers)


def piece_of(model: SoundModel, piece: str, voice: Voice, layers: LayersConfig) -> Piece:
    """Return the piece of a kit that plays a voice."""
    make = partial(_placed, model, piece, voice, layers.tops)
    return Piece(make, layers.tops, layers.takes, PIECE[piece].choke)


def _placed(
    model: SoundModel, piece: str, voice: Voice, tops: tuple[int, ...], layer: int, take: int
) -> NDArray[np.float32]:
    row = PIECE[piece]
    return stereo(one_shot(model, voice, tops[layer], take)[:, None], row.level, row.pan)
