"""Runs: what `train()` is asked for, the folder of a run, and what it is resumed from."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from drumtok.checkpoint import Checkpoint, load_checkpoint
from drumtok.config import GrooveConfig, ModelConfig
from drumtok.corpus import default_corpus, open_corpus
from drumtok.errors import DrumtokError
from drumtok.labels import labels_of
from drumtok.mixture import POOL_LOOPS, SONG_LOOPS, Mixture
from drumtok.parts import Pool, on_side
from drumtok.pools import load_parts
from drumtok.schedule import TrainingConfig
from drumtok.songparts import song_parts
from drumtok.windows import Split

TASKS: dict[type, str] = {ModelConfig: "pattern", GrooveConfig: "groove"}  # what a network of each shape learns
RECORD = "drumtok"  # the key of the record in a Lightning checkpoint
BOUND = ("batch", "window", "augment", "told", "seed", "average")  # settings that cannot change in the middle of a run


class Corpus(Protocol):
    """What is trained on, such as a `drumtok.corpus.Corpus`."""

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
        """The songs of "train" or "validation"."""


@dataclass(frozen=True)
class RunFolder:
    """The files of one run.

    Attributes:
        path: the folder that all of them lie in.
    """

    path: Path

    @property
    def checkpoints(self) -> Path:
        """The folder of Lightning's checkpoints, `best.ckpt` and `last.ckpt`: what a run is resumed from."""
        return self.path / "checkpoints"

    @property
    def last(self) -> Path:
        """The checkpoint that a run goes on from."""
        return self.checkpoints / "last.ckpt"

    @property
    def best_export(self) -> Path:
        """The best network so far, for `drumtok.checkpoint.load_checkpoint`."""
        return self.path / "best.safetensors"

    @property
    def last_export(self) -> Path:
        """The network at the end of the run, likewise."""
        return self.path / "last.safetensors"

    @property
    def samples(self) -> Path:
        """The folder of the patterns sampled at each validation."""
        return self.path / "samples"

    def make(self) -> None:
        """Makes the folder.

        Raises:
            DrumtokError: it cannot be made.
        """
        try:
            self.samples.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DrumtokError(f"cannot make the run folder {str(self.path)!r}: {error.strerror or error}") from error


def new_run_folder() -> Path:
    """`runs/` and the date and time."""
    return Path("runs") / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")


def corpus_digest(manifest: Mapping[str, Any]) -> str:
    """The sha256 of a corpus's manifest, which a resumed run is held to."""
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

    def pools(self) -> dict[str, Pool]:
        """The parts that each of the mixture's loops are made of: of training songs, and for training, alone.

        Raises:
            DrumtokError: drumtok's own pool cannot be read.
        """
        makers: dict[str, Callable[[], Pool]] = {
            POOL_LOOPS: lambda: on_side(load_parts(), "train"),
            SONG_LOOPS: lambda: song_parts(self.corpus.split("train"), self.corpus.songs["train"], self.corpus.grid),
        }
        return {name: makers[name]() for name in self.mixture.loops}

    def record(self) -> dict[str, Any]:
        """What `resume_run` reads again, of plain types alone, so that no checkpoint needs unpickling."""
        return {
            "task": TASKS[type(self.model)],
            "model": {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self.model).items()},
            "training": asdict(self.training),
            "corpus": self.corpus_path,
            "digest": corpus_digest(self.corpus.manifest),
        }


