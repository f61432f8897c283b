"""A MIDI file whose drums are played otherwise, and in which all else stays as it is.

The notes of the drums get other velocities and other ticks; every other event, the tracks, the meter, the tempi, the
notes' pitches and lengths and the ends of the tracks are those of the file.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.drum_tracks import DrumNotes, drum_notes
from drumtok.midi.events import Events
from drumtok.midi.fast_reader import read_events
from drumtok.midi.note_maps import note_map
from drumtok.midi.quantise import Hits, nearest_step, sections
from drumtok.pattern import DEFAULT_GRID, Pattern

if TYPE_CHECKING:
    import mido

Key = tuple[int, int, int]  # a note-on: its tick, pitch and velocity
Change = tuple[int, int]  # what becomes of it: its tick and velocity
OFF_RANK, OTHER_RANK, ON_RANK, END_RANK = range(4)  # the order of events at one tick
TEXT_BYTES = "latin-1"  # what mido is told that texts are: a byte to a character, for not every file name is UTF-8
SEQUENCES = 2  # the type of MIDI files whose tracks follow one another


@dataclass
class _Note:
    """A note of a track: the places of its two events, and its ticks."""

    on: int
    off: int | None
    start: int
    end: int


def retouched(
    data: bytes, play: Callable[[Pattern], Pattern], name: str = "MIDI data", note_map: str = "gm", text: str = ""
) -> bytes:
    """The bytes of a MIDI file with its drums played otherwise; the same bytes where nothing changes.

    Args:
        play: gives each section of the file, on sixteenths, played otherwise; the hits stay.
        name: what errors call the file; it may tell which drum a file of one drum is.
        note_map: one of `drumtok.midi.note_maps.NOTE_MAPS`, or the path of a map of one's own.
        text: what a text event at the start of a file that changed says.

    Raises:
        DrumtokError: the bytes are no MIDI file that can be read, or have no drums, or cannot be written again.
    """
    try:
        events = read_events(data)
    except DrumtokError as error:
        raise DrumtokError(f"{name!r} is no readable MIDI file ({error})") from None
    notes = drum_notes(events, note_map, name)
    changes = _changes(events, notes, note_map, play, name)
    if all((tick, velocity) == (key[0], key[2]) for key, own in changes.items() for tick, velocity in own):
        return data
    return _rewritten(data, changes, name, text)


def _changes(
    events: Events, notes: DrumNotes, map_name: str, play: Callable[[Pattern], Pattern], name: str
) -> dict[Key, list[Change]]:
    """What becomes of the notes of the drums; those that are one hit go along with the loudest of them."""
    grid, per_beat = DEFAULT_GRID, events.ticks_per_beat
    hits = Hits.of(notes, per_beat, grid, map_name)
    try:
        cuts = sections(hits, events, grid, None)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {name!r}: {error}") from None
    moved: dict[tuple[int, int], tuple[int, float, float]] = {}
    for start, stop, meter, tempo in cuts:
        before = hits.pattern(start, stop, meter, tempo, grid, offsets=True)
        after = play(before)
        late = (after.offset.astype(np.float64) - before.offset) * per_beat / grid
        for step, drum in zip(*np.nonzero(before.hits), strict=True):
            cell = step, drum
            moved[int(start + step), int(drum)] = (
                int(after.velocity[cell]),
                float(before.velocity[cell]),
                float(late[cell]),
            )
    if not moved:
        raise DrumtokError(f"{name!r} has no hits of the kit")
    drums, steps = note_map(map_name)[notes.pitch], nearest_step(notes.time, per_beat, grid)
    changes: dict[Key, list[Change]] = defaultdict(list)
    for place, drum, step in zip(notes.place.tolist(), drums.tolist(), steps.tolist(), strict=True):
        key = int(events.time[place]), int(events.pitch[place]), int(events.velocity[place])
        if drum >= 0 and (step, drum) in moved:
            velocity, old, later = moved[step, drum]
            louder = min(max(int(key[2] * velocity / old + 0.5), 1), 127)
            changes[key].append((max(key[0] + round(later), 0), louder))
    return changes


def _rewritten(data: bytes, changes: dict[Key, list[Change]], name: str, text: str) -> bytes:
    import mido

    try:
        file = mido.MidiFile(file=BytesIO(data), charset=TEXT_BYTES, clip=True)
    except Exception as error:  # mido raises whatever a damaged file leads it to
        raise DrumtokError(f"{name!r} is damaged and cannot be written again as it is ({error})") from None
    if file.type == SEQUENCES:
        raise DrumtokError(f"{name!r} is of type 2, whose tracks follow one another: allowed are types 0 and 1")
    wanted = sum(map(len, changes.values()))
    file.tracks = [_track(track, changes) for track in file.tracks]
    if left := sum(map(len, changes.values())):
        raise DrumtokError(f"{name!r} cannot be written again as it is: {left} of its {wanted} hits are not found")
    if text:
        file.tracks[0].insert(0, mido.MetaMessage("text", text=text.encode().decode(TEXT_BYTES)))
    buffer = BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _track(track: Any, changes: dict[Key, list[Change]]) -> "mido.MidiTrack":
    """A track with its drums moved; what is done of the changes is taken out of them."""
    import mido

    ticks = np.cumsum([message.time for message in track]).tolist()
    messages, ranks = list(track), [OTHER_RANK] * len(track)
    end = ticks[-1] if ticks else 0
    by_pitch: dict[tuple[int, int], list[_Note]] = defaultdict(list)
    for place, message in enumerate(track):
        if message.type == "note_on" and message.velocity:
            by_pitch[message.channel, message.note].append(_Note(place, None, ticks[place], end))
            ranks[place] = ON_RANK
        elif message.type in ("note_on", "note_off"):
            ranks[place] = OFF_RANK
            sounding = by_pitch[message.channel, message.note]
            if sounding and sounding[-1].off is None:
                sounding[-1].off, sounding[-1].end = place, ticks[place]
    for notes in by_pitch.values():
        starts = _starts(notes, track, changes, messages, end)
        for note, start, following in zip(notes, starts, [*starts[1:], end], strict=True):
            ticks[note.on] = start
            if note.off is not None:
                ticks[note.off] = max(min(start + note.end - note.start, max(following, note.end)), start)
    moved = mido.MidiTrack()
    now = 0
    ranks[-1:] = [END_RANK]
    for place in sorted(range(len(messages)), key=lambda at: (ticks[at], ranks[at], at)):
        moved.append(messages[place].copy(time=ticks[place] - now))
        now = ticks[place]
    return moved


def _starts(
    notes: list[_Note], track: Any, changes: dict[Key, list[Change]], messages: list[Any], end: int
) -> list[int]:
    """The new ticks of the notes of one pitch, in their old order; their messages get their new velocities."""
    starts: list[int] = []
    before = 0
    for note in notes:
        message = track[note.on]
        waiting = changes.get((note.start, message.note, message.velocity))
        start = note.start
        if waiting:
            start, velocity = waiting.pop(0)
            messages[note.on] = message.copy(velocity=velocity)
        latest = max(end - 1, note.start)  # it does not move to where the track ends
        earliest = starts[-1] + (note.start > before) if starts else 0  # two at one tick stay so
        starts.append(max(min(start, latest), earliest))
        before = note.start
    return starts
