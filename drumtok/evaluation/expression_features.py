"""Expression features of windows of two bars: the input of a classifier of how hits are played.

A window is the velocities and offsets of two bars, (2, steps per bar, 9) each, nan without a hit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.network.groove_inputs import Performance

Values = NDArray[np.float64]
NO_HIT = -9.0  # the value of cells without a hit, outside the range of all values


def expression_windows(songs: Sequence[Performance], starts: Sequence[NDArray[np.integer]]) -> tuple[Values, Values]:
    """Return velocities and offsets of windows, (windows, 2, steps per bar, 9) each, nan where there is no hit.

    Args:
        songs: performances of whole bars.
        starts: the first bar of each window, song by song.
    """
    velocity: list[Values] = []
    offset: list[Values] = []
    for song, firsts in zip(songs, starts, strict=True):
        shape = (-1, song.per_bar, song.hits.shape[1])
        for own, values in ((velocity, song.velocity), (offset, song.offset)):
            bars = np.where(song.hits, values, np.nan).reshape(shape)
            own += [bars[first : first + 2] for first in firsts.tolist()]
    return np.array(velocity, dtype=np.float64), np.array(offset, dtype=np.float64)


def expression_columns(velocity: Values, offset: Values) -> Values:
    """Return the columns, (windows, columns): every hit's values, and per drum their mean, spread and changes."""
    columns = [velocity.reshape(len(velocity), -1), offset.reshape(len(offset), -1)]
    columns += [_fraction(velocity == 127, velocity), _spread_on_step(offset)]
    for values in (velocity, offset):
        lanes = values.reshape(len(values), -1, values.shape[-1])  # (windows, steps, 9)
        columns += [*_moments(lanes), *_moments(lanes.reshape(len(values), -1, 1))]
        columns += [_mean(np.abs(values[:, 1] - values[:, 0])), _mean(_changes(lanes)), _mean(_changes(lanes, 2))]
    return np.nan_to_num(np.concatenate(columns, axis=1), nan=NO_HIT)


def _mean(values: Values) -> Values:
    """Return the mean over the steps that are not nan, (windows, 9)."""
    seen = ~np.isnan(values)
    total = np.where(seen, values, 0).sum(axis=1)
    return np.divide(total, seen.sum(axis=1), out=np.full(total.shape, np.nan), where=seen.any(axis=1))


def _moments(lanes: Values) -> tuple[Values, Values]:
    """Return mean and standard deviation over the steps that are not nan, (windows, 9) each."""
    mean = _mean(lanes)
    return mean, np.sqrt(_mean((lanes - mean[:, None]) ** 2))


def _fraction(which: NDArray[np.bool_], values: Values) -> Values:
    """Return the fraction of the hits that are chosen, (windows, 9)."""
    hits = ~np.isnan(values)
    return which.sum(axis=(1, 2)) / np.maximum(hits.sum(axis=(1, 2)), 1)


def _changes(lanes: Values, apart: int = 1) -> Values:
    """Return how much each hit differs from its drum's hit `apart` hits before, (windows, steps, 9), else nan."""
    changes = np.full(lanes.shape, np.nan)
    last = [np.full((len(lanes), lanes.shape[2]), np.nan) for _ in range(apart)]
    for step in range(lanes.shape[1]):
        here = lanes[:, step]
        changes[:, step] = np.abs(here - last[0])
        hit = ~np.isnan(here)
        moved = [*last[1:], here]
        last = [np.where(hit, new, old) for new, old in zip(moved, last, strict=True)]
    return changes


def _spread_on_step(offset: Values) -> Values:
    """Return the mean standard deviation of the offsets of simultaneous hits, (windows, 1)."""
    steps = offset.reshape(len(offset), -1, offset.shape[-1])
    seen = ~np.isnan(steps)
    count = seen.sum(axis=2)
    mean = np.where(seen, steps, 0).sum(axis=2) / np.maximum(count, 1)
    spread = np.sqrt(np.where(seen, (steps - mean[..., None]) ** 2, 0).sum(axis=2) / np.maximum(count, 1))
    many = count > 1
    total = np.where(many, spread, 0).sum(axis=1)
    return np.divide(total, many.sum(axis=1), out=np.full(len(total), np.nan), where=many.any(axis=1))[:, None]
