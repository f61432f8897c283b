"""Read and write a MIDI file as raw events, so that unchanged events are preserved byte for byte.

A reader that interprets events, such as mido, drops or rejects unknown ones, such as a text of an unusual kind or an
invalid key signature.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from drumtok.errors import DrumtokError
from drumtok.midi.events import END_OF_TRACK, ESCAPE, META, SYSEX, Marks
from drumtok.midi.parser import Messages, OpenFile, TrackParser, next_pattern, variable_length

Event = tuple[int, bytes]  # (tick from the start, status byte and the bytes after it)

MOST_EVENTS = 100_000  # in a file; more take seconds and hundreds of megabytes
LONGEST_WAIT = 2**28 - 1  # ticks from one event to the next
_FOUR_FOUR, _TEMPO_120 = bytes.fromhex("FF5804 04021808"), bytes.fromhex("FF5103 07A120")


@dataclass(frozen=True)
class RawTrack:
    """The events of a track in order, without the end-of-track, and the tick of the end-of-track."""

    events: Sequence[Event]
    end: int


@dataclass(frozen=True)
class RawFile:
    """A MIDI file: its type, ticks per quarter note, tracks, and descriptions of its faults."""

    kind: int
    division: int
    tracks: Sequence[RawTrack]
    faults: tuple[str, ...] = field(default=(), compare=False)


def read_raw(data: bytes, most_events: int = MOST_EVENTS) -> RawFile:
    """Read the bytes of a MIDI file, as far as it is readable (`drumtok.midi.tolerant_reader`).

    A truncated track ends one tick after its last event, so that a note there has a length.

    Raises:
        DrumtokError: the data are not a MIDI file, count parts of a second and no beats, or have more than
            `most_events` events.
    """
    file = OpenFile(data)
    tracks: list[RawTrack] = []
    count = 0
    for parser in file.tracks():
        tracks.append(_read_track(parser, count, most_events))
        count += len(tracks[-1].events)
    return RawFile(file.header.kind, file.header.division, tracks, file.fault_words())


def end_to_end(file: RawFile) -> RawFile:
    """Lay the tracks of a file end to end in one track, each starting on a bar line, as type 2 files are read."""
    marks = Marks(names=[""])
    events: list[Event] = []
    latest = 0
    for number, track in enumerate(file.tracks):
        start = next_pattern(latest, file.division, marks) if number else 0
        if number:
            events += [(start, message) for message in (_FOUR_FOUR, _TEMPO_120)]
        for tick, message in track.events:
            if message[0] == META:
                body = variable_length(message, 2)[1]
                marks.add_meta(message[1], start + tick, message[body:])
            events.append((start + tick, message))
        latest = max(latest, start + track.end)
    return RawFile(0, file.division, [RawTrack(events, latest)], file.faults)


def raw_bytes(file: RawFile, running: bool = False) -> bytes:
    """Return the bytes of a file: the inverse of `read_raw`.

    Args:
        running: whether to omit the status of a channel message if it equals that of the message before.

    Raises:
        DrumtokError: two events are more than `LONGEST_WAIT` ticks apart.
    """
    header = b"MThd" + b"".join(n.to_bytes(size, "big") for n, size in ((6, 4), (file.kind, 2), (len(file.tracks), 2)))
    chunks = [header + file.division.to_bytes(2, "big")]
    for track in file.tracks:
        now, status, parts = 0, META, []
        for tick, message in (*track.events, (track.end, meta(END_OF_TRACK))):
            again = running and message[0] == status < SYSEX
            parts.append(_wait(tick - now) + message[again:])
            now, status = tick, message[0]
        body = b"".join(parts)
        chunks.append(b"MTrk" + len(body).to_bytes(4, "big") + body)
    return b"".join(chunks)


def _read_track(parser: TrackParser, count: int, most_events: int) -> RawTrack:
    messages = Messages(every=True)
    system: list[tuple[int, int, bytes]] = []  # the number of channel messages before each, its tick, its bytes

    def check_count() -> None:
        if count + len(messages.time) + len(system) > most_events:
            raise DrumtokError(f"it has more than {most_events:,} events")

    def on_event(tick: int, status: int, data: bytes) -> None:
        check_count()
        system.append((len(messages.time), tick, _system(status, data)))

    parser.parse(messages, on_event)
    check_count()
    events: list[Event] = []
    before = 0
    for place, tick, message in (*system, (len(messages.time), 0, b"")):
        for time, packed in zip(messages.time[before:place], messages.packed[before:place], strict=True):
            data = packed.to_bytes(3, "big")
            events.append((time, data[:2] if 0xC0 <= data[0] < 0xE0 else data))
        events += [(tick, message)] if message else []
        before = place
    return RawTrack(events, parser.tick if parser.ended else events[-1][0] + 1 if events else 0)


def _system(status: int, data: bytes) -> bytes:
    """Return the bytes of an event from `drumtok.midi.parser`."""
    if status not in (META, SYSEX, ESCAPE):
        return bytes((status,)) + data
    kind = data[: status == META]
    return bytes((status,)) + kind + _number(len(data) - len(kind)) + data[len(kind) :]


def meta(kind: int, data: bytes = b"") -> bytes:
    """Return the bytes of a meta event."""
    return _system(META, bytes((kind,)) + data)


def _wait(ticks: int) -> bytes:
    if ticks > LONGEST_WAIT:
        raise DrumtokError(f"ticks between two events must be at most {LONGEST_WAIT:,}, got {ticks:,}")
    return _number(ticks)


def _number(value: int) -> bytes:
    """Return the bytes of a number: the inverse of `drumtok.midi.parser.variable_length`."""
    sevens = [value >> shift & 0x7F for shift in (21, 14, 7, 0)]
    while len(sevens) > 1 and not sevens[0]:
        del sevens[0]
    return bytes(seven | 0x80 for seven in sevens[:-1]) + bytes(sevens[-1:])
