"""The bulk reader: the notes of many plain MIDI files at once, by arithmetic over all their bytes.

After the head of a track, its events are notes, controllers and pitch bends in a plain file, up to the end-of-track.
A delta time has exactly one byte below 128, its last, and each of those events has two data bytes, which are below
128 too. So the bytes below 128 come in threes: the k-th three is the k-th event, whatever the running status does.
What stands between them is checked: only the bytes of a delta time before the first, at most one status byte before
the second, none before the third. The first event of a track that is something else breaks this where it stands; its
file is given up as a whole, to a reader that takes everything. What is not given up is exactly what that one reads.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.events import DRUM_CHANNEL, END_OF_TRACK, METER, TEMPO, Marks
from drumtok.midi.tolerant_reader import LONGEST_FILE, META, GarbledError, variable_length

_END = b"\xff\x2f\0"  # an end-of-track event


@dataclass(frozen=True)
class Track:
    """A track up to its first note.

    Attributes:
        file: the number of its file.
        body: its bytes from there to the end of the end-of-track event.
        tick: where that is.
    """

    file: int
    body: bytes
    tick: int


@dataclass(frozen=True)
class PlainFile:
    """What stands before the notes of a file.

    Attributes:
        number: which of the files it is.
        ticks_per_beat: the ticks of a quarter note.
        marks: its tempi and time signatures.
    """

    number: int
    ticks_per_beat: int
    marks: Marks


@dataclass(frozen=True)
class Scan:
    """The plain files among many, each with its notes in one track and all of them on channel 10.

    Attributes:
        files: them, in order.
        counts, ends: (files,) how many notes each has, never 0, and the tick of its end.
        time, pitch, velocity: (notes,) of all of them, file after file.
    """

    files: list[PlainFile]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]


def scan(files: Sequence[bytes]) -> Scan:
    """Reads the plain files among files; the others are left out."""
    plain: dict[int, PlainFile] = {}
    tracks: list[Track] = []
    for number, data in enumerate(files):
        marks = Marks()
        try:
            begun = _tracks(number, data, marks)
        except (IndexError, GarbledError):
            continue
        if begun and not any(marks.faults.values()):
            plain[number] = PlainFile(number, data[12] << 8 | data[13], marks)
            tracks += begun
    while tracks:
        given_up, found = _read(tracks, plain)
        if found is not None:
            return found
        tracks = [track for track in tracks if track.file not in given_up]
        plain = {number: file for number, file in plain.items() if number not in given_up}
    nothing = np.zeros(0, dtype=np.int64)
    return Scan([], nothing, nothing, nothing, *2 * [nothing.astype(np.uint8)])


def _tracks(number: int, data: bytes, marks: Marks) -> list[Track]:
    """The tracks of a file, none where its chunks are not exactly those of a plain file of type 0 or 1."""
    if data[:8] != b"MThd\0\0\0\6" or data[8:10] not in (b"\0\0", b"\0\1") or not 22 < len(data) <= LONGEST_FILE:
        return []
    if data[12] >= 0x80 or not (data[12] or data[13]):
        return []
    at, size, found = 14, len(data), []
    while at < size:
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] != b"MTrk" or end > size or data[end - 3 : end] != _END:
            return []
        start, tick = _head(data, at + 8, marks)
        if start > end - 4:  # the head runs over the end
            return []
        found.append(Track(number, data[start:end], tick))
        at = end
    return found if len(found) == data[10] << 8 | data[11] else []


def _head(data: bytes, at: int, marks: Marks) -> tuple[int, int]:
    """Takes in the meta events and settings that a track begins with; where its first other event is, and its tick."""
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
            if kind in (TEMPO, METER):
                marks.meta(kind, tick + delta, data[body + 3 : at])
        elif 0xB0 <= status < 0xE0 and data[body + 1] < 0x80 and (status >= 0xC0 or data[body + 2] < 0x80):
            at, running = body + 2 + (status < 0xC0), status
        else:
            return at, tick
        tick += delta


@dataclass(frozen=True)
class _Events:
    """The events of tracks.

    Attributes:
        delta: (events,) the delta time of each.
        notes: (notes,) which of them are note-ons.
        pitch, velocity: (notes,) of each.
        wrong: which of them are not what they must be, or notes on another channel than 10.
    """

    delta: NDArray[np.int64]
    notes: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    wrong: NDArray[np.int64]


def _events(code: NDArray[np.uint8], low: NDArray[np.int64], last: NDArray[np.int64]) -> _Events:
    """The events that bytes hold, each track a whole number of threes of those below 128.

    Args:
        code: the bytes.
        low: the places of those below 128.
        last: (tracks,) the last event of each track.
    """
    first, second, third = (low[place::3].astype(np.int32) for place in range(3))  # in one piece and small: faster
    own = second - first == 2  # has it a status of its own?
    told = np.flatnonzero(own)
    status = code.take(second[told] - 1, mode="clip")  # of the ways to look up many, this is the fastest
    fine = (own | (second - first == 1)) & (third - second == 1)
    fine[told] &= ((status ^ 0x80) < 0x40) | ((status & 0xF0) == 0xE0)
    fine[last] = own[last] & (code[second[last] - 1] == META)
    begin = np.append(0, last[:-1] + 1)
    fine[begin] &= own[begin]
    channel = np.append(np.where((status & 0xF0) == 0x90, status, 0), np.uint8(0))  # of note-ons, 0 for all else
    sounding = channel.take(np.cumsum(own) - 1, mode="clip")
    notes = np.flatnonzero(sounding != 0)
    velocity = code.take(third[notes], mode="clip")
    notes, velocity = notes[velocity > 0], velocity[velocity > 0]
    delta, too_long = _delta_times(code, first, third)
    elsewhere = sounding[notes] != 0x90 | DRUM_CHANNEL
    wrong = too_long
    if not fine.all() or elsewhere.any():
        wrong = np.concatenate((too_long, np.flatnonzero(~fine), notes[elsewhere]))
    return _Events(delta, notes, code.take(second[notes], mode="clip"), velocity, wrong)


def _delta_times(
    code: NDArray[np.uint8], first: NDArray[np.int32], third: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The delta time of each event, and which of them are longer than four bytes."""
    delta = code.take(first, mode="clip").astype(np.int64)
    extra = first.copy()  # bytes before the last one
    extra[1:] -= third[:-1] + 1
    longer = np.flatnonzero(extra > 0)
    for byte in (1, 2, 3):
        delta[longer] |= (code[first[longer] - byte] & 0x7F).astype(np.int64) << 7 * byte
        longer = longer[extra[longer] > byte]
    return delta, longer


