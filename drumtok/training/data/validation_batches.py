"""Batches of whole songs of similar length, for validation."""

import numpy as np
from numpy.typing import NDArray

from drumtok.training.data.window_batches import Split, empty_rows, song_rows

BATCH_WORDS = 2**14  # of a batch of whole songs, with padding


def alike_in_length(
    lengths: NDArray[np.int64], songs: NDArray[np.integer], most: int, multiple: int = 1
) -> list[list[int]]:
    """Group songs into batches, the longest first, those of similar length together.

    Args:
        lengths: the lengths of all songs.
        songs: the indices of the songs to batch.
        most: the words of a batch, with padding; a longer song is a separate batch.
        multiple: empty batches make the number of batches a multiple of this.

    >>> alike_in_length(np.array([3, 9, 4, 2]), np.array([0, 1, 2, 3]), most=8, multiple=2)
    [[1], [2, 0], [3], []]
    """
    batches: list[list[int]] = []
    longest = 0
    for song in songs[np.argsort(-lengths[songs], kind="stable")].tolist():
        if not batches or (len(batches[-1]) + 1) * longest > most:
            batches.append([])
            longest = int(lengths[song])
        batches[-1].append(song)
    return batches + [[]] * (-len(batches) % multiple)


class SongBatches:
    """Batches of whole songs of similar length. A map-style data set.

    Args:
        split: the songs.
        lookback: how many bars back each look-back reads.
        words: greatest number of words of a batch, with padding; a longer song is a separate batch.
        multiple: empty batches make the number of batches a multiple of this, so that the devices share them evenly
            and none is counted twice.
    """

    def __init__(self, split: Split, lookback: tuple[int, ...], words: int = BATCH_WORDS, multiple: int = 1) -> None:
        self._split, self._lookback = split, lookback
        self._batches = alike_in_length(split.lengths, np.arange(len(split.lengths)), words, multiple)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> NDArray[np.int16]:
        """Return one batch: (songs, words of the longest, 9 + look-backs)."""
        songs = self._batches[index]
        longest = max((int(self._split.lengths[song]) for song in songs), default=1)
        rows = empty_rows((max(len(songs), 1), longest), self._lookback)
        for row, song in zip(rows, songs, strict=False):
            row[: self._split.lengths[song]] = song_rows(self._split.song(song), self._lookback)
        return rows
