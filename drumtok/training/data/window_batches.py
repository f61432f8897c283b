"""Batches of windows of songs for training, without torch.

A batch is an array with a row for each word: the word itself, which is the target, and its context. Only the lengths of
the songs are in memory; each batch reads the words that it needs, and if songs are cut into pieces, those of a packed
row are read for their bar lines when the row is first used.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import compress, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.context import song_context
from drumtok.tokenizer.labels import EMBEDDED, FILL, NO_LABELS, OPTIONAL_LABELS, Conditioning, LabelIds, LabelVocabulary
from drumtok.tokenizer.tokens import BAR_ID
from drumtok.training.data.packing import PackedRow, Stretch, cuts_of, deal

# The columns of a row; the look-backs are the columns from PAST on.
TARGET, PREVIOUS, BAR, POSITION, LABELS = *range(4), slice(4, 4 + len(EMBEDDED))
PAST = 4 + len(EMBEDDED)
IGNORE = -1  # the target of padding
NO_VOCABULARY = LabelVocabulary()
# Uses of random numbers; each packed row and each song has its own, independent of those of `epoch_songs`.
_LABELLED, _DEALING, _ROWS, _CUTS = range(3, 7)


class Split(Protocol):
    """Songs, such as a `drumtok.dataset.shards.CorpusSplit`."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(songs,) the words of each song."""

    @property
    def weights(self) -> NDArray[np.float32]:
        """(songs,) how often each song occurs in an epoch, on average."""

    def __len__(self) -> int: ...

    def song(self, index: int, /) -> NDArray[np.uint16]:
        """Return the word ids of one song."""

    def conditioning(self, index: int, /) -> Conditioning:
        """Return the labels of one song."""


class EpochSongs(Split, Protocol):
    """The songs of an epoch, such as a `drumtok.training.data.epoch_songs.EpochSongs`."""

    @property
    def origins(self) -> NDArray[np.integer]:
        """(songs,) the index of the original of each song."""


class EpochSource(Protocol):
    """Songs that differ from epoch to epoch, such as `drumtok.training.data.epoch_songs.Epochs`."""

    @property
    def words(self) -> int:
        """The mean number of words of an epoch."""

    def epoch(self, number: int, /) -> EpochSongs:
        """Return the songs of an epoch, numbered from 0."""


def song_rows(
    ids: NDArray[np.integer],
    lookback: tuple[int, ...],
    start: int = 0,
    stop: int | None = None,
    label: LabelIds = NO_LABELS,
) -> NDArray[np.int16]:
    """Return the rows of the words `start` to `stop` - 1 of a song; their look-backs reach before `start`.

    Args:
        ids: (n,) the song's words, from its start.
        lookback: how many bars back each look-back reads.
        label: the labels of the song.

    Returns:
        (words, 9 + look-backs), columns as `TARGET` and the others define.
    """
    ids = np.asarray(ids)  # a plain view: each operation on a memory map costs more
    bar_lines = np.flatnonzero(ids[:start] == BAR_ID)
    seen = max(lookback, default=0) + 2  # one bar for the cut one, one so that no word before is mistaken for none
    first = int(bar_lines[-seen]) + 1 if len(bar_lines) >= seen else 0
    known = ids[first:stop].astype(np.int64)
    context = song_context(known, lookback, label, bars_before=int((bar_lines < first).sum()))
    columns = [known, context.previous, context.bar, context.position, *context.labels.T, *context.past.T]
    return np.stack(columns, axis=1)[start - first :].astype(np.int16)


def empty_rows(shape: tuple[int, ...], lookback: tuple[int, ...]) -> NDArray[np.int16]:
    """Return rows of padding."""
    rows = np.zeros((*shape, PAST + len(lookback)), dtype=np.int16)
    rows[..., TARGET] = IGNORE
    return rows


