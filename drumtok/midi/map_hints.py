"""Suggest a note map for a file that the map in use does not fit."""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX
from drumtok.midi.map_guess import KIND_OF_DRUM, MARGIN, MapGuess, doubtful, percussion_likelihood, rank_maps
from drumtok.midi.note_maps import note_map, note_map_names

FEWEST = 16  # notes that can be called an unlikely groove
FITTING = 0.9  # the fraction of notes that a map must explain to be suggested
OCTAVES = (-24, -12, 12, 24)  # notes by which a kit may lie higher than the map


def suggestion(time: NDArray[np.int64], pitch: NDArray[np.uint8], ticks_per_beat: int, map_name: str) -> str:
    """Suggest a note map for a file whose notes are mostly outside the kit, or make an unlikely groove.

    Args:
        time, pitch, ticks_per_beat: as in `rank_maps`.
        map_name: the map that the file is read with.
    """
    if not doubtful(note_map(map_name)[pitch], np.zeros(1, dtype=np.int64), np.array([len(pitch)]))[0]:
        return ""
    ranked = rank_maps(time, pitch, ticks_per_beat, () if map_name in note_map_names() else (map_name,))
    used = next(guess for guess in ranked if guess.name == map_name)
    outside = used.explained < 0.5
    least = -np.inf if outside else used.likelihood + MARGIN  # the likelihood above which another map is suggested
    least = max(least, percussion_likelihood(time, pitch, ticks_per_beat, map_name) + MARGIN)
    likelier = (guess for guess in ranked if guess.likelihood > least and guess.name != map_name)
    better = next((guess for guess in likelier if guess.explained >= FITTING and _is_kit(guess, pitch)), None)
    if better and (outside or len(pitch) >= FEWEST):
        start = f"{1 - used.explained:.0%} of the notes are outside the kit" if outside else "the groove is unlikely"
        return f"{start}: note map {better.name} fits"
    return _outside_suggestion(pitch, map_name) if outside else ""


def _is_kit(guess: MapGuess, pitch: NDArray[np.uint8]) -> bool:
    """Check whether notes are a kick, a snare and a timekeeper by a map: percussion fits some map or other."""
    return len(np.intersect1d(KIND_OF_DRUM[note_map(guess.name)[pitch]], (0, 1, 2))) == 3


def _outside_suggestion(pitch: NDArray[np.uint8], map_name: str) -> str:
    """Suggest notes for a map file of one's own where no map fits."""
    drum_of = note_map(map_name)
    start = f"{np.mean(drum_of[pitch] < 0):.0%} of the notes are outside the kit"
    kick = LANE_INDEX["kick"]
    moved = {move: drum_of[np.clip(pitch.astype(int) - move, 0, 127)] for move in OCTAVES}
    moves = [move for move, drum in moved.items() if (drum == kick).any() and (drum >= 0).mean() >= FITTING]
    notes, counts = np.unique(pitch, return_counts=True)
    if moves:
        drums = drum_of[np.clip(notes.astype(int) - moves[0], 0, 127)]
        rows = "; ".join(f'{n} = "{DRUMS[d].lane}"' for n, d in zip(notes.tolist(), drums, strict=True) if d >= 0)
        return f"{start}: they fit {abs(moves[0])} notes {'lower' if moves[0] > 0 else 'higher'}, [notes] {rows}"
    others = [i for i in np.argsort(-counts, kind="stable") if drum_of[notes[i]] < 0]
    most = ", ".join(f"{notes[i]} ({counts[i]})" for i in others[:6])
    return f"{start}: a note map file can assign them, most often {most}"
