"""Convert a MIDI file of one drum on any pitch, or of a kit on any channel, to a General MIDI drum file.

Nothing is quantised: ticks, velocities, tempo, time signatures and the end of every track stay.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.midi.chunks import RIFF, unwrapped
from drumtok.midi.drum_names import drum_from_name
from drumtok.midi.drum_tracks import OUTSIDE, DrumNotes, drum_notes
from drumtok.midi.events import (
    DRUM_CHANNEL,
    ESCAPE,
    INSTRUMENT,
    META,
    NAME,
    NOTE_OFF,
    NOTE_ON,
    OFF_VELOCITY,
    SALVAGED,
    SKIPPED,
    SYSEX,
)
from drumtok.midi.fast_reader import read_events
from drumtok.midi.note_maps import note_map
from drumtok.midi.raw import RawFile, RawTrack, end_to_end, raw_bytes, read_raw
from drumtok.midi.strict import CHANNEL_PREFIX, DEVICE, PORT, is_strict, without_invalid
from drumtok.midi.to_channel_10 import GENERAL_MIDI, StandardConfig, new_pitches, on_channel_10

STANDARDISED, COPIED = "standardised", "copied"
OF_TRACK = (NAME, INSTRUMENT, DEVICE, CHANNEL_PREFIX, PORT)  # meta events without a meaning if the notes are removed
STATUSES = (STANDARDISED, COPIED, SALVAGED, SKIPPED)


@dataclass(frozen=True)
class Outcome:
    """The line of one file in the report.

    Attributes:
        file: its path within the pack, and within the new folder if it was written.
        status: `standardised`, also for a kit in a layout that not every reader accepts; `copied` unchanged, since it
            is already a drum kit; `salvaged`, the readable part of a damaged file; `skipped`.
        reason: why it was copied or skipped, its faults, and remarks.
        role: the lane that its name gives, or None.
        pitches: the notes in it.
        notes: the number of notes written, or of the notes in a skipped file.
        merged: the number of notes left out because a louder one of the same drum begins at the same tick.
        dropped: the number of controllers, program changes and the like left out, since they have another meaning for a
            drum kit, and of events that not every reader accepts.
    """

    file: str
    status: str
    reason: str = ""
    role: str | None = None
    pitches: tuple[int, ...] = ()
    notes: int = 0
    merged: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class Note:
    """A note of a file, its times in ticks from the start, and the number of its track."""

    on: int
    off: int
    velocity: int
    pitch: int
    channel: int
    track: int


def standard_file(
    data: bytes, path_text: str, name: str = "", config: StandardConfig = GENERAL_MIDI
) -> tuple[Outcome, bytes | None]:
    """Convert the bytes of one MIDI file.

    Args:
        path_text: the path, whose name or folders may name a drum.
        name: the name of the file in the outcome, `path_text` by default.
        config: how it is read and written.

    Returns:
        The outcome and the new bytes, None if the file is skipped.
    """
    name, role = name or path_text, drum_from_name(path_text)
    try:
        file, remarks = _one_piece(read_raw(data))
        file, invalid = without_invalid(file)
        remarks += [f"{invalid:,} events that not every reader accepts are left out"] * bool(invalid)
        notes = list(_notes(file))
        status, reason = _judged(notes, role, config.drums.note_map)
        kit = _kit_to_move(data, path_text, status, config) if notes else None
        if kit is not None:
            where = f"the notes of {config.written}" if status == COPIED else "channel 10"
            status, reason = STANDARDISED, f"its drums go to {where}: {kit.evidence}"
        pitches = tuple(sorted({note.pitch for note in notes}))
        outcome = Outcome(name, status, "; ".join(filter(None, (reason, *remarks))), role, pitches, len(notes))
        if status == SKIPPED:
            return outcome, None
        if status == COPIED and not invalid and (whole := _to_copy(data, file)):
            return outcome, whole
        made, merged, dropped = _standardised(file, notes, role, kit, status, config)
        written = raw_bytes(made)
    except DrumtokError as error:
        return Outcome(name, SKIPPED, f"it cannot be read: {error}", role), None
    status = SALVAGED if file.faults else STANDARDISED
    return replace(outcome, status=status, notes=len(notes) - merged, merged=merged, dropped=dropped + invalid), written


def _kit_to_move(data: bytes, path_text: str, status: str, config: StandardConfig) -> DrumNotes | None:
    """Return the notes of a kit on another channel, or on notes of another map than is written, else None."""
    known = replace(config.drums.choice, path=path_text)
    if known.overrules:
        return drum_notes(read_events(data), config.drums.note_map, known)
    if status == STANDARDISED or (status == COPIED and config.drums.note_map == config.written):
        return None
    notes = drum_notes(read_events(data), config.drums.note_map, known)
    if status == COPIED:
        return notes if list(new_pitches(notes, config.written).values()) != notes.pitch.tolist() else None
    return notes if len(set(notes.drum.tolist()) - {OUTSIDE}) > 1 else None


def _to_copy(data: bytes, file: RawFile) -> bytes | None:
    """Return the bytes of a file without its RIFF wrapper if every reader accepts them as they are."""
    plain = unwrapped(data)[0] if data[:4] == RIFF else data
    is_plain = not file.faults and is_strict(plain) and int.from_bytes(plain[8:10], "big") == file.kind
    return plain if is_plain else None


def _standardised(
    file: RawFile, notes: list[Note], role: str | None, kit: DrumNotes | None, status: str, config: StandardConfig
) -> tuple[RawFile, int, int]:
    """Return the new file, and the numbers of merged notes and of events left out."""
    if kit is not None:
        return _ended(on_channel_10(file, kit, config.written)), 0, 0
    return _one_drum(file, notes, config.note_of(str(role))) if status == STANDARDISED else (_ended(file), 0, 0)


def _one_piece(file: RawFile) -> tuple[RawFile, list[str]]:
    """Return a file of type 0 or 1, with the tracks of a type 2 file laid end to end, and remarks."""
    remarks = list(file.faults)
    if file.kind == 2 and len(file.tracks) > 1:
        remarks.append(f"it is of type 2: its {len(file.tracks):,} tracks are laid end to end")
        file = end_to_end(file)
    kind = 0 if file.kind == 0 and len(file.tracks) == 1 else 1  # independent of the header
    return replace(file, kind=kind), remarks


def _judged(notes: list[Note], role: str | None, map_name: str) -> tuple[str, str]:
    """Decide the status of a file; return it and the reason."""
    drum_of = note_map(map_name)
    pitches = {note.pitch for note in notes}
    kit = {note.pitch for note in notes if note.channel == DRUM_CHANNEL and drum_of[note.pitch] >= 0}
    drums = {int(drum_of[pitch]) for pitch in pitches} - {-1}
    held = f"notes {', '.join(map(str, sorted(kit if len(kit) > 1 else pitches)))}"
    named = f", though its name gives {role}" if role else ""
    if not notes:
        return SKIPPED, "it has no notes"
    if len(kit) > 1:
        return COPIED, f"it is a drum kit already: {held} on channel 10{named}"
    if role not in LANE_INDEX:
        return SKIPPED, "neither its name nor its folders name one drum of the kit"
    if len(drums) > 1:
        return SKIPPED, f"{held} look like several drums, not on channel 10{named}"
    return STANDARDISED, f"{held} are all read as one drum" if len(pitches) > 1 else ""


def _notes(file: RawFile) -> Iterator[Note]:
    """Yield the notes of all tracks; of two overlapping notes of one pitch the older ends first."""
    for number, track in enumerate(file.tracks):
        sounding: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for tick, message in track.events:
            if not _is_note(message):
                continue
            pitch, velocity = message[1:]
            key = (pitch, message[0] & 0x0F)
            if message[0] >= NOTE_ON and velocity:
                sounding.setdefault(key, []).append((tick, velocity))
            elif sounding.get(key):
                on, loudest = sounding[key].pop(0)
                yield Note(on, tick, loudest, *key, number)
        for key, left in sounding.items():  # without a note-off
            yield from (Note(on, track.end, velocity, *key, number) for on, velocity in left)


def _ended(file: RawFile) -> RawFile:
    """Add a note-off for each note without one, as in a truncated track."""
    tracks = []
    for track in file.tracks:
        sounding: Counter[tuple[int, int]] = Counter()
        for _, message in filter(lambda event: _is_note(event[1]), track.events):
            key = (message[0] & 0x0F, message[1])
            on = message[0] >= NOTE_ON and message[2] > 0
            sounding[key] += 1 if on else -min(sounding[key], 1)
        ends = [bytes((NOTE_OFF | channel, pitch, OFF_VELOCITY)) for channel, pitch in sounding.elements()]
        tracks.append(RawTrack([*track.events, *((track.end, message) for message in ends)], track.end))
    return replace(file, tracks=tracks)


def _is_note(message: bytes) -> bool:
    return message[0] & 0xF0 in (NOTE_ON, NOTE_OFF)


def _one_drum(file: RawFile, notes: list[Note], pitch: int) -> tuple[RawFile, int, int]:
    """Put all notes on one note on channel 10; return the file and counts of merged and dropped events.

    Tracks that lose all their notes are removed.
    """
    # All notes go into one track, since the order of two tracks at one tick is undefined: the one that ends last.
    home = max({note.track for note in notes}, key=lambda number: (file.tracks[number].end, -number))
    drum, merged = _drum_events(notes, pitch, file.tracks[home].end)
    tracks, dropped, latest = [], 0, 0
    for number, track in enumerate(file.tracks):
        # at one tick: note-offs, then meta and system events, then note-ons
        ranked = [(tick, 1, message) for tick, message in track.events if message[0] in (META, SYSEX, ESCAPE)]
        dropped += sum(not _is_note(message) for _, message in track.events) - len(ranked)
        ranked += drum if number == home else []
        ranked.sort(key=lambda event: event[:2])
        if number in (0, home) or any(message[0] != META or message[1] not in OF_TRACK for *_, message in ranked):
            tracks.append(RawTrack([(tick, message) for tick, _, message in ranked], track.end))
        else:
            latest = max(latest, track.end)
    tracks[-1] = replace(tracks[-1], end=max(tracks[-1].end, latest))  # the file keeps its length
    return replace(file, tracks=tracks), merged, dropped


def _drum_events(notes: list[Note], pitch: int, end: int) -> tuple[list[tuple[int, int, bytes]], int]:
    """Return (tick, rank at that tick, message) of a drum's notes until tick `end`, and the number of merged notes."""
    kept: dict[int, Note] = {}  # tick -> note, because a drum has one hit at a time
    for note in notes:
        if note.on not in kept or note.velocity > kept[note.on].velocity:
            kept[note.on] = note
    until = dict(pairwise([*sorted(kept), end]))
    events = []
    for on, note in kept.items():
        off = min(max(note.off, on + 1), until[on])  # a note on the very last tick has no length
        events.append((on, 2, bytes((NOTE_ON | DRUM_CHANNEL, pitch, note.velocity))))
        events.append((off, 0 if off > on else 3, bytes((NOTE_OFF | DRUM_CHANNEL, pitch, OFF_VELOCITY))))
    return events, len(notes) - len(kept)
