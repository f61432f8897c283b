"""A checkpoint: one self-describing `.safetensors` file with config, vocabulary, provenance and weights.

Reading one needs no torch and never unpickles.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.bar_clock import BarClock
from drumtok.network.config import ModelConfig
from drumtok.network.plan_reader import PlanReader
from drumtok.network.song_cache import SongCache
from drumtok.pattern import DEFAULT_GRID
from drumtok.runtime.files import data_path
from drumtok.runtime.weights import read_weights, write_weights
from drumtok.tokenizer.labels import ANY, BEAT
from drumtok.tokenizer.tokens import VOCABULARY

FORMAT = "drumtok-1"
DEFAULT, THIRTYSECONDS = BUNDLED = ("default", "thirtyseconds")  # the names of the bundled checkpoints


@dataclass(frozen=True)
class Checkpoint:
    """A network and where it comes from.

    Attributes:
        config: the shape of the network.
        weights: name -> array, named as in `DrumLSTM.state_dict()`.
        grid: steps per quarter note of the words that it was trained on.
        kinds: those of `drumtok.tokenizer.labels.KINDS` that it was trained on.
        provenance: how it was made (version of drumtok, corpus, steps, metrics), as JSON data.
        name: the name of its file without the ending, or empty if it was never saved.
    """

    config: ModelConfig
    weights: Mapping[str, NDArray[np.floating]]
    grid: int = DEFAULT_GRID
    kinds: tuple[str, ...] = (ANY, BEAT)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @cached_property
    def song_cache(self) -> SongCache | None:
        """The attention over the earlier bars of a song, or None."""
        return SongCache.of(self.weights)

    @cached_property
    def bar_clock(self) -> BarClock | None:
        """The bar clock, which plans pieces, or None."""
        return BarClock.of(self.weights, self.config)

    @cached_property
    def plan_reader(self) -> PlanReader | None:
        """The plan reader, which makes bars follow their plans, or None."""
        return PlanReader.of(self.weights)

    @property
    def default_kind(self) -> str:
        """The kind to write by default: a beat if the network was trained on beats."""
        return BEAT if BEAT in self.kinds else ANY


def save_checkpoint(checkpoint: Checkpoint, path: str | os.PathLike[str], half: bool = True) -> None:
    """Write a checkpoint atomically; `half` stores the weights as 16-bit floats.

    Raises:
        DrumtokError: a weight is not finite or too large, or the file cannot be written.
    """
    description = {
        "format": FORMAT,
        "config": asdict(checkpoint.config),
        "grid": checkpoint.grid,
        "kinds": checkpoint.kinds,
        "vocabulary": " ".join(VOCABULARY),
        "provenance": dict(checkpoint.provenance),
    }
    write_weights(path, description, checkpoint.weights, half)


def checkpoint_file(asked: str | os.PathLike[str] | None) -> Path:
    """Return the file of a checkpoint, given its path or one of the names in `BUNDLED`; None is the first of these.

    Raises:
        DrumtokError: a bundled checkpoint is missing.
    """
    path = Path(DEFAULT if asked is None else asked)
    bundled = str(path) in BUNDLED and not path.is_file()
    return data_path(f"checkpoints/{path}.safetensors") if bundled else path


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Load a checkpoint; its weights are 32-bit floats.

    Raises:
        DrumtokError: the file is missing, damaged, not a checkpoint of drumtok, or has another vocabulary.
    """
    description, weights, name = read_weights(path, FORMAT)
    try:
        config = ModelConfig.read(description["config"])
        grid, kinds = int(description["grid"]), tuple(description["kinds"])
        vocabulary = description["vocabulary"].split()
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DrumtokError(f"checkpoint {str(path)!r} is damaged or not a checkpoint of drumtok ({error})") from error
    if vocabulary != list(VOCABULARY):
        raise DrumtokError(f"checkpoint {str(path)!r} has another vocabulary than this version of drumtok")
    return Checkpoint(config, weights, grid, kinds, description.get("provenance", {}), name)
