"""The notes of plain tracks, decoded by array arithmetic over the bytes of all tracks at once.

The last byte of a delta time is below 128, and so are the two data bytes of each event of a plain track; all other
bytes are above. So the bytes below 128 come in threes: the k-th three is the k-th event, whatever the running status
does. The bytes between them are checked: only delta-time bytes before the first of a three, at most one status byte
before the second, none before the third. Any other event breaks this pattern, and
the track is reported as not plain; a file with such a track is left to the tolerant reader. All other tracks decode to
exactly the events of the tolerant reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.events import CONTROL, NOTE_ON, PEDAL
from drumtok.midi.plain_tracks import PlainTrack

_HIGH = bytes(range(0x80, 0x100))
_LONGEST_DELTA = 4  # bytes


@dataclass(frozen=True)
class TrackNotes:
    """The notes of tracks, track after track.

    Attributes:
        counts: (tracks,) the number of notes of each.
        ends: (tracks,) the tick of each end-of-track.
        time, pitch, velocity, channel: (notes,) of each note-on that sounds, times in ticks.
        events: all events of the tracks.
    """

    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    events: "TrackEvents"


@dataclass(frozen=True)
class TrackEvents:
    """The events of tracks, track after track, and the runs of events that share a status byte.

    Attributes:
        bounds: (tracks + 1,) the first event of each track, and the number of all events.
        base: (tracks,) the number to subtract from the ticks of each track, so that they count from its start.
        ticks: (events,) of each event.
        low: (events, 3) the bytes below 128 of each: the last of its delta time, and its data.
        status, first, lengths: (runs,) the status byte of each run, its first event, and the number of its events.
    """

    bounds: NDArray[np.int32]
    base: NDArray[np.int64]
    ticks: NDArray[np.int64]
    low: NDArray[np.uint8]
    status: NDArray[np.uint8]
    first: NDArray[np.int32]
    lengths: NDArray[np.int32]

    def note_ons(self) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return the note-ons in order, and the status of each."""
        chosen = np.flatnonzero((self.status & 0xF0) == NOTE_ON)
        first, lengths = self.first.take(chosen, mode="clip"), self.lengths.take(chosen, mode="clip")
        status = self.status.take(chosen, mode="clip")
        if (lengths == 1).all():
            return first, status
        stops = np.cumsum(lengths, dtype=np.int32)
        events = np.repeat(first - (stops - lengths), lengths)
        events += np.arange(len(events), dtype=np.int32)
        alike = (status == status[0]).all()
        return events, np.full(len(events), status[0]) if alike else np.repeat(status, lengths)

    def pedals(self, track: int) -> NDArray[np.int64]:
        """Return tick, channel and value of each position of a pedal (controller 4) of a track, (positions, 3)."""
        begin, end = self.bounds[track : track + 2]
        runs = slice(*np.searchsorted(self.first, self.bounds[track : track + 2]))
        status, low = np.repeat(self.status[runs], self.lengths[runs]), self.low[begin:end]
        feet = np.flatnonzero(((status & 0xF0) == CONTROL) & (low[:, 1] == PEDAL))
        positions = np.empty((len(feet), 3), dtype=np.int64)
        positions[:, 0] = self.ticks[begin:end][feet] - self.base[track]
        positions[:, 1] = status[feet] & 0x0F
        positions[:, 2] = low[feet, 2]
        return positions


