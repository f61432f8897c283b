"""Hash bars to 64-bit integers, so that equal music is found by comparing integers.

Each step has a weight, a random 64-bit number; the hash of a drum's line is the sum of the weights of its hits, modulo
2^64. Hashes that ignore which drum plays a line are sums over lines, and removing a hit is a subtraction. Two different
bars collide once in 2^64 pairs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.tokenizer.tokens import BAR_ID

Hashes = NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio, whose multiples are far apart
_SECOND = np.uint64(0xD1342543DE82EF95)  # odd: multiplies the weights in the second bar of a window


def mixed(values: NDArray[np.integer]) -> Hashes:
    """Permute the 64-bit numbers by the finaliser of SplitMix64, a pseudo-random permutation that keeps 0.

    >>> mixed(np.array([0, 1])).tolist()
    [0, 6238072747940578789]
    """
    x = values.astype(np.uint64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def weights(count: int) -> Hashes:
    """Return (count,) the weights of the first steps."""
    return mixed(np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN)


@dataclass(frozen=True)
class BarHashes:
    """The hashes of bars, windows of two bars or other pieces of songs.

    Attributes:
        lines: (9, pieces) the hash of each drum's line, 0 for a silent one.
        lengths: (pieces,) a number for the steps of each; equal for equal lengths.
        words, piece, weight: (sounding steps,) the word id of each step with hits, its piece and its weight.
    """

    lines: Hashes
    lengths: Hashes
    words: NDArray[np.uint16]
    piece: NDArray[np.int64]
    weight: Hashes

    @property
    def sounding(self) -> NDArray[np.bool_]:
        """Return (pieces,) which have hits."""
        return np.any(self.lines, axis=0)

    def exact(self, drums: list[int] | None = None) -> Hashes:
        """Return (pieces,) a number for each, equal for equal pieces, of all drums or of those in `drums` only."""
        chosen = np.arange(N_DRUMS) if drums is None else np.array(drums)
        apart = mixed(self.lines[chosen] + weights(N_DRUMS)[chosen, None])
        return mixed(apart.sum(axis=0, dtype=np.uint64) + self.lengths)

    def canonical(self) -> Hashes:
        """Return (pieces,) a number for each, equal for pieces with equal lines, whichever drum plays which."""
        return mixed(mixed(self.lines).sum(axis=0, dtype=np.uint64) + self.lengths)

    def canonical_less_one(self) -> tuple[Hashes, NDArray[np.int64]]:
        """Return, for every hit, the canonical number of its piece without it, and its piece; both (hits,)."""
        lines = mixed(self.lines)
        total = lines.sum(axis=0, dtype=np.uint64) + self.lengths
        numbers, pieces = [], []
        for drum in range(N_DRUMS):
            hit = _played(self.words, drum)
            piece = self.piece[hit]
            less = mixed(self.lines[drum, piece] - self.weight[hit])
            numbers.append(mixed(total[piece] - lines[drum, piece] + less))
            pieces.append(piece)
        return np.concatenate(numbers), np.concatenate(pieces)


def hash_bars(ids: NDArray[np.uint16], halves: bool = False) -> BarHashes:
    """Hash the bars of songs.

    Args:
        ids: the words of songs, concatenated, with `BAR` after every bar.
        halves: hash the two halves of each bar, in order, instead of whole bars. The same steps in a first and in a
            second half have different hashes.

    >>> from drumtok.pattern import Pattern
    >>> from drumtok.tokenizer.tokens import to_ids
    >>> grids = ("kick |x-x-|\\nride |xxxx|", "kick |xxxx|\\nride |x-x-|")
    >>> bars = hash_bars(np.concatenate([to_ids(Pattern.from_grid(grid, meter=(1, 4))) for grid in grids]))
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
    return BarHashes(_lines(words, piece, weight, len(ends) * per_bar), lengths, words, piece, weight)


def _played(words: NDArray[np.uint16], drum: int) -> NDArray[np.int64]:
    return np.flatnonzero(words & (1 << (N_DRUMS - 1 - drum)))


def _lines(words: NDArray[np.uint16], piece: NDArray[np.int64], weight: Hashes, pieces: int) -> Hashes:
    """Return (9, pieces) the hashes of the lines; the steps are in the order of their pieces."""
    lines = np.zeros((N_DRUMS, pieces), dtype=np.uint64)
    for drum in range(N_DRUMS):
        hit = _played(words, drum)
        first = np.flatnonzero(np.diff(piece[hit], prepend=-1))
        if len(first):
            lines[drum, piece[hit[first]]] = np.add.reduceat(weight[hit], first)
    return lines


def windows_of_two(bars: BarHashes, song: NDArray[np.int64]) -> tuple[BarHashes, NDArray[np.int64]]:
    """Combine the bars of songs into windows of two bars.

    Args:
        song: (bars,) the song of each bar, in order.

    Returns:
        The windows, one for each pair of successive bars of a song, and (windows,) the song of each.
    """
    first = np.flatnonzero(song[1:] == song[:-1])
    number = np.full(
        len(song) + 1, -1
    )  # of the window that begins with a bar; the one that ends with it is the previous bar's
    number[first] = np.arange(len(first))
    begins, ends = number[bars.piece], number[bars.piece - 1]  # the bar before the first is the last entry: no window
    opening, closing = begins >= 0, ends >= 0
    lines = bars.lines[:, first] + _SECOND * bars.lines[:, first + 1]
    lengths = bars.lengths[first] + _SECOND * bars.lengths[first + 1]
    words = np.concatenate([bars.words[opening], bars.words[closing]])
    weight = np.concatenate([bars.weight[opening], _SECOND * bars.weight[closing]])
    return BarHashes(lines, lengths, words, np.concatenate([begins[opening], ends[closing]]), weight), song[first]
