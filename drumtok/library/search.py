"""Find the songs of a library that are nearest to a pattern by rhythm."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.library.bar_codes import distances, encode_bars
from drumtok.library.config import FindConfig
from drumtok.library.index import Library
from drumtok.library.reading import bars_of
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import find_style


@dataclass(frozen=True)
class Match:
    """A song of a library.

    Attributes:
        distance: weighted number of hits that only one of the two has, a mean over the bars of the pattern; 0 if they
            are equal.
        name: of the song.
        file: the path of its file.
        bar: the bar of the song that matches the first of the pattern, from 1.
        bars, meter, tempo, style: of the song; style is empty where none is known.
    """

    distance: float
    name: str
    file: str
    bar: int
    bars: int
    meter: str
    tempo: float
    style: str


def nearest(library: Library, pattern: Pattern, config: FindConfig, leave_out: str = "") -> list[Match]:
    """Return the nearest songs, the nearest first, by exact search.

    A song is compared with the pattern from each of its bars on; after its last bar it continues with its first, as a
    loop does. Songs are compared where their bars have as many sixteenths as those of the pattern.

    Args:
        leave_out: the path of a file whose songs are not compared, such as that of the pattern.

    Raises:
        DrumtokError: the pattern has no hits, or the style is unknown.
    """
    if not pattern.hits.any():
        raise DrumtokError("pattern must have hits, got none")
    bars = bars_of(pattern)
    songs = _chosen(library, bars.shape[1], config, leave_out)
    if not len(songs):
        return []
    starts, lengths = library.starts[songs], library.bars[songs]
    first = np.append(0, np.cumsum(lengths)[:-1])
    bar = library.bar[_places(starts, lengths)]
    codes = library.codes[bars.shape[1]]
    near = np.array([distances(code, codes) for code in encode_bars(bars)])  # (bars of the pattern, codes)
    sums = _sums(near, bar, first, lengths)
    least = np.minimum.reduceat(sums, first)
    best = np.argsort(least, kind="stable")[: config.count]
    found = []
    for place in best.tolist():
        own = sums[first[place] : first[place] + lengths[place]]
        found.append(_match(library, int(songs[place]), int(own.argmin()) + 1, float(own.min()) / len(bars)))
    return found


def _chosen(library: Library, steps: int, config: FindConfig, leave_out: str) -> NDArray[np.intp]:
    """Return the songs that are compared."""
    chosen = library.steps == steps
    if config.style is not None:
        style = find_style(config.style)
        chosen &= np.array([own == style for own in library.style], dtype=bool)
    if config.tempo is not None:
        chosen &= np.abs(library.tempo - config.tempo) <= config.tempo * config.tempo_range / 100 + 1e-3
    if leave_out in library.files:
        chosen &= library.song_file != library.files.index(leave_out)
    return np.flatnonzero(chosen)


def _places(starts: NDArray[np.int64], lengths: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the places of all bars of songs.

    >>> _places(np.array([0, 7]), np.array([2, 3])).tolist()
    [0, 1, 7, 8, 9]
    """
    before = np.append(0, np.cumsum(lengths)[:-1])
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def _sums(
    near: NDArray[np.uint16], bar: NDArray[np.int32], first: NDArray[np.int64], lengths: NDArray[np.int32]
) -> NDArray[np.uint32]:
    """Return the distance of the pattern to each song from each of its bars on, (all bars,).

    Args:
        near: (bars of the pattern, codes).
        bar: (all bars,) the code of each.
        first, lengths: the place of each song's first bar, and its number of bars.
    """
    following = np.arange(1, len(bar) + 1)
    following[first + lengths - 1] = first
    sums = near[0][bar].astype(np.uint32)
    place = following
    for row in near[1:]:
        sums += row[bar[place]]
        place = following[place]
    return sums


def _match(library: Library, song: int, bar: int, distance: float) -> Match:
    return Match(
        distance=distance,
        name=library.name[song],
        file=library.files[library.song_file[song]],
        bar=bar,
        bars=int(library.bars[song]),
        meter="{}/{}".format(*library.meter[song].tolist()),
        tempo=round(float(library.tempo[song]), 3),
        style=library.style[song],
    )
