"""Split plain files into tracks and read their heads (`drumtok.midi.plain_notes` decodes their notes).

After the head of a track (its meta events and settings), a plain file has only notes, controllers and pitch bends up to
the end-of-track.
"""

from typing import NamedTuple

from drumtok.midi.events import END_OF_TRACK, META, META_READERS, PROGRAM, Marks
from drumtok.midi.parser import LONGEST_FILE, GarbledError, variable_length

_END = b"\xff\x2f\0"  # an end-of-track event


class PlainTrack(NamedTuple):
    """A track after its head.

    Attributes:
        file: the number of its file.
        body: its bytes from the first event after the head to the end of the end-of-track event.
        tick: the tick at which the head ends.
    """

    file: int
    body: bytes
    tick: int


def plain_tracks(data: bytes, marks: Marks, file: int = 0) -> list[PlainTrack]:
    """Split a file into its tracks and read their heads into `marks`.

    Returns:
        The tracks; empty for a file that is not plain: its chunks are damaged, it is not of type 0 or 1, an event of a
        head is malformed, or a tempo, meter or name has a fault.
    """
    if data[:8] != b"MThd\0\0\0\6" or data[8:10] not in (b"\0\0", b"\0\1") or not 22 < len(data) <= LONGEST_FILE:
        return []
    if data[12] >= 0x80 or not (data[12] or data[13]):
        return []
    try:
        tracks = _split(data, marks, file)
    except (IndexError, GarbledError):
        return []
    return [] if any(marks.faults.values()) else tracks


def _split(data: bytes, marks: Marks, file: int) -> list[PlainTrack]:
    at, size, found = 14, len(data), []
    while at < size:
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] != b"MTrk" or end > size or data[end - 3 : end] != _END:
            return []
        marks.start_track()
        start, tick = _read_head(data, at + 8, marks)
        if start > end - 4:  # the head runs over the end
            return []
        found.append(PlainTrack(file, data[start:end], tick))
        at = end
    return found if len(found) == data[10] << 8 | data[11] else []


def _read_head(data: bytes, at: int, marks: Marks) -> tuple[int, int]:
    """Read the meta events and settings that a track begins with; return the place and tick where they end."""
    tick = running = 0
    while True:
        body, delta = at + 1, data[at]
        if delta >= 0x80:
            delta, body = variable_length(data, at)
        status = data[body]
        if status < 0x80:
            status, body = running, body - 1
        if status == META:
            kind, length = data[body + 1], data[body + 2]
            if kind == END_OF_TRACK or length >= 0x80:
                return at, tick
            at = body + 3 + length
            if kind in META_READERS:
                META_READERS[kind](marks, tick + delta, data[body + 3 : at])
        elif 0xB0 <= status < 0xE0 and data[body + 1] < 0x80 and (status >= 0xC0 or data[body + 2] < 0x80):
            if PROGRAM <= status < PROGRAM + 16:
                marks.add_program(status, data[body + 1])
            elif status < PROGRAM:
                marks.add_control(tick + delta, status, data[body + 1], data[body + 2])
            at, running = body + 2 + (status < PROGRAM), status
        else:
            return at, tick
        tick += delta
