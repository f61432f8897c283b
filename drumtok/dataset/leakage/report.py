"""What leaks from the training side of a corpus to the others, and whether chance repetition explains it.

Drummers repeat each other: a share of held-out bars stands in training however well the songs were parted. How much
of it is chance is told by training itself: the share of each family's pieces that other families have too, a family
being songs that are near-duplicates or have a part in common. Were the held-out songs families of their own, their
share would be the same but for the luck of the draw, whose standard error is taken over the families.

What this cannot see: where songs are related and nothing shows it, neither named parts nor near-duplicate bars, the
repetition among them passes for chance. So there is a limit to what chance may explain, and the lines of each role
are told: where nearly all of them stand in training, the songs are made of the same parts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.bar_hashes import Sums
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.leakage.minhash import PERMUTATIONS, signatures
from drumtok.dataset.leakage.overlap import (
    KINDS,
    NEARLY,
    WINDOWS,
    Ids,
    Keys,
    Neighbours,
    batches,
    distinct,
    found_in_others,
    place_in,
)
from drumtok.dataset.leakage.song_groups import Families, Song
from drumtok.tokenizer.text import DEALT_SPLITS

TRAINING = DEALT_SPLITS[0]
ORDER = (TRAINING, "validation", "test")  # each side is held out more than those before it
DEVIATIONS = 3  # standard errors that the luck of the draw may make up


@dataclass(frozen=True)
class Share:
    """So many pieces of so many.

    Attributes:
        error: the standard error of the share over families; 0 where there is one family alone.
    """

    found: int
    total: int
    error: float

    @property
    def share(self) -> float:
        return self.found / self.total if self.total else 0.0


@dataclass(frozen=True)
class Leak:
    """What a held-out side has in common with training; silent pieces are left out.

    Attributes:
        songs: how many it has.
        exact: kind of `overlap.KINDS` -> pieces that stand in training.
        own: the same, of the songs whose side is no official one.
        near: kind of `overlap.NEARLY` -> pieces to which one in training is nearly equal (`overlap.Neighbours`);
            empty where it was not measured.
        near_songs: songs with a near-duplicate in training.
    """

    songs: int
    exact: dict[str, Share]
    own: dict[str, Share]
    near: dict[str, Share]
    near_songs: int


@dataclass(frozen=True)
class Leaks:
    """What stands on two sides of a corpus.

    Attributes:
        sides: held-out side -> what it has in common with training.
        chance: kind -> pieces of training that another family of training has too.
        families: how many training has.
        clusters, parts: clusters of near-duplicates and parts, on two sides or three.
        misplaced: songs whose side is no official one and that have a near-duplicate on a more held-out side.
        misplaced_parts: parts of such songs that stand on two sides.
    """

    sides: dict[str, Leak]
    chance: dict[str, Share]
    families: int
    clusters: int
    parts: int
    misplaced: int
    misplaced_parts: int

    def faults(self, limits: LeakLimits | None = None) -> list[str]:
        """What must not be, in words: empty where the sides are clean. What an official split does is no fault."""
        limits = limits or LeakLimits()
        found = []
        if self.misplaced:
            found.append(f"{self.misplaced:,} songs have a near-duplicate on a side that is held out more")
        if self.misplaced_parts:
            found.append(f"{self.misplaced_parts:,} parts stand on two sides")
        chance = min(self.chance[WINDOWS].share, limits.most_chance)
        for name, leak in self.sides.items():
            own = leak.own[WINDOWS]
            luck = DEVIATIONS * float(np.hypot(own.error, self.chance[WINDOWS].error))
            if own.share - chance - luck > limits.tolerance:
                found.append(
                    f"{own.share:.1%} of the {name} side's {WINDOWS} stand in training, where chance explains "
                    f"{chance:.1%}, luck {luck:.1%}, and {limits.tolerance:.1%} more are allowed"
                )
        return found

    def figures(self) -> dict[str, Any]:
        """All of it as numbers and texts, for JSON; every share stands beside what it was counted from."""

        def shares(table: dict[str, Share]) -> dict[str, Any]:
            return {kind: {"share": share.share, **asdict(share)} for kind, share in table.items()}

        sides = {
            name: {
                "songs": leak.songs,
                "near_songs": leak.near_songs,
                **{table: shares(getattr(leak, table)) for table in ("exact", "own", "near")},
            }
            for name, leak in self.sides.items()
        }
        return {**asdict(self), "sides": sides, "chance": shares(self.chance)}


def measure(sides: Mapping[str, Iterable[tuple[Ids, Song]]], near: bool = True) -> Leaks:
    """Measures what leaks; each song is read once.

    Args:
        sides: side of `ORDER` -> its songs, the words of each and what is known of it; a side may be missing.
        near: look for nearly equal bars and windows too, which takes most of the time.

    Raises:
        DrumtokError: datasketch is not installed.
    """
    held_out = {name: _Side(sides.get(name, ()), near) for name in ORDER[1:]}
    training = _Side(sides.get(TRAINING, ()), near, show=held_out.values())
    read = {TRAINING: training, **held_out}
    side = np.repeat(np.arange(len(read)), [len(one.songs) for one in read.values()])
    songs = [song for one in read.values() for song in one.songs]
    families = Families(songs, side, np.concatenate([one.signatures for one in read.values()]))
    own = families.family[side == 0]
    chance, known = {}, {}
    for kind in KINDS:
        keys, song = training.keys[kind].joined()
        chance[kind] = share_of(found_in_others(keys, own[song]), own[song])
        known[kind] = distinct(keys)
    leaks = {name: _leak(one, known, families, side == n) for n, (name, one) in enumerate(read.items()) if n}
    return Leaks(
        leaks,
        chance,
        len(np.unique(own)),
        families.clusters_on_two_sides(),
        families.parts_on_two_sides(),
        families.misplaced(),
        families.misplaced_parts(),
    )


class _Side:
    """The songs of one side, read batch by batch; what is kept of them are numbers."""

    def __init__(self, songs: Iterable[tuple[Ids, Song]], near: bool, show: Iterable["_Side"] = ()) -> None:
        self.songs: list[Song] = []
        self.keys = {kind: Keys() for kind in KINDS}
        self.neighbours = {kind: Neighbours() for kind in NEARLY if near}
        made = [np.zeros((0, PERMUTATIONS), dtype=np.uint32)]
        show = list(show)
        for batch in batches(self._noted(songs)):
            made.append(signatures(batch.ids, batch.ends))
            for kind, keys in self.keys.items():
                keys.add(batch, kind)
            for kind, neighbours in self.neighbours.items():
                for other in show:
                    other.neighbours[kind].show(batch.pieces[kind])
                if not show:
                    neighbours.add(batch.pieces[kind])
        self.signatures = np.concatenate(made)

    def _noted(self, songs: Iterable[tuple[Ids, Song]]) -> Iterator[Ids]:
        for ids, song in songs:
            self.songs.append(song)
            yield ids


def _leak(side: _Side, known: dict[str, Sums], families: Families, here: NDArray[np.bool_]) -> Leak:
    """What one held-out side has in common with training; `here` are its songs."""
    exact, own, near = {}, {}, {}
    for kind in KINDS:
        keys, song = side.keys[kind].joined()
        found, family = place_in(known[kind], keys) >= 0, families.family[here][song]
        free = ~families.official[here][song]
        exact[kind], own[kind] = share_of(found, family), share_of(found[free], family[free])
        if kind in side.neighbours:
            near[kind] = share_of(side.neighbours[kind].found(), family)
    return Leak(len(side.songs), exact, own, near, int((families.near_training() & here).sum()))


def share_of(found: NDArray[np.bool_], family: NDArray[np.integer]) -> Share:
    """The share of pieces that were found, its error being that of a ratio of sums over families.

    Args:
        found, family: (pieces,) whether each was found, and the family that it is in.
    """
    _, place = np.unique(family, return_inverse=True)
    hits, pieces = np.bincount(place, found), np.bincount(place)
    count, total = len(pieces), int(pieces.sum())
    if count < 2:
        return Share(int(found.sum()), total, 0.0)
    residual = hits - pieces * (hits.sum() / total)
    return Share(int(found.sum()), total, float(np.sqrt((residual**2).sum() * count / (count - 1)) / total))
