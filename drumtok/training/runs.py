"""Runs: what `train()` is asked for, and what it is resumed from."""

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

TASKS: dict[type, str] = {ModelConfig: "pattern", GrooveConfig: "groove"}  # what a network of each shape learns
RECORD = "drumtok"  # the key of the record in a Lightning checkpoint


class Corpus(Protocol):
    """What is trained on, such as a `drumtok.dataset.corpus.Corpus`."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What it was built from."""

    @property
    def grid(self) -> int:
        """Steps per quarter note."""

    @property
    def songs(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What is known of the songs of each split."""

    def split(self, name: str, /) -> Split:
        """Return the songs of "train" or "validation"."""


def corpus_digest(manifest: Mapping[str, Any]) -> str:
    """Return the sha256 of a corpus's manifest, which must be the same in a resumed run."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """What `train` is asked for.

    Attributes:
        corpus: what is trained on.
        corpus_path: where it lies, so that resuming finds it; empty for one in memory.
        folder: where everything is written.
        model, training: the configurations.
        checkpoint: Lightning's checkpoint to go on from, None for a new run.
        steps, seconds: how far that is.
        init: the network that a new run begins with, None for random weights.
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
        """What is mixed into the songs."""
        return Mixture.parse(self.training.augment)

    def pools(self) -> dict[str, PartLibrary]:
        """Return the parts that each of the mixture's loops is made of: of training songs only, and for training only.

        Raises:
            DrumtokError: drumtok's own pool cannot be read.
        """
        makers: dict[str, Callable[[], PartLibrary]] = {
            POOL_LOOPS: lambda: in_split(load_parts(), "train"),
            SONG_LOOPS: lambda: song_parts(self.corpus.split("train"), self.corpus.songs["train"], self.corpus.grid),
        }
        return {name: makers[name]() for name in self.mixture.loops}

    def record(self) -> dict[str, Any]:
        """Return what `resume_run` reads again, of plain types only, so that no checkpoint needs unpickling."""
        return {
            "task": TASKS[type(self.model)],
            "model": {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self.model).items()},
            "training": asdict(self.training),
            "corpus": self.corpus_path,
            "digest": corpus_digest(self.corpus.manifest),
        }
