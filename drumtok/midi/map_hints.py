"""Suggest a note map for files that do not fit the current map."""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX
from drumtok.midi.map_guess import by_likelihood
from drumtok.midi.map_likelihood import KINDS, Fit, count_places, fit, weights_and_percussion, weights_of
from drumtok.midi.note_maps import GM, load_note_map, note_map, note_map_names

DOUBTFUL = 0.7  # a file is doubtful if a smaller fraction of its notes are kick, snare or timekeeper
MARGIN = 0.8  # nats per note by which another map must be likelier to be suggested
FEWEST = 16  # least number of notes that can be judged as an unlikely groove
OUTSIDE = 0.5  # a file is outside the kit if a smaller fraction of its notes are in it
FITTING = 0.9  # the fraction of notes that a map must explain to be suggested
# Percussion of General MIDI outside the kit; a file of one such instrument is not a kit on other notes.
PERCUSSION = {
    "a tambourine": (54,),
    "a cowbell": (56,),
    "a vibraslap": (58,),
    "bongos": (60, 61),
    "congas": (62, 63, 64),
    "timbales": (65, 66),
    "agogo bells": (67, 68),
    "a cabasa": (69,),
    "maracas": (70,),
    "whistles": (71, 72),
    "a guiro": (73, 74),
    "claves": (75,),
    "wood blocks": (76, 77),
    "a cuica": (78, 79),
    "a triangle": (80, 81),
    "a shaker": (82,),
}
OCTAVES = (-24, -12, 12, 24)  # semitones by which a kit may be higher than the map


def doubtful(histogram: NDArray[np.int64], map_name: str) -> NDArray[np.bool_]:
    """Return (files,) whether another map may fit each file better; `suggestions` is empty for the others.

    A doubtful file lacks a kick, or has few notes of kick, snare or timekeeper, and is long enough to be a groove or
    mostly outside the kit.

    Args:
        histogram: (files, 128) the number of times each file has each note.
        map_name: the map that the files are read with.
    """
    weights = weights_of(load_note_map(map_name))
    core, notes = histogram @ weights.core[0].T, histogram.sum(axis=1)  # (files, 3), (files,)
    few: NDArray[np.bool_] = (core.sum(axis=1) < DOUBTFUL * notes) | (core[:, KINDS.index("kick")] == 0)
    return few & ((notes >= FEWEST) | (histogram @ weights.inside[0] < OUTSIDE * notes))


def suggestion(time: NDArray[np.int64], pitch: NDArray[np.uint8], ticks_per_beat: int, map_name: str) -> str:
    """Suggest a note map for a file whose notes are mostly outside the kit, or make an unlikely groove.

    Args:
        time, pitch: (notes,) at least one, times in ticks.
        map_name: the map that the file is read with.

    Returns:
        The suggestion in words, empty for none.
    """
    if not doubtful(np.bincount(pitch, minlength=128)[None], map_name)[0]:
        return ""
    beat, file = np.full(len(pitch), ticks_per_beat), np.zeros(len(pitch), dtype=np.int64)
    return suggestions(time, pitch, beat, file, map_name)[0]


def suggestions(
    time: NDArray[np.int64],
    pitch: NDArray[np.uint8],
    ticks_per_beat: NDArray[np.int64],
    file: NDArray[np.int64],
    map_name: str,
) -> list[str]:
    """Suggest a note map for each of many files that are doubtful.

    Args:
        time, pitch, ticks_per_beat, file: (notes,) of all files; `file` counts them from 0.
        map_name: as in `suggestion`.
    """
    names = [*(name for name in note_map_names() if name != map_name), map_name]
    counts = count_places(time, pitch, ticks_per_beat, file, int(file[-1]) + 1)
    fits = fit(counts, weights_and_percussion(*map(load_note_map, names)))
    used, beside_kit = fits.likelihood[:, -2], fits.likelihood[:, -1]
    explained, outside = fits.explained[:, -2], fits.explained[:, -2] < OUTSIDE
    least = np.maximum(np.where(outside, -np.inf, used), beside_kit) + MARGIN  # above it another map is suggested
    others = Fit(fits.explained[:, :-2], fits.likelihood[:, :-2], fits.is_kit[:, :-2])
    fitting = (others.likelihood > least[:, None]) & (others.explained >= FITTING) & others.is_kit
    fitting[~outside & (np.bincount(file) < FEWEST)] = False
    made = [""] * len(counts)
    for index in np.flatnonzero(outside | fitting.any(axis=1)).tolist():
        better = [names[own] for own in by_likelihood(others.likelihood[index]) if fitting[index, own]]
        missing = f"{1 - explained[index]:.0%} of the notes are outside the kit"
        start = missing if outside[index] else "the groove is unlikely"
        made[index] = f"{start}: {f'note map {better[0]} fits' if better else _own_map(pitch[file == index], map_name)}"
    return made


def _own_map(pitch: NDArray[np.uint8], map_name: str) -> str:
    """Suggest the notes of a new map file, if no map fits."""
    drum_of, kick = note_map(map_name), LANE_INDEX["kick"]
    moved = {move: drum_of[np.clip(pitch.astype(int) - move, 0, 127)] for move in OCTAVES}
    moves = [move for move, drum in moved.items() if (drum == kick).any() and (drum >= 0).mean() >= FITTING]
    notes, counts = np.unique(pitch, return_counts=True)
    held = set(notes.tolist())
    alone = [what for what, own in PERCUSSION.items() if map_name == GM and held.issubset(own)]
    if moves and not alone:
        drums = drum_of[np.clip(notes.astype(int) - moves[0], 0, 127)]
        rows = "; ".join(f'{n} = "{DRUMS[d].lane}"' for n, d in zip(notes.tolist(), drums, strict=True) if d >= 0)
        return f"they fit {abs(moves[0])} notes {'lower' if moves[0] > 0 else 'higher'}, [notes] {rows}"
    others = [i for i in np.argsort(-counts, kind="stable") if drum_of[notes[i]] < 0]
    most = ", ".join(f"{notes[i]} ({counts[i]})" for i in others[:6])
    them = f"by General MIDI they are {alone[0]}, which a note map file can assign" if alone else ""
    return f"{them or 'a note map file can assign them'}, most often {most}"
