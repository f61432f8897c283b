"""Rank the note maps for MIDI files, whichever channel their drums are on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.midi.drum_choice import NOTHING_KNOWN, DrumChoice
from drumtok.midi.drum_tracks import drum_notes
from drumtok.midi.events import DRUM_CHANNEL, Events
from drumtok.midi.fast_reader import read_events
from drumtok.midi.map_guess import MapGuess, rank_maps
from drumtok.midi.note_maps import GM, note_map_names


def guess_maps(
    data: bytes, name: str = "MIDI data", also: Sequence[str] = (), known: DrumChoice = NOTHING_KNOWN
) -> list[MapGuess]:
    """Rank the note maps by how likely the notes of a MIDI file are as a groove, the likeliest first.

    The notes are those of the given channel and track; else those on channel 10; else those that most can
    be read as drums by any map.

    Args:
        data: the bytes of the file.
        name: the name of the file, for errors.
        also: additional map files to rank.
        known: the channel and track of the drums.

    Raises:
        DrumtokError: the file cannot be read, or has no notes that can be drums.
    """
    try:
        events = read_events(data)
        place = _places(events, (*note_map_names(), *also), known)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {name!r}: {error}") from None
    if not len(place):
        raise DrumtokError(f"cannot guess the note map of {name!r}: it has no notes that can be drums")
    return rank_maps(events.time[place], events.pitch[place], events.ticks_per_beat, tuple(also))


def _places(events: Events, maps: Sequence[str], known: DrumChoice) -> NDArray[np.intp]:
    """Return the indices of the notes that can be drums."""
    if known.overrules:
        return drum_notes(events, GM, known).place
    on_10 = np.flatnonzero(events.channel == DRUM_CHANNEL)
    return on_10 if len(on_10) else max((drum_notes(events, name).place for name in maps), key=len)
