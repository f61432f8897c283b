"""Groove transfer: the velocities and offsets of a take, drum by drum and step by step, applied to another pattern.

The take is repeated to the length of the pattern. A hit gets the velocity and offset of the take's hit of the same drum
on the same step of the same bar; failing that, the mean of that drum on that step in other bars, on that part of a
beat, or anywhere. A drum that the take lacks gets the mean offset of the other drums on that step, and keeps its
velocity. Applied to itself, a take stays unchanged.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern


def as_played(pattern: Pattern, take: Pattern) -> Pattern:
    """Apply the velocities and offsets of a take to a pattern.

    Raises:
        DrumtokError: the take has no hits, or another grid or meter.

    >>> take = Pattern([[True] + 8 * [False]] * 4, [[90] * 9] * 4, [[0.25] * 9] * 4, meter=(1, 4))
    >>> played = as_played(Pattern.from_grid("kick |x-x-|x---|", meter=(1, 4)), take)
    >>> played.velocity[[0, 2, 4], 0].tolist(), played.offset[[0, 2, 4], 0].tolist()
    ([90, 90, 90], [0.25, 0.25, 0.25])
    """
    if not take.hits.any():
        raise DrumtokError("the take must have at least one hit")
    for what in ("grid", "meter"):
        ours, theirs = getattr(pattern, what), getattr(take, what)
        if ours != theirs:
            raise DrumtokError(f"the take must have the {what} of the pattern, {ours}, got {theirs}")
    velocity = _moved(pattern, take, take.velocity.astype(np.float64))
    offset = _moved(pattern, take, take.offset.astype(np.float64))
    not_in_take = pattern.hits & ~take.hits.any(axis=0)
    loud = np.where(not_in_take, pattern.velocity, np.floor(velocity + 0.5)).astype(np.uint8)
    return replace(pattern, velocity=loud, offset=offset.astype(np.float32))


def _moved(pattern: Pattern, take: Pattern, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map values of a take, (steps of the take, 9), to the steps of a pattern, (steps, 9)."""
    per_bar = pattern.steps_per_bar
    hits = take.hits.reshape(take.bars, per_bar, -1)
    values = values.reshape(hits.shape)
    means = _means(hits, values, pattern.grid)  # (steps of a bar, 9)
    bars = np.arange(pattern.bars) % take.bars
    return np.where(hits[bars], values[bars], means).reshape(pattern.steps, -1)


def _means(hits: NDArray[np.bool_], values: NDArray[np.float64], grid: int) -> NDArray[np.float64]:
    """Return the mean of each drum on each step, (steps of a bar, 9), or the next best mean if it has no hit there."""
    part = np.arange(hits.shape[1]) % grid
    same_part = (part[:, None] == part).astype(float)  # (steps, steps)
    count, total = hits.sum(axis=0).astype(float), (values * hits).sum(axis=0)  # (steps, 9)
    levels = [
        (count, total),
        (same_part @ count, same_part @ total),
        *((np.broadcast_to(own.sum(axis=0), own.shape) for own in (count, total)),),
        *((np.repeat(own.sum(axis=1, keepdims=True), own.shape[1], axis=1) for own in (count, total)),),
        *((np.full(own.shape, own.sum()) for own in (count, total)),),
    ]
    means = np.full(count.shape, np.nan)
    for number, whole in levels:
        here = np.divide(whole, number, out=np.full(count.shape, np.nan), where=number > 0)
        means = np.where(np.isnan(means), here, means)
    return means
