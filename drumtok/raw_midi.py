"""A MIDI file as its raw events: what is not touched is written again byte for byte.

mido and symusic know what events mean, and lose or refuse what they do not know: a text of an odd kind and the time
before it, a key signature that is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drumtok.errors import DrumtokError
from drumtok.smf import END_OF_TRACK, ESCAPE, META, SYSEX, track_chunks

Event = tuple[int, bytes]  # (tick from the start, status byte and all that follows it)

LONGEST_WAIT = 2**28 - 1  # ticks from one event to the next
_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # none for the others


@dataclass(frozen=True)
class RawTrack:
    """The events of a track in order, without the end-of-track, and the tick of that."""

    events: Sequence[Event]
    end: int


@dataclass(frozen=True)
class RawFile:
    """A MIDI file: its type, how its header says what a tick is (16 bits), and its tracks."""

    kind: int
    division: int
    tracks: Sequence[RawTrack]


def read_raw(data: bytes) -> RawFile:
    """Reads the bytes of a MIDI file; data bytes above 127 are taken for 127.

    Raises:
        DrumtokError: it is none, or breaks off.
    """
    at = data.find(b"MThd")
    if at < 0:
        raise DrumtokError("it has no MThd header")
    if len(data) < at + 14:
        raise DrumtokError("it breaks off in its header")
    kind, division = (int.from_bytes(data[at + place : at + place + 2], "big") for place in (8, 12))
    tracks = []
    for number, chunk in enumerate(track_chunks(data[at:]), 1):
        try:
            tracks.append(_read_track(chunk))
        except IndexError:
            raise DrumtokError(f"track {number} breaks off before its end") from None
        except DrumtokError as error:
            raise DrumtokError(f"track {number} is garbled: {error}") from None
    if not tracks:
        raise DrumtokError("it has no track")
    return RawFile(kind, division, tracks)


def raw_bytes(file: RawFile) -> bytes:
    """The bytes of a file: the inverse of `read_raw`, without running status.

    Raises:
        DrumtokError: two events are too far apart.
    """
    header = b"MThd" + b"".join(n.to_bytes(size, "big") for n, size in ((6, 4), (file.kind, 2), (len(file.tracks), 2)))
    chunks = [header + file.division.to_bytes(2, "big")]
    for track in file.tracks:
        now, parts = 0, []
        for tick, message in (*track.events, (track.end, bytes((META, END_OF_TRACK, 0)))):
            parts.append(_wait(tick - now) + message)
            now = tick
        body = b"".join(parts)
        chunks.append(b"MTrk" + len(body).to_bytes(4, "big") + body)
    return b"".join(chunks)


def _read_track(chunk: bytes) -> RawTrack:
    at = tick = running = 0
    events: list[Event] = []
    while True:
        wait, at = _variable_length(chunk, at)
        tick += wait
        status = running
        if chunk[at] >= 0x80:
            status = chunk[at]
            at += 1
        if status < 0x80:
            raise DrumtokError(f"byte {at} is data without a status")
        if status < SYSEX:
            running = status  # kept over meta events too: not by the book, but other readers do so
        start = at
        if status in (META, SYSEX, ESCAPE):
            length, at = _variable_length(chunk, at + (status == META))
            if status == META and chunk[start] == END_OF_TRACK:
                return RawTrack(events, tick)
            at += length
            data = chunk[start:at]
        else:
            at += _DATA_BYTES.get(status & 0xF0, _SYSTEM_DATA_BYTES.get(status, 0))
            data = bytes(min(byte, 127) for byte in chunk[start:at])
        if at > len(chunk):
            raise IndexError
        events.append((tick, bytes((status,)) + data))


def _variable_length(chunk: bytes, at: int) -> tuple[int, int]:
    """A number of up to four bytes, and the place after it."""
    value = 0
    for place in range(at, at + 4):
        value = value << 7 | chunk[place] & 0x7F
        if chunk[place] < 0x80:
            return value, place + 1
    raise DrumtokError(f"the number at byte {at} is longer than four bytes")


def _wait(ticks: int) -> bytes:
    """A number as `_variable_length` reads it."""
    if ticks > LONGEST_WAIT:
        raise DrumtokError(f"{ticks:,} ticks lie between two events: allowed are up to {LONGEST_WAIT:,}")
    sevens = [ticks >> shift & 0x7F for shift in (21, 14, 7, 0)]
    while len(sevens) > 1 and not sevens[0]:
        del sevens[0]
    return bytes(seven | 0x80 for seven in sevens[:-1]) + bytes(sevens[-1:])
