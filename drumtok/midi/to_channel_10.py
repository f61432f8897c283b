"""Move the drums of a file to channel 10, and to the notes of a note map."""

from collections import defaultdict, deque
from dataclasses import dataclass, replace

from drumtok.drums import LANE_INDEX
from drumtok.midi.drum_tracks import DrumNotes
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.events import DRUM_CHANNEL, NOTE_OFF, NOTE_ON, SYSEX
from drumtok.midi.note_maps import GM, note_map, written_notes
from drumtok.midi.raw import Event, RawFile, RawTrack


@dataclass(frozen=True)
class StandardConfig:
    """How files are read, and the note map by which they are written."""

    drums: DrumsConfig = DRUMS
    written: str = GM

    def note_of(self, lane: str) -> int:
        """Return the note that a drum is written as."""
        return written_notes(self.written)[LANE_INDEX[lane]]


GENERAL_MIDI = StandardConfig()


def on_channel_10(file: RawFile, notes: DrumNotes, map_name: str = GM) -> RawFile:
    """Return a file with its drums on channel 10.

    Other notes on channel 10 move to an unused channel if there is one; all other events stay as they are.

    Args:
        notes: the notes that are read as drums; `place` is their index among the note-ons of the file.
        map_name: the note map for writing them.
    """
    pitches, free = new_pitches(notes, map_name), _free_channel(file)
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
            if pitch is not None:
                message = bytes((kind | DRUM_CHANNEL, pitch, message[2]))
            elif kind in (NOTE_ON, NOTE_OFF) and key[0] == DRUM_CHANNEL:
                message = bytes((kind | free, *message[1:]))
            events.append((tick, message))
        tracks.append(RawTrack(events, track.end))
    return replace(file, tracks=tracks)


def _free_channel(file: RawFile) -> int:
    """Return the first channel without events, or that of drums."""
    used = {message[0] & 0x0F for track in file.tracks for _, message in track.events if message[0] < SYSEX}
    return next((channel for channel in range(16) if channel not in used | {DRUM_CHANNEL}), DRUM_CHANNEL)


def new_pitches(notes: DrumNotes, map_name: str = GM) -> dict[int, int]:
    """Return index of a drum note -> its note in a note map; notes outside the kit keep their pitch."""
    drum_of, written = note_map(map_name), written_notes(map_name)
    return {
        place: pitch if drum < 0 or drum_of[pitch] == drum else written[drum]
        for place, pitch, drum in zip(notes.place.tolist(), notes.pitch.tolist(), notes.drum.tolist(), strict=True)
    }
