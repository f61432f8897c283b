"""A corpus in memory, for the tests of training."""

from dataclasses import dataclass, field

import numpy as np

from drumtok.context import BEAT, FILL
from drumtok.tokens import BAR_ID


class MemorySplit:
    """Songs in a list, with the attributes of a `drumtok.corpus.Split`."""

    def __init__(self, songs):
        self.songs = [np.asarray(song, dtype=np.uint16) for song in songs]
        self.lengths = np.array([len(song) for song in self.songs], dtype=np.int64)
        self.weights = np.ones(len(self.songs), dtype=np.float32)

    def __len__(self):
        return len(self.songs)

    def song(self, index):
        return self.songs[index]

    def kind(self, index):
        return BEAT if index % 2 else FILL


def song_of(rng, bars, words=8):
    """A song of bars of 16 random words of the first few."""
    return np.concatenate([np.append(rng.integers(0, words, 16), BAR_ID) for _ in range(bars)])


def songs_of(seed, count, longest=12):
    rng = np.random.default_rng(seed)
    return MemorySplit([song_of(rng, int(rng.integers(1, longest + 1))) for _ in range(count)])


@dataclass
class MemoryCorpus:
    """The splits of a corpus, and a manifest that says nothing."""

    splits: dict = field(default_factory=lambda: {"train": songs_of(1, 40), "validation": songs_of(2, 6)})
    manifest: dict = field(default_factory=lambda: {"sources": [], "kinds": {FILL: 20, BEAT: 20}})
    grid: int = 4

    def split(self, name):
        return self.splits[name]
