"""The tolerant reader of MIDI files: walks their events one by one and keeps what can be kept."""

from array import array

import numpy as np

from drumtok.midi.events import Events, Marks, by_time, tempo_table
from drumtok.midi.parser import LONGEST_FILE, META, GarbledError, Messages, OpenFile, next_pattern, variable_length

__all__ = ["LONGEST_FILE", "META", "GarbledError", "variable_length", "walk_file"]  # the fast readers count on them

FRAME_TICKS = 960  # ticks to a beat given to a file that counts parts of a second


def walk_file(data: bytes, tempo: float | None = None) -> Events:
    """The events of a MIDI file, as far as it can be read.

    The tracks of a type 2 file are patterns of their own: they are laid end to end, each from a bar line on.

    Args:
        tempo: of a file that counts parts of a second instead of beats.

    Raises:
        DrumtokError: it is no MIDI file, or counts parts of a second and no tempo is given.

    >>> walk_file(bytes.fromhex("4D546864000000060000000101E0 4D54726B00000004 00992464")).time.tolist()
    [0]
    """
    file, messages = OpenFile(data, counts_time=tempo is not None), Messages()
    marks = Marks(faults=file.faults)
    tracks, latest = array("i"), 0  # of each note its track; the latest end
    for number, track in enumerate(file.tracks()):
        if file.header.kind == 2 and number:
            track.tick = next_pattern(latest, file.header.division, marks)
        marks.names.append("")
        track.walk(messages, marks.tell)
        tracks.extend([number] * (len(messages.time) - len(tracks)))
        if track.ended or file.header.kind == 2:
            latest = max(latest, track.tick)
    return _assembled(file, messages, tracks, marks, latest, tempo)


def _assembled(
    file: OpenFile, messages: Messages, tracks: "array[int]", marks: Marks, end: int, tempo: float | None
) -> Events:
    packed = np.array(messages.packed, dtype=np.uint32)
    time = np.array(messages.time, dtype=np.int64)
    tempos, meters = marks.tempos, by_time(marks.meters, 3)
    if not file.header.division and tempo is not None:
        per_tick = FRAME_TICKS * tempo / 60 / file.header.ticks_per_second
        time, end = np.rint(time * per_tick).astype(np.int64), round(end * per_tick)
        meters[:, 0] = np.rint(meters[:, 0] * per_tick)
        tempos = []  # its own do not change how long its ticks are
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
        end,
        file.fault_words(),
    )
