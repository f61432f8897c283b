"""Choose the notes of a file that are drums, and their drum where the name of a file or track is the better guide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX
from drumtok.midi.drum_names import OTHER, drum_from_name, names_drums
from drumtok.midi.events import DRUM_CHANNEL, Events
from drumtok.midi.note_maps import NOTE_MAPS, note_map

FITTING = 0.9  # the fraction of notes that must be in the kit for a channel to be taken for drums by its notes alone
KICK, SNARE, CLOSED = (LANE_INDEX[lane] for lane in ("kick", "snare", "closed"))
LEFT_OUT = 255  # the pitch of a note of a drum outside the kit
OCTAVES = (-24, -12, 12, 24)  # notes by which a kit may lie higher than the map


@dataclass(frozen=True)
class DrumNotes:
    """The notes of a file that are read as drums.

    Attributes:
        time, pitch, velocity: (notes,) of each, times in ticks, the pitch that the note map looks up.
        place: (notes,) the index of each among the notes of the file.
        remarks: guesses, in words.
        suggestion: what to try where most notes are outside the kit, else empty.
    """

    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    place: NDArray[np.intp]
    remarks: tuple[str, ...]
    suggestion: str


def drum_notes(events: Events, map_name: str, path: str = "") -> DrumNotes:
    """Choose the notes of a file that are drums.

    These are the notes on channel 10 and those of tracks with the names of drums. If there are none, all notes of one
    channel are taken for drums, or those of channels whose pitches fit the kit. A file or track of one pitch, or with
    most notes outside the kit, is the drum that it is named after.

    Args:
        map_name: as in `drumtok.midi.note_maps.note_map`.
        path: of the file; its name and folders may name a drum.
    """
    drum_of = note_map(map_name)
    chosen, remarks = _chosen(events, drum_of)
    if not chosen.any():
        none = np.zeros(0, dtype=np.intp)
        return DrumNotes(events.time[none], events.pitch[none], events.velocity[none], none, remarks, "")
    time, pitch, velocity = events.time[chosen], events.pitch[chosen], events.velocity[chosen]
    drum_name = drum_from_name(path) if path else None
    if drum_name and _is_one_drum(pitch, drum_of):
        remarks += _name_remark(drum_name, pitch, drum_of, "the file's name")
        pitch = np.full_like(pitch, _note_of(drum_name))
    elif len(events.names) > 1:
        pitch, found = _by_track_names(pitch, events.track[chosen], events.names, drum_of)
        remarks += found
    kept = pitch != LEFT_OUT
    time, pitch, velocity, place = time[kept], pitch[kept], velocity[kept], np.flatnonzero(chosen)[kept]
    return DrumNotes(time, pitch, velocity, place, remarks, _suggestion(pitch, map_name) if len(pitch) else "")


def _chosen(events: Events, drum_of: NDArray[np.int8]) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Return (notes,) whether each note is a drum, and the guesses in words."""
    chosen = events.channel == DRUM_CHANNEL
    if chosen.all():
        return chosen, ()
    named = [number for number, name in enumerate(events.names) if name and names_drums(name)]
    if len(named) == 1 and len(events.names) == 1 and chosen.any():
        named = []  # the one track of a type 0 file is named after the song
    if named:
        chosen = chosen | np.isin(events.track, named)
    if chosen.any():
        return chosen, ()
    channels = np.unique(events.channel)
    start = "no channel 10 and no track named drums: the notes"
    if len(channels) == 1:
        return ~chosen, (f"{start}, all on channel {channels[0] + 1}, are read as drums",)
    fits = [channel for channel in channels if _fits(events.pitch[events.channel == channel], drum_of)]
    if (drum_of[events.pitch] >= 0).mean() >= FITTING:
        fits = list(channels)
    on = ", ".join(str(channel + 1) for channel in (fits or channels))
    if fits:
        return np.isin(events.channel, fits), (f"{start} on channels {on} fit the kit and are read as drums",)
    return chosen, (f"{start} on channels {on} do not fit the kit",)


