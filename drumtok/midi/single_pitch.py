"""Recognise tracks and files that contain one drum on any pitch, and describe what their names change."""

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX
from drumtok.midi.drum_names import OTHER, drums_in_name

FAMILIES = (("closed", "open"), ("floor", "low", "high"), ("ride", "crash"))  # drums that one name may stand for
CYMBALS = frozenset(("closed", "open", "ride", "crash"))
PERCUSSION = (27, 87)  # the notes of percussion in General MIDI 2
LISTED = 4  # notes that a remark lists


def is_chordal(time: NDArray[np.int64]) -> bool:
    """Check whether most notes begin together with at least two others, as in chords."""
    _, counts = np.unique(time, return_counts=True)
    return bool(counts[counts >= 3].sum() > len(time) / 2)


def is_one_drum(pitch: NDArray[np.uint8], drum_of: NDArray[np.int8]) -> bool:
    """Check whether notes can be those of one drum: of one pitch, or mostly outside the kit."""
    return bool((pitch == pitch[0]).all() or (drum_of[pitch] >= 0).mean() < 0.5)


def of_family(name: str, pitch: NDArray[np.uint8], drum_of: NDArray[np.int8]) -> bool:
    """Check whether at least half of the notes are the drum of a name, or of its family (hi-hats, toms).

    A name without a drum counts as cymbals.
    """
    lanes, drum = drums_in_name(name) or CYMBALS, drum_of[pitch]
    if OTHER in lanes:
        return bool(((drum < 0) & (PERCUSSION[0] <= pitch) & (pitch <= PERCUSSION[1])).mean() >= 0.5)
    for family in FAMILIES:
        lanes |= frozenset(family) if not lanes.isdisjoint(family) else frozenset()
    return bool(np.isin(drum, [LANE_INDEX[lane] for lane in lanes]).mean() >= 0.5)


def name_remark(
    lanes: frozenset[str], pitch: NDArray[np.uint8], drum_of: NDArray[np.int8], who: str, ignored: bool = False
) -> tuple[str, ...]:
    """Describe how the drum of a name changes the reading; empty if the notes are that drum anyway.

    Args:
        lanes: the lane of the name, or `OTHER`.
        who: a description of what has the name.
        ignored: whether the name is ignored, because General MIDI defines the notes.
    """
    notes = np.unique(pitch)
    (lane,) = lanes
    drum = LANE_INDEX.get(lane, -1)
    if (drum_of[notes] == drum).all():
        return ()
    listed = ", ".join(map(str, notes[:LISTED].tolist())) + (" ..." if len(notes) > LISTED else "")
    if ignored:
        return (f"note {listed} on channel 10 stays what General MIDI defines, whatever {who} is",)
    if lane == OTHER:
        return (f"note {listed} is outside the kit by {who}",)
    return (f"note {listed} is read as {DRUMS[drum].note} ({DRUMS[drum].name}) by {who}",)
