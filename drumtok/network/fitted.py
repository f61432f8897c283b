"""The weights in a checkpoint of modules that are fitted after the network has been trained."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def fitted_weights(
    weights: Mapping[str, NDArray[np.floating]], prefix: str, names: Iterable[str], dtype: DTypeLike
) -> dict[str, NDArray[Any]] | None:
    """Return the weights with a prefix, by their names without it, or None if one is missing.

    >>> fitted_weights({"cache.bias": np.zeros(1)}, "cache.", ["bias"], np.float32)
    {'bias': array([0.], dtype=float32)}
    """
    names = tuple(names)
    if any(prefix + name not in weights for name in names):
        return None
    return {name: np.asarray(weights[prefix + name], dtype=dtype) for name in names}
