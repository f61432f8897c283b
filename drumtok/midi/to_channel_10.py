"""Move the drums of a file to channel 10, and to the notes of General MIDI where names decide what they are."""

from collections import defaultdict, deque
from dataclasses import replace

from drumtok.drums import DRUMS
from drumtok.midi.drum_tracks import DrumNotes
from drumtok.midi.events import DRUM_CHANNEL, NOTE_OFF, NOTE_ON
from drumtok.midi.note_maps import note_map
from drumtok.midi.raw import Event, RawFile, RawTrack


def on_channel_10(file: RawFile, notes: DrumNotes) -> RawFile:
    """Return a file with its drums on channel 10; all other events stay as they are.

    Args:
        notes: what is read as drums; `place` counts the note-ons of the file in order.
    """
    pitches = new_pitches(notes)
    tracks, count = [], 0
    for track in file.tracks:
        sounding: dict[tuple[int, int], deque[int | None]] = defaultdict(deque)  # note -> its new pitch, or None
        events: list[Event] = []
        for tick, message in track.events:
            kind, key = message[0] & 0xF0, (message[0] & 0x0F, message[1])
            pitch = None
            if kind == NOTE_ON and message[2]:
                pitch = pitches.get(count)
                sounding[key].append(pitch)
                count += 1
            elif kind in (NOTE_ON, NOTE_OFF) and sounding[key]:
                pitch = sounding[key].popleft()
            moved = message if pitch is None else bytes((kind | DRUM_CHANNEL, pitch, message[2]))
            events.append((tick, moved))
        tracks.append(RawTrack(events, track.end))
    return replace(file, tracks=tracks)


def new_pitches(notes: DrumNotes) -> dict[int, int]:
    """Return place of a drum's note -> its note in General MIDI; notes outside the kit keep theirs."""
    drum_of = note_map("gm")
    return {
        place: pitch if drum < 0 or drum_of[pitch] == drum else DRUMS[drum].note
        for place, pitch, drum in zip(notes.place.tolist(), notes.pitch.tolist(), notes.drum.tolist(), strict=True)
    }