def decode(tracks: Sequence[PlainTrack]) -> tuple[NDArray[np.int64], TrackNotes | None]:
    """Decode the notes of tracks.

    Returns:
        The numbers of the tracks that are not plain, and the notes of all tracks, invalid for tracks that are not
        plain. None instead of notes if such tracks make it impossible to separate the others: decode again without
        them.
    """
    data = b"".join([track.body for track in tracks])
    code = np.frombuffer(data, dtype=np.uint8)
    high = np.flatnonzero(code >= 0x80)
    starts = np.cumsum([0, *[len(track.body) for track in tracks]])
    lower = starts - np.searchsorted(high, starts)  # the bytes below 128 before each track
    uneven = np.flatnonzero(np.diff(lower) % 3)
    if len(uneven):
        return uneven, None
    bounds = (lower // 3).astype(np.int32)  # of the type of the events, so that searchsorted converts none of them
    low = np.frombuffer(data.translate(None, _HIGH), dtype=np.uint8).reshape(-1, 3)
    event, place = _places(high)
    stated = np.flatnonzero(place == 1)
    status, at = code.take(high.take(stated, mode="clip"), mode="clip"), event.take(stated, mode="clip")
    twice = np.flatnonzero(at[1:] == at[:-1])
    wrong = [at[twice], event[place == 2]]
    if len(twice):
        status, at = np.delete(status, twice), np.delete(at, twice)
    ticks, too_long = _ticks(low[:, 0], code, high, event, np.flatnonzero(place == 0))
    wrong += [too_long, *_wrong_statuses(status, at, bounds)]
    base = np.append(0, ticks[bounds[1:-1] - 1]) - np.array([track.tick for track in tracks], dtype=np.int64)
    every = TrackEvents(bounds, base, ticks, low, status, at, np.diff(at, append=np.int32(len(low))))
    return np.searchsorted(bounds, np.concatenate(wrong), side="right") - 1, _notes(every)


def _places(high: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the event of each byte above 127, and how many bytes below 128 of that event come before it."""
    lower = high.astype(np.int32) - np.arange(len(high), dtype=np.int32)  # a file has fewer than 2^31 bytes
    event = (lower // np.int32(3)).astype(np.int32, copy=False)
    return event, (lower - np.int32(3) * event).astype(np.int32, copy=False)


def _wrong_statuses(
    status: NDArray[np.uint8], at: NDArray[np.int32], bounds: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return events whose status is not one of a plain track, and first events without a status.

    Args:
        status, at: the status bytes and their events, at most one of each. The last of each track is its end.
        bounds: as in `TrackEvents`.
    """
    wrong = ((status ^ 0x80) >= 0x40) & ((status & 0xF0) != 0xE0)
    wrong[np.searchsorted(at, bounds[1:]) - 1] = False  # the end-of-track
    first = bounds[:-1]
    return at[wrong], first[at[np.searchsorted(at, first)] != first]


def _ticks(
    last: NDArray[np.uint8],
    code: NDArray[np.uint8],
    high: NDArray[np.intp],
    event: NDArray[np.int32],
    longer: NDArray[np.intp],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the tick of each event, all tracks end to end, and the events whose delta time exceeds four bytes.

    Args:
        last: (events,) the last byte of each delta time.
        code: all bytes; `high` the places of those above 127, `event` their events.
        longer: the indices of those among `high` that are bytes of delta times.
    """
    delta = last.astype(np.int64)
    own, value = event[longer], code[high[longer]] & 0x7F
    for shift in range(7, 7 * _LONGEST_DELTA, 7):  # from the last of the bytes of each to the first
        if not len(own):
            break
        ends = np.diff(own, append=-1) != 0
        delta[own[ends]] += value[ends].astype(np.int64) << shift
        own, value = own[~ends], value[~ends]
    return np.cumsum(delta), own


def _notes(every: TrackEvents) -> TrackNotes:
    """Return the note-ons that sound."""
    events, status = every.note_ons()
    velocity = every.low[:, 2].take(events, mode="clip")
    sounding = np.flatnonzero(velocity > 0)
    if len(sounding) < len(velocity):  # taken by their indices, which is faster than by a mask
        events, status = events.take(sounding, mode="clip"), status.take(sounding, mode="clip")
        velocity = velocity.take(sounding, mode="clip")
    counts = np.diff(np.searchsorted(events, every.bounds))
    return TrackNotes(
        counts,
        every.ticks[every.bounds[1:] - 1] - every.base,
        every.ticks.take(events, mode="clip") - np.repeat(every.base, counts),
        every.low[:, 1].take(events, mode="clip"),
        velocity,
        status & np.uint8(0x0F),
        every,
    )
