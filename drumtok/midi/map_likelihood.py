"""The likelihood of the grooves that note maps read from files.

Most maps read most notes as some drum, so the fraction of notes that a map explains decides little: in General MIDI,
the closed hi-hat of Addictive Drums is a crash on every eighth. The likelihood of a drum at its position in the bar
decides more.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANES
from drumtok.midi.note_maps import GM, NoteMap, load_note_map

KINDS = ("kick", "snare", "timekeeper", "tom", "crash", "outside")
# percussion of General MIDI that may keep time next to a kit: tambourine, cowbell, cabasa, maracas, shaker
SHAKEN = (54, 56, 69, 70, 82)
# lane -> its kind, and the fraction of the notes of that kind that it has
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
# `datasets/starter/`) and the played beats of the Groove MIDI Dataset. The last column is for notes outside the kit,
# since no map reads every note.
PLACES = {
    "one": (0.45, 0.06, 0.38, 0.03, 0.07, 0.01),
    "backbeat": (0.12, 0.40, 0.42, 0.04, 0.01, 0.01),
    "three": (0.30, 0.16, 0.46, 0.05, 0.02, 0.01),
    "eighth": (0.17, 0.14, 0.60, 0.06, 0.02, 0.01),
    "sixteenth": (0.12, 0.27, 0.50, 0.09, 0.01, 0.01),
}
LOG_PLACES = np.log(list(PLACES.values()))
# by drum; the last row is for notes outside the kit, -1
KIND_OF_DRUM = np.array([*(KINDS.index(LANE_KINDS[lane][0]) for lane in LANES), KINDS.index("outside")])
LOG_PART = np.log([*(LANE_KINDS[lane][1] for lane in LANES), 1.0])
PLACE_OF_STEP = np.array([0, 4, 3, 4, 1, 4, 3, 4, 2, 4, 3, 4, 1, 4, 3, 4])  # steps are sixteenths
WRITTEN = 0.5  # the fraction of a drum's hits that use the note that a map writes; the other notes share the rest
CHOICE = 2.0  # weight of the choice of a note for a drum, above 1 because a player repeats the same choice
ABSENT = 0.4  # penalty in nats per note for a groove without kick, without snare, or without timekeeper
GM_PRIOR = 0.5  # prior in nats per note of General MIDI over a map that changes its notes,
GM_AND_MORE = 0.05  # and over one that only adds notes


class Weights(NamedTuple):
    """The terms of the likelihood of a groove, one row for each map.

    Attributes:
        places: (maps, places * 128) the log-probability of a note at a position of the bar, in nats.
        choice: (maps, 128) the log-probability of choosing a note for its drum, in nats.
        core: (maps, 3, 128) whether a note is a kick, a snare or a timekeeper.
        inside: (maps, 128) whether it is in the kit.
        prior: (maps,) how much less likely than General MIDI the map is, in nats per note.
    """

    places: NDArray[np.float64]
    choice: NDArray[np.float64]
    core: NDArray[np.float64]
    inside: NDArray[np.float64]
    prior: NDArray[np.float64]


class Fit(NamedTuple):
    """How well maps fit files, (files, maps) each.

    Attributes:
        explained: the fraction of notes that a map reads as drums.
        likelihood: the log-likelihood of the groove that it reads, in nats per note with prior; 0 is the maximum.
        is_kit: whether the map reads a kick, a snare and a timekeeper.
    """

    explained: NDArray[np.float64]
    likelihood: NDArray[np.float64]
    is_kit: NDArray[np.bool_]


@lru_cache(maxsize=16)
def weights_of(*maps: NoteMap) -> Weights:
    """Return the weights of note maps."""
    drum = np.array([one.drum_of for one in maps])  # (maps, 128)
    kind = KIND_OF_DRUM[drum]
    return Weights(
        (LOG_PLACES[:, kind] + LOG_PART[drum]).transpose(1, 0, 2).reshape(len(maps), -1),
        np.array([_log_choice(one) for one in maps]),
        (kind[:, None] == np.arange(3)[:, None]).astype(np.float64),
        (drum >= 0).astype(np.float64),
        np.array([_prior(one) for one in maps]),
    )


@lru_cache(maxsize=16)
def weights_and_percussion(*maps: NoteMap) -> Weights:
    """Return the weights of note maps, and those of the last map with percussion of General MIDI as timekeeper."""
    weights, last = weights_of(*maps), maps[-1]
    more = Weights(*(array.copy() for array in weights_of(last)))
    shaken = [note for note in SHAKEN if last.drum_of[note] < 0]
    more.places.reshape(len(PLACES), 128)[:, shaken] = LOG_PLACES[:, [KINDS.index("timekeeper")]]
    more.choice[0, shaken] = -np.log(len(SHAKEN))
    more.core[0, KINDS.index("timekeeper"), shaken] = 1
    return Weights(*(np.concatenate(pair) for pair in zip(weights, more, strict=True)))


def count_places(
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


def fit(counts: NDArray[np.float64], weights: Weights) -> Fit:
    """Return how well maps fit files.

    Args:
        counts: the result of `count_places`.
        weights: those of the maps.
    """
    of_note = counts.reshape(len(counts), len(PLACES), 128).sum(axis=1)  # (files, 128)
    notes, used = of_note.sum(axis=1, keepdims=True), (of_note > 0).astype(np.float64)
    likelihood = counts @ weights.places.T + CHOICE * used @ weights.choice.T
    has = used @ weights.core.reshape(-1, 128).T > 0
    absent = 3 - np.count_nonzero(has.reshape(len(counts), -1, 3), axis=2)
    return Fit(of_note @ weights.inside.T / notes, likelihood / notes - ABSENT * absent - weights.prior, absent == 0)


def _prior(one: NoteMap) -> float:
    """Return the log-prior of a map relative to General MIDI, in nats per note."""
    general = load_note_map(GM).drum_of
    other = (general >= 0) & (one.drum_of != general)
    return GM_PRIOR if other.any() else GM_AND_MORE * (one.name != GM)


def _log_choice(one: NoteMap) -> NDArray[np.float64]:
    """Return (128,) the log-probability of each note among those of its drum, or those outside the kit."""
    others = np.array([(one.drum_of == index).sum() - 1 for index in range(len(DRUMS))] + [(one.drum_of < 0).sum()])
    chances = (1 - WRITTEN) / np.maximum(others, 1)
    choice = chances[one.drum_of]
    for index, note in enumerate(one.written):
        if note is not None:
            choice[note] = WRITTEN if others[index] else 1
    return np.log(choice)
