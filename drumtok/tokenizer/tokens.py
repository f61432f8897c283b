"""`Pattern` <-> words <-> ids: the vocabulary, the bar grammar.

A hit word is `0b` and nine binary digits, one per drum; `BAR` stands after the last step of every bar.
The id of a hit word is its value as a binary number, so the kick is worth 256 and the crash 1.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import DEFAULT_GRID, DEFAULT_METER, DEFAULT_TEMPO, Meter, Pattern, steps_per_bar

N_HIT_WORDS = 2**N_DRUMS
BAR_ID = N_HIT_WORDS
START_ID = N_HIT_WORDS + 1  # stands before the first word of a song; read by the model, never written
BAR = "BAR"
VOCABULARY = (*(f"0b{i:0{N_DRUMS}b}" for i in range(N_HIT_WORDS)), BAR)  # id -> word

_WEIGHTS = 2 ** np.arange(N_DRUMS - 1, -1, -1)
_IDS = {word: i for i, word in enumerate(VOCABULARY)}
_HITS = np.append([word.count("1") for word in VOCABULARY[:-1]], 0)  # (513,) how many drums each word hits


def hits_to_ids(hits: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """The hit-word ids of a grid of hits: (..., 9) -> (...)."""
    return (hits @ _WEIGHTS).astype(np.uint16)


def ids_to_hits(ids: NDArray[np.integer]) -> NDArray[np.bool_]:
    """The inverse of `hits_to_ids`: (...) -> (..., 9)."""
    return (ids[..., None] & _WEIGHTS).astype(bool)


def hits_per_quarter(ids: NDArray[np.integer], grid: int) -> float | None:
    """The mean hits of all drums per quarter note, None where there is no step.

    >>> hits_per_quarter(np.array([0b101000000, 0, 1, 0, BAR_ID]), 4)
    3.0
    """
    steps = np.count_nonzero(ids != BAR_ID)
    return float(grid * _HITS[ids].sum() / steps) if steps else None


def to_ids(pattern: Pattern) -> NDArray[np.uint16]:
    """The ids of a pattern's words, `BAR` after every bar: shape (bars * (steps per bar + 1),).

    >>> to_ids(Pattern.from_grid("kick |x---x---x---x---|"))[:5].tolist()
    [256, 0, 0, 0, 256]
    """
    bars = hits_to_ids(pattern.hits).reshape(pattern.bars, pattern.steps_per_bar)
    return np.pad(bars, ((0, 0), (0, 1)), constant_values=BAR_ID).ravel()


def from_ids(
    ids: NDArray[np.integer], grid: int = DEFAULT_GRID, meter: Meter = DEFAULT_METER, tempo: float = DEFAULT_TEMPO
) -> Pattern:
    """The inverse of `to_ids`: every bar must hold exactly the words that grid and meter ask for.

    Raises:
        DrumtokError: an id is no word, a bar is of the wrong length, or the last `BAR` is missing.
    """
    ids = np.asarray(ids)
    if ids.size and (ids.min() < 0 or ids.max() > BAR_ID):
        raise DrumtokError(
            f"id {int(ids.max() if ids.max() > BAR_ID else ids.min())} is no word: ids go from 0 to {BAR_ID}"
        )
    per_bar = steps_per_bar(grid, meter)
    ends = np.flatnonzero(ids == BAR_ID)
    lengths = np.diff(np.append(-1, ends)) - 1
    for bar in np.flatnonzero(lengths != per_bar):
        raise DrumtokError(
            f"bar {bar + 1} has {lengths[bar]} words, but {meter[0]}/{meter[1]} at {grid} steps per beat has {per_bar}"
        )
    if ids.size != ends.size * (per_bar + 1):
        raise DrumtokError(
            f"{ids.size - ends.size * (per_bar + 1)} words stand after the last {BAR}: it must close the last bar"
        )
    return Pattern(ids_to_hits(ids[ids != BAR_ID]), grid=grid, meter=meter, tempo=tempo)


def to_words(pattern: Pattern) -> list[str]:
    """The words of a pattern.

    >>> to_words(Pattern.from_grid("kick |x---x---x---x---|"))[:2]
    ['0b100000000', '0b000000000']
    """
    return [VOCABULARY[i] for i in to_ids(pattern)]


def from_words(
    words: str | Iterable[str], grid: int = DEFAULT_GRID, meter: Meter = DEFAULT_METER, tempo: float = DEFAULT_TEMPO
) -> Pattern:
    """The inverse of `to_words`; a text is parted at white space.

    Raises:
        DrumtokError: a word is none (the message gives its number), or the bars do not fit grid and meter.
    """
    if isinstance(words, str):
        words = words.split()
    return from_ids(word_ids(words), grid, meter, tempo)


def word_ids(words: Iterable[str], first: int = 1) -> NDArray[np.uint16]:
    """The id of each word; `first` is the number that an error gives to the first one.

    Raises:
        DrumtokError: a word is none.
    """
    ids = []
    for number, word in enumerate(words, first):
        if word not in _IDS:
            raise DrumtokError(
                f"word {number}, {word!r}, is no word: allowed are 0b with {N_DRUMS} binary digits, and {BAR}"
            )
        ids.append(_IDS[word])
    return np.array(ids, dtype=np.uint16)
