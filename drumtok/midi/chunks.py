"""Find the chunks of a standard MIDI file, damaged or not: its header and the positions of its tracks."""

import re
from dataclasses import dataclass

from drumtok.errors import DrumtokError

HEADER, TRACK = b"MThd", b"MTrk"
RIFF = b"RIFF"  # the start of the wrapper that a file in .rmi has
WRAPPED_ENDING = ".rmi"
MIDI_ENDINGS = (".mid", ".midi", WRAPPED_ENDING)
_CHUNK_NAME = re.compile(rb"[A-Za-z0-9 ]{4}")
_FRAME_RATES = {24: 24.0, 25: 25.0, 29: 30 / 1.001, 30: 30.0}  # 29: drop frame


@dataclass(frozen=True)
class Header:
    """The header chunk of a file.

    Attributes:
        kind: the type of the file: 0, 1 or 2.
        tracks: the declared number of tracks.
        division: ticks per quarter note, 0 if the file counts parts of a second.
        ticks_per_second: the ticks of a second if the file counts parts of a second, else 0.
        end: the place after the chunk.
    """

    kind: int
    tracks: int
    division: int
    ticks_per_second: float
    end: int


def unwrapped(data: bytes) -> tuple[bytes, int]:
    """Take a file out of its RIFF wrapper, if it has one.

    Returns:
        The bytes from the header on (empty without a header), and the number of unknown bytes before it.
    """
    at = data.find(HEADER)
    if at < 0:
        return b"", len(data)
    if data[:4] == RIFF and data[8:12] == b"RMID":
        size = int.from_bytes(data[at - 4 : at], "little") if data[at - 8 : at - 4] == b"data" else 0
        return data[at : at + size] if size >= 14 else data[at:], 0
    return data[at:] if at else data, at


def read_header(data: bytes) -> Header:
    """Read the header at the beginning of data.

    Raises:
        DrumtokError: the header is missing or incomplete, or its ticks have no length.
    """
    if data[:4] != HEADER:
        raise DrumtokError("it has no MThd header")
    if len(data) < 14:
        raise DrumtokError("it breaks off in its header")
    length = int.from_bytes(data[4:8], "big")
    kind, tracks = int.from_bytes(data[8:10], "big"), int.from_bytes(data[10:12], "big")
    end = 8 + length
    if length != 6 and (length < 6 or end > len(data) or not _CHUNK_NAME.match(data, end)):  # a wrong length
        end = max(data.find(TRACK), 14)
    if data[12] < 0x80:
        division = int.from_bytes(data[12:14], "big")
        if not division:
            raise DrumtokError("it has 0 ticks to a beat")
        return Header(kind, tracks, division, 0.0, end)
    frames = 256 - data[12]
    if not data[13]:
        raise DrumtokError(f"it has 0 ticks to each of its {frames} frames a second")
    return Header(kind, tracks, 0, _FRAME_RATES.get(frames, float(frames)) * data[13], end)


class TrackFinder:
    """Finds the tracks of a file one after another.

    A declared length is trusted if another chunk or the end of the file follows it. Otherwise the track extends at most
    to the next `MTrk`, and its end-of-track event decides; `end_track` is called with the position of that event.

    Attributes:
        skipped: the number of bytes outside all chunks.
        wrong_lengths: the number of tracks with a wrong length.
        trusted: whether the length of the latest track is trusted.
    """

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at, self._next = data, at, -1
        self.skipped = self.wrong_lengths = 0
        self.trusted = False

    def next_track(self) -> tuple[int, int] | None:
        """Return (start, end) of the contents of the next track, None after the last."""
        data = self._data
        while self._at + 8 <= len(data):
            at, name = self._at, data[self._at : self._at + 4]
            end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
            self.trusted = end <= len(data) and self._chunk_at(end)
            if name == TRACK:
                self.wrong_lengths += not self.trusted
                if not self.trusted:
                    following = self._next_track_name(at + 8)
                    end = following if following >= 0 else len(data)
                self._at = end
                return at + 8, end
            if name != HEADER and self.trusted and _CHUNK_NAME.match(name):
                self._at = end  # a chunk of another kind: the standard allows them
                continue
            following = self._next_track_name(at) if name != HEADER else -1  # a second file is not part of the first
            self._skip_to(following if following >= 0 else len(data))
        self._skip_to(len(data))
        return None

    def end_track(self, place: int) -> int:
        """End the latest track at a position after its end-of-track event; return the number of bytes left in it."""
        left = self._at - place
        if left > 0 and self.trusted:
            inside = self._data.find(TRACK, place, self._at)
            if inside >= 0:  # the declared length covers other tracks
                self.wrong_lengths += 1
                self._at = inside
                return inside - place
            return left
        self._at = place
        return 0

    def _chunk_at(self, at: int) -> bool:
        return at == len(self._data) or (at + 8 <= len(self._data) and bool(_CHUNK_NAME.match(self._data, at)))

    def _skip_to(self, place: int) -> None:
        self.skipped += max(place - self._at, 0)
        self._at = max(place, self._at)

    def _next_track_name(self, at: int) -> int:
        """Return the place of the next `MTrk`, or -1; each byte is searched only once."""
        if self._next < at and self._next != len(self._data):
            found = self._data.find(TRACK, at)
            self._next = found if found >= 0 else len(self._data)
        return self._next if self._next < len(self._data) else -1
