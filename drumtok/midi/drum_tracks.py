"""Which notes of a file are drums, and which drum a note is where its name tells more than its number."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX
from drumtok.midi.drum_names import OTHER, drum_from_name, says_drums
from drumtok.midi.events import DRUM_CHANNEL, Events
from drumtok.midi.note_maps import NOTE_MAPS, note_map

FITTING = 0.9  # of the notes of a channel are notes of the kit where it is taken for drums by its notes alone
KICK, SNARE, CLOSED = (LANE_INDEX[lane] for lane in ("kick", "snare", "closed"))
LEFT_OUT = 255  # in the place of the pitch of a drum that the kit has not
OCTAVES = (-24, -12, 12, 24)  # by which a kit may lie higher than the map says


@dataclass(frozen=True)
class DrumNotes:
    """The notes of a file that are read as drums.

    Attributes:
        time, pitch, velocity: (notes,) of each, the pitch as the note map is asked for it.
        place: (notes,) the number of each among the notes of the file.
        remarks: what was guessed, in words.
        suggestion: what to try where most notes are no drum of the kit, else empty.
    """

    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    place: NDArray[np.intp]
    remarks: tuple[str, ...]
    suggestion: str


def drum_notes(events: Events, map_name: str, path: str = "") -> DrumNotes:
    """The drums of a file.

    They are the notes on channel 10 and those of tracks whose names say so. Where there are none, but notes, the file
    is read as drums if it has one channel, or pitches that fit the kit. A file or track of one pitch is the drum that
    its name tells, and so is one whose notes are mostly outside the kit.

    Args:
        map_name: as in `drumtok.midi.note_maps.note_map`.
        path: the file's, whose name and folder may tell a drum.
    """
    drum_of = note_map(map_name)
    chosen, remarks = _chosen(events, drum_of)
    if not chosen.any():
        none = np.zeros(0, dtype=np.intp)
        return DrumNotes(events.time[none], events.pitch[none], events.velocity[none], none, remarks, "")
    time, pitch, velocity = events.time[chosen], events.pitch[chosen], events.velocity[chosen]
    role = drum_from_name(path) if path else None
    if role and _is_one_drum(pitch, drum_of):
        remarks += _role_remark(role, pitch, drum_of, "the file's name")
        pitch = np.full_like(pitch, _note_of(role))
    elif len(events.names) > 1:
        pitch, found = _by_track_names(pitch, events.track[chosen], events.names, drum_of)
        remarks += found
    kept = pitch != LEFT_OUT
    time, pitch, velocity, place = time[kept], pitch[kept], velocity[kept], np.flatnonzero(chosen)[kept]
    return DrumNotes(time, pitch, velocity, place, remarks, _suggestion(pitch, map_name) if len(pitch) else "")


def _chosen(events: Events, drum_of: NDArray[np.int8]) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Which notes are drums, and what was guessed."""
    chosen = events.channel == DRUM_CHANNEL
    if chosen.all():
        return chosen, ()
    named = [number for number, name in enumerate(events.names) if name and says_drums(name)]
    if len(named) == 1 and len(events.names) == 1 and chosen.any():
        named = []  # the one track of a type 0 file is called after the song
    if named:
        chosen = chosen | np.isin(events.track, named)
    if chosen.any():
        return chosen, ()
    channels = np.unique(events.channel)
    told = "no channel 10 and no track called drums: its notes"
    if len(channels) == 1:
        return ~chosen, (f"{told}, all on channel {channels[0] + 1}, are read as drums",)
    fits = [channel for channel in channels if _fits(events.pitch[events.channel == channel], drum_of)]
    if (drum_of[events.pitch] >= 0).mean() >= FITTING:
        fits = list(channels)
    on = ", ".join(str(channel + 1) for channel in (fits or channels))
    if fits:
        return np.isin(events.channel, fits), (f"{told} on channels {on} fit the kit and are read as drums",)
    return chosen, (f"{told} on channels {on} do not fit the kit",)


def _fits(pitch: NDArray[np.uint8], drum_of: NDArray[np.int8]) -> bool:
    """Whether notes look like those of a kit: nearly all are drums, a kick, and a snare or a hi-hat among them."""
    drum = drum_of[pitch]
    return bool((drum >= 0).mean() >= FITTING and (drum == KICK).any() and np.isin(drum, (SNARE, CLOSED)).any())


def _is_one_drum(pitch: NDArray[np.uint8], drum_of: NDArray[np.int8]) -> bool:
    return bool((pitch == pitch[0]).all() or (drum_of[pitch] >= 0).mean() < 0.5)


def _note_of(role: str) -> int:
    return LEFT_OUT if role == OTHER else DRUMS[LANE_INDEX[role]].note


def _role_remark(role: str, pitch: NDArray[np.uint8], drum_of: NDArray[np.int8], who: str) -> tuple[str, ...]:
    """What a role changes, in words; nothing where the notes are that drum anyway."""
    notes = np.unique(pitch)
    drum = LANE_INDEX.get(role, -1)
    if (drum_of[notes] == drum).all():
        return ()
    told = ", ".join(map(str, notes[:4].tolist())) + (" ..." if len(notes) > 4 else "")
    if role == OTHER:
        return (f"{who} says a drum that the kit has not: note {told} is left out",)
    return (f"{who} says {DRUMS[drum].name}: note {told} is read as {DRUMS[drum].note}",)


def _by_track_names(
    pitch: NDArray[np.uint8], track: NDArray[np.int32], names: tuple[str, ...], drum_of: NDArray[np.int8]
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The pitches with those of tracks that hold one drum as their names tell it."""
    pitch = pitch.copy()
    remarks: list[str] = []
    order = np.argsort(track, kind="stable")
    for here in np.split(order, np.flatnonzero(np.diff(track[order])) + 1):
        name = names[track[here[0]]]
        role = drum_from_name(name)
        if role and _is_one_drum(pitch[here], drum_of):
            remarks += _role_remark(role, pitch[here], drum_of, f"track {name!r}")
            pitch[here] = _note_of(role)
    return pitch, tuple(remarks)


def _suggestion(pitch: NDArray[np.uint8], map_name: str) -> str:
    """What to read a file with whose notes are mostly outside the kit."""

    def inside(notes: NDArray, name: str = map_name) -> float:
        return float((note_map(name)[np.clip(notes, 0, 127)] >= 0).mean())

    if inside(pitch) >= 0.5:
        return ""
    told = f"{np.mean(note_map(map_name)[pitch] < 0):.0%} of the notes are outside the kit"
    known = [name for name in NOTE_MAPS if inside(pitch, name) >= FITTING]
    if known:
        return f"{told}: note map {known[0]} fits"
    kicks = [move for move in OCTAVES if (note_map(map_name)[np.clip(pitch.astype(int) - move, 0, 127)] == KICK).any()]
    moves = [move for move in kicks if inside(pitch.astype(int) - move) >= FITTING]
    notes, counts = np.unique(pitch, return_counts=True)
    if moves:
        drums = note_map(map_name)[np.clip(notes.astype(int) - moves[0], 0, 127)]
        rows = "; ".join(f'{n} = "{DRUMS[d].lane}"' for n, d in zip(notes.tolist(), drums, strict=True) if d >= 0)
        return f"{told}: they fit {abs(moves[0])} notes {'lower' if moves[0] > 0 else 'higher'}, [notes] {rows}"
    others = [i for i in np.argsort(-counts, kind="stable") if note_map(map_name)[notes[i]] < 0]
    most = ", ".join(f"{notes[i]} ({counts[i]})" for i in others[:6])
    return f"{told}: a note map of your own can say which drums they are, most often {most}"
