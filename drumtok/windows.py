"""What the network is shown: windows of the training songs, and validation songs whole, both in batches.

A batch is one array of rows, a row for each word: the word itself, which is the target, and its context. Nothing
is kept of a corpus but the lengths of its songs and of their pieces; a song that is cut is read for its bar lines when
an epoch begins, and each batch reads the words that it needs. No torch.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import compress, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drumtok.context import song_context
from drumtok.errors import DrumtokError
from drumtok.labels import FILL, TELLABLE, UNTOLD, Label, Labels, Told
from drumtok.tokens import BAR_ID

# The columns of a row; the look-backs are all those from PAST on.
TARGET, PREVIOUS, BAR, POSITION, STYLE, TEMPO, SOURCE, HITS, PAST = range(9)
IGNORE = -1  # the target where a row is no word: it fills a window or a batch up
NO_LABELS = Labels()
BATCH_WORDS = 2**14  # of a batch of whole songs, filling included
PHRASE = 8  # bars; songs are cut after phrases


class Split(Protocol):
    """Songs, such as a `drumtok.corpus.Split`."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(songs,) the words of each song."""

    @property
    def weights(self) -> NDArray[np.float32]:
        """(songs,) how often each song is shown in an epoch, on average."""

    def __len__(self) -> int: ...

    def song(self, index: int, /) -> NDArray[np.uint16]:
        """The ids of one song."""

    def told(self, index: int, /) -> Told:
        """What is known of one song."""


class Repertoire(Protocol):
    """Songs that differ from epoch to epoch, such as `drumtok.epochs.Epochs`."""

    @property
    def words(self) -> int:
        """The words of an epoch, on average."""

    def epoch(self, number: int, /) -> Split:
        """The songs of an epoch, numbered from 0."""


def song_rows(
    ids: NDArray[np.integer], lookback: tuple[int, ...], start: int = 0, stop: int | None = None, label: Label = UNTOLD
) -> NDArray[np.int16]:
    """The rows of the words from `start` to before `stop` of a song, which keep sight of what stands before them.

    Args:
        ids: (n,) the song's words, from its start.
        lookback: how many bars back each look-back reads.
        label: what is told of the song.

    Returns:
        (words, 8 + look-backs), columns as `TARGET` and the others say.
    """
    ids = np.asarray(ids)  # a plain view: each operation on a memory map costs more
    bar_lines = np.flatnonzero(ids[:start] == BAR_ID)
    seen = max(lookback, default=0) + 2  # one bar for the cut one, one so that no word before is mistaken for none
    first = int(bar_lines[-seen]) + 1 if len(bar_lines) >= seen else 0
    known = ids[first:stop].astype(np.int64)
    context = song_context(known, lookback, label, bars_before=int((bar_lines < first).sum()))
    labels = (context.style, context.tempo, context.source, context.hits)
    columns = [known, context.previous, context.bar, context.position, *labels, *context.past.T]
    return np.stack(columns, axis=1)[start - first :].astype(np.int16)


def _empty(shape: tuple[int, ...], lookback: tuple[int, ...]) -> NDArray[np.int16]:
    rows = np.zeros((*shape, PAST + len(lookback)), dtype=np.int16)
    rows[..., TARGET] = IGNORE
    return rows


