"""Batches of a groove network: stretches of the played songs of a corpus for training, and songs to validate on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.network.config import GROOVE_FOLDS
from drumtok.network.groove_inputs import PAST, PLAYED, PROFILE, TEMPO_FEATURES, Performance, played_as, tempo_features
from drumtok.network.groove_memory import RECALLED, recalled_at_hits
from drumtok.tokenizer.expression import Expression
from drumtok.tokenizer.labels import FILL, Conditioning
from drumtok.training.data.packing import deal
from drumtok.training.data.validation_batches import BATCH_WORDS, alike_in_length

DROP_DRUMS = 0.3  # fraction of the stretches that lose a drum or two, as other patterns have fewer
MIN_WEIGHT = 0.15  # of a song, relative to a stretch
WEIGHT_RESOLUTION = 1000  # units per weight for dealing songs
OWN_PROFILE = 0.4  # fraction of the stretches with their own profile, as other patterns are as short


class PlayedSongs(Protocol):
    """Songs and how they were played, such as a `drumtok.dataset.shards.CorpusSplit`."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(songs,) the words of each."""

    @property
    def weights(self) -> NDArray[np.float32]:
        """(songs,) how often an epoch contains each."""

    @property
    def played(self) -> NDArray[np.bool_]:
        """(songs,) whether each was played."""

    def song(self, index: int, /) -> NDArray[np.uint16]:
        """Return the ids of one song."""

    def expression(self, index: int, /) -> Expression:
        """Return how one song was played."""

    def conditioning(self, index: int, /) -> Conditioning:
        """Return the labels of one song."""


class GrooveRows(NamedTuple):
    """Stretches of songs: the arrays of a `drumtok.training.groove_model.Scene`, and the hits' velocities and offsets.

    Attributes:
        hits, position, tempo, profile, style, played, past, recalled, fold: as there.
        velocity, offset: (hits,) of all hits in order of `hits.nonzero()`.
        milliseconds: (hits,) the length of a step.
    """

    hits: NDArray[np.float32]
    position: NDArray[np.int64]
    tempo: NDArray[np.float32]
    profile: NDArray[np.float32]
    style: NDArray[np.int64]
    played: NDArray[np.float32]
    past: NDArray[np.float32]
    recalled: NDArray[np.float32]
    fold: NDArray[np.int64]
    velocity: NDArray[np.int64]
    offset: NDArray[np.float32]
    milliseconds: NDArray[np.float32]


def performance(songs: PlayedSongs, index: int) -> Performance:
    """Return the performance of a song of a corpus."""
    conditioning = songs.conditioning(index)
    return Performance.of_song(
        songs.song(index), songs.expression(index), conditioning.tempo or 120.0, conditioning.style
    )


class GrooveStretch(NamedTuple):
    """A song or a part of it, the profile that the network reads, and the song's fold."""

    song: Performance
    profile: NDArray[np.float32]
    fold: int = 0


def rows_of(stretches: Sequence[GrooveStretch], steps: int, styles: Sequence[str], grid: int) -> GrooveRows:
    """Return the rows of stretches, none longer than `steps`."""
    count = len(stretches)
    rows = GrooveRows(
        np.zeros((count, steps, N_DRUMS), dtype=np.float32),
        np.zeros((count, steps), dtype=np.int64),
        np.zeros((count, TEMPO_FEATURES), dtype=np.float32),
        np.zeros((count, PROFILE), dtype=np.float32),
        np.zeros(count, dtype=np.int64),
        np.zeros((count, steps, PLAYED), dtype=np.float32),
        np.zeros((count, steps, PAST), dtype=np.float32),
        np.zeros((0, RECALLED), dtype=np.float32),
        np.zeros(count, dtype=np.int64),
        np.zeros(0, dtype=np.int64),
        *2 * (np.zeros(0, dtype=np.float32),),
    )
    for row, (song, profile, fold) in enumerate(stretches):
        length = len(song.hits)
        rows.hits[row, :length], rows.position[row, :length] = song.hits, song.positions
        rows.tempo[row], rows.profile[row], rows.fold[row] = tempo_features(song.tempo), profile, fold
        rows.style[row] = styles.index(song.style) + 1 if song.style in styles else 0
        rows.played[row, :length] = played_as(song.hits, song.velocity, song.offset)
        rows.past[row, :length] = song.past()
    own = [(song.velocity[song.hits], song.offset[song.hits], 60_000 / grid / song.tempo) for song, *_ in stretches]
    nothing = np.zeros(0)
    return rows._replace(
        recalled=recalled_at_hits(rows.hits, rows.position, rows.played),
        velocity=np.concatenate([nothing, *(v for v, _, _ in own)]).astype(np.int64),
        offset=np.concatenate([nothing, *(o for _, o, _ in own)]).astype(np.float32),
        milliseconds=np.concatenate([nothing, *(np.full(len(v), ms) for v, _, ms in own)]).astype(np.float32),
    )


