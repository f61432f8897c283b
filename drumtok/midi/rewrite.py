"""Rewrite the velocities and ticks of the drum notes of a MIDI file.

Everything else is kept: all other events, the tracks, the meter, the tempi, the pitches and lengths of the notes and
the ends of the tracks.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.events import NOTE_OFF, NOTE_ON, TEXT
from drumtok.midi.quantise import QuantisedFile, quantise_file
from drumtok.midi.raw import Event, RawFile, RawTrack, meta, raw_bytes, read_raw
from drumtok.midi.tempi import nearest_step
from drumtok.pattern import DEFAULT_GRID, Pattern

Key = tuple[int, int, int, int]  # of a note-on: its tick, pitch, velocity and channel
Change = tuple[int, int] | None  # its new tick and velocity; None removes it
Played = dict[
    tuple[int, int], tuple[int, int, float] | None
]  # (step, drum) -> old and new velocity, and delay in ticks
OFF_RANK, OTHER_RANK, ON_RANK = range(3)  # the order of events at one tick
REMOVED = b""  # in place of the message of an event
SEQUENCES = 2  # the type of MIDI files whose tracks follow one another


@dataclass
class TrackNote:
    """A note of a track: the indices of its two events in the track, and its ticks."""

    on: int
    off: int | None
    start: int
    end: int


def rewrite_drums(
    data: bytes,
    play: Callable[[Pattern], Pattern],
    name: str = "MIDI data",
    drums: DrumsConfig = DRUMS,
    text: str = "",
) -> bytes:
    """Rewrite the bytes of a MIDI file with new velocities and offsets of its drums.

    Args:
        play: returns a section of the file, on sixteenths, with the same hits but other velocities and offsets.
        name: the name of the file, for errors; it may name the drum of a single-drum file.
        drums: how its drums are found and read.
        text: the content of a text event at the start of the file, added if anything changes.

    Returns:
        The bytes of the new file; `data` itself if nothing changes.

    Raises:
        DrumtokError: the file cannot be read, has no drums, is damaged or is of type 2.
    """
    file = quantise_file(data, name, drums.note_map, DEFAULT_GRID, known=drums.choice)
    if not len(file.hits.step):
        raise DrumtokError(f"{name!r} has no hits of the kit")
    steps = nearest_step(file.notes.time, file.events.ticks_per_beat, DEFAULT_GRID)
    changes = changes_of(file, _played(file, play), steps)
    if all(change == (key[0], key[2]) for key, own in changes.items() for change in own):
        return data
    try:
        return raw_bytes(with_text(rewritten(data, changes), text), running=True)
    except DrumtokError as error:
        raise DrumtokError(f"cannot rewrite {name!r}: {error}") from None


def _played(file: QuantisedFile, play: Callable[[Pattern], Pattern]) -> Played:
    """Play all sections."""
    played: Played = {}
    for (start, *_), before in zip(file.cuts, file.patterns(DEFAULT_GRID, offsets=True), strict=True):
        after = play(before)
        later = (after.offset.astype(np.float64) - before.offset) * file.events.ticks_per_beat / DEFAULT_GRID
        for step, drum in np.argwhere(before.hits).tolist():
            cell = step, drum
            played[start + step, drum] = int(before.velocity[cell]), int(after.velocity[cell]), float(later[cell])
    return played


def changes_of(file: QuantisedFile, played: Played, steps: NDArray[np.int64]) -> dict[Key, list[Change]]:
    """Return the change of each drum note; notes that were merged into one hit change with the loudest one.

    Args:
        steps: (notes,) the steps of the drum notes.
    """
    events, notes = file.events, file.notes
    changes: dict[Key, list[Change]] = defaultdict(list)
    for place, drum, step in zip(notes.place.tolist(), notes.drum.tolist(), steps.tolist(), strict=True):
        if drum < 0 or (step, drum) not in played:
            continue
        time, velocity = int(events.time[place]), int(events.velocity[place])
        change = played[step, drum]
        if change is not None:
            old, new, later = change
            moved: Change = max(time + round(later), 0), min(max(int(velocity * new / old + 0.5), 1), 127)
        else:
            moved = None
        changes[time, int(events.pitch[place]), velocity, int(events.channel[place])].append(moved)
    return changes


def rewritten(data: bytes, changes: dict[Key, list[Change]]) -> RawFile:
    """Apply changes to the notes of a file.

    Raises:
        DrumtokError: the file is damaged or of type 2, or a note is not found.
    """
    file = read_raw(data)
    if file.faults:
        raise DrumtokError(f"it is damaged ({'; '.join(file.faults)})")
    if file.kind == SEQUENCES:
        raise DrumtokError(f"type must be 0 or 1, got {SEQUENCES}, whose tracks follow one another")
    wanted = sum(map(len, changes.values()))
    tracks = [_rewritten_track(track, changes) for track in file.tracks]
    if left := sum(map(len, changes.values())):
        raise DrumtokError(f"{left} of its {wanted} hits were not found")
    return replace(file, tracks=tracks)


def with_text(file: RawFile, text: str) -> RawFile:
    """Add a text event at the start of a file, none for an empty text."""
    if not text:
        return file
    first, *others = file.tracks
    event = (0, meta(TEXT, text.encode("utf-8", "surrogateescape")))
    return replace(file, tracks=[RawTrack([event, *first.events], first.end), *others])


def _rewritten_track(track: RawTrack, changes: dict[Key, list[Change]]) -> RawTrack:
    """Apply the changes to the notes of a track; those that were applied are removed from `changes`."""
    by_pitch, ranks = notes_and_ranks(track)
    ticks, messages = [tick for tick, _ in track.events], [message for _, message in track.events]
    for notes in by_pitch.values():
        starts = _start_notes(notes, track.events, changes, messages, track.end)
        for note, start, following in zip(notes, starts, [*starts[1:], track.end], strict=True):
            ticks[note.on] = start
            if note.off is not None:
                ticks[note.off] = max(min(start + note.end - note.start, max(following, note.end)), start)
                if not messages[note.on]:
                    messages[note.off] = REMOVED
    places = (place for place, message in enumerate(messages) if message)
    order = sorted(places, key=lambda place: (ticks[place], ranks[place], place))
    return RawTrack([(ticks[place], messages[place]) for place in order], track.end)


def notes_and_ranks(track: RawTrack) -> tuple[dict[tuple[int, int], list[TrackNote]], list[int]]:
    """Return the notes of a track in order, by channel and pitch, and the rank of each event."""
    by_pitch: dict[tuple[int, int], list[TrackNote]] = defaultdict(list)
    ranks = [OTHER_RANK] * len(track.events)
    for place, (tick, message) in enumerate(track.events):
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == NOTE_ON and message[2]:
            by_pitch[channel, message[1]].append(TrackNote(place, None, tick, track.end))
            ranks[place] = ON_RANK
        elif kind in (NOTE_ON, NOTE_OFF):
            ranks[place] = OFF_RANK
            sounding = by_pitch.get((channel, message[1]))  # None for a surplus note-off
            if sounding and sounding[-1].off is None:
                sounding[-1].off, sounding[-1].end = place, tick
    return by_pitch, ranks


def _start_notes(
    notes: list[TrackNote], events: Sequence[Event], changes: dict[Key, list[Change]], messages: list[bytes], end: int
) -> list[int]:
    """Return the new ticks of the notes of one pitch, in their old order, and put new velocities into `messages`."""
    starts: list[int] = []
    before = 0
    for note in notes:
        status, pitch, velocity = events[note.on][1]
        waiting = changes.get((note.start, pitch, velocity, status & 0x0F))
        start = note.start
        if waiting:
            change = waiting.pop(0)
            start, velocity = change or (start, velocity)
            messages[note.on] = bytes((status, pitch, velocity)) if change else REMOVED
        latest = max(end - 1, note.start)  # it does not move past the end of the track
        earliest = starts[-1] + (note.start > before) if starts else 0  # two notes at one tick stay together
        starts.append(max(min(start, latest), earliest))
        before = note.start
    return starts
