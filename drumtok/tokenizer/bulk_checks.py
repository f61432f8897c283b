"""Find plain files that need a closer look: by names of drums, pedals of hi-hats, or other note maps."""

from collections.abc import Sequence

import numpy as np

from drumtok.midi.bulk_reader import Scan
from drumtok.midi.drum_names import drum_from_name
from drumtok.midi.events import DRUM_CHANNEL
from drumtok.midi.hats import FEWEST_STROKES, OTHER_NOTES, is_stroke, open_by_pedal
from drumtok.midi.map_hints import doubtful, suggestions
from drumtok.midi.note_maps import load_note_map, note_map
from drumtok.midi.track_names import NameKind, name_kind


def named_drums(found: Scan, names: Sequence[str]) -> list[int]:
    """Return the indices of the files of one note whose name, or that of a track, may be that of a drum.

    Args:
        names: those of the files.
    """
    one_note = np.flatnonzero(found.histogram.max(axis=1) == found.counts).tolist()
    return [
        index
        for index in one_note
        if drum_from_name(names[index]) or NameKind.DRUM in map(name_kind, filter(None, found.files[index].marks.names))
    ]


def pedalled(found: Scan, map_name: str) -> list[int]:
    """Return the indices of the files whose hi-hats are closed and open by a pedal (`drumtok.midi.hats`)."""
    drum_of, rules = note_map(map_name), load_note_map(map_name).hats
    strokes = is_stroke(np.arange(len(drum_of), dtype=np.uint8), drum_of)
    counts = found.histogram[:, strokes]
    most = counts.max(axis=1, initial=0)
    alone = (most >= FEWEST_STROKES) & (most == counts.sum(axis=1))  # all strokes are on one note
    edges = [note for note in OTHER_NOTES if strokes[note]]
    alone &= ~found.histogram[:, edges].any(axis=1)  # which `open_by_pedal` would find too, one by one
    found_alone = []
    for index in np.flatnonzero(alone).tolist():
        own, pedals = found.notes_of(index), found.pedals_of(index)
        pedals = pedals[pedals[:, 1] == DRUM_CHANNEL]
        pitch = found.pitch[own]
        if open_by_pedal(found.time[own], pitch, drum_of[pitch], pedals[:, 0], pedals[:, 2], rules):
            found_alone.append(index)
    return found_alone


def of_another_map(found: Scan, map_name: str) -> dict[int, str]:
    """Return index -> suggestion of the files that another note map may fit (`drumtok.midi.map_hints`)."""
    is_doubted = doubtful(found.histogram, map_name)
    doubted = np.flatnonzero(is_doubted).tolist()
    if not doubted:
        return {}
    own, notes = np.repeat(is_doubted, found.counts), found.counts[doubted]
    beat = np.repeat([found.files[index].ticks_per_beat for index in doubted], notes)
    made = suggestions(found.time[own], found.pitch[own], beat, np.repeat(np.arange(len(notes)), notes), map_name)
    return {index: text for index, text in zip(doubted, made, strict=True) if text}
