"""Guess the note map of a file: the one that reads the likeliest groove from its notes (`map_likelihood`)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.map_likelihood import count_places, fit, weights_of
from drumtok.midi.note_maps import load_note_map, note_map_names


@dataclass(frozen=True)
class MapGuess:
    """How well a note map fits a file.

    Attributes:
        name: of the map.
        explained, likelihood: as in `drumtok.midi.map_likelihood.Fit`.
    """

    name: str
    explained: float
    likelihood: float


def rank_maps(
    time: NDArray[np.int64], pitch: NDArray[np.uint8], ticks_per_beat: int, also: tuple[str, ...] = ()
) -> list[MapGuess]:
    """Rank the note maps by the likelihood of the groove that each reads from the notes, the likeliest first.

    Args:
        time: (notes,) in ticks.
        pitch: (notes,) at least one.
        also: additional map files to rank.
    """
    names = (*note_map_names(), *also)
    counts = count_places(time, pitch, ticks_per_beat, np.zeros(len(pitch), dtype=np.int64), 1)
    fits = fit(counts, weights_of(*map(load_note_map, names)))
    guesses = [
        MapGuess(*row) for row in zip(names, fits.explained[0].tolist(), fits.likelihood[0].tolist(), strict=True)
    ]
    return [guesses[index] for index in by_likelihood(fits.likelihood[0])]


def by_likelihood(likelihood: NDArray[np.float64]) -> list[int]:
    """Return the indices of maps, the likeliest first; equals stay in their order.

    >>> by_likelihood(np.array([-2.0, -1.0, -2.0]))
    [1, 0, 2]
    """
    order: list[int] = np.argsort(-likelihood.round(6), kind="stable").tolist()
    return order
