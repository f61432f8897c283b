"""Read the percussion of a SoundFont 2 file: for each note, its samples and their envelopes.

A SoundFont is a RIFF file of nine tables. The zones of a preset name instruments, the zones of an instrument name
samples. Generators are the parameters of a zone; those of the preset are added to those of the instrument. A first
zone that names nothing holds the defaults of the others
(SoundFont Technical Specification 2.04, Creative Technology, 2006).
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.runtime.reading import read_file

PERCUSSION = 128  # the bank of a font's drum kits

Generators = dict[int, int]

# Generators by their numbers in the specification.
KEY_RANGE, VELOCITY_RANGE = 43, 44
INSTRUMENT, SAMPLE = 41, 53
# Summed over preset and instrument, in the units of the specification: name -> (number, default).
SHAPE = {
    "pitch_sweep": (7, 0),  # cents at the peak of the modulation envelope
    "filter_cutoff": (8, 13500),  # cents above 8.176 Hz
    "filter_sweep": (11, 0),  # cents at the peak of the modulation envelope
    "pan": (17, 0),  # -500 left to 500 right
    "sweep_hold": (27, -12000),  # of the modulation envelope; times are cents of a second
    "sweep_decay": (28, -12000),
    "sweep_sustain": (29, 0),  # thousandths below the peak
    "attack": (34, -12000),  # of the volume envelope
    "hold": (35, -12000),
    "decay": (36, -12000),
    "sustain": (37, 0),  # centibels below the peak
    "attenuation": (48, 0),  # centibels
    "coarse_tune": (51, 0),  # semitones
    "fine_tune": (52, 0),  # cents
}
# Of the instrument alone.
SAMPLE_MODES, SCALE_TUNING, EXCLUSIVE_CLASS, ROOT_KEY = 54, 56, 57, 58
LOOPED = (1, 3)

_TABLES: dict[bytes, list] = {
    b"phdr": [("name", "S20"), ("preset", "<u2"), ("bank", "<u2"), ("zone", "<u2"), ("unused", "<u4", 3)],
    b"pbag": [("generator", "<u2"), ("modulator", "<u2")],
    b"pgen": [("number", "<u2"), ("amount", "<i2")],
    b"inst": [("name", "S20"), ("zone", "<u2")],
    b"ibag": [("generator", "<u2"), ("modulator", "<u2")],
    b"igen": [("number", "<u2"), ("amount", "<i2")],
    b"shdr": [
        *[("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4")],
        *[("rate", "<u4"), ("key", "u1"), ("correction", "i1"), ("link", "<u2"), ("kind", "<u2")],
    ],
}


@dataclass(frozen=True, eq=False)
class Zone:
    """A sample that is played by a note of a preset.

    Attributes:
        sample: its frames, int16, mono.
        rate: frames per second of the recording.
        loop: first frame of the repeated part and the frame after it; None if it is played once.
        cents: the transposition from the recorded pitch.
        shape: the value of each name of `SHAPE`, in its unit.
        notes: the number of notes of its instrument that play it.
        exclusive: the class within which a new note ends older ones, or 0.
    """

    sample: NDArray[np.int16]
    rate: int
    loop: tuple[int, int] | None
    cents: float
    shape: Mapping[str, int]
    notes: int
    exclusive: int


class SoundFont:
    """The tables of a SoundFont file.

    Raises:
        DrumtokError: the file cannot be read or is not a SoundFont 2 file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        data = read_file(path)
        chunks = dict(_chunks(data))
        missing = sorted(tag.decode() for tag in {*_TABLES, b"smpl"} - chunks.keys())
        if data[8:12] != b"sfbk" or missing:
            raise DrumtokError(f"cannot read {str(path)!r}: it is not a SoundFont 2 file")
        self.samples = np.frombuffer(chunks[b"smpl"][: len(chunks[b"smpl"]) // 2 * 2], dtype="<i2")
        self.tables = {tag: _table(chunks[tag], fields) for tag, fields in _TABLES.items()}

    def zones(self, preset: int, note: int) -> tuple[Zone, ...]:
        """Return the zones of a note of a percussion preset, in the file's order; none if the preset lacks the note.

        Raises:
            DrumtokError: the file has no such preset in bank 128, or its tables point outside of one another.
        """
        presets = self.tables[b"phdr"][:-1]  # the last row of each table only terminates the one before
        found = np.flatnonzero((presets["bank"] == PERCUSSION) & (presets["preset"] == preset))
        if not found.size:
            raise DrumtokError(f"preset {preset} of bank {PERCUSSION} is not in {str(self.path)!r}")
        try:
            return tuple(self._zones_of(int(found[0]), note))
        except (IndexError, KeyError, ValueError) as error:
            raise DrumtokError(f"cannot read {str(self.path)!r}: preset {preset}, note {note} is damaged") from error

    def _zones_of(self, preset: int, note: int) -> Iterator[Zone]:
        for outer in self._generators(b"phdr", b"pbag", b"pgen", preset, INSTRUMENT):
            if _holds(outer, note):
                for inner in self._generators(b"inst", b"ibag", b"igen", outer[INSTRUMENT], SAMPLE):
                    if _holds(inner, note):
                        yield self._zone(outer, inner, note)

    def _generators(self, heads: bytes, bags: bytes, gens: bytes, row: int, names: int) -> Iterator[Generators]:
        """Yield the generators of each zone of a row that names something, with the defaults of the row."""
        head, bag, gen = self.tables[heads], self.tables[bags], self.tables[gens]
        common: Generators = {}
        first, end = int(head[row]["zone"]), int(head[row + 1]["zone"])
        for zone in range(first, end):
            own = gen[bag[zone]["generator"] : bag[zone + 1]["generator"]]
            generators = dict(zip(own["number"].tolist(), own["amount"].tolist(), strict=True))
            if names in generators:
                yield common | generators
            elif zone == first:
                common = generators

    def _zone(self, outer: Generators, inner: Generators, note: int) -> Zone:
        header = self.tables[b"shdr"][inner[SAMPLE]]
        start, end, *loop = (int(header[key]) for key in ("start", "end", "loop_start", "loop_end"))
        if not start < end <= len(self.samples):
            raise ValueError("a sample must lie within the samples")
        shape = {name: inner.get(number, default) + outer.get(number, 0) for name, (number, default) in SHAPE.items()}
        root = inner.get(ROOT_KEY, -1)
        root = int(header["key"]) if root < 0 else root
        cents = (note - root) * inner.get(SCALE_TUNING, 100) + 100 * shape["coarse_tune"] + shape["fine_tune"]
        looped = inner.get(SAMPLE_MODES, 0) in LOOPED and start <= loop[0] < loop[1] <= end
        return Zone(
            self.samples[start:end],
            int(header["rate"]),
            (loop[0] - start, loop[1] - start) if looped else None,
            cents + float(header["correction"]),
            shape,
            len(_span(inner, KEY_RANGE)),
            inner.get(EXCLUSIVE_CLASS, 0),
        )


def _holds(generators: Generators, note: int, velocity: int = 127) -> bool:
    """Return whether a zone plays a note at a velocity, by default that of the loudest layer."""
    return note in _span(generators, KEY_RANGE) and velocity in _span(generators, VELOCITY_RANGE)


def _span(generators: Generators, number: int) -> range:
    """Return the range of notes or velocities of a zone, by default all."""
    span = generators.get(number, 127 << 8) & 0xFFFF  # lowest in the lower byte, highest in the upper one
    return range(span & 0xFF, (span >> 8) + 1)


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield (name, content) of the complete chunks inside the lists of a RIFF file."""
    view, place = memoryview(data), 12
    while place + 8 <= len(data):
        tag, size = data[place : place + 4], unpack_from("<I", data, place + 4)[0]
        if tag == b"LIST":
            place += 12  # skip name, size and kind of the list
            continue
        yield tag, view[place + 8 : place + 8 + size]
        place += 8 + size + (size & 1)


def _table(content: memoryview, fields: list) -> NDArray:
    kind = np.dtype(fields)
    return np.frombuffer(content, dtype=kind, count=len(content) // kind.itemsize)