def _fits(pitch: NDArray[np.uint8], drum_of: NDArray[np.int8]) -> bool:
    """Check whether notes look like those of a kit: nearly all are drums, with a kick, and a snare or a hi-hat."""
    drum = drum_of[pitch]
    return bool((drum >= 0).mean() >= FITTING and (drum == KICK).any() and np.isin(drum, (SNARE, CLOSED)).any())


def _is_one_drum(pitch: NDArray[np.uint8], drum_of: NDArray[np.int8]) -> bool:
    return bool((pitch == pitch[0]).all() or (drum_of[pitch] >= 0).mean() < 0.5)


def _note_of(drum_name: str) -> int:
    return LEFT_OUT if drum_name == OTHER else DRUMS[LANE_INDEX[drum_name]].note


def _name_remark(drum_name: str, pitch: NDArray[np.uint8], drum_of: NDArray[np.int8], who: str) -> tuple[str, ...]:
    """Describe what the drum of a name changes; empty where the notes are that drum anyway."""
    notes = np.unique(pitch)
    drum = LANE_INDEX.get(drum_name, -1)
    if (drum_of[notes] == drum).all():
        return ()
    listed = ", ".join(map(str, notes[:4].tolist())) + (" ..." if len(notes) > 4 else "")
    if drum_name == OTHER:
        return (f"note {listed} is left out: by {who} a drum outside the kit",)
    return (f"note {listed} is read as {DRUMS[drum].note} ({DRUMS[drum].name}) by {who}",)


def _by_track_names(
    pitch: NDArray[np.uint8], track: NDArray[np.int32], names: tuple[str, ...], drum_of: NDArray[np.int8]
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Replace the pitches of tracks that hold one drum, by their names; return the pitches and remarks."""
    pitch = pitch.copy()
    remarks: list[str] = []
    order = np.argsort(track, kind="stable")
    for here in np.split(order, np.flatnonzero(np.diff(track[order])) + 1):
        name = names[track[here[0]]]
        drum_name = drum_from_name(name)
        if drum_name and _is_one_drum(pitch[here], drum_of):
            remarks += _name_remark(drum_name, pitch[here], drum_of, f"the name of track {name!r}")
            pitch[here] = _note_of(drum_name)
    return pitch, tuple(remarks)


def _suggestion(pitch: NDArray[np.uint8], map_name: str) -> str:
    """Suggest a note map for a file whose notes are mostly outside the kit."""

    def inside(notes: NDArray, name: str = map_name) -> float:
        return float((note_map(name)[np.clip(notes, 0, 127)] >= 0).mean())

    if inside(pitch) >= 0.5:
        return ""
    start = f"{np.mean(note_map(map_name)[pitch] < 0):.0%} of the notes are outside the kit"
    known = [name for name in NOTE_MAPS if inside(pitch, name) >= FITTING]
    if known:
        return f"{start}: note map {known[0]} fits"
    kicks = [move for move in OCTAVES if (note_map(map_name)[np.clip(pitch.astype(int) - move, 0, 127)] == KICK).any()]
    moves = [move for move in kicks if inside(pitch.astype(int) - move) >= FITTING]
    notes, counts = np.unique(pitch, return_counts=True)
    if moves:
        drums = note_map(map_name)[np.clip(notes.astype(int) - moves[0], 0, 127)]
        rows = "; ".join(f'{n} = "{DRUMS[d].lane}"' for n, d in zip(notes.tolist(), drums, strict=True) if d >= 0)
        return f"{start}: they fit {abs(moves[0])} notes {'lower' if moves[0] > 0 else 'higher'}, [notes] {rows}"
    others = [i for i in np.argsort(-counts, kind="stable") if note_map(map_name)[notes[i]] < 0]
    most = ", ".join(f"{notes[i]} ({counts[i]})" for i in others[:6])
    return f"{start}: a note map file can assign them, most often {most}"
