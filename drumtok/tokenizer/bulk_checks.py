"""Plain files among many that must be read alone, because each note of one depends on its others."""

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.bulk_reader import Scan
from drumtok.midi.events import DRUM_CHANNEL
from drumtok.midi.hats import OTHER_NOTES, is_stroke, open_by_pedal
from drumtok.midi.map_guess import doubtful, may_suggest
from drumtok.midi.map_hints import suggestion


def pedalled(found: Scan, drum: NDArray[np.int8], begin: NDArray[np.int64]) -> list[int]:
    """Return the indices of the files whose hi-hats are closed and open by a pedal (`drumtok.midi.hats`)."""
    stroke = is_stroke(found.pitch, drum)
    highest = np.maximum.reduceat(np.where(stroke, found.pitch, 0), begin)
    lowest = np.minimum.reduceat(np.where(stroke, found.pitch, 255), begin)
    other = np.isin(highest, OTHER_NOTES)
    has_pedal = (found.pedal_counts > 0) | np.array([bool(file.marks.pedals) for file in found.files])
    found_alone = []
    for index in np.flatnonzero((highest == lowest) & ~other & has_pedal).tolist():
        own, pedals = slice(begin[index], begin[index] + found.counts[index]), found.pedals_of(index)
        pedals = pedals[pedals[:, 1] == DRUM_CHANNEL]
        if open_by_pedal(found.time[own], found.pitch[own], drum[own], pedals[:, 0], pedals[:, 2]):
            found_alone.append(index)
    return found_alone


def of_another_map(found: Scan, drum: NDArray[np.int8], begin: NDArray[np.int64], map_name: str) -> list[int]:
    """Return the indices of the files that another note map may fit: reading them alone reports it."""
    doubted = np.flatnonzero(doubtful(drum, begin, found.counts))
    if not len(doubted):
        return []
    notes = found.counts[doubted]
    own = np.repeat(begin[doubted] - np.cumsum(notes) + notes, notes) + np.arange(notes.sum())
    beat = np.repeat([found.files[index].ticks_per_beat for index in doubted.tolist()], notes)
    file = np.repeat(np.arange(len(doubted)), notes)
    unlikely = []
    for index in doubted[may_suggest(found.time[own], found.pitch[own], beat, file, map_name)].tolist():
        notes_of = slice(begin[index], begin[index] + found.counts[index])
        if suggestion(found.time[notes_of], found.pitch[notes_of], found.files[index].ticks_per_beat, map_name):
            unlikely.append(index)
    return unlikely
