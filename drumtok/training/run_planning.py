"""Plan a new or resumed run from the settings of the command line."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from drumtok.dataset.corpus import default_corpus, open_corpus
from drumtok.errors import DrumtokError
from drumtok.network.checkpoint import Checkpoint, load_checkpoint
from drumtok.network.config import GrooveConfig, ModelConfig
from drumtok.runtime.remote import address, is_remote
from drumtok.tokenizer.labels import labels_of, widened
from drumtok.training.config import TrainingConfig
from drumtok.training.data.window_batches import NO_VOCABULARY
from drumtok.training.run_folder import RunFolder, new_run_folder
from drumtok.training.runs import RECORD, TASKS, Corpus, Run, corpus_digest
from drumtok.training.song_cache import network_alone

RESTARTS = ("TORCHELASTIC_RESTART_COUNT", "SLURM_RESTART_COUNT")  # how often a launcher has restarted a run
FIXED_ON_RESUME = (
    "accumulate",
    "batch",
    "window",
    "augment",
    "conditioning",
    "cut",
    "seed",
    "average",
)  # settings that cannot change when a run is resumed


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
    """Plan a run from the settings of the command line.

    A run that torchrun or SLURM restarts, for example after losing a rank, continues from its last checkpoint.

    Args:
        corpus: by default that of the resumed run, else one is built from the fetched sources.
        out: the folder of the run; by default that of the resumed run, else a new one.
        resume: the folder of a run, or one of Lightning's checkpoints.
        init: an exported network with the initial weights, shape and labels of a new run.
        given: the settings to change in a resumed run; the others do not change.

    Raises:
        DrumtokError: a path is missing or invalid, or a setting cannot be changed.
    """
    if resume is not None:
        if init is not None:
            raise DrumtokError("--resume cannot be combined with --init")
        return _resumed(model, training, corpus, out, resume, given)
    folder = RunFolder(out or new_run_folder())
    if folder.last.exists() and any(int(os.environ.get(name) or 0) for name in RESTARTS):
        return _resumed(model, training, corpus, out, folder.path, given)
    folder.check_free()
    path = corpus or default_corpus()
    opened = open_corpus(path)
    if isinstance(model, GrooveConfig):
        if init is not None:
            raise DrumtokError("--init cannot be combined with --task groove, whose network starts with random weights")
        styles = _played_styles(opened.songs["train"], opened.split("train").played)
        model = replace(model, styles=styles if training.conditioning else ())
        return Run(opened, str(path.resolve()), folder, model, replace(training, augment=()))
    if init is not None:
        begun = _begun_from(init, model, training, given, opened)
        return Run(opened, _address_of(path), folder, begun.config, training, init=begun)
    model = knowing(model, training, opened)
    return Run(opened, _address_of(path), folder, model, training)


def knowing(model: ModelConfig, training: TrainingConfig, corpus: Corpus) -> ModelConfig:
    """Return the config of a network with the labels of the corpus."""
    labels = labels_of(corpus.songs["train"]) if training.conditioning else NO_VOCABULARY
    return replace(model, **vars(replace(labels, starts_mid_song=training.cut > 0)))


def _played_styles(songs: Iterable[Mapping[str, Any]], played: Iterable[bool]) -> tuple[str, ...]:
    """Return the styles of the played songs."""
    styles = {song["style"] for song, is_played in zip(songs, played, strict=True) if is_played}
    return tuple(sorted(filter(None, styles)))


def _address_of(corpus: Path) -> str:
    """Return the absolute path or address of a corpus, for resuming from another folder."""
    return address(corpus) if is_remote(corpus) else str(corpus.resolve())


def _begun_from(
    init: Path, model: ModelConfig, training: TrainingConfig, given: Collection[str], corpus: Corpus
) -> Checkpoint:
    """Return the initial network of a run; its dropout, phrases and cuts may be those of the new run.

    Additional names of labels of the corpus are added, and have no effect until they are learned.
    """
    network = load_checkpoint(init)
    free = {"dropout"} if network.config.phrase else {"dropout", "phrase"}
    bound = [field.name for field in fields(ModelConfig) if field.name in given and field.name not in free]
    for name in bound:
        asked, known = getattr(model, name), getattr(network.config, name)
        if asked != known:
            raise DrumtokError(f"{name} must be {known} as in the network of init, got {asked}")
    if network.grid != corpus.grid:
        raise DrumtokError(f"grid of the corpus must be {network.grid} as in the network of init, got {corpus.grid}")
    config = replace(network.config, **{name: getattr(model, name) for name in free if name in given})
    config = replace(config, starts_mid_song=config.starts_mid_song or training.cut > 0)
    if training.conditioning:
        config = replace(config, **vars(widened(config.labels, labels_of(corpus.songs["train"]))))
    unheard = {"phrase.weight": np.zeros((config.phrase, config.width), dtype=np.float32)} if config.phrase else {}
    return replace(network, config=config, weights=_with_rows({**unheard, **network_alone(network.weights)}, config))


def _with_rows(weights: Mapping[str, NDArray[np.float32]], config: ModelConfig) -> dict[str, NDArray[np.float32]]:
    """Return the weights with the embedding of each label padded with rows of zeros to the number of ids."""
    rows = {f"labels.{name}.weight": size for name, size in config.labels.sizes.items()}
    found = {name: weights.get(name, np.zeros((0, config.width), dtype=np.float32)) for name in rows}
    return dict(weights) | {name: np.pad(own, ((0, rows[name] - len(own)), (0, 0))) for name, own in found.items()}


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
        raise DrumtokError(f"task must be {record['task']} as in the run that is resumed, got {TASKS[type(model)]}")
    old_model, old_training = type(model).read(record["model"]), TrainingConfig(**record["training"])
    bound = [(old_model, model, field.name) for field in fields(model) if field.metadata]
    for old, new, name in bound + [(old_training, training, name) for name in FIXED_ON_RESUME]:
        if name in given and getattr(new, name) != getattr(old, name):
            kept, got = getattr(old, name), getattr(new, name)
            raise DrumtokError(f"{name} must be {kept} as in the run that is resumed, got {got}")
    changes = {name: value for name, value in asdict(training).items() if name in given}
    inside = checkpoint.parent.name == RunFolder(Path()).checkpoints.name
    folder = out or (checkpoint.parent.parent if inside else checkpoint.parent)
    path = corpus or Path(record["corpus"])
    opened = open_corpus(path)
    if corpus_digest(opened.manifest) != record["digest"]:
        raise DrumtokError(f"corpus {str(path)!r} is not that of the resumed run")
    training = replace(old_training, **changes)
    steps, seconds = state["global_step"], record["seconds"]
    return Run(opened, _address_of(path), RunFolder(folder), old_model, training, checkpoint, steps, seconds)


def _read_state(checkpoint: Path) -> dict[str, Any]:
    """Read what `Run.record` wrote into a Lightning checkpoint of drumtok's training."""
    if not checkpoint.is_file():
        raise DrumtokError(f"cannot resume {str(checkpoint)!r}: no such file")
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)
        missing = {"task", "model", "training", "corpus", "digest", "seconds"} - state[RECORD].keys()
        missing |= {field.name for field in fields(TrainingConfig)} - state[RECORD].get("training", {}).keys()
        if state[RECORD].get("task") == "groove":  # before 0.4.0 its weights had other names
            missing |= {"network.reader.window.weight"} - state["state_dict"].keys()
    except Exception as error:  # torch raises various exceptions for damaged files
        raise DrumtokError(f"cannot resume: {str(checkpoint)!r} is damaged or not of drumtok's training") from error
    if missing:
        raise DrumtokError(f"cannot resume: {str(checkpoint)!r} is of another version of drumtok")
    return state
