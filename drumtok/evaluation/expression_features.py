"""What tells drummers by how they play two bars: columns for a classifier, all windows at once.

A window is the velocities and offsets of two bars, (2, steps per bar, 9) each, both 0 where there is no hit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.network.groove_inputs import Performance

Values = NDArray[np.float64]
UNCONDITIONED = -9.0  # in the columns of what is not hit, out of the range of all else


def touch_windows(songs: Sequence[Performance], starts: Sequence[NDArray[np.integer]]) -> tuple[Values, Values]:
    """Velocities and offsets of windows, (windows, 2, steps per bar, 9), nan where there is no hit.

    Args:
        starts: the first bars of each song's windows.
    """
    velocity: list[Values] = []
    offset: list[Values] = []
    for song, firsts in zip(songs, starts, strict=True):
        shape = (-1, song.per_bar, song.hits.shape[1])
        for own, values in ((velocity, song.velocity), (offset, song.offset)):
            bars = np.where(song.hits, values, np.nan).reshape(shape)
            own += [bars[first : first + 2] for first in firsts.tolist()]
    return np.array(velocity, dtype=np.float64), np.array(offset, dtype=np.float64)


def touch_columns(velocity: Values, offset: Values) -> Values:
    """(windows, columns): each hit's own values, and of each drum mean, spread and how they change."""
    columns = [velocity.reshape(len(velocity), -1), offset.reshape(len(offset), -1)]
    columns += [_share(velocity == 127, velocity), _together(offset)]
    for values in (velocity, offset):
        lanes = values.reshape(len(values), -1, values.shape[-1])  # (windows, steps, 9)
        columns += [*_moments(lanes), *_moments(lanes.reshape(len(values), -1, 1))]
        columns += [_mean(np.abs(values[:, 1] - values[:, 0])), _mean(_changes(lanes)), _mean(_changes(lanes, 2))]
    return np.nan_to_num(np.concatenate(columns, axis=1), nan=UNCONDITIONED)


def _mean(values: Values) -> Values:
    """(windows, 9) the mean over the steps that are not nan."""
    seen = ~np.isnan(values)
    total = np.where(seen, values, 0).sum(axis=1)
    return np.divide(total, seen.sum(axis=1), out=np.full(total.shape, np.nan), where=seen.any(axis=1))


def _moments(lanes: Values) -> tuple[Values, Values]:
    mean = _mean(lanes)
    return mean, np.sqrt(_mean((lanes - mean[:, None]) ** 2))


def _share(which: NDArray[np.bool_], values: Values) -> Values:
    hits = ~np.isnan(values)
    return which.sum(axis=(1, 2)) / np.maximum(hits.sum(axis=(1, 2)), 1)


def _changes(lanes: Values, apart: int = 1) -> Values:
    """(windows, steps, 9) by how much each hit differs from the hit of its drum so many hits before; nan elsewhere."""
    changes = np.full(lanes.shape, np.nan)
    last = [np.full((len(lanes), lanes.shape[2]), np.nan) for _ in range(apart)]
    for step in range(lanes.shape[1]):
        here = lanes[:, step]
        changes[:, step] = np.abs(here - last[0])
        hit = ~np.isnan(here)
        moved = [*last[1:], here]
        last = [np.where(hit, new, old) for new, old in zip(moved, last, strict=True)]
    return changes


def _together(offset: Values) -> Values:
    """(windows, 1) how far hits on one step are apart on average, as the standard deviation of their offsets."""
    steps = offset.reshape(len(offset), -1, offset.shape[-1])
    seen = ~np.isnan(steps)
    count = seen.sum(axis=2)
    mean = np.where(seen, steps, 0).sum(axis=2) / np.maximum(count, 1)
    spread = np.sqrt(np.where(seen, (steps - mean[..., None]) ** 2, 0).sum(axis=2) / np.maximum(count, 1))
    many = count > 1
    total = np.where(many, spread, 0).sum(axis=1)
    return np.divide(total, many.sum(axis=1), out=np.full(len(total), np.nan), where=many.any(axis=1))[:, None]
