"""The tolerant reader of MIDI files: walks their events one by one and keeps what can be kept."""

from array import array
from dataclasses import dataclass, field

import numpy as np

from drumtok.chunks import Header, TrackFinder, read_header, track_chunks, unwrapped
from drumtok.errors import DrumtokError
from drumtok.events import END_OF_TRACK, Events, Marks, by_time, fault_words, tempo_table

__all__ = ["last_tick", "track_chunks", "walk_file"]

SYSEX, ESCAPE, META = 0xF0, 0xF7, 0xFF
_SYSTEM_DATA = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # the data bytes of system messages, none for the others
LONGEST_FILE = 2**22  # bytes that are walked: what is longer is no music, and takes seconds
FRAME_TICKS = 960  # ticks to a beat given to a file that counts parts of a second


@dataclass
class _Columns:
    """Notes as they are met: a column each, small enough for a million of them."""

    time: "array[int]" = field(default_factory=lambda: array("q"))
    pitch: bytearray = field(default_factory=bytearray)
    velocity: bytearray = field(default_factory=bytearray)
    channel: bytearray = field(default_factory=bytearray)
    track: "array[int]" = field(default_factory=lambda: array("i"))


class GarbledError(Exception):
    """What follows in a track is no event."""


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
    others = [f"only its first {LONGEST_FILE:,} bytes are read"] if len(data) > LONGEST_FILE else []
    data, before = unwrapped(data[:LONGEST_FILE])
    header = read_header(data)
    if not header.division and tempo is None:
        raise DrumtokError(f"it counts {header.ticks_per_second:g} ticks a second and no beats: it needs a tempo")
    columns, marks = _Columns(), Marks()
    marks.faults["before"] = before
    end, tracks = _walk_tracks(data, header, columns, marks)
    if not tracks:
        raise DrumtokError("it has no track")
    if tracks != header.tracks:
        others.append(f"the number of tracks is {tracks:,} and not {header.tracks:,}")
    if header.kind > 2:
        others.append(f"type {header.kind:,} is read as type 1")
    return _assembled(header, columns, marks, end, tempo, others)


def last_tick(data: bytes) -> int:
    """The tick of the latest end-of-track of a file, 0 where no track has a readable one."""
    try:
        return walk_file(data).end
    except DrumtokError:
        return 0


def _walk_tracks(data: bytes, header: Header, columns: _Columns, marks: Marks) -> tuple[int, int]:
    """Walks every track; the latest end, and how many tracks there are."""
    finder, latest, tracks = TrackFinder(data, header.end), 0, 0
    while (found := finder.next_track()) is not None:
        walk = _TrackWalk(data[slice(*found)], columns, marks)
        if header.kind == 2 and tracks:
            _begin_pattern(walk, latest, header, marks)
        marks.names.append("")
        walk.walk()
        columns.track.extend([tracks] * (len(columns.time) - len(columns.track)))
        if walk.ended:
            marks.faults["after"] += finder.ended_at(found[0] + walk.at)
            latest = max(latest, walk.tick)
        elif header.kind == 2:
            latest = max(latest, walk.tick)
        tracks += 1
    marks.faults["between"], marks.faults["length"] = finder.skipped, finder.wrong_lengths
    return latest, tracks


def _begin_pattern(walk: "_TrackWalk", end: int, header: Header, marks: Marks) -> None:
    """Sets the first tick of a track of type 2: the next bar line, in 4/4 and at 120 unless it says otherwise."""
    start, numerator, denominator = marks.meters[-1] if marks.meters else (0, 4, 4)
    bar = max(4 * header.division * numerator // denominator, 1)
    walk.tick = start - (start - end) // bar * bar
    marks.meters.append((walk.tick, 4, 4))
    marks.tempos.append((walk.tick, 500_000))


class _TrackWalk:
    """The walk through the events of one track.

    Attributes:
        at, tick: where it is.
        ended: whether it came to an end-of-track event.
    """

    def __init__(self, chunk: bytes, columns: _Columns, marks: Marks) -> None:
        self.at = self.tick = 0
        self.ended = False
        self._chunk, self._columns, self._marks = chunk, columns, marks

    def walk(self) -> None:
        """Walks to the end-of-track event, or as far as there are events."""
        faults = self._marks.faults
        try:
            self._events()
        except IndexError:
            faults["cut"] += 1
        except GarbledError:
            faults["garbled"] += 1
        else:
            faults["open"] += not self.ended

    def _events(self) -> None:
        chunk, columns, clipped = self._chunk, self._columns, 0
        at, tick, running, length = 0, self.tick, 0, len(self._chunk)
        try:
            while at < length:
                delta = chunk[at]
                at += 1
                if delta >= 0x80:
                    delta, at = variable_length(chunk, at - 1)
                status = chunk[at]
                if status >= 0x80:
                    at += 1
                else:
                    status = running
                tick += delta
                if status < 0x80:
                    raise GarbledError  # data without a status
                if status >= SYSEX:
                    at = self._system(status, at, tick)  # the running status stays: not by the book, but others do so
                    if self.ended:
                        break
                    continue
                running = status
                if 0xC0 <= status < 0xE0:
                    clipped += chunk[at] > 127
                    at += 1
                    continue
                pitch, velocity = chunk[at], chunk[at + 1]
                at += 2
                if (pitch | velocity) > 127:
                    clipped += (pitch > 127) + (velocity > 127)
                    pitch, velocity = min(pitch, 127), min(velocity, 127)
                if status & 0xF0 == 0x90 and velocity:
                    columns.time.append(tick)
                    columns.pitch.append(pitch)
                    columns.velocity.append(velocity)
                    columns.channel.append(status & 0x0F)
        finally:
            self.at, self.tick = at, tick
            self._marks.faults["clipped"] += clipped

    def _system(self, status: int, at: int, tick: int) -> int:
        """Takes in a meta or system event; where the next one begins."""
        chunk = self._chunk
        if status not in (META, SYSEX, ESCAPE):
            return at + _SYSTEM_DATA.get(status, 0)
        kind = chunk[at] if status == META else -1
        length, at = variable_length(chunk, at + (status == META))
        if kind == END_OF_TRACK:
            self.ended = True
        elif at + length > len(chunk):
            raise IndexError
        elif kind >= 0:
            self._marks.meta(kind, tick, chunk[at : at + length])
        return min(at + length, len(chunk))


def variable_length(chunk: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 5):  # one more than the standard allows, for those filled up with zeros
        byte = chunk[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80 and value < 2**28:
            return value, place + 1
    raise GarbledError


def _assembled(
    header: Header, columns: _Columns, marks: Marks, end: int, tempo: float | None, others: list[str]
) -> Events:
    time = np.array(columns.time, dtype=np.int64)
    tempos, meters = marks.tempos, by_time(marks.meters, 3)
    if not header.division and tempo is not None:
        per_tick = FRAME_TICKS * tempo / 60 / header.ticks_per_second
        time, end = np.rint(time * per_tick).astype(np.int64), round(end * per_tick)
        meters[:, 0] = np.rint(meters[:, 0] * per_tick)
        tempos = []  # its own do not change how long its ticks are
    return Events(
        header.division or FRAME_TICKS,
        time,
        np.frombuffer(bytes(columns.pitch), dtype=np.uint8),
        np.frombuffer(bytes(columns.velocity), dtype=np.uint8),
        np.frombuffer(bytes(columns.channel), dtype=np.uint8),
        np.array(columns.track, dtype=np.int32),
        tempo_table(tempos, tempo),
        meters,
        tuple(marks.names),
        end,
        fault_words(marks.faults, others),
    )
