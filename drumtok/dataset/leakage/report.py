"""Report the overlap of the held-out splits with training, compared with chance repetition.

Drummers repeat each other, so some held-out bars also occur in training however well songs are split. Training itself
shows how much of that is chance: the fraction of pieces of one group of related songs that also occur in other groups.
If held-out songs are unrelated to training, their fraction is the same up to sampling error, whose standard error is
estimated over the groups.

If songs are related without named parts or near-duplicate bars, their repetition looks like chance. So `LeakLimits`
limits what chance may explain, and the lines of each role are reported: if nearly all of them occur in training, the
songs are made of the same parts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.leakage.overlap import WINDOWS

DEVIATIONS = 3  # standard errors that are attributed to sampling


@dataclass(frozen=True)
class Overlap:
    """The fraction of pieces that occur elsewhere.

    Attributes:
        found, total: the number of pieces that occur elsewhere, and of all pieces.
        error: the standard error of the fraction over groups of songs; 0 for a single group.
    """

    found: int
    total: int
    error: float

    @property
    def fraction(self) -> float:
        """`found / total`, or 0 without pieces."""
        return self.found / self.total if self.total else 0.0

    def figures(self) -> dict[str, float]:
        """Return the numbers for JSON."""
        return {"share": self.fraction, "found": self.found, "total": self.total, "error": self.error}


def overlap_of(found: NDArray[np.bool_], group: NDArray[np.integer]) -> Overlap:
    """Count the pieces that were found; the error is that of a ratio of sums over groups.

    Args:
        found, group: (pieces,) whether each was found, and its group of songs.
    """
    _, place = np.unique(group, return_inverse=True)
    hits, pieces = np.bincount(place, found), np.bincount(place)
    count, total = len(pieces), int(pieces.sum())
    if count < 2:
        return Overlap(int(found.sum()), total, 0.0)
    residual = hits - pieces * (hits.sum() / total)
    return Overlap(int(found.sum()), total, float(np.sqrt((residual**2).sum() * count / (count - 1)) / total))


@dataclass(frozen=True)
class Leak:
    """The overlap of a held-out split with training, without silent pieces.

    Attributes:
        songs: its number of songs.
        exact: kind of `overlap.PIECES` -> pieces that occur in training.
        own: the same for the songs without an official split.
        near: kind of `overlap.NEARLY` -> pieces that nearly equal one in training (`overlap.Neighbours`); empty if
            these were not searched.
        near_songs: songs with a near-duplicate in training.
    """

    songs: int
    exact: dict[str, Overlap]
    own: dict[str, Overlap]
    near: dict[str, Overlap]
    near_songs: int

    def figures(self) -> dict[str, Any]:
        """Return the numbers for JSON."""
        tables = {
            name: _figures(table) for name, table in (("exact", self.exact), ("own", self.own), ("near", self.near))
        }
        return {"songs": self.songs, "near_songs": self.near_songs, **tables}


@dataclass(frozen=True)
class LeakReport:
    """The overlaps of the splits of a corpus.

    Attributes:
        splits: held-out split -> its overlap with training.
        chance: kind -> pieces of training that also occur in another group of related training songs.
        groups: the number of groups of related songs in training.
        clusters, parts: clusters of near-duplicates, and parts, that are in more than one split.
        misplaced: songs without an official split that have a near-duplicate in a more held-out split.
        misplaced_parts: parts of such songs that are in more than one split.
    """

    splits: dict[str, Leak]
    chance: dict[str, Overlap]
    groups: int
    clusters: int
    parts: int
    misplaced: int
    misplaced_parts: int

    def faults(self, limits: LeakLimits | None = None) -> list[str]:
        """Describe each fault in words, ignoring songs with an official split."""
        limits = limits or LeakLimits()
        found = []
        if self.misplaced:
            found.append(f"{self.misplaced:,} songs have a near-duplicate in a more held-out split")
        if self.misplaced_parts:
            found.append(f"{self.misplaced_parts:,} parts are in more than one split")
        chance = min(self.chance[WINDOWS].fraction, limits.most_chance)
        for name, leak in self.splits.items():
            own = leak.own[WINDOWS]
            luck = DEVIATIONS * float(np.hypot(own.error, self.chance[WINDOWS].error))
            if own.fraction - chance - luck > limits.tolerance:
                found.append(
                    f"{own.fraction:.1%} of the {name} split's {WINDOWS} occur in training, where chance explains "
                    f"{chance:.1%}, sampling error {luck:.1%}, and the tolerance is {limits.tolerance:.1%}"
                )
        return found

    def figures(self) -> dict[str, Any]:
        """Return all numbers for JSON, by the keys that 0.5.0 wrote."""
        return {
            "sides": {name: leak.figures() for name, leak in self.splits.items()},
            "chance": _figures(self.chance),
            "families": self.groups,
            "clusters": self.clusters,
            "parts": self.parts,
            "misplaced": self.misplaced,
            "misplaced_parts": self.misplaced_parts,
        }


def _figures(table: dict[str, Overlap]) -> dict[str, dict[str, float]]:
    return {kind: overlap.figures() for kind, overlap in table.items()}
