"""The songs of an epoch of training: songs by their weights, some of them augmented, and recombined loops.

Each song is drawn on demand from the seed and the number of the epoch, so nothing is stored, all epochs differ, and all
processes that prepare batches make the same songs.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.augmentation.loops import make_loop
from drumtok.dataset.augmentation.parts import PartLibrary
from drumtok.dataset.augmentation.recipes import load_recipe
from drumtok.dataset.augmentation.transforms import AUGMENTATIONS
from drumtok.errors import DrumtokError
from drumtok.pattern import DEFAULT_GRID, DEFAULT_METER, Meter, steps_per_bar
from drumtok.tokenizer.labels import BEAT, CHANGED, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, from_ids, hits_per_quarter, to_ids
from drumtok.training.data.mixture import Mixture
from drumtok.training.data.window_batches import Split

LONGER = {"half-time": 2}  # augmentation -> factor of the length of a song
OTHER_TEMPO = ("half-time", "double-time")  # a song changed by these resembles songs of another tempo
LOOP_BARS = 16  # about a window, so that a loop is rarely made twice
BEATS = (4, 8, 16, 32, 64)  # possible denominators of a meter
_WEIGHTS, _CHANGES, _LOOPS = range(3)  # each use has its own random numbers


class Epochs:
    """The songs of a split of a corpus with a mixture of augmentations, epoch after epoch.

    Args:
        split: the songs.
        mixture: the augmentations.
        seed: the seed of all random choices.
        grid: steps per quarter note.
        pools: the parts of each kind of loops of the mixture, of which those in 4/4 are used.

    Attributes:
        words: the mean number of words of an epoch.

    Raises:
        DrumtokError: the parts of a pool cannot be combined on the grid.
    """

    def __init__(
        self,
        split: Split,
        mixture: Mixture | None = None,
        seed: int = 0,
        grid: int = DEFAULT_GRID,
        pools: Mapping[str, PartLibrary] | None = None,
    ) -> None:
        self.split, self.mixture, self.seed, self.grid = split, mixture or Mixture(), seed, grid
        self.recipe = replace(load_recipe(), bars=LOOP_BARS, grid=grid)
        self.loop_words = LOOP_BARS * (steps_per_bar(grid, DEFAULT_METER) + 1)
        words = float((split.weights * split.lengths).sum())
        self.loops = {
            name: (_in_common_time(pools[name]), round(fraction * words / self.loop_words))
            for name, fraction in self.mixture.loops.items()
            if pools and fraction
        }
        for name, (pool, _) in self.loops.items():
            try:
                make_loop(pool, self.recipe, 0, 0)
            except DrumtokError as error:  # raise before the training
                raise DrumtokError(f"{name} cannot be made: {error}") from None
        times = 1 + sum((LONGER.get(name, 1) - 1) * fraction for name, fraction in self.mixture.changes.items())
        self.words = round(words * times) + self.loop_words * sum(count for _, count in self.loops.values())

    def epoch(self, number: int) -> "EpochSongs":
        """Return the songs of an epoch, numbered from 0."""
        return EpochSongs(self, number)


class EpochSongs:
    """The songs of one epoch, a `window_batches.Split`: first those of the corpus, then the loops.

    Attributes:
        lengths: (songs,) the words of each.
        origins: (songs,) the index in the corpus of the original of each song; each loop has its own.
    """

    def __init__(self, epochs: Epochs, number: int) -> None:
        self._epochs, self._number = epochs, number
        self._last: tuple[int, NDArray[np.uint16]] = (-1, np.zeros(0, dtype=np.uint16))
        self._source = np.repeat(np.arange(len(epochs.split)), self._times())
        names = list(epochs.mixture.changes)
        shares = np.cumsum([epochs.mixture.changes[name] for name in names])
        drawn = self._rng(_CHANGES).random(len(self._source))
        self._names = [*names, ""]  # the last one means no change
        self._change = np.searchsorted(shares, drawn, side="right")
        times = np.array([LONGER.get(name, 1) for name in self._names])
        loops = [np.full(count, epochs.loop_words) for _, count in epochs.loops.values()]
        self.lengths = np.concatenate([epochs.split.lengths[self._source] * times[self._change], *loops])
        loop_numbers = len(epochs.split) + np.arange(len(self.lengths) - len(self._source))
        self.origins = np.concatenate([self._source, loop_numbers])

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def weights(self) -> NDArray[np.float32]:
        """(songs,) 1 for each, since a song with a weight of 2 occurs twice."""
        return np.ones(len(self), dtype=np.float32)

    def song(self, index: int) -> NDArray[np.uint16]:
        """Return the ids of one song."""
        if index != self._last[0]:  # its words and its metadata are requested in turn
            self._last = index, self._made(index)
        return self._last[1]

    def _made(self, index: int) -> NDArray[np.uint16]:
        if index >= len(self._source):
            return self._loop(index - len(self._source))
        ids, name = self._epochs.split.song(int(self._source[index])), self._names[self._change[index]]
        if not name:
            return ids
        meter = meter_of(int(np.flatnonzero(ids == BAR_ID)[0]), self._epochs.grid)
        pattern = from_ids(ids, self._epochs.grid, meter)
        return to_ids(AUGMENTATIONS[name](pattern, self._rng(_CHANGES, index)))

    def conditioning(self, index: int) -> Conditioning:
        """Return the labels of a song; loops are beats, and songs at half or double time have no tempo."""
        if index >= len(self._source):
            return Conditioning(BEAT, source=CHANGED, hits=hits_per_quarter(self.song(index), self._epochs.grid))
        conditioning = self._epochs.split.conditioning(int(self._source[index]))
        name = self._names[self._change[index]]
        if not name:
            return conditioning
        hits = hits_per_quarter(self.song(index), self._epochs.grid)
        return replace(
            conditioning, tempo=None if name in OTHER_TEMPO else conditioning.tempo, source=CHANGED, hits=hits
        )

    def _times(self) -> NDArray[np.int64]:
        """Return how often each song of the corpus occurs in the epoch; the mean over epochs is its weight."""
        weights = self._epochs.split.weights.astype(np.float64)
        start = np.random.default_rng((self._epochs.seed, _WEIGHTS)).random(len(weights))  # not all in the same epoch
        before, after = (np.floor(start + weights * epoch) for epoch in (self._number, self._number + 1))
        times = (after - before).astype(np.int64)
        return times if times.any() else np.ones_like(times)  # an epoch is never empty

    def _loop(self, index: int) -> NDArray[np.uint16]:
        for place, (pool, count) in enumerate(self._epochs.loops.values()):
            if index < count:
                seed = int(np.random.SeedSequence((self._epochs.seed, _LOOPS, place)).generate_state(1)[0])
                return to_ids(make_loop(pool, self._epochs.recipe, seed, self._number * count + index).pattern)
            index -= count
        raise IndexError(index)

    def _rng(self, *use: int) -> np.random.Generator:
        return np.random.default_rng((self._epochs.seed, self._number, *use))


def meter_of(steps: int, grid: int) -> Meter:
    """Return the meter of a bar of a number of steps, in the longest beats that divide it.

    >>> meter_of(16, 4), meter_of(14, 4), meter_of(12, 3)
    ((4, 4), (7, 8), (4, 4))
    """
    beats = next(beat for beat in BEATS if not steps * beat % (4 * grid))
    return steps * beats // (4 * grid), beats


def _in_common_time(pool: PartLibrary) -> PartLibrary:
    return {role: tuple(part for part in parts if part.meter == DEFAULT_METER) for role, parts in pool.items()}
