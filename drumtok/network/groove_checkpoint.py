"""A groove network in a self-describing `.safetensors` file with config, provenance and weights, without torch."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.network.config import GrooveConfig
from drumtok.network.groove_bins import OFFSET_BINS, VELOCITY_BINS
from drumtok.network.groove_inputs import PAST, PLAYED, POSITIONS, PROFILE, TEMPO_FEATURES
from drumtok.network.groove_memory import HATS, RECALLED, SOFT, TRACES
from drumtok.runtime.weights import read_weights, write_weights

FORMAT = "drumtok-groove-3"
DEFAULT_GROOVE = "checkpoints/groove.safetensors"
HEADS = ("reader.told", "drawn")  # names in checkpoint files: the logits before any hit is played, and after
# Inputs of a decoder: steps before and after, size of the position embedding, size of the summary of a hit.
NEAR, PLACE, SUMMARY = 2, 16, 4
SHOWN = (2 * NEAR + 1) * N_DRUMS + PLACE + 2 * SUMMARY * N_DRUMS  # with summaries of the hits of a step and of the next
PROB_SCALE = 4.0  # decoder inputs are scaled probabilities, since these are small


@dataclass(frozen=True)
class GrooveCheckpoint:
    """A groove network and where it comes from.

    Attributes:
        config: the shape of the network.
        weights: name -> array, named as in `GrooveNet.state_dict()`, without the readers of folds.
        grid: steps per quarter note of the songs that it was trained on.
        provenance: how it was made.
        name: the name of its file without the ending, or empty if it was never saved.
    """

    config: GrooveConfig
    weights: Mapping[str, NDArray[np.floating]]
    grid: int
    provenance: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


def save_groove(checkpoint: GrooveCheckpoint, path: str | os.PathLike[str], half: bool = True) -> None:
    """Write a groove network, atomically; `half` stores the weights as 16-bit floats.

    Raises:
        DrumtokError: a weight is not finite or too large, or the file cannot be written.
    """
    description = {
        "format": FORMAT,
        "config": asdict(checkpoint.config),
        "grid": checkpoint.grid,
        "provenance": dict(checkpoint.provenance),
    }
    write_weights(path, description, checkpoint.weights, half)


def load_groove(path: str | os.PathLike[str]) -> GrooveCheckpoint:
    """Load a groove network; the weights are 32-bit floats.

    Raises:
        DrumtokError: the file is missing or damaged, or has no groove network.
    """
    description, weights, name = read_weights(path, FORMAT)
    try:
        config, grid = GrooveConfig.read(description["config"]), int(description["grid"])
    except (KeyError, TypeError, ValueError) as error:
        raise DrumtokError(f"checkpoint {str(path)!r} is damaged ({error})") from error
    return GrooveCheckpoint(config, weights, grid, description.get("provenance", {}), name)


def is_groove(path: str | os.PathLike[str]) -> bool:
    """Return whether a file holds a groove network."""
    try:
        read_weights(path, FORMAT)
    except DrumtokError:
        return False
    return True


def groove_shapes(config: GrooveConfig) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every weight, as in `GrooveNet.state_dict()`, without the readers of folds."""
    width, mixing = config.width, config.mixing
    shapes: dict[str, tuple[int, ...]] = {
        "reader.window.weight": (width, (2 * config.reach + 1) * N_DRUMS),
        "reader.window.bias": (width,),
        "reader.position.weight": (POSITIONS, width),
        "reader.profile.weight": (config.take, PROFILE),
        "reader.profile.bias": (config.take,),
        "reader.style.weight": (len(config.styles) + 1, config.take),
        "reader.tempo.weight": (config.take, TEMPO_FEATURES),
        "reader.take.weight": (width, config.take),
        "reader.take.bias": (width,),
        "reader.told.mix.weight": (mixing, config.encoded),
        "reader.told.mix.bias": (mixing,),
        "place.weight": (POSITIONS, PLACE),
        "drawn.mix.weight": (mixing, SHOWN + config.decoder + PAST),
        "drawn.mix.bias": (mixing,),
        "drawn.told.weight": (mixing, VELOCITY_BINS + OFFSET_BINS),
        "drawn.step.weight": (mixing, PLAYED),  # how lower drums are played at the same step
        "drawn.own.weight": (mixing, 1),  # the hit's own velocity
        "drawn.recall.weight": (mixing, RECALLED + SOFT),
        "drawn.again_velocity.weight": (VELOCITY_BINS, HATS * len(TRACES)),
        "drawn.again_offset.weight": (OFFSET_BINS, HATS * len(TRACES)),
        "drawn.late.weight": (mixing, mixing),
        "drawn.late.bias": (mixing,),
    }
    for head in HEADS:
        shapes[f"{head}.drum.weight"] = (N_DRUMS, mixing)
        for name, bins in (("velocity", VELOCITY_BINS), ("offset", OFFSET_BINS)):
            shapes |= {f"{head}.{name}.weight": (bins, mixing), f"{head}.{name}.bias": (bins,)}
    for end in ("_l0", "_l0_reverse"):
        shapes |= _lstm("reader.encoder", end, width, config.hidden)
    return shapes | _lstm("decoder", "_l0", SHOWN + PAST, config.decoder)


def _lstm(name: str, end: str, size: int, cells: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}.weight_ih{end}": (4 * cells, size),
        f"{name}.weight_hh{end}": (4 * cells, cells),
        f"{name}.bias_ih{end}": (4 * cells,),
        f"{name}.bias_hh{end}": (4 * cells,),
    }
