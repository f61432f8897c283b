"""Move the drums of a file to channel 10, and to the notes of a note map."""

from collections import defaultdict, deque
from dataclasses import dataclass, replace

from drumtok.drums import LANE_INDEX
from drumtok.midi.drum_tracks import DrumNotes
from drumtok.midi.events import DRUM_CHANNEL, NOTE_OFF, NOTE_ON
from drumtok.midi.note_maps import GM, note_map, written_notes
from drumtok.midi.raw import Event, RawFile, RawTrack


@dataclass(frozen=True)
class NoteMaps:
    """The note maps by which files are read and written, as in `drumtok.midi.note_maps.load_note_map`."""

    read: str = GM
    written: str = GM

    def note_of(self, lane: str) -> int:
        """Return the note that a drum is written as."""
        return written_notes(self.written)[LANE_INDEX[lane]]


GENERAL_MIDI = NoteMaps()


def on_channel_10(file: RawFile, notes: DrumNotes, map_name: str = GM) -> RawFile:
    """Return a file with its drums on channel 10; all other events stay as they are.

    Args:
        notes: what is read as drums; `place` counts the note-ons of the file in order.
        map_name: the note map by which they are written.
    """
    pitches = new_pitches(notes, map_name)
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


def new_pitches(notes: DrumNotes, map_name: str = GM) -> dict[int, int]:
    """Return place of a drum's note -> its note by a note map; notes outside the kit keep theirs."""
    drum_of, written = note_map(map_name), written_notes(map_name)
    return {
        place: pitch if drum < 0 or drum_of[pitch] == drum else written[drum]
        for place, pitch, drum in zip(notes.place.tolist(), notes.pitch.tolist(), notes.drum.tolist(), strict=True)
    }
