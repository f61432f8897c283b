"""Choose the notes of a file that are drums (`drumtok.midi.evidence`), and find the drum of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.midi.drum_choice import NOTHING_KNOWN, DrumChoice
from drumtok.midi.drum_names import drum_from_name, drums_in_name
from drumtok.midi.events import DRUM_CHANNEL, Events
from drumtok.midi.evidence import (
    CHANNEL_10,
    Stream,
    asked_for,
    choose,
    one_channel,
    streams_of,
)
from drumtok.midi.hats import CLOSED, OPEN, HatRules, open_by_pedal
from drumtok.midi.map_hints import suggestion
from drumtok.midi.note_maps import load_note_map, note_map
from drumtok.midi.single_pitch import is_one_drum, name_remark
from drumtok.midi.track_names import NameKind

OUTSIDE = -1  # the drum of a note outside the kit


@dataclass(frozen=True)
class DrumNotes:
    """The notes of a file that are read as drums.

    Attributes:
        time, pitch, velocity: (notes,) of each, times in ticks.
        drum: (notes,) the drum of each, -1 outside the kit.
        place: (notes,) the index of each among the notes of the file.
        evidence: why these notes are drums, or why there are none.
        remarks: guesses, in words.
        suggestion: what to try where most notes are outside the kit, else empty.
    """

    time: NDArray[np.int64]
    pitch: NDArray[np.uint8]
    velocity: NDArray[np.uint8]
    drum: NDArray[np.int8]
    place: NDArray[np.intp]
    evidence: str
    remarks: tuple[str, ...] = ()
    suggestion: str = ""


def drum_notes(events: Events, map_name: str, known: DrumChoice = NOTHING_KNOWN) -> DrumNotes:
    """Choose the notes of a file that are drums, and find the drum of each.

    Args:
        map_name: as in `drumtok.midi.note_maps.note_map`.
        known: what is known beside the events.

    Raises:
        DrumtokError: the file has no notes on the channel or track that was given.
    """
    drum_of = note_map(map_name)
    if _is_kit_on_channel_10(events) and not known.overrules and not known.by_name:  # the usual case, without a search
        return _read(events, np.arange(len(events)), drum_of[events.pitch], CHANNEL_10, (), map_name)
    streams = streams_of(events)
    choice = asked_for(events, streams, known) if known.overrules else choose(events, streams, drum_of, known.path)
    if not choice.streams:
        none = np.zeros(0, dtype=np.intp)
        kit = one_channel(streams) and not streams[0].melodic and len(events) > 0
        hint = suggestion(events.time, events.pitch, events.ticks_per_beat, map_name) if kit else ""
        why = (choice.evidence,) if choice.evidence else ()
        return replace(_read(events, none, drum_of[none], choice.evidence, why, map_name), suggestion=hint)
    drum, remarks = _drums_of(events, choice.streams, drum_of, known)
    places = np.sort(np.concatenate([stream.places for stream in choice.streams]))
    guess = (choice.evidence,) if choice.guessed else ()
    return _read(events, places, drum[places], choice.evidence, (*guess, *remarks), map_name)


def _is_kit_on_channel_10(events: Events) -> bool:
    """Check whether all notes are on channel 10, and of more than one pitch."""
    on_10 = len(events) and (events.channel == DRUM_CHANNEL).all() and events.rhythm_parts.get(DRUM_CHANNEL, True)
    return bool(on_10 and (events.pitch != events.pitch[0]).any())


def _read(
    events: Events,
    places: NDArray[np.intp],
    drum: NDArray[np.int8],
    evidence: str,
    remarks: tuple[str, ...],
    map_name: str,
) -> DrumNotes:
    pitch = events.pitch[places]
    drum, pedalled = _by_pedal(events, places, drum, load_note_map(map_name).hats)
    remarks = (*remarks, *pedalled)
    by_map = drum == note_map(map_name)[pitch]  # a note that a name decides does not suggest another map
    time = events.time[places]
    hint = suggestion(time, pitch, events.ticks_per_beat, map_name) if len(places) and by_map.all() else ""
    return DrumNotes(time, pitch, events.velocity[places], drum, places, evidence, remarks, hint)


def _by_pedal(
    events: Events, places: NDArray[np.intp], drum: NDArray[np.int8], rules: HatRules
) -> tuple[NDArray[np.int8], tuple[str, ...]]:
    """Read hi-hats on one note as closed and open where the position of the pedal decides it."""
    remarks: tuple[str, ...] = ()
    for channel in np.unique(events.pedals[:, 1]).tolist():
        own, pedal = np.flatnonzero(events.channel[places] == channel), events.pedals[events.pedals[:, 1] == channel]
        notes = events.time[places[own]], events.pitch[places[own]], drum[own]
        found = open_by_pedal(*notes, pedal[:, 0], pedal[:, 2], rules)
        if found:
            strokes, is_open = found
            drum = drum.copy()
            drum[own[strokes]] = np.where(is_open, OPEN, CLOSED)
            note = events.pitch[places[own[strokes[0]]]]
            remarks += (f"hi-hats on note {note} are closed or open by their pedal (controller 4)",)
    return drum, remarks


def _drums_of(
    events: Events, streams: Sequence[Stream], drum_of: NDArray[np.int8], known: DrumChoice
) -> tuple[NDArray[np.int8], tuple[str, ...]]:
    """Find the drum of each note of a file: by the note map, or by name where a track or file holds one drum."""
    drum = drum_of[events.pitch]
    remarks: list[str] = []
    alone = one_channel(streams) and (known.by_name or not any(stream.name for stream in streams))
    by_file = drum_from_name(known.path) if alone else None
    if by_file:
        every = replace(streams[0], places=np.concatenate([stream.places for stream in streams]))
        named = [(every, frozenset((by_file,)), "the file's name")]
    else:
        tracks = [stream for stream in streams if stream.kind is NameKind.DRUM]
        named = [(own, drums_in_name(own.name), f"the name of track {own.name!r}") for own in tracks]
    for stream, lanes, who in named:
        pitch = events.pitch[stream.places]
        if is_one_drum(pitch, drum_of):
            general = stream.channel == DRUM_CHANNEL and not known.by_name
            remarks += name_remark(lanes, pitch, drum_of, who, general)
            if not general:
                drum[stream.places] = LANE_INDEX.get(next(iter(lanes)), OUTSIDE)
    return drum, tuple(remarks)
