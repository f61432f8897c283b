"""A corpus in memory, for tests of training."""

from dataclasses import dataclass, field

import numpy as np

from drumtok.tokenizer.labels import BEAT, FILL, Conditioning
from drumtok.tokenizer.tokens import BAR_ID


class MemorySplit:
    """Songs in a list, with the interface of `drumtok.dataset.shards.CorpusSplit`."""

    def __init__(self, songs):
        self.songs = [np.asarray(song, dtype=np.uint16) for song in songs]
        self.lengths = np.array([len(song) for song in self.songs], dtype=np.int64)
        self.weights = np.ones(len(self.songs), dtype=np.float32)

    def __len__(self):
        return len(self.songs)

    def song(self, index):
        return self.songs[index]

    def conditioning(self, index):
        return Conditioning(BEAT if index % 2 else FILL, "rock", 100.0, "memory", 4.0, "4/4")


def song_of(rng, bars, words=8):
    """Return a song of bars of 16 random words, drawn from the first `words` ids."""
    return np.concatenate([np.append(rng.integers(0, words, 16), BAR_ID) for _ in range(bars)])


def songs_of(seed, count, longest=12, words=8):
    rng = np.random.default_rng(seed)
    return MemorySplit([song_of(rng, int(rng.integers(1, longest + 1)), words) for _ in range(count)])


def numbered_songs(lengths):
    """Return songs in which no word occurs twice, so that a target identifies its position."""
    ends = np.cumsum(lengths)
    return MemorySplit([np.arange(end - length, end) for end, length in zip(ends, lengths, strict=True)])


@dataclass
class MemoryCorpus:
    """A corpus of splits in memory, with an empty manifest and songs of one style in 4/4."""

    splits: dict = field(default_factory=lambda: {"train": songs_of(1, 40), "validation": songs_of(2, 6)})
    manifest: dict = field(default_factory=lambda: {"sources": [], "kinds": {FILL: 20, BEAT: 20}})
    grid: int = 4

    def split(self, name):
        return self.splits[name]

    @property
    def songs(self):
        return {name: [self._line(split, i) for i in range(len(split))] for name, split in self.splits.items()}

    @staticmethod
    def _line(split, index):
        bars = int((split.song(index) == BAR_ID).sum())
        known = {"source": "memory", "name": str(index), "style": "rock", "tempo": 100.0, "meter": "4/4"}
        return {**known, "kind": split.conditioning(index).kind, "bars": bars}