class GrooveWindows:
    """An epoch of training: stretches of whole bars of the played songs. A map-style data set.

    In each epoch the songs are dealt to rows of equal weight. A step takes a stretch from every row: of a song drawn by
    its weight, from a random bar. So the batches of a step have different songs (`drumtok.training.data.packing.deal`).
    Everything follows from the seed, the epoch, the row and the step.

    Args:
        songs: the training songs.
        window: steps of a stretch; it is cut to whole bars.
        batch: stretches of a batch.
        styles: the styles of the network.
        conditioning: fraction of the stretches that have their style.
        grid: steps per quarter note.

    Raises:
        DrumtokError: none of the songs was played.
    """

    def __init__(
        self,
        songs: PlayedSongs,
        window: int,
        batch: int,
        seed: int,
        styles: Sequence[str],
        conditioning: float,
        grid: int,
    ) -> None:
        self._songs, self._window, self._batch, self._seed = songs, window, batch, seed
        self._styles, self._conditioning, self._grid = tuple(styles), conditioning, grid
        self._chosen = np.flatnonzero(songs.played & (songs.lengths * songs.weights > 0))
        if not len(self._chosen):
            raise DrumtokError(
                "the corpus must hold MIDI with velocities and timing, got no training song that was played"
            )
        lengths = songs.lengths[self._chosen] * songs.weights[self._chosen]
        self.words = int(lengths.sum())
        # A fill of a bar has a larger weight than its sixteenth of a stretch, since there are many kinds of fills.
        self._weights = np.ceil(WEIGHT_RESOLUTION * np.maximum(lengths / window, MIN_WEIGHT)).astype(np.int64)
        self.set_batches_per_step(1)
        self.set_epoch(0)

    def __len__(self) -> int:
        return -(-max(self.words, 1) // (self._window * self._batch * self._parts)) * self._parts

    def set_batches_per_step(self, parts: int) -> None:
        """Make `parts` distinct batches per step with separate rows, for as many devices."""
        self._parts = parts
        self._dealt: list[NDArray[np.int64]] = []  # songs are dealt when the first batch is requested

    def set_epoch(self, epoch: int, skip: int = 0) -> None:
        """Choose the epoch; the first batches may be skipped, and then come last."""
        self._epoch, self._skip, self._dealt = epoch, skip, []

    def __getitem__(self, index: int) -> GrooveRows:
        """Return one batch."""
        if not 0 <= index < len(self):
            raise IndexError(index)  # ends a plain for loop
        step, part = divmod((index + self._skip) % len(self), self._parts)
        rows = range(part * self._batch, (part + 1) * self._batch)
        return rows_of([self._drawn(row, step) for row in rows], self._window, self._styles, self._grid)

    def _drawn(self, row: int, step: int) -> GrooveStretch:
        """Return the stretch of a row at a step; a row without songs uses the first row."""
        if not self._dealt:
            songs, rng = np.arange(len(self._chosen)), np.random.default_rng((self._seed, self._epoch))
            self._dealt = deal(self._weights, songs, self._batch * self._parts, 0, rng)
        own = self._dealt[row] if len(self._dealt[row]) else self._dealt[0]
        rng = np.random.default_rng((self._seed, self._epoch, 1 + row, step))
        ends = np.cumsum(own[:, 2] - own[:, 1])
        place = int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))
        return self._stretch(int(self._chosen[own[place, 0]]), rng)

    def _stretch(self, index: int, rng: np.random.Generator) -> GrooveStretch:
        """Cut a stretch from a song."""
        song = performance(self._songs, index)
        long = self._window // song.per_bar
        bars = len(song.hits) // song.per_bar
        start = int(rng.integers(max(bars - long, 0) + 1)) * song.per_bar
        here = slice(start, start + long * song.per_bar)
        kept = np.ones(N_DRUMS, dtype=bool)
        if rng.random() < DROP_DRUMS:
            kept[rng.integers(N_DRUMS, size=rng.integers(1, 3))] = False
        hits = song.hits & kept
        style = song.style if rng.random() < self._conditioning else ""
        cut = replace(
            song,
            hits=hits[here],
            velocity=(song.velocity * hits)[here],
            offset=(song.offset * hits)[here],
            style=style,
        )
        profile = (cut if rng.random() < OWN_PROFILE else replace(song, hits=hits)).profile()
        return GrooveStretch(cut, profile, index % GROOVE_FOLDS)


class GrooveSongs:
    """Whole played songs, without fills, those of similar length in one batch. A map-style data set.

    Args:
        multiple: empty batches make the number of batches a multiple of this, so that the devices share them evenly
            and none is counted twice.
    """

    def __init__(self, songs: PlayedSongs, styles: Sequence[str], grid: int, multiple: int = 1) -> None:
        self._songs, self._styles, self._grid = songs, tuple(styles), grid
        beats = [index for index in np.flatnonzero(songs.played).tolist() if songs.conditioning(index).kind != FILL]
        self._batches = alike_in_length(songs.lengths, np.array(beats, dtype=np.intp), BATCH_WORDS, multiple)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> GrooveRows:
        """Return one batch."""
        songs = [performance(self._songs, song) for song in self._batches[index]]
        steps = max((len(song.hits) for song in songs), default=1)
        return rows_of([GrooveStretch(song, song.profile()) for song in songs], steps, self._styles, self._grid)
