"""Weights in self-describing `.safetensors` files, which are never unpickled."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from drumtok.errors import DrumtokError
from drumtok.runtime.files import write_atomically


def write_weights(
    path: str | os.PathLike[str],
    description: Mapping[str, Any],
    weights: Mapping[str, NDArray[np.floating]],
    half: bool = True,
) -> None:
    """Write weights atomically, with a description that includes a `format`; `half` stores 16-bit floats.

    Raises:
        DrumtokError: a weight is not finite or too large, or the file cannot be written.
    """
    kind = np.float16 if half else np.float32
    stored = {name: _stored(name, array, kind) for name, array in weights.items()}
    write_atomically(path, save(stored, {"drumtok": json.dumps(description, sort_keys=True)}))


def _stored(name: str, array: NDArray[np.floating], kind: type[np.floating]) -> NDArray[np.floating]:
    if not np.abs(array).max(initial=0) <= np.finfo(kind).max:  # nan fails too
        raise DrumtokError(f"weight {name!r} does not fit {np.dtype(kind).name}: its largest is {np.abs(array).max()}")
    return np.ascontiguousarray(array, dtype=kind)


def read_weights(
    path: str | os.PathLike[str], wanted: str
) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]], str]:
    """Read a file of `write_weights`; return its description, its weights as 32-bit floats and its stem.

    Args:
        wanted: the `format` of the description.

    Raises:
        DrumtokError: the file is missing, damaged, or of another format.
    """
    path = Path(path)
    if not os.path.isfile(path):  # unlike Path.is_file it does not raise for a name that is too long
        raise DrumtokError(f"checkpoint {str(path)!r} does not exist")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
        description = json.loads(metadata["drumtok"])
        if description["format"] != wanted:
            raise ValueError(f"format must be {wanted!r}, got {description['format']!r}")
    except (SafetensorError, KeyError, TypeError, AttributeError, ValueError, OSError) as error:
        raise DrumtokError(f"checkpoint {str(path)!r} is damaged or not a checkpoint of drumtok ({error})") from error
    return description, weights, path.stem


def checked_weights(
    name: str, weights: Mapping[str, NDArray[np.floating]], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a network by name, as 32-bit floats.

    Args:
        name: the name of the checkpoint.
        shapes: name -> shape of each.

    Raises:
        DrumtokError: a weight is missing, has another shape, or is not finite.
    """
    checked = {}
    for weight, shape in shapes.items():
        if weight not in weights:
            raise DrumtokError(f"checkpoint {name!r} has no weight {weight!r}")
        array = np.asarray(weights[weight], dtype=np.float32)
        if array.shape != shape:
            raise DrumtokError(f"checkpoint {name!r}: weight {weight!r} must have shape {shape}, got {array.shape}")
        if not np.isfinite(array).all():
            raise DrumtokError(f"checkpoint {name!r}: weight {weight!r} has values that are not finite")
        checked[weight] = array
    return checked
