"""Parse a MIDI file event by event, and keep the readable part of a damaged file."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from drumtok.errors import DrumtokError
from drumtok.midi.chunks import Header, TrackFinder, read_header, unwrapped
from drumtok.midi.events import CONTROL, CONTROLS, END_OF_TRACK, ESCAPE, META, NOTE_ON, SYSEX, Marks, fault_words

_SYSTEM_DATA = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # status -> data bytes; other system messages have none
LONGEST_FILE = 2**22  # bytes that are read; longer files are not music, and take seconds
MAX_BARS = 10_000  # of a file: hours of music; the dense grid still fits in memory
MOST_TRACKS = 2**16 - 1  # the most that a header can declare

OnEvent = Callable[[int, int, bytes], object]
"""Called with tick, status and data of a meta or system event; the data of a meta event begin with its kind.

Unless all channel messages are kept, it is also called with program changes and the controllers of `CONTROLS`.
"""


@dataclass
class Messages:
    """Channel messages in columns, small enough for a million of them.

    Attributes:
        every: whether all messages are kept, or only note-ons with a velocity.
        time: their ticks.
        packed: status, first and second data byte in one integer, the last in the lowest bits; a missing byte is 0.
    """

    every: bool = False
    time: "array[int]" = field(default_factory=lambda: array("q"))
    packed: "array[int]" = field(default_factory=lambda: array("I"))


class GarbledError(Exception):
    """The next bytes of a track are not an event."""


class OpenFile:
    """A MIDI file whose header has been read.

    Args:
        data: all bytes of the file.
        counts_time: whether the file may count parts of a second instead of beats.

    Attributes:
        header: its header.
        faults: how often each kind of fault was found so far.

    Raises:
        DrumtokError: the data are not a MIDI file, or its ticks are not fractions of a beat.
    """

    def __init__(self, data: bytes, counts_time: bool = False) -> None:
        self.faults: Counter[str] = Counter()
        self._longer = len(data) > LONGEST_FILE
        self._data, self.faults["before"] = unwrapped(data[:LONGEST_FILE])
        self.header: Header = read_header(self._data)
        if not self.header.division and not counts_time:
            raise DrumtokError(
                f"it counts {self.header.ticks_per_second:g} ticks a second and no beats: it requires a tempo"
            )
        self._tracks, self._more = 0, False

    def tracks(self) -> Iterator["TrackParser"]:
        """Yield a parser for each track, to be run before the next one, which begins where the track ends.

        Raises:
            DrumtokError: the file has no track.
        """
        finder = TrackFinder(self._data, self.header.end)
        while (found := finder.next_track()) is not None:
            self._more = self._tracks == MOST_TRACKS
            if self._more:
                break
            self._tracks += 1
            parser = TrackParser(self._data[slice(*found)], self.faults)
            yield parser
            if parser.ended:
                self.faults["after"] += finder.end_track(found[0] + parser.at)
        self.faults["between"], self.faults["length"] = finder.skipped, finder.wrong_lengths
        if not self._tracks:
            raise DrumtokError("it has no track")

    def fault_words(self) -> tuple[str, ...]:
        """Describe the faults of the file and their repair, once its tracks have been parsed."""
        others = [f"only its first {LONGEST_FILE:,} bytes are read"] if self._longer else []
        if self._more:
            others.append(f"only its first {MOST_TRACKS:,} tracks are read")
        elif self._tracks != self.header.tracks:
            others.append(f"the number of tracks is {self._tracks:,} and not {self.header.tracks:,}")
        if self.header.kind > 2:
            others.append(f"type {self.header.kind:,} is read as type 1")
        return fault_words(self.faults, others)


def next_pattern(end: int, division: int, marks: Marks) -> int:
    """Return the first tick of the next track of a type 2 file, a bar line; add 4/4 and 120 BPM to the marks there."""
    start, numerator, denominator = marks.meters[-1] if marks.meters else (0, 4, 4)
    bar = max(4 * division * numerator // denominator, 1)
    tick = start - (start - end) // bar * bar
    marks.meters.append((tick, 4, 4))
    marks.tempos.append((tick, 500_000))
    return tick


class TrackParser:
    """The parser of one track.

    Attributes:
        at, tick: the current position and tick.
        ended: whether an end-of-track event was reached.
    """

    def __init__(self, chunk: bytes, faults: Counter[str]) -> None:
        self.at = self.tick = 0
        self.ended = False
        self._chunk, self._faults = chunk, faults

    def parse(self, messages: Messages, on_event: OnEvent) -> None:
        """Parse up to the end-of-track event, or to the last readable event.

        Args:
            messages: receives the channel messages.
            on_event: called as described by `OnEvent`.
        """
        try:
            self._events(messages, on_event)
        except IndexError:
            self._faults["cut"] += 1
        except GarbledError:
            self._faults["garbled"] += 1
        else:
            self._faults["open"] += not self.ended

    def _events(self, messages: Messages, on_event: OnEvent) -> None:
        chunk, clipped, add_time, add = self._chunk, 0, messages.time.append, messages.packed.append
        at, tick, running, length, every = 0, self.tick, 0, len(chunk), messages.every
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
                    at = self._system(status, at, tick, on_event)  # the running status stays: nonstandard, but common
                    if self.ended:
                        break
                    continue
                running = status
                if 0xC0 <= status < 0xE0:
                    first, second = chunk[at], 0
                    at += 1
                    if status < 0xD0 and not every:
                        on_event(tick, status, bytes((min(first, 127),)))
                else:
                    first, second = chunk[at], chunk[at + 1]
                    at += 2
                if (first | second) > 127:
                    clipped += (first > 127) + (second > 127)
                    first, second = min(first, 127), min(second, 127)
                if every or (second and status & 0xF0 == NOTE_ON):
                    add_time(tick)
                    add(status << 16 | first << 8 | second)
                elif first in CONTROLS and status & 0xF0 == CONTROL:
                    on_event(tick, status, bytes((first, second)))
        finally:
            self.at, self.tick = at, tick
            self._faults["clipped"] += clipped

    def _system(self, status: int, at: int, tick: int, on_event: OnEvent) -> int:
        """Parse a meta or system event; return the place of the next one."""
        chunk = self._chunk
        if status not in (META, SYSEX, ESCAPE):
            after = at + _SYSTEM_DATA.get(status, 0)
            if after > len(chunk):
                raise IndexError
            on_event(tick, status, chunk[at:after])
            return after
        start = at
        length, at = variable_length(chunk, at + (status == META))
        if status == META and chunk[start] == END_OF_TRACK:
            self.ended = True
            return min(at + length, len(chunk))
        if at + length > len(chunk):
            raise IndexError
        on_event(tick, status, chunk[start : start + (status == META)] + chunk[at : at + length])
        return at + length


def variable_length(chunk: bytes, at: int) -> tuple[int, int]:
    """Read a number of up to 28 bits; return it and the place after it.

    Raises:
        GarbledError: the number is longer.
        IndexError: the chunk ends within it.
    """
    value = 0
    for place in range(at, at + 5):  # one more than the standard allows, for numbers padded with zeros
        byte = chunk[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80 and value < 2**28:
            return value, place + 1
    raise GarbledError