def plan_run(
    model: ModelConfig | GrooveConfig,
    training: TrainingConfig,
    *,
    corpus: Path | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    init: Path | None = None,
    given: Collection[str] = (),
) -> Run:
    """A run as the command line asks for it.

    Args:
        corpus: by default that of the run that is resumed, else one of what data there are.
        out: the run's folder, by default that of the run that is resumed, else a new one.
        resume: a run's folder, or one of Lightning's checkpoints.
        init: an exported network whose weights and shape a new run begins with, and whose labels it knows.
        given: the settings that are changed in a run that is resumed; the others stay as they were.

    Raises:
        DrumtokError: a path is not there or not what it should be, or a setting cannot be changed.
    """
    if resume is not None:
        if init is not None:
            raise DrumtokError("resume and init are both given: allowed is one, to go on or to begin anew")
        return _resumed(model, training, corpus, out, resume, given)
    folder = RunFolder(out or new_run_folder())
    if folder.last.exists():
        raise DrumtokError(f"{str(folder.path)!r} holds a run: resume it, or name another folder")
    path = corpus or default_corpus()
    opened = open_corpus(path)
    if isinstance(model, GrooveConfig):
        if init is not None:
            raise DrumtokError("init is given: a groove network begins with random weights")
        songs, played = opened.songs["train"], opened.split("train").played
        styles = {song["style"] for song, is_played in zip(songs, played, strict=True) if is_played}
        model = replace(model, styles=tuple(sorted(filter(None, styles))) if training.told else ())
        return Run(opened, str(path.resolve()), folder, model, replace(training, augment=()))
    if init is not None:
        begun = _begun_from(init, model, given, opened.grid)
        return Run(opened, str(path.resolve()), folder, begun.config, training, init=begun)
    if training.told:
        labels = labels_of(opened.songs["train"])
        model = replace(model, **vars(labels))
    return Run(opened, str(path.resolve()), folder, model, training)


def _begun_from(init: Path, model: ModelConfig, given: Collection[str], grid: int) -> Checkpoint:
    """The network that a run begins with; its dropout may be another, and it may begin to count phrases."""
    network = load_checkpoint(init)
    free = {"dropout"} if network.config.phrase else {"dropout", "phrase"}
    bound = [field.name for field in fields(ModelConfig) if field.name in given and field.name not in free]
    for name in bound:
        asked, known = getattr(model, name), getattr(network.config, name)
        if asked != known:
            raise DrumtokError(f"{name} is {asked}: the network of init has {known}")
    if network.grid != grid:
        raise DrumtokError(f"the corpus has grid {grid}: the network of init asks for {network.grid}")
    config = replace(network.config, **{name: getattr(model, name) for name in free if name in given})
    unheard = {"phrase.weight": np.zeros((config.phrase, config.width), dtype=np.float32)} if config.phrase else {}
    return replace(network, config=config, weights={**unheard, **network.weights})


def _resumed(
    model: ModelConfig | GrooveConfig,
    training: TrainingConfig,
    corpus: Path | None,
    out: Path | None,
    resume: Path,
    given: Collection[str],
) -> Run:
    checkpoint = RunFolder(resume).last if resume.is_dir() else resume
    state = _read_state(checkpoint)
    record = state[RECORD]
    if record["task"] != TASKS[type(model)]:
        raise DrumtokError(f"task is {TASKS[type(model)]}: the run that is resumed has {record['task']}")
    old_model, old_training = type(model).read(record["model"]), TrainingConfig(**record["training"])
    bound = [(old_model, model, field.name) for field in fields(model) if field.metadata]
    for old, new, name in bound + [(old_training, training, name) for name in BOUND]:
        if name in given and getattr(new, name) != getattr(old, name):
            raise DrumtokError(f"{name} is {getattr(new, name)}: the run that is resumed keeps {getattr(old, name)}")
    changes = {name: value for name, value in asdict(training).items() if name in given}
    inside = checkpoint.parent.name == RunFolder(Path()).checkpoints.name
    folder = out or (checkpoint.parent.parent if inside else checkpoint.parent)
    path = corpus or Path(record["corpus"])
    opened = open_corpus(path)
    if corpus_digest(opened.manifest) != record["digest"]:
        raise DrumtokError(f"corpus {str(path)!r} is not the one that the run that is resumed began with")
    training = replace(old_training, **changes)
    steps, seconds = state["global_step"], record["seconds"]
    return Run(opened, str(path.resolve()), RunFolder(folder), old_model, training, checkpoint, steps, seconds)


def _read_state(checkpoint: Path) -> dict[str, Any]:
    """A Lightning checkpoint of drumtok's training, as far as `Run.record` goes."""
    if not checkpoint.is_file():
        raise DrumtokError(f"cannot resume: {str(checkpoint)!r} is not there")
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)
        missing = {"task", "model", "training", "corpus", "digest", "seconds"} - state[RECORD].keys()
    except Exception as error:  # torch raises whatever a damaged file leads it to
        raise DrumtokError(f"cannot resume: {str(checkpoint)!r} is damaged or not of drumtok's training") from error
    if missing:
        raise DrumtokError(f"cannot resume: {str(checkpoint)!r} is of another version of drumtok")
    return state
