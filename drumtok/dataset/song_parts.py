"""Cut the songs of a corpus into kick, snare and hats parts, phrase by phrase, for making loops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.augmentation.parts import PartLibrary, content_hash
from drumtok.dataset.corpus import Corpus
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.pattern import Pattern, parse_meter
from drumtok.tokenizer.bar_plan import PHRASE_BARS
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.tokens import from_ids

MAX_PARTS = 200  # per role and style, so that a corpus of any size gives a few thousand parts


class WordSource(Protocol):
    """Songs as word ids, such as a `drumtok.dataset.shards.CorpusSplit`."""

    def song(self, index: int, /) -> NDArray[np.uint16]:
        """Return the word ids of one song."""


def song_parts(songs: WordSource, lines: Sequence[Mapping[str, Any]], grid: int, seed: int = 0) -> PartLibrary:
    """Cut the beats among songs into phrases of at most four bars, one part for each role, without duplicates.

    Args:
        lines: the labels of each song, as in `drumtok.dataset.corpus.Corpus.songs`.
        grid: steps per quarter note.
        seed: for the choice of parts if a style has more than `MAX_PARTS`.

    Returns:
        A library whose parts are named by song, first bar and role, such as `groove/drummer1/1.mid/5:kick`.
    """
    library: dict[str, list[Pattern]] = {role: [] for role in ROLES}
    seen: set[tuple[str, bytes]] = set()
    room = {(role, line["style"]): MAX_PARTS for role in ROLES for line in lines}
    for index, first in _phrases(lines, np.random.default_rng(seed)):
        line = lines[index]
        wanted = [role for role in ROLES if room[role, line["style"]]]
        if not wanted:
            continue
        song = from_ids(songs.song(index), grid, parse_meter(line["meter"]), line["tempo"])
        phrase = song.slice_bars(first, first + PHRASE_BARS)
        for role in wanted:
            name = f"{line['source']}/{line['name']}/{first + 1}:{role}"
            part = replace(_role_only(phrase, role), name=name, style=line["style"])
            key = role, content_hash(part)
            if part.hits.any() and key not in seen:
                seen.add(key)
                room[role, line["style"]] -= 1
                library[role].append(part)
    return {role: tuple(parts) for role, parts in library.items()}


def corpus_parts(corpus: Corpus, split: str) -> PartLibrary:
    """Cut the songs of one split of a corpus into parts; loops made of them belong in that split."""
    return song_parts(corpus.split(split), corpus.songs[split], corpus.grid)


def _phrases(lines: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Yield (song, first bar) of the phrases of all beats, shuffled, without shorter ends of longer songs."""
    found = [
        (index, first)
        for index, line in enumerate(lines)
        if line["kind"] == BEAT
        for first in range(0, max(line["bars"] - PHRASE_BARS + 1, 1), PHRASE_BARS)
    ]
    for place in rng.permutation(len(found)):
        yield found[place]


def _role_only(phrase: Pattern, role: str) -> Pattern:
    """Return a phrase with the hits of one role only, and without closed hats on steps of open ones."""
    keep = np.zeros(phrase.hits.shape[1], dtype=bool)
    keep[[LANE_INDEX[drum] for drum in ROLES[role]]] = True
    hits = phrase.hits & keep
    hits[:, LANE_INDEX["closed"]] &= ~hits[:, LANE_INDEX["open"]]
    return Pattern(hits, grid=phrase.grid, meter=phrase.meter, tempo=phrase.tempo)
