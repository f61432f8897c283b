"""The bulk reader: the notes of many plain MIDI files at once (`drumtok.midi.plain_tracks`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.events import DRUM_CHANNEL, Marks, pedal_table
from drumtok.midi.plain_tracks import PlainTrack, decode, plain_tracks


@dataclass(frozen=True)
class PlainFile:
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
        counts, ends: (files,) the number of notes of each, never 0, and the tick of its end.
        time, pitch, velocity: (notes,) of all of them, file after file.
        pedals: (events, 3) the positions of pedals after the heads of tracks, as in `TrackNotes`.
        pedal_counts: (files,) the number of these of each.
    """

    files: list[PlainFile]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    pedals: NDArray[np.int64]
    pedal_counts: NDArray[np.int64]

    def pedals_of(self, index: int) -> NDArray[np.int64]:
        """Return the positions of the pedals of a file, as `drumtok.midi.events.Events.pedals`."""
        stop = int(self.pedal_counts[: index + 1].sum())
        return pedal_table(self.files[index].marks.pedals, self.pedals[stop - int(self.pedal_counts[index]) : stop])


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
    return Scan([], nothing, nothing, nothing, no_bytes, no_bytes, nothing.reshape(-1, 3), nothing)


def _read(tracks: list[PlainTrack], files: dict[int, PlainFile]) -> tuple[set[int], Scan | None]:
    """Return the files that are not plain after all, and a scan of the others where their tracks could be separated."""
    wrong, notes = decode(tracks)
    if notes is None:
        return {tracks[i].file for i in wrong}, None
    owner = np.array([track.file for track in tracks])
    counts, ends, time, pitch, velocity = notes.counts, notes.ends, notes.time, notes.pitch, notes.velocity
    pedals, pedal_counts = notes.pedals, notes.pedal_counts
    rejected = set(owner[wrong].tolist())
    elsewhere = np.flatnonzero(notes.channel != DRUM_CHANNEL)
    if len(elsewhere):
        rejected |= set(np.repeat(owner, counts)[elsewhere].tolist())
    sounding_tracks = Counter(owner[counts > 0].tolist())
    rejected |= {number for number in files if sounding_tracks[number] != 1}
    if rejected:
        kept = ~np.isin(owner, list(rejected))
        sounding = np.repeat(kept, counts)
        time, pitch, velocity = time[sounding], pitch[sounding], velocity[sounding]
        pedals = pedals[np.repeat(kept, pedal_counts)]
        counts, ends, owner, pedal_counts = counts[kept], ends[kept], owner[kept], pedal_counts[kept]
    left = [file for number, file in files.items() if number not in rejected]
    if left:
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        ends, pedal_counts = np.maximum.reduceat(ends, first), np.add.reduceat(pedal_counts, first)
    return rejected, Scan(left, counts[counts > 0], ends, time, pitch, velocity, pedals, pedal_counts)