class WindowBatches:
    """An epoch of training: windows of the songs, each word once. A map-style data set.

    The songs are dealt to packed rows, each row is cut into windows in random order, and a step takes one window of
    every row. A song and its augmented versions are in one row, so the batches of a step have different songs
    (`packing.deal`). The windows of an epoch have nearly the same length. Some songs are cut into pieces, which are
    separate songs that start mid-song. All epochs have the same number of steps: some words of an epoch with more words
    than average are left out, and the windows of an epoch with fewer words are shorter.

    Args:
        songs: the songs of the epochs.
        window: the greatest number of words of a window.
        batch: the greatest number of windows of a batch.
        lookback: how many bars back each look-back reads.
        seed: the same seed and epoch give the same batches.
        labels: the label vocabulary of the network.
        conditioning: fraction of the songs of an epoch that have each label, on average.
        cut: fraction of the songs that are cut, fills aside.
    """

    def __init__(
        self,
        songs: EpochSource,
        window: int,
        batch: int,
        lookback: tuple[int, ...],
        seed: int,
        labels: LabelVocabulary = NO_VOCABULARY,
        conditioning: float = 0.0,
        cut: float = 0.0,
    ) -> None:
        self._songs, self._window, self._batch, self._lookback, self._seed = songs, window, batch, lookback, seed
        self._labels, self._fraction, self._cut_fraction = labels, conditioning, cut
        self.words = songs.words
        if not self.words:
            raise DrumtokError("the training songs must have at least 1 word, got 0")
        self.set_batches_per_step(1)
        self.set_epoch(0)

    def __len__(self) -> int:
        return self._steps * self._parts

    def set_batches_per_step(self, parts: int) -> None:
        """Make `parts` distinct batches per step with separate packed rows, for as many devices.

        Raises:
            DrumtokError: there are fewer windows than parts.
        """
        windows = -(-self.words // self._window)
        if parts > windows:
            raise DrumtokError(f"batches of a step must be at most {windows}, the windows of an epoch, got {parts}")
        self._parts, self._steps = parts, -(-windows // (self._batch * parts))
        self._row_count = max(-(-windows // self._steps), parts)
        self._forget()

    def set_epoch(self, epoch: int, skip: int = 0) -> None:
        """Draw an epoch; the first batches may be skipped, and then come last."""
        self._epoch, self._skip, self._split = epoch, skip, self._songs.epoch(epoch)
        rng = self._rng(_LABELLED)
        # Each song has its own fraction with that mean, so that many songs have all labels and many none, as in
        # generation.
        fractions = rng.random((len(self._split), 1)) ** (1 / self._fraction - 1) if self._fraction else 0.0
        self._labelled = rng.random((len(self._split), len(OPTIONAL_LABELS))) < fractions
        self._is_cut = rng.random(len(self._split)) < self._cut_fraction
        self._forget()

    def __getitem__(self, index: int) -> NDArray[np.int16]:
        """Return one batch: (windows, window, 9 + look-backs)."""
        if not 0 <= index < len(self):
            raise IndexError(index)  # ends a plain for loop
        step, part = divmod((index + self._skip) % len(self), self._parts)
        first, end = (bound * self._row_count // self._parts for bound in (part, part + 1))
        rows = empty_rows((end - first, self._window), self._lookback)
        for row, number in zip(rows, range(first, end), strict=True):
            filled = 0
            for stretch in self._packed_row(number).window(step):
                piece = self._rows(stretch)
                row[filled : filled + len(piece)] = piece
                filled += len(piece)
        return rows

    def _forget(self) -> None:
        self._dealt: list[NDArray[np.int64]] = []  # songs are dealt when the first batch is requested
        self._laid: dict[int, PackedRow] = {}

    def _rng(self, *use: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, self._epoch, *use))

    def _rows(self, stretch: Stretch) -> NDArray[np.int16]:
        song, begin, end, start, stop = stretch
        conditioning = replace(
            self._split.conditioning(song).only(list(compress(OPTIONAL_LABELS, self._labelled[song]))),
            starts_mid_song=begin > 0,
        )
        ids, label = self._split.song(song)[begin:end], self._labels.number(conditioning)
        return song_rows(ids, self._lookback, start - begin, stop - begin, label)

    def _packed_row(self, number: int) -> PackedRow:
        """Return a packed row; its songs are cut when it is first needed."""
        if not self._dealt:
            room, rng = self._steps * self._window, self._rng(_DEALING)
            self._dealt = deal(self._split.lengths, self._split.origins, self._row_count, room, rng)
        if number not in self._laid:
            pieces = [piece for song in self._dealt[number].tolist() for piece in self._pieces(*song)]
            self._laid[number] = PackedRow(pieces, self._steps, self._window, self._rng(_ROWS, number))
        return self._laid[number]

    def _pieces(self, song: int, start: int, stop: int) -> Iterator[Stretch]:
        """Return the pieces of a song between two of its words."""
        cuts = []
        if self._is_cut[song] and self._split.conditioning(song).kind != FILL:
            cuts = cuts_of(self._split.song(song), self._rng(_CUTS, song))
        for begin, end in pairwise([0, *cuts, int(self._split.lengths[song])]):
            if begin < stop and start < end:
                yield Stretch(song, begin, end, max(begin, start), min(end, stop))
