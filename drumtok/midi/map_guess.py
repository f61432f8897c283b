"""Guess the note map of a file: the one by which its notes make the likeliest groove.

Most maps read most notes as some drum, so what a map explains decides little: by General MIDI, the closed hi-hat of
Addictive Drums is a crash on every eighth. How likely a drum is at its place in the bar decides more.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX, LANES
from drumtok.midi.note_maps import GM, load_note_map, note_map, note_map_names

KINDS = ("kick", "snare", "timekeeper", "tom", "crash", "outside")
# General MIDI's percussion that keeps time beside a kit: tambourine, cowbell, cabasa, maracas, shaker
SHAKEN = (54, 56, 69, 70, 82)
# lane -> its kind, and which part of the notes of that kind are the lane's
LANE_KINDS = {
    "kick": ("kick", 1.0),
    "snare": ("snare", 1.0),
    "closed": ("timekeeper", 0.45),
    "open": ("timekeeper", 0.1),
    "floor": ("tom", 0.4),
    "low": ("tom", 0.3),
    "high": ("tom", 0.3),
    "ride": ("timekeeper", 0.45),
    "crash": ("crash", 1.0),
}
# Of the notes at a place of a 4/4 bar, the fraction of each kind: rounded from drumtok's starter grooves (in
# `datasets/starter/`) and the played beats of the Groove MIDI Dataset. No map reads every note, hence the last column.
PLACES = {
    "one": (0.45, 0.06, 0.38, 0.03, 0.07, 0.01),
    "backbeat": (0.12, 0.40, 0.42, 0.04, 0.01, 0.01),
    "three": (0.30, 0.16, 0.46, 0.05, 0.02, 0.01),
    "eighth": (0.17, 0.14, 0.60, 0.06, 0.02, 0.01),
    "sixteenth": (0.12, 0.27, 0.50, 0.09, 0.01, 0.01),
}
LOG_PLACES = np.log(list(PLACES.values()))
# by drum; the last is that of the notes outside the kit, -1
KIND_OF_DRUM = np.array([*(KINDS.index(LANE_KINDS[lane][0]) for lane in LANES), KINDS.index("outside")])
IS_CORE = np.isin(KIND_OF_DRUM, (0, 1, 2))
LOG_PART = np.log([*(LANE_KINDS[lane][1] for lane in LANES), 1.0])
PLACE_OF_STEP = np.array([0, 4, 3, 4, 1, 4, 3, 4, 2, 4, 3, 4, 1, 4, 3, 4])  # steps are sixteenths
WRITTEN = 0.5  # the fraction of a drum's notes that are the one that a map writes; the others share the rest
CHOICE = 2.0  # how often the choice of a note for a drum counts: once would be too little for a habit of the player
ABSENT = 0.4  # nats per note that a groove is less likely without kick, without snare, or without timekeeper
GM_PRIOR = 0.5  # nats per note by which General MIDI is likelier than a map that reads its notes otherwise,
GM_AND_MORE = 0.05  # and than one that only reads more notes, before anything is known
DOUBTFUL = 0.7  # a file is doubted if fewer of its notes are kick, snare or timekeeper
MARGIN = 0.8  # nats per note by which another map must be likelier to be suggested


@dataclass(frozen=True)
class MapGuess:
    """How well a note map fits a file.

    Attributes:
        name: of the map.
        explained: the fraction of notes that it reads as drums.
        likelihood: of the groove that it reads, in nats per note, prior included; 0 is the best possible.
    """

    name: str
    explained: float
    likelihood: float


def rank_maps(
    time: NDArray[np.int64], pitch: NDArray[np.uint8], ticks_per_beat: int, also: tuple[str, ...] = ()
) -> list[MapGuess]:
    """Rank the note maps by how likely the notes of a file are as a groove, the likeliest first.

    Args:
        time: (notes,) in ticks.
        pitch: (notes,) at least one.
        also: map files to rank too.
    """
    names = (*note_map_names(), *also)
    counts = _counts(time, pitch, ticks_per_beat, np.zeros(len(pitch), dtype=np.int64), 1)
    explained, likelihood = _fit(counts, _shipped_weights() if not also else _weights(names))
    guesses = [MapGuess(*row) for row in zip(names, explained[0].tolist(), likelihood[0].tolist(), strict=True)]
    return sorted(guesses, key=lambda guess: -round(guess.likelihood, 6))  # equals stay in the order of the names


class _Weights(NamedTuple):
    """What the likelihood of a groove is computed from, a row for each of some maps.

    Attributes:
        places: (maps, places * 128) of a note at a place of the bar, in nats.
        choice: (maps, 128) of choosing a note for its drum, in nats.
        core: (3, maps, 128) whether a note is a kick, a snare or a timekeeper.
        inside: (maps, 128) whether it is in the kit.
        prior: (maps,) how much less likely than General MIDI the map is, in nats per note.
    """

    places: NDArray[np.float64]
    choice: NDArray[np.float64]
    core: NDArray[np.float64]
    inside: NDArray[np.float64]
    prior: NDArray[np.float64]


def _weights(names: tuple[str, ...]) -> _Weights:
    drum = np.array([note_map(name) for name in names])  # (maps, 128)
    kind = KIND_OF_DRUM[drum]
    return _Weights(
        (LOG_PLACES[:, kind] + LOG_PART[drum]).transpose(1, 0, 2).reshape(len(names), -1),
        np.array([_log_choice(name) for name in names]),
        np.array([kind == core for core in range(3)], dtype=np.float64),
        (drum >= 0).astype(np.float64),
        np.array([_prior(name) for name in names]),
    )


@cache
def _shipped_weights() -> _Weights:
    return _weights(tuple(note_map_names()))


def _counts(
    time: NDArray[np.int64],
    pitch: NDArray[np.uint8],
    ticks_per_beat: int | NDArray[np.int64],
    file: NDArray[np.int64],
    files: int,
) -> NDArray[np.float64]:
    """Return how often each note is at each place of the bar, (files, places * 128); `file` is that of each note."""
    place = PLACE_OF_STEP[(time * 4 + ticks_per_beat // 2) // ticks_per_beat % 16]
    size = len(PLACES) * 128
    return np.bincount(file * size + place * 128 + pitch, minlength=files * size).reshape(files, size).astype(float)


def _fit(counts: NDArray[np.float64], weights: _Weights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how well maps fit files, `MapGuess.explained` and `MapGuess.likelihood`, (files, maps) each."""
    of_note = counts.reshape(len(counts), len(PLACES), 128).sum(axis=1)  # (files, 128)
    notes, used = of_note.sum(axis=1, keepdims=True), (of_note > 0).astype(np.float64)
    likelihood = counts @ weights.places.T + CHOICE * used @ weights.choice.T
    absent = sum(((used @ core.T) == 0).astype(np.float64) for core in weights.core)
    return of_note @ weights.inside.T / notes, likelihood / notes - ABSENT * absent - weights.prior


