"""The bulk reader: the notes of many plain MIDI files at once (`drumtok.midi.plain_tracks`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.events import DRUM_CHANNEL, Marks, pedal_table
from drumtok.midi.plain_notes import TrackEvents, decode
from drumtok.midi.plain_tracks import PlainTrack, plain_tracks

NOTES = 128  # of MIDI


class PlainFile(NamedTuple):
    """The head of a plain file.

    Attributes:
        number: its index among the files.
        ticks_per_beat: the ticks of a quarter note.
        marks: its tempi and time signatures.
    """

    number: int
    ticks_per_beat: int
    marks: Marks


@dataclass(frozen=True)
class Scan:
    """The plain files among many whose notes are all in one track and on channel 10.

    Attributes:
        files: in order.
        counts, ends: (files,) the number of notes of each file, never 0, and the tick of its end.
        time, pitch, velocity: (notes,) of all files, file after file.
        tracks: (files,) the first track of each and the one after its last, in `events`.
        events: all events of their tracks; None without files.
    """

    files: list[PlainFile]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    tracks: list[tuple[int, int]]
    events: TrackEvents | None

    @cached_property
    def histogram(self) -> NDArray[np.int64]:
        """The number of times each file has each note, (files, 128)."""
        files = len(self.files)
        cell = np.repeat(np.arange(0, files * NOTES, NOTES), self.counts) + self.pitch
        return np.bincount(cell, minlength=files * NOTES).reshape(files, NOTES)

    def notes_of(self, index: int) -> slice:
        """Return the slice of the notes of a file."""
        stop = int(self.counts[: index + 1].sum())
        return slice(stop - int(self.counts[index]), stop)

    def pedals_of(self, index: int) -> NDArray[np.int64]:
        """Return the pedal positions of a file, as in `drumtok.midi.events.Events.pedals`."""
        heads = self.files[index].marks.pedals
        return pedal_table(heads, *(self.events.pedals(track) for track in range(*self.tracks[index]) if self.events))


def scan(files: Sequence[bytes]) -> Scan:
    """Read the plain files among many; the others are left out."""
    plain: dict[int, PlainFile] = {}
    tracks: list[PlainTrack] = []
    for number, data in enumerate(files):
        marks = Marks()
        found = plain_tracks(data, marks, number)
        if found:
            plain[number] = PlainFile(number, data[12] << 8 | data[13], marks)
            tracks += found
    while tracks:
        rejected, scanned = _read(tracks, plain)
        if scanned is not None:
            return scanned
        tracks = [track for track in tracks if track.file not in rejected]
        plain = {number: file for number, file in plain.items() if number not in rejected}
    nothing = np.zeros(0, dtype=np.int64)
    no_bytes = nothing.astype(np.uint8)
    return Scan([], nothing, nothing, nothing, no_bytes, no_bytes, [], None)


def _read(tracks: list[PlainTrack], files: dict[int, PlainFile]) -> tuple[set[int], Scan | None]:
    """Return the files that are not plain after all, and a scan of the others where their tracks could be separated."""
    wrong, notes = decode(tracks)
    if notes is None:
        return {tracks[i].file for i in wrong}, None
    owner = np.array([track.file for track in tracks])
    counts, ends, time, pitch, velocity = notes.counts, notes.ends, notes.time, notes.pitch, notes.velocity
    rejected = set(owner[wrong].tolist())
    elsewhere = np.flatnonzero(notes.channel != DRUM_CHANNEL)
    if len(elsewhere):
        rejected |= set(np.repeat(owner, counts)[elsewhere].tolist())
    sounding_tracks = Counter(owner[counts > 0].tolist())
    rejected |= {number for number in files if sounding_tracks[number] != 1}
    kept = np.arange(len(owner))
    if rejected:
        stays = ~np.isin(owner, list(rejected))
        sounding, kept = np.repeat(stays, counts), np.flatnonzero(stays)
        time, pitch, velocity = time[sounding], pitch[sounding], velocity[sounding]
    counts, ends, owner = counts[kept], ends[kept], owner[kept]
    first, last = np.flatnonzero(np.diff(owner, prepend=-1)), np.flatnonzero(np.diff(owner, append=-1))
    spans = list(zip(kept[first].tolist(), (kept[last] + 1).tolist(), strict=True))
    ends = np.maximum.reduceat(ends, first) if len(first) else ends
    left = [file for number, file in files.items() if number not in rejected]
    return rejected, Scan(left, counts[counts > 0], ends, time, pitch, velocity, spans, notes.events)
