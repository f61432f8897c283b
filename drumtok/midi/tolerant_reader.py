"""The tolerant reader of MIDI files: parse the events one by one, and keep what is readable."""

from array import array

import numpy as np

from drumtok.midi.events import Events, Marks, by_time, pedal_table, tempo_table
from drumtok.midi.parser import Messages, OpenFile, next_pattern

FRAME_TICKS = 960  # ticks per quarter note given to a file that counts parts of a second


def parse_events(data: bytes, tempo: float | None = None) -> Events:
    """Read the events of a MIDI file, as far as it is readable.

    The tracks of a type 2 file are separate patterns: they are laid end to end, each starting on a bar line.

    Args:
        tempo: beats per minute, for a file that counts parts of a second instead of beats, or has no tempo.

    Raises:
        DrumtokError: the data are not a MIDI file, or count parts of a second and `tempo` is None.

    >>> parse_events(bytes.fromhex("4D546864000000060000000101E0 4D54726B00000004 00992464")).time.tolist()
    [0]
    """
    file, messages = OpenFile(data, counts_time=tempo is not None), Messages()
    marks = Marks(faults=file.faults)
    tracks, latest = array("i"), 0  # the track of each note; the latest end
    for number, track in enumerate(file.tracks()):
        if file.header.kind == 2 and number:
            track.tick = next_pattern(latest, file.header.division, marks)
        marks.start_track()
        track.parse(messages, marks.on_event)
        tracks.extend([number] * (len(messages.time) - len(tracks)))
        if track.ended or file.header.kind == 2:
            latest = max(latest, track.tick)
    return _assembled(file, messages, tracks, marks, latest, tempo)


def _assembled(
    file: OpenFile, messages: Messages, tracks: "array[int]", marks: Marks, end: int, tempo: float | None
) -> Events:
    packed = np.array(messages.packed, dtype=np.uint32)
    time = np.array(messages.time, dtype=np.int64)
    tempos, meters, pedals = marks.tempos, by_time(marks.meters, 3), pedal_table(marks.pedals)
    if not file.header.division and tempo is not None:
        per_tick = FRAME_TICKS * tempo / 60 / file.header.ticks_per_second
        time, end = np.rint(time * per_tick).astype(np.int64), round(end * per_tick)
        meters[:, 0] = np.rint(meters[:, 0] * per_tick)
        pedals[:, 0] = np.rint(pedals[:, 0] * per_tick)
        tempos = []  # the file's own tempi do not change the length of its ticks
    return Events(
        file.header.division or FRAME_TICKS,
        time,
        (packed >> 8 & 0x7F).astype(np.uint8),
        (packed & 0x7F).astype(np.uint8),
        (packed >> 16 & 0x0F).astype(np.uint8),
        np.array(tracks, dtype=np.int32),
        tempo_table(tempos, tempo),
        meters,
        tuple(marks.names),
        frozenset(marks.programs),
        pedals,
        marks.rhythm_parts,
        end,
        file.fault_words(),
    )