def _read(tracks: list[Track], files: dict[int, PlainFile]) -> tuple[set[int], Scan | None]:
    """The files that are not plain after all, and what the others hold if the tracks of all can be told apart."""
    code = np.frombuffer(b"".join([track.body for track in tracks]), dtype=np.uint8)
    low = np.flatnonzero(code < 0x80)
    bounds = np.searchsorted(low, np.cumsum([0, *[len(track.body) for track in tracks]]))
    uneven = np.flatnonzero(np.diff(bounds) % 3)
    if len(uneven):
        return {tracks[i].file for i in uneven}, None
    begin, last = bounds[:-1] // 3, bounds[1:] // 3 - 1
    events = _events(code, low, last)
    owner = np.array([track.file for track in tracks])
    counts = np.diff(np.searchsorted(events.notes, bounds // 3))
    given_up = set(owner[np.searchsorted(last, events.wrong)].tolist())
    given_up |= files.keys() - Counter(owner[counts > 0].tolist())
    given_up |= {number for number, times in Counter(owner[counts > 0].tolist()).items() if times > 1}
    ticks = np.cumsum(events.delta)
    base = ticks[begin] - events.delta[begin] - np.array([track.tick for track in tracks], dtype=np.int64)
    ends, time = ticks[last] - base, ticks[events.notes] - np.repeat(base, counts)
    pitch, velocity = events.pitch, events.velocity
    if given_up:
        kept = ~np.isin(owner, list(given_up))
        sounding = np.repeat(kept, counts)
        time, pitch, velocity = time[sounding], pitch[sounding], velocity[sounding]
        counts, ends, owner = counts[kept], ends[kept], owner[kept]
    left = [file for number, file in files.items() if number not in given_up]
    if left:
        ends = np.maximum.reduceat(ends, np.flatnonzero(np.diff(owner, prepend=-1)))
    return given_up, Scan(left, counts[counts > 0], ends, time, pitch, velocity)
