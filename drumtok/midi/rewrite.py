"""Rewrite the drums of a MIDI file: their notes get new velocities and ticks, and everything else stays as it is.

Every other event, the tracks, the meter, the tempi, the pitches and lengths of the notes and the ends of the tracks are
those of the file.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.events import NOTE_OFF, NOTE_ON, TEXT
from drumtok.midi.quantise import QuantisedFile, quantise_file
from drumtok.midi.raw import Event, RawTrack, meta, raw_bytes, read_raw
from drumtok.midi.tempi import nearest_step
from drumtok.pattern import DEFAULT_GRID, Pattern

Key = tuple[int, int, int]  # of a note-on: its tick, pitch and velocity
Change = tuple[int, int]  # its new tick and velocity
OFF_RANK, OTHER_RANK, ON_RANK = range(3)  # the order of events at one tick
SEQUENCES = 2  # the type of MIDI files whose tracks follow one another


@dataclass
class _Note:
    """A note of a track: the places of its two events among the track's, and its ticks."""

    on: int
    off: int | None
    start: int
    end: int


def rewrite_drums(
    data: bytes, play: Callable[[Pattern], Pattern], name: str = "MIDI data", note_map: str = "gm", text: str = ""
) -> bytes:
    """Rewrite the bytes of a MIDI file with new velocities and offsets of its drums.

    Args:
        play: returns a section of the file, on sixteenths, with the same hits but other velocities and offsets.
        name: of the file, for errors; it may name the drum of a file of one drum.
        note_map: as in `drumtok.midi.note_maps.load_note_map`.
        text: goes into a text event at the start of the file, if anything changes.

    Returns:
        The bytes of the new file; `data` itself if nothing changes.

    Raises:
        DrumtokError: the file cannot be read, has no drums, is damaged or is of type 2.
    """
    file = quantise_file(data, name, note_map, DEFAULT_GRID)
    if not len(file.hits.step):
        raise DrumtokError(f"{name!r} has no hits of the kit")
    changes = _changes(file, _played(file, play))
    if all((tick, velocity) == (key[0], key[2]) for key, own in changes.items() for tick, velocity in own):
        return data
    try:
        return _rewritten(data, changes, text)
    except DrumtokError as error:
        raise DrumtokError(f"cannot rewrite {name!r}: {error}") from None


def _played(file: QuantisedFile, play: Callable[[Pattern], Pattern]) -> dict[tuple[int, int], tuple[int, int, float]]:
    """Play all sections anew; return (step, drum) -> old velocity, new velocity, and by how many ticks it moves."""
    played: dict[tuple[int, int], tuple[int, int, float]] = {}
    for (start, *_), before in zip(file.cuts, file.patterns(DEFAULT_GRID, offsets=True), strict=True):
        after = play(before)
        later = (after.offset.astype(np.float64) - before.offset) * file.events.ticks_per_beat / DEFAULT_GRID
        for step, drum in np.argwhere(before.hits).tolist():
            cell = step, drum
            played[start + step, drum] = int(before.velocity[cell]), int(after.velocity[cell]), float(later[cell])
    return played


def _changes(file: QuantisedFile, played: dict[tuple[int, int], tuple[int, int, float]]) -> dict[Key, list[Change]]:
    """Return the change of each drum note; notes that were merged into one hit change along with the loudest one."""
    events, notes = file.events, file.notes
    steps = nearest_step(notes.time, events.ticks_per_beat, DEFAULT_GRID)
    changes: dict[Key, list[Change]] = defaultdict(list)
    for place, drum, step in zip(notes.place.tolist(), notes.drum.tolist(), steps.tolist(), strict=True):
        key = int(events.time[place]), int(events.pitch[place]), int(events.velocity[place])
        if drum >= 0 and (step, drum) in played:
            old, new, later = played[step, drum]
            velocity = min(max(int(key[2] * new / old + 0.5), 1), 127)
            changes[key].append((max(key[0] + round(later), 0), velocity))
    return changes


def _rewritten(data: bytes, changes: dict[Key, list[Change]], text: str) -> bytes:
    file = read_raw(data)
    if file.faults:
        raise DrumtokError(f"it is damaged ({'; '.join(file.faults)})")
    if file.kind == SEQUENCES:
        raise DrumtokError(f"type must be 0 or 1, got {SEQUENCES}, whose tracks follow one another")
    wanted = sum(map(len, changes.values()))
    tracks = [_rewritten_track(track, changes) for track in file.tracks]
    if left := sum(map(len, changes.values())):
        raise DrumtokError(f"{left} of its {wanted} hits are not found")
    if text:
        event = (0, meta(TEXT, text.encode("utf-8", "surrogateescape")))
        tracks[0] = RawTrack([event, *tracks[0].events], tracks[0].end)
    return raw_bytes(replace(file, tracks=tracks), running=True)


def _rewritten_track(track: RawTrack, changes: dict[Key, list[Change]]) -> RawTrack:
    """Apply the changes to the notes of a track; those that were applied are removed from `changes`."""
    by_pitch, ranks = _notes_and_ranks(track)
    ticks, messages = [tick for tick, _ in track.events], [message for _, message in track.events]
    for notes in by_pitch:
        starts = _start_notes(notes, track.events, changes, messages, track.end)
        for note, start, following in zip(notes, starts, [*starts[1:], track.end], strict=True):
            ticks[note.on] = start
            if note.off is not None:
                ticks[note.off] = max(min(start + note.end - note.start, max(following, note.end)), start)
    order = sorted(range(len(messages)), key=lambda place: (ticks[place], ranks[place], place))
    return RawTrack([(ticks[place], messages[place]) for place in order], track.end)


def _notes_and_ranks(track: RawTrack) -> tuple[list[list[_Note]], list[int]]:
    """Return the notes of a track, in a list for each channel and pitch, and the rank of each event."""
    by_pitch: dict[tuple[int, int], list[_Note]] = defaultdict(list)
    ranks = [OTHER_RANK] * len(track.events)
    for place, (tick, message) in enumerate(track.events):
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == NOTE_ON and message[2]:
            by_pitch[channel, message[1]].append(_Note(place, None, tick, track.end))
            ranks[place] = ON_RANK
        elif kind in (NOTE_ON, NOTE_OFF):
            ranks[place] = OFF_RANK
            sounding = by_pitch.get((channel, message[1]))  # none for a note-off too many
            if sounding and sounding[-1].off is None:
                sounding[-1].off, sounding[-1].end = place, tick
    return list(by_pitch.values()), ranks


def _start_notes(
    notes: list[_Note], events: Sequence[Event], changes: dict[Key, list[Change]], messages: list[bytes], end: int
) -> list[int]:
    """Return the new ticks of the notes of one pitch, in their old order, and put new velocities into `messages`."""
    starts: list[int] = []
    before = 0
    for note in notes:
        status, pitch, velocity = events[note.on][1]
        waiting = changes.get((note.start, pitch, velocity))
        start = note.start
        if waiting:
            start, velocity = waiting.pop(0)
            messages[note.on] = bytes((status, pitch, velocity))
        latest = max(end - 1, note.start)  # it does not move to the end of the track
        earliest = starts[-1] + (note.start > before) if starts else 0  # two at one tick stay there
        starts.append(max(min(start, latest), earliest))
        before = note.start
    return starts
