"""Runs: the arguments of `train()`, and the record for resuming."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from drumtok.dataset.augmentation.part_library import load_parts
from drumtok.dataset.augmentation.parts import PartLibrary, in_split
from drumtok.dataset.song_parts import song_parts
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.config import GrooveConfig, ModelConfig
from drumtok.training.config import TrainingConfig
from drumtok.training.data.mixture import POOL_LOOPS, SONG_LOOPS, Mixture
from drumtok.training.data.window_batches import Split
from drumtok.training.run_folder import RunFolder

TASKS: dict[type, str] = {ModelConfig: "pattern", GrooveConfig: "groove"}  # the task of the network of each config
RECORD = "drumtok"  # the key of the record in a Lightning checkpoint


class Corpus(Protocol):
    """The data for training, such as a `drumtok.dataset.corpus.Corpus`."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What it was built from."""

    @property
    def grid(self) -> int:
        """Steps per quarter note."""

    @property
    def songs(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The labels of the songs of each split."""

    def split(self, name: str, /) -> Split:
        """Return the songs of "train" or "validation"."""


def corpus_digest(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the manifest of a corpus, which must not change in a resumed run."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """The arguments of `train`.

    Attributes:
        corpus: the data.
        corpus_path: its path, for resuming; empty for a corpus in memory.
        folder: the folder for all output.
        model, training: the configurations.
        checkpoint: Lightning's checkpoint to resume from, or None for a new run.
        steps, seconds: the progress at that checkpoint.
        init: the initial network of a new run, or None for random weights.
    """

    corpus: Corpus
    corpus_path: str
    folder: RunFolder
    model: ModelConfig | GrooveConfig
    training: TrainingConfig
    checkpoint: Path | None = None
    steps: int = 0
    seconds: float = 0.0
    init: Checkpoint | None = None

    @property
    def mixture(self) -> Mixture:
        """The augmentations of the songs."""
        return Mixture.parse(self.training.augment)

    def pools(self) -> dict[str, PartLibrary]:
        """Return the parts of each kind of loops in the mixture, only from training songs or parts for training.

        Raises:
            DrumtokError: the bundled parts cannot be read.
        """
        makers: dict[str, Callable[[], PartLibrary]] = {
            POOL_LOOPS: lambda: in_split(load_parts(), "train"),
            SONG_LOOPS: lambda: song_parts(self.corpus.split("train"), self.corpus.songs["train"], self.corpus.grid),
        }
        return {name: makers[name]() for name in self.mixture.loops}

    def record(self) -> dict[str, Any]:
        """Return the record for resuming, of plain types, so that no checkpoint needs unpickling."""
        return {
            "task": TASKS[type(self.model)],
            "model": {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self.model).items()},
            "training": asdict(self.training),
            "corpus": self.corpus_path,
            "digest": corpus_digest(self.corpus.manifest),
        }
