"""Edit the drums of a MIDI file: add or remove hits, or change how they are played, and keep everything else.

Kept are flams and drags of a hit, notes outside the kit, other channels, controllers, aftertouch, texts, tempi, meters,
tracks and their ends.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.events import NOTE_OFF, NOTE_ON, OFF_VELOCITY
from drumtok.midi.note_maps import written_notes
from drumtok.midi.quantise import QuantisedFile, quantise_file
from drumtok.midi.raw import Event, RawTrack, raw_bytes
from drumtok.midi.rewrite import OFF_RANK, ON_RANK, Played, changes_of, notes_and_ranks, rewritten, with_text
from drumtok.pattern import DEFAULT_GRID, Meter, Pattern


class NewNote(NamedTuple):
    """A note to add, in ticks."""

    start: int
    end: int
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class DrumFile:
    """A MIDI file whose drums can be edited.

    Attributes:
        data: its bytes.
        name: for errors.
        grid: steps per quarter note of its sections.
        note_map: for reading its drums, and for writing drums that the file does not have.
        file: its notes on the grid.
        sections: its music, cut where the meter changes.
    """

    data: bytes
    name: str
    grid: int
    note_map: str
    file: QuantisedFile
    sections: tuple[Pattern, ...]

    @classmethod
    def read(
        cls, data: bytes, name: str, grid: int = DEFAULT_GRID, flat: Meter | None = None, drums: DrumsConfig = DRUMS
    ) -> "DrumFile":
        """Read the bytes of a MIDI file.

        Args:
            flat: the meter of all bars; None follows the time signatures of the file.
            drums: how its drums are found and read.

        Raises:
            DrumtokError: the file cannot be read, or has no hits of the kit.
        """
        file = quantise_file(data, name, drums.note_map, grid, flat, known=drums.choice)
        if not len(file.hits.step):
            why = "; ".join(file.notes.remarks)
            raise DrumtokError(f"{name!r} has no hits of the kit" + f": {why}" * bool(why))
        return cls(data, name, grid, drums.note_map, file, file.patterns(grid, offsets=True))

    def edited(self, after: Sequence[Pattern], text: str = "") -> bytes:
        """Return the bytes of the file with the hits of other patterns.

        Args:
            after: a pattern for each section, of the same length.
            text: goes into a text event at the start of the file.

        Raises:
            DrumtokError: the file is damaged or of type 2.
        """
        try:
            raw = rewritten(self.data, changes_of(self.file, self._played(after), self.file.steps))
        except DrumtokError as error:
            raise DrumtokError(f"cannot edit {self.name!r}: {error}") from None
        tracks = list(raw.tracks)
        for track, notes in self._new_notes(after).items():
            tracks[track] = _with_notes(tracks[track], notes)
        return raw_bytes(with_text(replace(raw, tracks=tracks), text), running=True)

    def _played(self, after: Sequence[Pattern]) -> Played:
        """Return the changes of hits that do not stay as they are."""
        played: Played = {}
        per_step = self.file.events.ticks_per_beat / self.grid
        for (start, *_), old, new in zip(self.file.cuts, self.sections, after, strict=True):
            for step, drum in np.argwhere(old.hits).tolist():
                cell = step, drum
                loud, late = (int(new.velocity[cell]), float(new.offset[cell] - old.offset[cell]))
                if not new.hits[cell]:
                    played[start + step, drum] = None
                elif (loud, late) != (int(old.velocity[cell]), 0.0):
                    played[start + step, drum] = int(old.velocity[cell]), loud, late * per_step
        return played

    def _new_notes(self, after: Sequence[Pattern]) -> dict[int, list[NewNote]]:
        """Return track -> the notes that are added to it, by the channel and pitch that the drum has in the file."""
        per_step = self.file.events.ticks_per_beat / self.grid
        written = [self._written_as(drum) for drum in range(after[0].hits.shape[1])]
        added: dict[int, list[NewNote]] = {}
        for (first, *_), old, new in zip(self.file.cuts, self.sections, after, strict=True):
            for step, drum in np.argwhere(new.hits & ~old.hits).tolist():
                track, channel, pitch = written[drum]
                start = max(round((first + step + float(new.offset[step, drum])) * per_step), 0)
                length = max(round(new.note_length * per_step), 1)
                note = NewNote(start, start + length, channel, pitch, int(new.velocity[step, drum]))
                added.setdefault(track, []).append(note)
        return added

    def _written_as(self, drum: int) -> tuple[int, int, int]:
        """Return the track, channel and pitch of most notes of a drum, or those of all drums for a new one."""
        notes, events = self.file.notes, self.file.events
        own = notes.drum == drum
        places = notes.place[own if own.any() else notes.drum >= 0]
        keys = zip(
            events.track[places].tolist(), events.channel[places].tolist(), events.pitch[places].tolist(), strict=True
        )
        if own.any():
            return Counter(keys).most_common(1)[0][0]
        (track, channel), _ = Counter((track, channel) for track, channel, _ in keys).most_common(1)[0]
        return track, channel, written_notes(self.note_map)[drum]


def _with_notes(track: RawTrack, notes: Sequence[NewNote]) -> RawTrack:
    """Add notes to a track. A note ends where the next of its pitch begins, and the track where its last note ends."""
    by_pitch, ranks = notes_and_ranks(track)
    events = list(track.events)
    last = track.end
    starts: dict[tuple[int, int], list[int]] = {}
    for note in sorted(notes):
        own = by_pitch.get((note.channel, note.pitch), [])
        begins = starts.setdefault((note.channel, note.pitch), [other.start for other in own])
        following = bisect_right(begins, note.start)
        end = min(note.end, begins[following]) if following < len(begins) else note.end
        end = max(end, note.start + 1)
        before = own[following - 1] if following and own else None
        if before is not None and before.off is not None and before.start < note.start < before.end:
            events[before.off] = note.start, events[before.off][1]
        events += note_messages(note, end)
        ranks += [ON_RANK, OFF_RANK]
        last = max(last, end)
    order = sorted(range(len(events)), key=lambda place: (events[place][0], ranks[place], place))
    return RawTrack([events[place] for place in order], last)


def note_messages(note: NewNote, end: int) -> list[Event]:
    """Return the note-on and the note-off of a note that ends at a tick."""
    on, off = NOTE_ON | note.channel, NOTE_OFF | note.channel
    return [
        (note.start, bytes((on, note.pitch, note.velocity))),
        (end, bytes((off, note.pitch, OFF_VELOCITY))),
    ]
