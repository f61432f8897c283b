"""Guess the note map of a file from its pitches."""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX
from drumtok.midi.note_maps import NOTE_MAPS, note_map

FITTING = 0.9  # the fraction of notes that a map must explain to be suggested
OCTAVES = (-24, -12, 12, 24)  # notes by which a kit may lie higher than the map


def suggestion(pitch: NDArray[np.uint8], map_name: str) -> str:
    """Suggest a note map for a file whose notes are mostly outside the kit."""

    def inside(notes: NDArray, name: str = map_name) -> float:
        return float((note_map(name)[np.clip(notes, 0, 127)] >= 0).mean())

    if inside(pitch) >= 0.5:
        return ""
    start = f"{np.mean(note_map(map_name)[pitch] < 0):.0%} of the notes are outside the kit"
    known = [name for name in NOTE_MAPS if inside(pitch, name) >= FITTING]
    if known:
        return f"{start}: note map {known[0]} fits"
    kick = LANE_INDEX["kick"]
    kicks = [move for move in OCTAVES if (note_map(map_name)[np.clip(pitch.astype(int) - move, 0, 127)] == kick).any()]
    moves = [move for move in kicks if inside(pitch.astype(int) - move) >= FITTING]
    notes, counts = np.unique(pitch, return_counts=True)
    if moves:
        drums = note_map(map_name)[np.clip(notes.astype(int) - moves[0], 0, 127)]
        rows = "; ".join(f'{n} = "{DRUMS[d].lane}"' for n, d in zip(notes.tolist(), drums, strict=True) if d >= 0)
        return f"{start}: they fit {abs(moves[0])} notes {'lower' if moves[0] > 0 else 'higher'}, [notes] {rows}"
    others = [i for i in np.argsort(-counts, kind="stable") if note_map(map_name)[notes[i]] < 0]
    most = ", ".join(f"{notes[i]} ({counts[i]})" for i in others[:6])
    return f"{start}: a note map file can assign them, most often {most}"
