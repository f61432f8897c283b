"""Check for what every reader of MIDI files accepts; undamaged files often exceed the standard.

Checked against mido, which rejects a key of twelve sharps, and symusic, which fails after a system exclusive message in
parts (status F7).
"""

from collections.abc import Callable
from dataclasses import replace

from drumtok.midi.chunks import HEADER, TRACK
from drumtok.midi.events import DENOMINATORS, END_OF_TRACK, META, METER, SYSEX, TEMPO
from drumtok.midi.parser import GarbledError, variable_length
from drumtok.midi.raw import RawFile, RawTrack

SEQUENCE_NUMBER, DEVICE, CHANNEL_PREFIX, PORT, SMPTE_OFFSET, KEY = 0x00, 0x09, 0x20, 0x21, 0x54, 0x59
MOST_SHARPS = 7

# kind of meta event -> whether its data are valid; other kinds may have any data
_META_CHECKS: dict[int, Callable[[bytes], bool]] = {
    SEQUENCE_NUMBER: lambda data: len(data) == 2,
    CHANNEL_PREFIX: lambda data: len(data) == 1 and data[0] < 16,
    PORT: lambda data: len(data) == 1 and data[0] < 128,
    END_OF_TRACK: lambda data: not data,
    TEMPO: lambda data: len(data) == 3 and any(data),
    SMPTE_OFFSET: lambda data: len(data) == 5 and data[0] < 0x80 and max(data[1:3]) < 60 and data[4] < 100,
    METER: lambda data: len(data) == 4 and data[0] > 0 and data[1] < DENOMINATORS,
    KEY: lambda data: len(data) == 2 and (data[0] + MOST_SHARPS) % 256 <= 2 * MOST_SHARPS and data[1] < 2,
}


def is_valid(message: bytes) -> bool:
    """Return whether a message is valid in a file: a channel message, or a system exclusive or meta event.

    Args:
        message: status byte and the bytes after it, as in `drumtok.midi.raw.Event`.
    """
    status = message[0]
    if status < SYSEX:
        return all(byte < 0x80 for byte in message[1:])
    if status not in (META, SYSEX):
        return False
    if status == META:
        data = message[variable_length(message, 2)[1] :]
        return message[1] < 0x80 and _META_CHECKS.get(message[1], lambda data: True)(data)
    data = message[variable_length(message, 1)[1] :].removesuffix(b"\xf7")
    return all(byte < 0x80 for byte in data)


def without_invalid(file: RawFile) -> tuple[RawFile, int]:
    """Remove invalid messages; return the file and their number."""
    tracks = [RawTrack([event for event in track.events if is_valid(event[1])], track.end) for track in file.tracks]
    left_out = sum(len(before.events) - len(after.events) for before, after in zip(file.tracks, tracks, strict=True))
    return replace(file, tracks=tracks), left_out


def is_strict(data: bytes) -> bool:
    """Return whether the bytes of a file are laid out strictly: all tracks in a row, and each event with a status.

    The status of the event before stands for one that is left out, unless that was a system event.
    """
    if data[:8] != HEADER + b"\0\0\0\6":
        return False
    at, left = 14, int.from_bytes(data[10:12], "big")
    while data[at : at + 4] == TRACK:
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if end > len(data) or not _is_strict_track(data[at + 8 : end]):
            return False
        at, left = end, left - 1
    return at == len(data) and not left


def _is_strict_track(chunk: bytes) -> bool:
    """Return whether a track has only events, and its only end-of-track is the last."""
    at = running = 0
    try:
        while at < len(chunk):
            start = variable_length(chunk, at)[1]
            if start - at > 4:
                return False
            status = chunk[start]
            at = start + (status >= 0x80)
            if status < 0x80:
                status = running
            if status < 0x80:
                return False
            running = status if status < SYSEX else 0
            if status < SYSEX:
                at += 1 if 0xC0 <= status < 0xE0 else 2
                continue
            if status not in (META, SYSEX):
                return False
            length, after = variable_length(chunk, at + (status == META))
            if status == META and chunk[at] == END_OF_TRACK:
                return after + length == len(chunk)
            at = after + length
    except (IndexError, GarbledError):
        return False
    return False
