"""Note maps on output: the note that each drum is written as, by a map of drumtok's own or a user's TOML file.

A file of one's own is the same that notes are read by: `base`, the map that it adds to, and `[notes]`, note = lane, or
"none" for a note that is no drum.

    base = "gm"
    [notes]
    44 = "kick"
    48 = "snare"
"""

from drumtok.drums import DRUMS, LANE_INDEX, listed_notes, note_map
from drumtok.errors import DrumtokError


def written_notes(name: str = "gm") -> tuple[int, ...]:
    """The note that each drum is written as, in the order of `DRUMS`.

    It is the first note that the map itself lists for the drum, else the kit's own, else another that the drum is
    read from: always one that the same map reads as that drum.

    Args:
        name: one of `drumtok.drums.NOTE_MAPS`, or the path of a file that ends in `.toml`.

    Raises:
        DrumtokError: there is no such map, the file is wrong, or it leaves a drum without a note.

    >>> written_notes("gm")
    (36, 38, 42, 46, 41, 45, 48, 51, 49)
    """
    listed, drum_of = listed_notes(name), note_map(name)
    found, without = [], []
    for drum in DRUMS:
        candidates = (*(note for note, lane in listed.items() if lane == drum.lane), drum.note, *drum.notes)
        own = [note for note in candidates if drum_of[note] == LANE_INDEX[drum.lane]]
        found += own[:1]
        without += [drum.lane] * (not own)
    if without:
        raise DrumtokError(f"note map {name!r} leaves no note to write {', '.join(without)} as: list one for each")
    return tuple(found)
