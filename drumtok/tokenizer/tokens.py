"""`Pattern` <-> words <-> ids: the vocabulary and the bar grammar.

A hit word is `0b` and nine binary digits, one per drum; `BAR` follows the last step of every bar.
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
START_ID = N_HIT_WORDS + 1  # input of the model before the first word of a song; never generated
BAR = "BAR"
VOCABULARY = (*(f"0b{i:0{N_DRUMS}b}" for i in range(N_HIT_WORDS)), BAR)  # id -> word

_WEIGHTS = 2 ** np.arange(N_DRUMS - 1, -1, -1)
_IDS = {word: i for i, word in enumerate(VOCABULARY)}
HITS_OF_ID = np.append([word.count("1") for word in VOCABULARY[:-1]], 0)  # (513,) id -> the number of drums it hits


def hits_to_ids(hits: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Encode hits as ids of hit words: (..., 9) -> (...)."""
    return (hits @ _WEIGHTS).astype(np.uint16)


def ids_to_hits(ids: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Decode ids of hit words: (...) -> (..., 9), the inverse of `hits_to_ids`."""
    return (ids[..., None] & _WEIGHTS).astype(bool)


def hits_per_quarter(ids: NDArray[np.integer], grid: int) -> float | None:
    """Return the mean number of hits of all drums per quarter note, or None without steps.

    >>> hits_per_quarter(np.array([0b101000000, 0, 1, 0, BAR_ID]), 4)
    3.0
    """
    steps = np.count_nonzero(ids != BAR_ID)
    return float(grid * HITS_OF_ID[ids].sum() / steps) if steps else None


def to_ids(pattern: Pattern) -> NDArray[np.uint16]:
    """Encode a pattern as ids, with `BAR` after every bar: shape (bars * (steps per bar + 1),).

    >>> to_ids(Pattern.from_grid("kick |x---x---x---x---|"))[:5].tolist()
    [256, 0, 0, 0, 256]
    """
    bars = hits_to_ids(pattern.hits).reshape(pattern.bars, pattern.steps_per_bar)
    return np.pad(bars, ((0, 0), (0, 1)), constant_values=BAR_ID).ravel()


def from_ids(
    ids: NDArray[np.integer], grid: int = DEFAULT_GRID, meter: Meter = DEFAULT_METER, tempo: float = DEFAULT_TEMPO
) -> Pattern:
    """Decode ids to a pattern: the inverse of `to_ids`.

    Raises:
        DrumtokError: an id is out of range, a bar does not fill the meter, or the last `BAR` is missing.
    """
    ids = np.asarray(ids)
    if ids.size and (ids.min() < 0 or ids.max() > BAR_ID):
        wrong = int(ids.max() if ids.max() > BAR_ID else ids.min())
        raise DrumtokError(f"id must be between 0 and {BAR_ID}, got {wrong}")
    per_bar = steps_per_bar(grid, meter)
    ends = np.flatnonzero(ids == BAR_ID)
    lengths = np.diff(np.append(-1, ends)) - 1
    for bar in np.flatnonzero(lengths != per_bar):
        raise DrumtokError(
            f"bar {bar + 1} must have {per_bar} words in {meter[0]}/{meter[1]} on grid {grid}, got {lengths[bar]}"
        )
    if ids.size != ends.size * (per_bar + 1):
        raise DrumtokError(f"the last word must be {BAR}, got {ids.size - ends.size * (per_bar + 1)} words after it")
    return Pattern(ids_to_hits(ids[ids != BAR_ID]), grid=grid, meter=meter, tempo=tempo)


def to_words(pattern: Pattern) -> list[str]:
    """Encode a pattern as words.

    Examples:
        >>> to_words(Pattern.from_grid("kick |x---x---x---x---|"))[:2]
        ['0b100000000', '0b000000000']
    """
    return [VOCABULARY[i] for i in to_ids(pattern)]


def from_words(
    words: str | Iterable[str], grid: int = DEFAULT_GRID, meter: Meter = DEFAULT_METER, tempo: float = DEFAULT_TEMPO
) -> Pattern:
    """Decode words to a pattern: the inverse of `to_words`; a text is split at white space.

    Raises:
        DrumtokError: a word is unknown (the message gives its number), or the bars do not fit grid and meter.
    """
    if isinstance(words, str):
        words = words.split()
    return from_ids(word_ids(words), grid, meter, tempo)


def word_ids(words: Iterable[str], first: int = 1) -> NDArray[np.uint16]:
    """Return the id of each word, shape (words,).

    Args:
        first: the number of the first word, for errors.

    Raises:
        DrumtokError: a word is unknown.
    """
    ids = []
    for number, word in enumerate(words, first):
        if word not in _IDS:
            raise DrumtokError(f"word {number} must be 0b with {N_DRUMS} binary digits, or {BAR}, got {word!r}")
        ids.append(_IDS[word])
    return np.array(ids, dtype=np.uint16)
