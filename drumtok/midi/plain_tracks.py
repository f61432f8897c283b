"""Plain tracks: their notes decoded by array arithmetic over the bytes of all tracks at once.

After the head of a track (its meta events and settings), a plain file has only notes, controllers and pitch bends up to
the end-of-track. The last byte of a delta time is below 128, and so are the two data bytes of each of those events; all
other bytes are above. So the bytes below 128 come in threes: the k-th three is the k-th event, whatever the running
status does. The bytes between them are checked: only delta-time bytes before the first, at most one status byte before
the second, none before the third. The first event of a track that is anything else breaks this pattern, and the track
is reported as not plain; a file with such a track is left to the tolerant reader. All others decode to exactly what the
tolerant reader gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.events import CONTROL, END_OF_TRACK, META, NOTE_ON, PEDAL, PROGRAM, Marks
from drumtok.midi.parser import LONGEST_FILE, GarbledError, variable_length

_END = b"\xff\x2f\0"  # an end-of-track event


@dataclass(frozen=True)
class PlainTrack:
    """A track after its head.

    Attributes:
        file: the number of its file.
        body: its bytes from the first event after the head to the end of the end-of-track event.
        tick: the tick at which the head ends.
    """

    file: int
    body: bytes
    tick: int


@dataclass(frozen=True)
class TrackNotes:
    """The notes of tracks, track after track.

    Attributes:
        counts: (tracks,) the number of notes of each.
        ends: (tracks,) the tick of each end-of-track.
        time, pitch, velocity, channel: (notes,) of each note-on that sounds, times in ticks.
        pedals: (events, 3) tick, channel and value of each position of a pedal (controller 4).
        pedal_counts: (tracks,) the number of these of each.
    """

    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    pedals: NDArray[np.int64]
    pedal_counts: NDArray[np.int64]


def plain_tracks(data: bytes, marks: Marks, file: int = 0) -> list[PlainTrack]:
    """Split a file into its tracks and read their heads into `marks`.

    Returns:
        The tracks; none where the file is not plain: its chunks are damaged or it is not of type 0 or 1, an event of a
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
            marks.add_meta(kind, tick + delta, data[body + 3 : at])
        elif 0xB0 <= status < 0xE0 and data[body + 1] < 0x80 and (status >= 0xC0 or data[body + 2] < 0x80):
            if PROGRAM <= status < PROGRAM + 16:
                marks.add_program(status, data[body + 1])
            elif status < PROGRAM:
                marks.add_control(tick + delta, status, data[body + 1], data[body + 2])
            at, running = body + 2 + (status < PROGRAM), status
        else:
            return at, tick
        tick += delta


def decode(tracks: Sequence[PlainTrack]) -> tuple[NDArray[np.int64], TrackNotes | None]:
    """Decode the notes of tracks.

    Returns:
        The numbers of the tracks that are not plain, and the notes of all tracks; those of tracks that are not plain
        mean nothing. None where such tracks make it impossible to separate the others: decode again without them.
    """
    code = np.frombuffer(b"".join([track.body for track in tracks]), dtype=np.uint8)
    low = np.flatnonzero(code < 0x80)
    bounds = np.searchsorted(low, np.cumsum([0, *[len(track.body) for track in tracks]]))
    uneven = np.flatnonzero(np.diff(bounds) % 3)
    if len(uneven):
        return uneven, None
    begin, last = bounds[:-1] // 3, bounds[1:] // 3 - 1
    first, second, third = (low[place::3].astype(np.int32) for place in range(3))  # contiguous and small: faster
    status, fine, feet = _statuses(code, first, second, third, begin, last)
    delta, too_long = _delta_times(code, first, third)
    wrong = too_long if fine.all() else np.concatenate((too_long, np.flatnonzero(~fine)))
    events = np.flatnonzero(status != 0)
    velocity = code.take(third[events], mode="clip")
    events, velocity = events[velocity > 0], velocity[velocity > 0]
    counts = np.diff(np.searchsorted(events, bounds // 3))
    ticks = np.cumsum(delta)
    base = ticks[begin] - delta[begin] - np.array([track.tick for track in tracks], dtype=np.int64)
    feet_counts = np.diff(np.searchsorted(feet[0], bounds // 3))
    return np.searchsorted(last, wrong), TrackNotes(
        counts,
        ticks[last] - base,
        ticks[events] - np.repeat(base, counts),
        code.take(second[events], mode="clip"),
        velocity,
        (status & 0x0F)[events].astype(np.uint8, copy=False),
        np.column_stack((ticks[feet[0]] - np.repeat(base, feet_counts), feet[1], code[third[feet[0]]])),
        feet_counts,
    )


def _statuses(
    code: NDArray[np.uint8],
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    third: NDArray[np.int32],
    begin: NDArray[np.int64],
    last: NDArray[np.int64],
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Find the status of each event by the running status, and check the events.

    Args:
        code: all bytes.
        first, second, third: (events,) the places of the three bytes below 128 of each event.
        begin, last: (tracks,) the first and last event of each track.

    Returns:
        (events,) the status of each note-on, 0 for all other events, and whether each event is one of a plain track;
        and the numbers and channels of the positions of a pedal (controller 4).
    """
    own = second - first == 2  # the event has a status byte
    stated = np.flatnonzero(own)
    status = code.take(second[stated] - 1, mode="clip")  # the fastest of NumPy's ways to look up many
    fine = (own | (second - first == 1)) & (third - second == 1)
    fine[stated] &= ((status ^ 0x80) < 0x40) | ((status & 0xF0) == 0xE0)
    fine[last] = own[last] & (code[second[last] - 1] == META)
    fine[begin] &= own[begin]
    running = np.cumsum(own) - 1
    note_on = np.append(np.where((status & 0xF0) == NOTE_ON, status, 0), np.uint8(0))
    feet = np.flatnonzero(code.take(second, mode="clip") == PEDAL)
    own_status = status[running[feet]] if len(status) else feet
    feet, own_status = feet[(own_status & 0xF0) == CONTROL], own_status[(own_status & 0xF0) == CONTROL]
    return note_on.take(running, mode="clip"), fine, (feet, own_status.astype(np.int64) & 0x0F)


def _delta_times(
    code: NDArray[np.uint8], first: NDArray[np.int32], third: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the delta time of each event, and the numbers of the events whose delta time exceeds four bytes."""
    delta = code.take(first, mode="clip").astype(np.int64)
    extra = first.copy()  # bytes before the last one
    extra[1:] -= third[:-1] + 1
    longer = np.flatnonzero(extra > 0)
    for byte in (1, 2, 3):
        delta[longer] |= (code[first[longer] - byte] & 0x7F).astype(np.int64) << 7 * byte
        longer = longer[extra[longer] > byte]
    return delta, longer
