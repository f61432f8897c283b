"""Bars as numbers: every line of a bar is a sum over its hits, so that equal music is found by comparing integers.

A hit on a step is worth that step's weight, a random 64-bit number; a line is the sum of its hits' weights, modulo
2^64. What depends on no drum's place is a sum over lines, and a bar less one hit is a subtraction. Two different bars
have one number by accident once in 2^64 pairs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.tokenizer.tokens import BAR_ID

Sums = NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: its multiples lie far apart
_SECOND = np.uint64(0xD1342543DE82EF95)  # odd: what a hit in the second bar of a window is multiplied with


def mixed(values: NDArray[np.integer]) -> Sums:
    """A permutation of the 64-bit numbers that looks random and leaves 0 where it is (the finaliser of SplitMix64).

    >>> mixed(np.array([0, 1])).tolist()
    [0, 6238072747940578789]
    """
    x = values.astype(np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def weights(count: int) -> Sums:
    """The weights of the first steps: shape (count,)."""
    return mixed(np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN)


@dataclass(frozen=True)
class Bars:
    """Bars, or windows of two bars, or other pieces of songs.

    Attributes:
        lines: (9, pieces) the sum of each drum's line, 0 where it is silent.
        lengths: (pieces,) a number for the steps of each; equal for equal lengths.
        words, piece, weight: (sounding steps,) the id of each step that sounds, its piece and its weight.
    """

    lines: Sums
    lengths: Sums
    words: NDArray[np.uint16]
    piece: NDArray[np.int64]
    weight: Sums

    @property
    def sounding(self) -> NDArray[np.bool_]:
        """(pieces,) which have hits."""
        return np.any(self.lines, axis=0)

    def exact(self, lanes: list[int] | None = None) -> Sums:
        """(pieces,) equal for equal pieces, of all drums or of those lanes alone."""
        chosen = np.arange(N_DRUMS) if lanes is None else np.array(lanes)
        apart = mixed(self.lines[chosen] + weights(N_DRUMS)[chosen, None])
        return mixed(apart.sum(axis=0, dtype=np.uint64) + self.lengths)

    def canonical(self) -> Sums:
        """(pieces,) equal for pieces with equal lines, whichever drum plays which of them."""
        return mixed(mixed(self.lines).sum(axis=0, dtype=np.uint64) + self.lengths)

    def canonical_less_one(self) -> tuple[Sums, NDArray[np.int64]]:
        """For every hit: the canonical number of its piece without it, and which piece that is; both (hits,)."""
        lines = mixed(self.lines)
        total = lines.sum(axis=0, dtype=np.uint64) + self.lengths
        numbers, pieces = [], []
        for lane in range(N_DRUMS):
            hit = _played(self.words, lane)
            piece = self.piece[hit]
            less = mixed(self.lines[lane, piece] - self.weight[hit])
            numbers.append(mixed(total[piece] - lines[lane, piece] + less))
            pieces.append(piece)
        return np.concatenate(numbers), np.concatenate(pieces)


def sum_bars(ids: NDArray[np.uint16], halves: bool = False) -> Bars:
    """The bars of songs.

    Args:
        ids: the words of any songs one after the other, `BAR` after every bar.
        halves: give the two halves of each bar, the first before the second, instead of whole bars. A half knows its
            place: the same steps in a first and in a second half are different.

    >>> from drumtok.pattern import Pattern
    >>> from drumtok.tokenizer.tokens import to_ids
    >>> grids = ("kick |x-x-|\\nride |xxxx|", "kick |xxxx|\\nride |x-x-|")
    >>> bars = sum_bars(np.concatenate([to_ids(Pattern.from_grid(grid, meter=(1, 4))) for grid in grids]))
    >>> one, other = bars.exact(); bool(one == other)
    False
    >>> one, other = bars.canonical(); bool(one == other)
    True
    """
    ends = np.flatnonzero(ids == BAR_ID)
    starts = np.append(0, ends + 1)[: len(ends)]
    sounding = np.flatnonzero((ids != 0) & (ids != BAR_ID))
    bar = np.searchsorted(ends, sounding)
    step = sounding - starts[bar]
    steps = ends - starts
    per_bar = 1 + halves
    piece = bar * per_bar + (2 * step >= steps[bar]) if halves else bar
    words, weight = ids[sounding], weights(int(steps.max(initial=0)))[step]
    lengths = mixed(np.repeat(steps, per_bar) * per_bar + 1)
    return Bars(_lines(words, piece, weight, len(ends) * per_bar), lengths, words, piece, weight)


def _played(words: NDArray[np.uint16], lane: int) -> NDArray[np.int64]:
    return np.flatnonzero(words & (1 << (N_DRUMS - 1 - lane)))


def _lines(words: NDArray[np.uint16], piece: NDArray[np.int64], weight: Sums, pieces: int) -> Sums:
    """(9, pieces) the sums of the lines; the steps come in the order of their pieces."""
    lines = np.zeros((N_DRUMS, pieces), dtype=np.uint64)
    for lane in range(N_DRUMS):
        hit = _played(words, lane)
        first = np.flatnonzero(np.diff(piece[hit], prepend=-1))
        if len(first):
            lines[lane, piece[hit[first]]] = np.add.reduceat(weight[hit], first)
    return lines


def windows_of_two(bars: Bars, song: NDArray[np.int64]) -> tuple[Bars, NDArray[np.int64]]:
    """The windows of two bars of songs, and the song of each.

    Args:
        song: (bars,) the song that each bar is in, in order.

    Returns:
        Each pair of bars of one song that follow each other, as one piece, and (windows,) its song.
    """
    first = np.flatnonzero(song[1:] == song[:-1])
    number = np.full(len(song) + 1, -1)  # of the window that begins with a bar; that which ends with it is before it
    number[first] = np.arange(len(first))
    begins, ends = number[bars.piece], number[bars.piece - 1]  # the bar before the first is the last entry: no window
    opening, closing = begins >= 0, ends >= 0
    lines = bars.lines[:, first] + _SECOND * bars.lines[:, first + 1]
    lengths = bars.lengths[first] + _SECOND * bars.lengths[first + 1]
    words = np.concatenate([bars.words[opening], bars.words[closing]])
    weight = np.concatenate([bars.weight[opening], _SECOND * bars.weight[closing]])
    return Bars(lines, lengths, words, np.concatenate([begins[opening], ends[closing]]), weight), song[first]
