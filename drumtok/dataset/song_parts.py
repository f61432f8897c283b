"""Parts out of songs: the lanes of a corpus's training songs, phrase by phrase, as a pool that loops are made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.augmentation.parts import PartLibrary, content_hash
from drumtok.dataset.augmentation.transforms import PHRASE
from drumtok.dataset.corpus import Corpus
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.pattern import Pattern, parse_meter
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.tokens import from_ids

MOST_PARTS = 200  # of a role and style; a corpus of any size makes a pool of a few thousand parts


class Songs(Protocol):
    """Songs, such as a `drumtok.dataset.shards.CorpusSplit`."""

    def song(self, index: int, /) -> NDArray[np.uint16]:
        """The ids of one song."""


def song_parts(songs: Songs, lines: Sequence[Mapping[str, Any]], grid: int, seed: int = 0) -> PartLibrary:
    """The lanes of the beats among songs, cut into phrases of at most four bars; no part of a role twice.

    Args:
        lines: what is known of each song, as in `drumtok.dataset.corpus.Corpus.songs`.
        grid: the steps of the songs' quarter note.
        seed: of the choice where a style has more than enough.

    Returns:
        A pool whose parts are named after their songs, such as `groove/drummer1/1.mid/5:kick` for that from bar 5 on.
    """
    pool: dict[str, list[Pattern]] = {role: [] for role in ROLES}
    seen: set[tuple[str, bytes]] = set()
    room = {(role, line["style"]): MOST_PARTS for role in ROLES for line in lines}
    for index, first in _phrases(lines, np.random.default_rng(seed)):
        line = lines[index]
        wanted = [role for role in ROLES if room[role, line["style"]]]
        if not wanted:
            continue
        song = from_ids(songs.song(index), grid, parse_meter(line["meter"]), line["tempo"])
        phrase = song.slice_bars(first, first + PHRASE)
        for role in wanted:
            name = f"{line['source']}/{line['name']}/{first + 1}:{role}"
            part = replace(_lanes_alone(phrase, role), name=name, style=line["style"])
            key = role, content_hash(part)
            if part.hits.any() and key not in seen:
                seen.add(key)
                room[role, line["style"]] -= 1
                pool[role].append(part)
    return {role: tuple(parts) for role, parts in pool.items()}


def corpus_parts(corpus: Corpus, side: str) -> PartLibrary:
    """The parts of the songs of one side of a corpus: what is made of them belongs on that side."""
    return song_parts(corpus.split(side), corpus.songs[side], corpus.grid)


def _phrases(lines: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """(song, first bar) of the phrases of all beats, shuffled; a shorter rest of a song is none."""
    found = [
        (index, first)
        for index, line in enumerate(lines)
        if line["kind"] == BEAT
        for first in range(0, max(line["bars"] - PHRASE + 1, 1), PHRASE)
    ]
    for place in rng.permutation(len(found)):
        yield found[place]


def _lanes_alone(phrase: Pattern, role: str) -> Pattern:
    """The pattern without the lanes of other roles, and without a closed hat where it is open as well."""
    keep = np.zeros(phrase.hits.shape[1], dtype=bool)
    keep[[LANE_INDEX[lane] for lane in ROLES[role]]] = True
    hits = phrase.hits & keep
    hits[:, LANE_INDEX["closed"]] &= ~hits[:, LANE_INDEX["open"]]
    return Pattern(hits, grid=phrase.grid, meter=phrase.meter, tempo=phrase.tempo)