def percussion_likelihood(
    time: NDArray[np.int64], pitch: NDArray[np.uint8], ticks_per_beat: int, map_name: str
) -> float:
    """Return `MapGuess.likelihood` of a map beside whose kit the percussion of General MIDI keeps time, as hi-hats do.

    Args:
        time, pitch, ticks_per_beat: as in `rank_maps`.
        map_name: the map of the kit.
    """
    weights = _weights((map_name,))
    shaken = [note for note in SHAKEN if note_map(map_name)[note] < 0]
    weights.places.reshape(len(PLACES), 128)[:, shaken] = LOG_PLACES[:, [KINDS.index("timekeeper")]]
    weights.choice[0, shaken] = -np.log(len(SHAKEN))
    weights.core[KINDS.index("timekeeper"), 0, shaken] = 1
    counts = _counts(time, pitch, ticks_per_beat, np.zeros(len(pitch), dtype=np.int64), 1)
    return float(_fit(counts, weights)[1][0, 0])


def may_suggest(
    time: NDArray[np.int64],
    pitch: NDArray[np.uint8],
    ticks_per_beat: NDArray[np.int64],
    file: NDArray[np.int64],
    map_name: str,
) -> NDArray[np.bool_]:
    """Return (files,) whether `suggestion` may have one: another map is likelier, or most notes are outside the kit.

    Args:
        time, pitch, ticks_per_beat, file: (notes,) of all files; `file` counts them from 0.
        map_name: as in `suggestion`; a map file is not decided here.
    """
    files, names = int(file.max(initial=-1)) + 1, list(note_map_names())
    if map_name not in names:
        return np.ones(files, dtype=bool)
    explained, likelihood = _fit(_counts(time, pitch, ticks_per_beat, file, files), _shipped_weights())
    used = names.index(map_name)
    may: NDArray[np.bool_] = (explained[:, used] < 0.5) | (likelihood.max(axis=1) > likelihood[:, used] + MARGIN)
    return may


def _prior(name: str) -> float:
    """Return how much less likely than General MIDI a map is before anything is known, in nats per note."""
    general = note_map(GM)
    other = (general >= 0) & (note_map(name) != general)
    return GM_PRIOR if other.any() else GM_AND_MORE * (name != GM)


def _log_choice(name: str) -> NDArray[np.float64]:
    """Return (128,) how likely each note is among those of its drum, or those outside the kit, in nats."""
    one = load_note_map(name)
    others = np.array([(one.drum_of == index).sum() - 1 for index in range(len(DRUMS))] + [(one.drum_of < 0).sum()])
    chances = (1 - WRITTEN) / np.maximum(others, 1)
    choice = chances[one.drum_of]
    for index, note in enumerate(one.written):
        if note is not None:
            choice[note] = WRITTEN if others[index] else 1
    return np.log(choice)


def doubtful(drum: NDArray[np.int8], begin: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (files,) whether each lacks a kick, or has few notes of kick, snare or timekeeper: another map may fit it.

    Args:
        drum: (notes,) of all files, by the map that they are read with.
        begin, counts: (files,) the first note of each and how many it has, at least one.
    """
    core: NDArray[np.int64] = np.add.reduceat(IS_CORE[drum], begin, dtype=np.int64)
    kick: NDArray[np.int64] = np.add.reduceat(drum == LANE_INDEX["kick"], begin, dtype=np.int64)
    return (core < DOUBTFUL * counts) | (kick == 0)
