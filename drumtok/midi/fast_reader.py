"""The fast reader of MIDI files: symusic, held to an account of the file's bytes, so that nothing is lost unseen.

symusic drops a note-on that has no note-off of its own, events after a wrong length and tracks that the header does
not count, and says nothing. What it did read is therefore weighed against the bytes of the file: whatever the running
status does, a delta time has exactly one byte below 128 and so has every data byte, thus a note-on, note-off,
controller or pitch bend has three. If all such bytes of a track are those of the events that symusic gives, it gives
all of them. Every term of this account is positive, so nothing can hide a loss. Meta events are parsed here, where
they stand in front of the first note; a file that has some later is left to the tolerant reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.events import DRUM_CHANNEL, END_OF_TRACK, OTHER_CHANNEL, Events, Marks, by_time, tempo_table
from drumtok.midi.tolerant_reader import LONGEST_FILE, META, GarbledError, variable_length, walk_file

_LATEST = 2**31 - 2**28  # symusic counts ticks in 32 bits; no single delta time leaps over the ticks from here on


@dataclass(frozen=True)
class _Outline:
    """What one track holds, told from its bytes alone.

    Attributes:
        weight: bytes below 128 of its notes, controllers and pitch bends, if it has nothing else after the first.
        tick: where its head ends.
        last_delta: from its last event to its end.
    """

    weight: int
    tick: int
    last_delta: int


def read_events(data: bytes, tempo: float | None = None) -> Events:
    """The events of a MIDI file, by the fast reader where it is sure to lose nothing, else by the tolerant one.

    Args:
        tempo: of a file that says none, and of one that counts parts of a second instead of beats.

    Raises:
        DrumtokError: as `drumtok.midi.tolerant_reader.walk_file`.
    """
    return fast_events(data, tempo) or walk_file(data, tempo)


def fast_events(data: bytes, tempo: float | None = None) -> Events | None:
    """The events of a file that symusic reads whole, None for any other."""
    marks = Marks()
    try:
        outlines = _outlines(data, marks)
    except (IndexError, GarbledError):
        return None
    if outlines is None or any(marks.faults.values()):
        return None
    import symusic  # 20 ms that writing does without

    try:
        score: Any = symusic.Score.from_midi(data)
    except Exception:  # the parser names no exception of its own
        return None
    tracks = [track for track in score.tracks if _weight(track)]  # it keeps those that have nothing but lyrics
    owners = _owners(tracks, outlines)
    if owners is None or (tracks and not any(track.is_drum for track in tracks)):
        return None  # the channels of the others are not told, and may decide what is read as drums
    return _collected(data, tracks, owners, outlines, marks, tempo)


def _outlines(data: bytes, marks: Marks) -> list[_Outline] | None:
    """An outline of each track, None where the chunks are not exactly those of a plain file of type 0 or 1."""
    if data[:8] != b"MThd\0\0\0\6" or data[8:10] not in (b"\0\0", b"\0\1") or not 22 < len(data) <= LONGEST_FILE:
        return None
    if data[12] >= 0x80 or not (data[12] or data[13]):
        return None
    at, found = 14, []
    while at < len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] != b"MTrk" or end > len(data) or data[end - 3 : end] != b"\xff\x2f\0":
            return None
        outline = _outline(data, at + 8, end, marks)
        if outline is None:
            return None
        found.append(outline)
        at = end
    return found if len(found) == int.from_bytes(data[10:12], "big") else None


def _outline(data: bytes, start: int, end: int, marks: Marks) -> _Outline | None:
    """The outline of the track between two places, None where it has meta events among its notes."""
    marks.names.append("")
    at, tick, controls = start, 0, 0
    while True:
        body, delta = at, data[at]
        if delta < 0x80:
            body += 1
        else:
            delta, body = variable_length(data, at)
        status = data[body]
        if status == META:
            kind, length = data[body + 1], data[body + 2]
            if kind == END_OF_TRACK or length >= 0x80:
                break
            marks.meta(kind, tick + delta, data[body + 3 : body + 3 + length])
            at = body + 3 + length
        elif 0xB0 <= status < 0xE0 and data[body + 1] < 0x80:
            controls += status < 0xC0
            at = body + 2 + (status < 0xC0)
        else:
            break
        tick += delta
    if at > end - 4 or data[end - 4] >= 0x80 or data.find(b"\xff", at) != end - 3:  # or the head runs over the end
        return None
    low = int(np.count_nonzero(np.frombuffer(data, np.int8, end - at, at) >= 0))
    return _Outline(low - 3 + 3 * controls, tick, _last_delta(data, at, end - 4))


def _last_delta(data: bytes, start: int, at: int) -> int:
    """The delta time whose last byte is at a place; before it there are data bytes, which are below 128."""
    value, shift = data[at], 7
    while at > start and data[at - 1] >= 0x80:
        at -= 1
        value |= (data[at] & 0x7F) << shift
        shift += 7
    return value


def _owners(tracks: Any, outlines: list[_Outline]) -> list[int] | None:
    """The track of the file that each of symusic's tracks is of; it makes one for each channel and program.

    None where the weight of a track is not exactly that of the events that symusic gives.
    """
    owners: list[int] = []
    number, left = -1, 0
    for track in tracks:
        while not left:
            number += 1
            if number == len(outlines):
                return None
            left = outlines[number].weight
        left -= _weight(track)
        owners.append(number)
        if left < 0:
            return None
    return None if left or any(outline.weight for outline in outlines[number + 1 :]) else owners


def _weight(track: Any) -> int:
    """How many bytes below 128 the events that symusic gives have in the file."""
    return 6 * len(track.notes) + 3 * len(track.controls) + 3 * len(track.pitch_bends)


def _collected(
    data: bytes, tracks: Any, owners: list[int], outlines: list[_Outline], marks: Marks, tempo: float | None
) -> Events | None:
    columns, ends = [], [outline.tick for outline in outlines]
    for track, owner in zip(tracks, owners, strict=True):
        column = track.notes.numpy()
        if not _in_range(track, column) or ends[owner] > _LATEST:
            return None
        ends[owner] = max(ends[owner], track.end())
        count = len(column["time"])
        channel = np.full(count, DRUM_CHANNEL if track.is_drum else OTHER_CHANNEL, np.uint8)
        columns.append((column["time"], column["pitch"], column["velocity"], channel, np.full(count, owner, np.int32)))
    time, pitch, velocity, channel, number = _joined(columns)
    return Events(
        int.from_bytes(data[12:14], "big"),
        time.astype(np.int64),
        pitch.view(np.uint8),
        velocity.view(np.uint8),
        channel,
        number,
        tempo_table(marks.tempos, tempo),
        by_time(marks.meters, 3),
        tuple(marks.names),
        max([end + outline.last_delta for end, outline in zip(ends, outlines, strict=True)]),
        (),
    )


def _in_range(track: Any, column: dict[str, NDArray[np.int32]]) -> bool:
    """Whether no tick of a track has run over 32 bits; one that has is negative, and beyond all as unsigned."""
    latest, longest = (column[key].view(np.uint32).max(initial=0) for key in ("time", "duration"))
    return int(latest) + int(longest) < _LATEST and 0 <= track.end() < _LATEST


def _joined(columns: Sequence[tuple[NDArray, ...]]) -> list[NDArray]:
    """The columns of all tracks one after another; most files have one track of notes."""
    if len(columns) == 1:
        return list(columns[0])
    kinds = (np.int32, np.int8, np.int8, np.uint8, np.int32)
    return [np.concatenate(each) for each in zip(*columns, strict=True)] or [np.zeros(0, kind) for kind in kinds]
