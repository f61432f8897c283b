"""Check the arrays that a pattern has beside its hits."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drumtok.errors import DrumtokError


def per_hit(
    name: str, values: ArrayLike | None, hits: NDArray[np.bool_], default: float, low: float, high: float, dtype: type
) -> NDArray:
    """Return an array of the hits' shape with the values at the hits, checked, and 0 elsewhere."""
    given = np.full(hits.shape, default) if values is None else np.asarray(values)
    if given.shape != hits.shape:
        raise DrumtokError(f"{name} must have the shape of the hits, {hits.shape}, got {given.shape}")
    at_hits = given[hits]
    wrong = at_hits[~((at_hits >= low) & (at_hits <= high))]  # not < or >: nan is wrong too
    if wrong.size:
        raise DrumtokError(f"{name} must be between {low} and {high}, got {wrong[0]}")
    result: NDArray = np.zeros(hits.shape, dtype=dtype)
    result[hits] = at_hits
    return result
