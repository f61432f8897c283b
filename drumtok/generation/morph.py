"""`morph`: a path from one pattern to another, hit by hit, through patterns that the network finds likely.

Flipping the differing cells in an arbitrary order gives poor patterns, such as half of one groove's kick under half of
the other's snare. So each step of the path compares several groupings of the remaining cells: single cells, drums,
bars, bars of one drum, or steps, the likelier groups first. The candidate that is most likely as a whole is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.generation.engines import engine_of
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import GM
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import Pattern
from drumtok.runtime.settings import check, setting
from drumtok.runtime.threads import one_thread
from drumtok.sampling.likelihood import Cells, Hits, flipped, gains, log_likelihood
from drumtok.sampling.primers import Primer, StrPath, read_primer

# Cells that change together: a function of (cells, steps per bar) to the group number of each cell.
GROUPINGS: tuple[Callable[[Cells, int], NDArray[np.integer]], ...] = (
    lambda cells, per_bar: np.arange(len(cells)),
    lambda cells, per_bar: cells[:, 1],
    lambda cells, per_bar: cells[:, 0] // per_bar,
    lambda cells, per_bar: cells[:, 0] // per_bar * N_DRUMS + cells[:, 1],
    lambda cells, per_bar: cells[:, 0],
)


@dataclass(frozen=True)
class MorphConfig:
    """How one pattern becomes another."""

    steps: int = setting(5, "Patterns of the path, with the first and the last.", low=2, high=64)

    def __post_init__(self) -> None:
        check(self)


@one_thread
def morph(
    a: Primer,
    b: Primer,
    steps: int = MorphConfig.steps,
    *,
    note_map: str = GM,
    channel: int | None = None,
    track: str | None = None,
    meter: str | None = None,
    checkpoint: StrPath | Checkpoint | SteppedNetwork | None = None,
) -> list[Pattern]:
    """Return a path between two patterns of the same meter and length. The path of two patterns is always the same.

    Pattern k of 0 to `steps` - 1 differs from `a` in a fraction k / (`steps` - 1) of the cells in which `b` does,
    rounded; a cell that changed does not change back. Velocity and offset of hits that both have are interpolated
    linearly, as is the tempo; other hits keep those of their pattern.

    Args:
        a: the first pattern: a `Pattern`, words, or the path of a MIDI file.
        b: the last pattern, in any form that `a` has.
        steps: number of patterns, 2 to 64.
        note_map: the note map of MIDI files, a name or the path of a .toml file.
        channel, track: the channel and track of the drums of MIDI files, as in `drumtok.read_song`.
        meter: the meter of all bars of MIDI files, such as "4/4"; None follows their time signatures. If a file has a
            pickup or changes of meter, one section is read, with a warning.
        checkpoint: the network, as in `drumtok.generate`.

    Returns:
        The patterns, the first equal to `a`, the last to `b`.

    Raises:
        TypeError: an argument is of the wrong type.
        DrumtokError: the patterns differ in meter or bars, or one cannot be read, or steps is out of its range.
    """
    MorphConfig(steps)
    engine = engine_of(checkpoint)
    grid, drums = engine.checkpoint.grid, DrumsConfig(note_map, channel, track)
    first = read_primer(a, grid, "the first pattern", "a", drums, meter)
    last = read_primer(b, grid, "the last pattern", "b", drums, meter)
    for what in ("bars", "meter"):
        one, other = getattr(first, what), getattr(last, what)
        if one != other:
            raise DrumtokError(f"patterns must have the same {what}, got {one} and {other}")
    path = _path(engine, first, last, steps)
    between = [_between(first, last, hits, k / (steps - 1)) for k, hits in enumerate(path)]
    names = [f"drumtok morph {k} of {steps}" for k in range(1, steps + 1)]
    return [replace(pattern, name=name) for pattern, name in zip((*between, last), names, strict=True)]


def _path(engine: SteppedNetwork, first: Pattern, last: Pattern, steps: int) -> list[Hits]:
    """Return the hits of the patterns of a path, without the last."""
    path = [first.hits]
    left = np.argwhere(first.hits != last.hits)
    counts = np.diff(np.round(np.linspace(0, len(left), steps)).astype(int))
    for count in counts[:-1]:
        chosen = _likeliest(engine, path[-1], left, count, first.steps_per_bar)
        path.append(flipped(path[-1], left[chosen]))
        left = np.delete(left, chosen, axis=0)
    return path


def _likeliest(engine: SteppedNetwork, hits: Hits, left: Cells, count: int, per_bar: int) -> NDArray[np.integer]:
    """Return the indices of the `count` cells to flip next."""
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    each = gains(engine, hits, per_bar)[*left.T]
    orders = [in_groups(each, group_of(left, per_bar)) for group_of in GROUPINGS]
    tries = np.stack([flipped(hits, left[order[:count]]) for order in orders])
    likelihoods = log_likelihood(engine, tries, per_bar)
    return orders[int(likelihoods.argmax())][:count]


def in_groups(gains: NDArray[np.floating], groups: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the order of cells by group: groups by their mean gain, cells of a group by their own gain.

    >>> in_groups(np.array([1.0, 9.0, 3.0, 4.0]), np.array([0, 0, 1, 0])).tolist()
    [1, 3, 0, 2]
    """
    _, number, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    means = np.bincount(number, gains) / sizes
    return np.lexsort((-gains, number, -means[number]))


def _between(first: Pattern, last: Pattern, hits: Hits, fraction: float) -> Pattern:
    """Return a pattern of the path, with values interpolated at `fraction` of the way."""

    def mixed(one: NDArray, other: NDArray) -> NDArray:
        both = one + fraction * (other.astype(np.float64) - one)
        return np.where(first.hits & last.hits, both, np.where(first.hits, one, other))

    tempo, length = (
        getattr(first, name) + fraction * (getattr(last, name) - getattr(first, name))
        for name in ("tempo", "note_length")
    )
    velocity = np.rint(mixed(first.velocity, last.velocity))
    offset = mixed(first.offset, last.offset)
    return replace(first, hits=hits, velocity=velocity, offset=offset, tempo=tempo, note_length=length)
