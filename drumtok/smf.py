"""The bytes of a standard MIDI file: where its tracks end, which note-level readers do not tell."""

from collections.abc import Iterator

END_OF_TRACK, SYSEX, ESCAPE, META = 0x2F, 0xF0, 0xF7, 0xFF
_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}


def track_chunks(data: bytes) -> Iterator[bytes]:
    """The contents of each `MTrk` chunk."""
    at = data.find(b"MThd")
    while at >= 0 and at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            yield data[at + 8 : at + 8 + length]
        at += 8 + length


def last_tick(data: bytes) -> int:
    """The tick of the latest end-of-track of a file, 0 where no track has a readable one."""
    return max((_end_of_track(chunk) or 0 for chunk in track_chunks(data)), default=0)


def _end_of_track(chunk: bytes) -> int | None:
    """The tick of a track's end-of-track event, None where the track breaks off before it."""
    at = tick = running = 0
    try:
        while True:
            delta, at = _variable_length(chunk, at)
            tick += delta
            status = running
            if chunk[at] >= 0x80:
                status = chunk[at]
                at += 1
            if status < SYSEX:
                running = status  # kept over meta events too: not by the book, but other readers do so
            if status == META and chunk[at] == END_OF_TRACK:
                return tick
            if status in (META, SYSEX, ESCAPE):
                length, at = _variable_length(chunk, at + (status == META))
                at += length
            else:
                at += _DATA_BYTES[status & 0xF0]
    except (IndexError, KeyError):
        return None


def _variable_length(chunk: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        byte = chunk[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