class WindowBatches:
    """An epoch of training: windows of the songs one after another, each word exactly once. A map-style data set.

    The songs are joined in an order drawn for the epoch, the ends of that stream too, and the cut into windows begins
    at a place drawn for the epoch; the windows are dealt to batches in a drawn order. The last window is filled up.
    The batches differ by one window at most, for a last batch of a few windows would weigh them too much.
    Some songs are cut in pieces that come as songs of their own, which begin in the midst of one.
    All epochs have the same number of windows. Where one has more words than the average, some are left out, and
    where it has fewer, some come twice.

    Args:
        songs: what the epochs consist of.
        window: words of a window.
        batch: windows of a batch, at most.
        lookback: how many bars back each look-back reads.
        seed: of all that is drawn; the same seed and epoch give the same batches.
        labels: those that the network knows.
        told: share of the songs of an epoch of which each label is told, on average.
        cut: share of the songs that are cut, but for fills.
    """

    def __init__(
        self,
        songs: Repertoire,
        window: int,
        batch: int,
        lookback: tuple[int, ...],
        seed: int,
        labels: Labels = NO_LABELS,
        told: float = 0.0,
        cut: float = 0.0,
    ) -> None:
        self._repertoire, self._window, self._lookback, self._seed = songs, window, lookback, seed
        self._labels, self._share, self._cut_share = labels, told, cut
        self.words = songs.words
        if not self.words:
            raise DrumtokError("the training songs hold no words: allowed is 1 or more")
        self.windows = -(-self.words // window)
        self._least = self._batches = -(-self.windows // batch)
        self.set_epoch(0)

    def __len__(self) -> int:
        return self._batches

    def share(self, parts: int) -> None:
        """Makes the number of batches a multiple, so that as many devices share them evenly and none comes twice.

        Raises:
            DrumtokError: there are fewer windows than parts.
        """
        if parts > self.windows:
            raise DrumtokError(f"{parts} batches make a step: allowed are {self.windows}, the windows of an epoch")
        self._batches = min(-(-self._least // parts) * parts, self.windows // parts * parts)

    def set_epoch(self, epoch: int, skip: int = 0) -> None:
        """Draws the epoch's order; the first batches may be skipped, they then come last."""
        rng = np.random.default_rng((self._seed, epoch))
        self._split = self._repertoire.epoch(epoch)
        pieces = np.array(list(self._pieces_of_songs(np.random.default_rng((self._seed, epoch, 1)))))
        self._pieces = pieces[rng.permutation(len(pieces))]  # (pieces, 3): song, its first word, the end
        self._ends = np.cumsum(self._pieces[:, 2] - self._pieces[:, 1])
        self._phase = int(rng.integers(self.words))
        self._order = rng.permutation(self.windows)
        # A share of its own for each song, of that mean: so of many songs all is told, and of many nothing, which are
        # what it will be asked for.
        shares = rng.random((len(self._split), 1)) ** (1 / self._share - 1) if self._share else 0.0
        self._told = rng.random((len(self._split), len(TELLABLE))) < shares
        self._skip = skip

    def __getitem__(self, index: int) -> NDArray[np.int16]:
        """One batch: (windows, window, 8 + look-backs)."""
        if not 0 <= index < len(self):
            raise IndexError(index)  # ends a plain for loop
        place = (index + self._skip) % len(self)
        bounds = (part * self.windows // len(self) for part in (place, place + 1))
        return np.stack([self._cut(int(number)) for number in self._order[slice(*bounds)]])

    def _cut(self, number: int) -> NDArray[np.int16]:
        """One window: (window, 8 + look-backs)."""
        rows = _empty((self._window,), self._lookback)
        wanted = min(self._window, self.words - number * self._window)
        filled = 0
        while filled < wanted:
            at = (self._phase + number * self._window + filled) % int(self._ends[-1])
            place = int(np.searchsorted(self._ends, at, side="right"))
            song, begin, end = self._pieces[place].tolist()
            start = at - int(self._ends[place]) + end - begin
            told = replace(self._split.told(song).but(list(compress(TELLABLE, self._told[song]))), midst=begin > 0)
            ids, label = self._split.song(song)[begin:end], self._labels.number(told)
            piece = song_rows(ids, self._lookback, start, start + wanted - filled, label)
            rows[filled : filled + len(piece)] = piece
            filled += len(piece)
        return rows

    def _pieces_of_songs(self, rng: np.random.Generator) -> Iterator[tuple[int, int, int]]:
        """Song, begin and end of every piece of the epoch, in their order."""
        is_cut = rng.random(len(self._split)) < self._cut_share
        for song, length in enumerate(self._split.lengths.tolist()):
            cuts = []
            if is_cut[song] and self._split.told(song).kind != FILL:
                cuts = cuts_of(self._split.song(song), rng)
            yield from ((song, *bounds) for bounds in pairwise([0, *cuts, length]))


def cuts_of(ids: NDArray[np.integer], rng: np.random.Generator) -> list[int]:
    """Where a song is cut: after half of its phrases, or after one bar if it has a single phrase.

    Returns:
        The places of the first words of its pieces but the first.
    """
    bars = np.flatnonzero(ids == BAR_ID)[:-1] + 1
    if len(bars) < PHRASE:
        return rng.permutation(bars)[:1].tolist()
    phrases = bars[PHRASE - 1 :: PHRASE]
    return phrases[rng.random(len(phrases)) < 0.5].tolist()


def alike_in_length(
    lengths: NDArray[np.int64], songs: NDArray[np.integer], most: int, multiple: int = 1
) -> list[list[int]]:
    """Songs in batches, the longest first, those of similar length together.

    Args:
        lengths: of all songs.
        songs: the numbers of those that are wanted.
        most: the words of a batch, filling included; a longer song is a batch of its own.
        multiple: the number of batches is made a multiple of this by empty ones.

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
    """Whole songs, those of similar length in one batch. A map-style data set.

    Args:
        split: the songs.
        lookback: how many bars back each look-back reads.
        words: of a batch, filling included, at most; a longer song is a batch of its own.
        multiple: the number of batches is made a multiple of this by empty ones, so that as many devices share them
            evenly and none is counted twice.
    """

    def __init__(self, split: Split, lookback: tuple[int, ...], words: int = BATCH_WORDS, multiple: int = 1) -> None:
        self._split, self._lookback = split, lookback
        self._batches = alike_in_length(split.lengths, np.arange(len(split.lengths)), words, multiple)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> NDArray[np.int16]:
        """One batch: (songs, words of the longest, 8 + look-backs)."""
        songs = self._batches[index]
        longest = max((int(self._split.lengths[song]) for song in songs), default=1)
        rows = _empty((max(len(songs), 1), longest), self._lookback)
        for row, song in zip(rows, songs, strict=False):
            row[: self._split.lengths[song]] = song_rows(self._split.song(song), self._lookback)
        return rows
