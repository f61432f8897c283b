"""Check a corpus for leaks: `check_songs` reads songs, and `leak_report` compares their pieces."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.leakage.bar_hashes import Hashes
from drumtok.dataset.leakage.clustering import clusters
from drumtok.dataset.leakage.minhash import PERMUTATIONS, signatures
from drumtok.dataset.leakage.overlap import (
    BATCH_WORDS,
    NEARLY,
    PIECES,
    Ids,
    Neighbours,
    PieceKeys,
    distinct,
    found_in_others,
    place_in,
    song_batches,
)
from drumtok.dataset.leakage.report import Leak, LeakReport, Overlap, overlap_of
from drumtok.dataset.leakage.song_groups import SongGroups, SongOrigin
from drumtok.tokenizer.splits import HELD_OUT, SPLITS, TRAINING

Songs = Iterable[tuple[Ids, SongOrigin]]
NearFound = Mapping[str, Mapping[str, NDArray[np.bool_]]]  # split -> kind -> (pieces,) which have a neighbour


class Pieces(NamedTuple):
    """All pieces of one kind.

    Attributes:
        kind: one of `overlap.PIECES`.
        keys: (pieces,) a number for each piece, equal for equal pieces.
        song: (pieces,) the song of each.
    """

    kind: str
    keys: Hashes
    song: NDArray[np.integer]


def leak_report(groups: SongGroups, pieces: Iterable[Pieces], near: NearFound | None = None) -> LeakReport:
    """Compare the pieces of the held-out splits with those of training.

    Args:
        groups: the groups of all songs.
        pieces: the pieces, one kind after another, including `overlap.WINDOWS`.
        near: whether each piece of the held-out splits has a near neighbour in training.
    """
    near = near or {}
    chance: dict[str, Overlap] = {}
    exact, own, nearly = ({name: dict[str, Overlap]() for name in HELD_OUT} for _ in range(3))
    for kind, keys, song in pieces:
        split, related = groups.split[song], groups.related[song]
        training = np.flatnonzero(split == 0)
        known = distinct(keys[training])
        chance[kind] = overlap_of(found_in_others(keys[training], related[training]), related[training])
        for name in HELD_OUT:
            here = np.flatnonzero(split == SPLITS.index(name))
            found, free = place_in(known, keys[here]) >= 0, ~groups.official[song[here]]
            exact[name][kind] = overlap_of(found, related[here])
            own[name][kind] = overlap_of(found[free], related[here][free])
            if kind in near.get(name, {}):
                nearly[name][kind] = overlap_of(near[name][kind], related[here])
    return LeakReport(
        {name: _leak(groups, name, exact[name], own[name], nearly[name]) for name in HELD_OUT},
        chance,
        len(np.unique(groups.related[groups.split == 0])),
        groups.clusters_across_splits(),
        groups.parts_across_splits(),
        groups.misplaced(),
        groups.misplaced_parts(),
    )


def _leak(
    groups: SongGroups,
    name: str,
    exact: dict[str, Overlap],
    own: dict[str, Overlap],
    nearly: dict[str, Overlap],
) -> Leak:
    """Return the leak of a held-out split, given the overlaps of its pieces."""
    songs = groups.split == SPLITS.index(name)
    near_songs = int((groups.near_training() & songs).sum())
    return Leak(int(songs.sum()), exact, own, nearly, near_songs)


def check_songs(splits: Mapping[str, Songs], near: bool = True, batch_words: int = BATCH_WORDS) -> LeakReport:
    """Check songs for leaks; each song is read once.

    Args:
        splits: split -> its songs, each as its words and its origin; a split may be missing.
        near: whether to find nearly equal bars and windows too, which takes most of the time.
        batch_words: words that are compared together.
    """
    held_out = {name: _SplitPieces(splits.get(name, ()), near, batch_words) for name in HELD_OUT}
    training = _SplitPieces(splits.get(TRAINING, ()), near, batch_words, compared=tuple(held_out.values()))
    read = {TRAINING: training, **held_out}
    split = np.repeat(np.arange(len(read)), [len(one.origins) for one in read.values()])
    origins = [origin for one in read.values() for origin in one.origins]
    cluster = clusters(np.concatenate([one.signatures for one in read.values()]))
    return leak_report(
        SongGroups.of_origins(split, origins, cluster),
        (_all_pieces(kind, list(read.values())) for kind in PIECES),
        {name: {kind: found.found() for kind, found in one.neighbours.items()} for name, one in held_out.items()},
    )


class _SplitPieces:
    """The pieces of the songs of a split, read batch by batch; only numbers are kept."""

    def __init__(self, songs: Songs, near: bool, batch_words: int, compared: tuple["_SplitPieces", ...] = ()) -> None:
        self.origins: list[SongOrigin] = []
        self.keys = {kind: PieceKeys() for kind in PIECES}
        self.neighbours = {kind: Neighbours() for kind in NEARLY if near}
        made = [np.zeros((0, PERMUTATIONS), dtype=np.uint32)]
        for batch in song_batches(self._ids_of(songs), batch_words):
            made.append(signatures(batch.ids, batch.ends))
            for kind, keys in self.keys.items():
                keys.add(batch, kind)
            for kind, neighbours in self.neighbours.items():
                for other in compared:
                    other.neighbours[kind].compare(batch.pieces[kind])
                if not compared:
                    neighbours.add(batch.pieces[kind])
        self.signatures = np.concatenate(made)

    def _ids_of(self, songs: Songs) -> Iterator[Ids]:
        for ids, origin in songs:
            self.origins.append(origin)
            yield ids


def _all_pieces(kind: str, splits: list[_SplitPieces]) -> Pieces:
    """Join the pieces of one kind of all splits."""
    first = np.cumsum([0, *(len(one.origins) for one in splits)])
    joined = [one.keys[kind].joined() for one in splits]
    songs = [song + before for (_, song), before in zip(joined, first, strict=False)]
    return Pieces(kind, np.concatenate([keys for keys, _ in joined]), np.concatenate(songs))
