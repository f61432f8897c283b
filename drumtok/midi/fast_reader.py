"""The readers of one MIDI file: the fast one for plain files, the tolerant one for all others."""

import numpy as np

from drumtok.midi.events import Events, Marks, by_time, pedal_table, tempo_table
from drumtok.midi.plain_notes import decode
from drumtok.midi.plain_tracks import plain_tracks
from drumtok.midi.tolerant_reader import parse_events


def read_events(data: bytes, tempo: float | None = None) -> Events:
    """Read the events of a MIDI file, with the fast reader if possible, else with the tolerant one.

    Args:
        tempo: beats per minute, for a file without a tempo or one that counts parts of a second instead of beats.

    Raises:
        DrumtokError: as in `drumtok.midi.tolerant_reader.parse_events`.
    """
    return fast_events(data, tempo) or parse_events(data, tempo)


def fast_events(data: bytes, tempo: float | None = None) -> Events | None:
    """Read the events of a plain file; return None for any other (`drumtok.midi.plain_tracks`)."""
    marks = Marks()
    tracks = plain_tracks(data, marks)
    if not tracks:
        return None
    wrong, notes = decode(tracks)
    if notes is None or len(wrong):
        return None
    return Events(
        data[12] << 8 | data[13],
        notes.time,
        notes.pitch,
        notes.velocity,
        notes.channel,
        np.repeat(np.arange(len(tracks), dtype=np.int32), notes.counts),
        tempo_table(marks.tempos, tempo),
        by_time(marks.meters, 3),
        tuple(marks.names),
        frozenset(marks.programs),
        pedal_table(marks.pedals, *map(notes.events.pedals, range(len(tracks)))),
        marks.rhythm_parts,
        int(notes.ends.max()),
        (),
    )
