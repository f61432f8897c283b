"""`DrumMemory`: running means of how each drum was played before each step, as input of a groove network.

A drummer plays a drum as at its last hit, or as at this position of the beat or bar before. So each drum has running
means of velocity and offset over all its hits, and over those at the same position.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.network.groove_inputs import POSITIONS, Floats


class RunningMean(NamedTuple):
    """Compute a running mean.

    Attributes:
        per: the period of positions in steps; 1 has a single position.
        rate: the weight of the newest hit; 1 only keeps that hit.
    """

    per: int
    rate: float


# The last two are slow, because a drummer returns to the level of the first bars.
TRACES = (
    *(
        RunningMean(1, 1.0),
        RunningMean(1, 1 / 8),
        RunningMean(4, 1 / 3),
        RunningMean(8, 1 / 2),
        RunningMean(POSITIONS, 1 / 2),
    ),
    *(RunningMean(1, 1 / 64), RunningMean(POSITIONS, 1 / 8)),
)
SEEN = 4  # hits after which a running mean is fully trusted
FADES = 0.8  # decay per step of the recency of a hit
RECALLED = 4 * len(TRACES) + 1  # velocity, offset, change of velocity and confidence of each; recency
HATS = 15  # number of soft bins of each velocity and each offset
SOFT = 2 * HATS * len(TRACES)

_PER = np.array([trace.per for trace in TRACES])
_RATE = np.array([trace.rate for trace in TRACES], dtype=np.float32)[:, None]
_PLACES = np.cumsum(_PER) - _PER + np.arange(POSITIONS)[:, None] % _PER  # (positions, traces) the rows of a memory
_ROWS = int(_PER.sum())


class DrumMemory:
    """Track several songs in parallel, step by step.

    Args:
        songs: the number of songs.
    """

    def __init__(self, songs: int) -> None:
        self._songs = np.arange(songs)[:, None]
        self._means = np.zeros((songs, _ROWS, 3, N_DRUMS), dtype=np.float32)  # velocity, offset, change of velocity
        self._seen = np.zeros((songs, _ROWS, N_DRUMS), dtype=np.float32)
        self._near = np.zeros((songs, N_DRUMS), dtype=np.float32)

    def recalled(self, position: NDArray[np.int64]) -> Floats:
        """Return the memory before a step, (songs, 9, 29); `position` is (songs,), the positions in the bar."""
        place = self._songs, _PLACES[position]
        known = np.minimum(self._seen[place], SEEN) / SEEN
        found = np.concatenate([self._means[place], known[:, :, None]], axis=2)  # (songs, traces, 4, 9)
        found = found.reshape(len(found), RECALLED - 1, N_DRUMS).transpose(0, 2, 1)
        return np.concatenate([found, self._near[..., None]], axis=2)

    def note(self, position: NDArray[np.int64], played: Floats) -> None:
        """Record how a step is played, and advance to the next.

        Args:
            position: (songs,).
            played: (songs, 27), as in `drumtok.network.groove_inputs.played_as`.
        """
        hits, values = played[:, :N_DRUMS], played[:, N_DRUMS:].reshape(-1, 1, 2, N_DRUMS)
        self._near = np.where(hits > 0, 1, self._near) * np.float32(FADES)
        if not hits.any():
            return
        place = self._songs, _PLACES[position]
        means, seen = self._means[place], self._seen[place]  # (songs, traces, 3, 9), (songs, traces, 9)
        change = np.abs(values[:, :, :1] - means[:, :, :1]) * (seen > 0)[:, :, None]
        new = np.concatenate([np.broadcast_to(values, (*means.shape[:2], 2, N_DRUMS)), change], axis=2)
        rate = np.maximum(_RATE, 1 / (seen + 1)) * hits[:, None]
        self._means[place] = means + rate[:, :, None] * (new - means)
        self._seen[place] = seen + hits[:, None]


def recalled_at_hits(hits: Floats, position: NDArray[np.int64], played: Floats) -> Floats:
    """Return the memory before each hit of songs: (hits, 29), in order of `hits.nonzero()`.

    Args:
        hits: (songs, steps, 9).
        position: (songs, steps).
        played: (songs, steps, 27).
    """
    recall = DrumMemory(len(hits))
    found = np.zeros((*hits.shape, RECALLED), dtype=np.float32)
    for step in range(hits.shape[1]):
        found[:, step] = recall.recalled(position[:, step])
        recall.note(position[:, step], played[:, step])
    return found[hits > 0]


def soft_bins(recalled: Floats) -> tuple[Floats, Floats]:
    """Spread the velocities and offsets of the traces over the two nearest of 15 bins: (hits, 105) each."""
    own = recalled[:, :-1].reshape(len(recalled), len(TRACES), 4)
    bins = np.arange(HATS, dtype=np.float32)
    found = []
    for place in ((own[:, :, 0] * 64 + 63) / 126, own[:, :, 1] / 4 + 0.5):
        soft = np.maximum(1 - np.abs(place[..., None] * (HATS - 1) - bins), 0) * (own[:, :, 3:] > 0)
        found.append(soft.reshape(len(own), SOFT // 2).astype(np.float32))
    return found[0], found[1]
