"""`Events`: the notes, tempi, meters and names of a MIDI file, in ticks."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.code_pages import decoded

READ, SALVAGED, SKIPPED = "read", "salvaged", "skipped"  # the status of a file in reports
DRUM_CHANNEL = 9  # channel 10, counted from 0 in the bytes
BANK, PEDAL = CONTROLS = (0, 4)  # the controllers that matter: the bank, and the position of a pedal
OFF_VELOCITY = 64  # of the note-offs that are written
NOTE_OFF, NOTE_ON, CONTROL, PROGRAM, SYSEX, ESCAPE, META = 0x80, 0x90, 0xB0, 0xC0, 0xF0, 0xF7, 0xFF  # status bytes
TEXT, NAME, INSTRUMENT, MARKER, END_OF_TRACK, TEMPO, METER = 0x01, 0x03, 0x04, 0x06, 0x2F, 0x51, 0x58  # meta events
DENOMINATORS = 7  # time signatures over 1, 2, 4 ... 64

# Kinds of faults of a file, in words: one such fault, and several.
FAULT_WORDS = {
    "before": ("1 byte before the header is skipped", "{:,} bytes before the header are skipped"),
    "between": ("1 byte that belongs to no track is skipped", "{:,} bytes that belong to no track are skipped"),
    "after": ("1 byte after the end of a track is skipped", "{:,} bytes after the end of tracks are skipped"),
    "length": ("1 track has a wrong length", "{:,} tracks have a wrong length"),
    "cut": ("1 track breaks off in the middle of an event", "{:,} tracks break off in the middle of an event"),
    "open": ("1 track has no end-of-track event", "{:,} tracks have no end-of-track event"),
    "garbled": ("1 track is garbled and kept up to there", "{:,} tracks are garbled and kept up to there"),
    "clipped": ("1 data byte above 127 is clipped", "{:,} data bytes above 127 are clipped"),
    "meter": ("1 impossible time signature is left out", "{:,} impossible time signatures are left out"),
    "tempo": ("1 tempo is 0, read as the fastest", "{:,} tempi are 0, read as the fastest"),
    "meta": ("1 tempo or time signature is too short", "{:,} tempi or time signatures are too short"),
}


def fault_words(faults: Counter[str], others: Iterable[str] = ()) -> tuple[str, ...]:
    """Describe the faults of a file, a sentence for each kind.

    >>> fault_words(Counter(cut=1, clipped=2))
    ('1 track breaks off in the middle of an event', '2 data bytes above 127 are clipped')
    """
    sentences = (FAULT_WORDS[kind][count != 1].format(count) for kind, count in faults.items() if count)
    return (*others, *sentences)


class Program(NamedTuple):
    """A program change: its channel, counted from 0, the bank chosen before it, and the program."""

    channel: int
    bank: int
    program: int


@dataclass(frozen=True, eq=False)
class Events:
    """The notes of a MIDI file and the positions of its beats, the same from every reader.

    Attributes:
        ticks_per_beat: the ticks of a quarter note.
        time, pitch, velocity, channel, track: (notes,) of each note-on, times in ticks from the start, ordered by track
            and then by time; channels count from 0.
        tempos: (tempi, 2) tick and microseconds per quarter note, in order of time.
        meters: (time signatures, 3) tick, numerator and denominator, in order of time.
        names: the name of each track, or empty.
        programs: the program changes, each with its channel and the bank (controller 0) that its track chose before.
        pedals: (events, 3) tick, channel and value of each position of the hi-hat's pedal (controller 4), by time.
        rhythm_parts: channel -> whether it is a rhythm part, for channels set by a GS or XG system exclusive message.
        end: the tick of the latest end-of-track event, or 0.
        faults: descriptions of the faults of the file and of their repair.
    """

    ticks_per_beat: int
    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    track: NDArray[np.int32]
    tempos: NDArray[np.int64]
    meters: NDArray[np.int64]
    names: tuple[str, ...]
    programs: frozenset[Program]
    pedals: NDArray[np.int64]
    rhythm_parts: Mapping[int, bool]
    end: int
    faults: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.time)


@dataclass
class Marks:
    """The tempi, meters, names and kinds of channels of a file, collected event by event, and faults in them."""

    tempos: list[tuple[int, int]] = field(default_factory=list)
    meters: list[tuple[int, int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    programs: set[Program] = field(default_factory=set)
    pedals: list[tuple[int, int, int]] = field(default_factory=list)
    rhythm_parts: dict[int, bool] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _banks: dict[int, int] = field(default_factory=dict)  # channel -> bank, within the latest track

    def start_track(self) -> None:
        """Begin the next track, without a name and without the banks of other tracks."""
        self.names.append("")
        self._banks.clear()

    def on_event(self, tick: int, status: int, data: bytes) -> None:
        """Add an event of the latest track, as a `drumtok.midi.parser.OnEvent`."""
        if status == META:
            self.add_meta(data[0], tick, data[1:])
        elif status == SYSEX:
            self.rhythm_parts.update(rhythm_part(data))
        elif status & 0xF0 == PROGRAM:
            self.add_program(status, data[0])
        elif status & 0xF0 == CONTROL:
            self.add_control(tick, status, *data)

    def add_control(self, tick: int, status: int, number: int, value: int) -> None:
        """Add a controller, given by its status byte; only those of `CONTROLS` matter to drums."""
        if number == BANK:
            self._banks[status & 0x0F] = value
        elif number == PEDAL:
            self.pedals.append((tick, status & 0x0F, value))

    def add_program(self, status: int, program: int) -> None:
        """Add a program change, given by its status byte."""
        channel = status & 0x0F
        self.programs.add(Program(channel, self._banks.get(channel, 0), program))

    def add_meta(self, kind: int, tick: int, body: bytes) -> None:
        """Add a meta event of the latest track; most kinds do not matter to drums."""
        reader = META_READERS.get(kind)
        if reader:
            reader(self, tick, body)

    def _name(self, tick: int, body: bytes) -> None:
        self.names[-1] = self.names[-1] or decoded(body[:200])

    def _tempo(self, tick: int, body: bytes) -> None:
        if len(body) < 3:
            self.faults["meta"] += 1
            return
        microseconds = int.from_bytes(body[:3], "big")
        if not microseconds:
            self.faults["tempo"] += 1
        self.tempos.append((tick, microseconds))

    def _meter(self, tick: int, body: bytes) -> None:
        if len(body) < 2:
            self.faults["meta"] += 1
        elif body[0] == 0 or body[1] >= DENOMINATORS:
            self.faults["meter"] += 1
        else:
            self.meters.append((tick, body[0], 1 << body[1]))


META_READERS: dict[int, Callable[[Marks, int, bytes], None]] = {
    NAME: Marks._name,
    INSTRUMENT: Marks._name,  # names a track that has no name
    TEMPO: Marks._tempo,
    METER: Marks._meter,
}


def rhythm_part(message: bytes) -> dict[int, bool]:
    """Return channel -> whether it is a rhythm part, as a system exclusive message sets it; empty for other messages.

    Args:
        message: without its first byte, F0.

    Source: Roland SC-55 owner's manual, "USE FOR RHYTHM PART" (address 40 1x 15); Yamaha XG specifications,
    "part mode" (address 08 nn 07).

    >>> rhythm_part(bytes.fromhex("41 10 42 12 40 1A 15 02 0F F7"))  # GS: part A is channel 11
    {10: True}
    >>> rhythm_part(bytes.fromhex("43 10 4C 08 03 07 00 F7"))  # XG: the fourth part is melodic
    {3: False}
    """
    if len(message) >= 8 and message[0] == 0x41 and message[2:5] == b"\x42\x12\x40" and message[6] == 0x15:
        block = message[5] & 0x0F
        if message[5] & 0xF0 == 0x10:
            return {9 if block == 0 else block - (block < 10): message[7] > 0}
    if len(message) >= 7 and message[0] == 0x43 and message[2:4] == b"\x4c\x08" and message[5] == 0x07:
        return {message[4]: message[6] > 0} if message[4] < 16 else {}
    return {}


def by_time(marks: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    """Return marks as an array of shape (marks, width), sorted by tick, their first value; ties keep their order."""
    table = np.array(marks, dtype=np.int64).reshape(-1, width)
    return table if len(table) < 2 else table[np.argsort(table[:, 0], kind="stable")]


def pedal_table(heads: Sequence[tuple[int, int, int]], *others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return positions of a pedal as an array of shape (events, 3), by time, channel and value."""
    table = np.concatenate((np.array(heads, dtype=np.int64).reshape(-1, 3), *others))
    key = table[:, 0] << 11 | table[:, 1] << 7 | table[:, 2]
    return table if (key[1:] >= key[:-1]).all() else table[np.argsort(key, kind="stable")]


def tempo_table(tempos: list[tuple[int, int]], tempo: float | None) -> NDArray[np.int64]:
    """Return the tempi of a file by time, shape (tempi, 2); if there are none, `tempo` is used."""
    if tempo is not None and not tempos:
        tempos = [(0, round(60_000_000 / tempo))]
    return by_time(tempos, 2)
