"""Join clips into a MIDI file, with all notes of their files, flams and notes outside the kit included.

Other events are copied too (`drumtok.midi.join_controls`), except for system exclusive messages.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from drumtok.midi.edit import DrumFile, NewNote, note_messages
from drumtok.midi.events import DRUM_CHANNEL
from drumtok.midi.join_controls import ClipEvents, clip_events, joined_events
from drumtok.midi.quantise import Cut
from drumtok.midi.raw import Event, RawFile, RawTrack, end_to_end, raw_bytes, read_raw
from drumtok.midi.rewrite import OFF_RANK, ON_RANK, OTHER_RANK, SEQUENCES, notes_and_ranks
from drumtok.midi.tempi import nearest_step
from drumtok.midi.writer import TICKS_PER_BEAT, Markers, MidiConfig, pattern_tracks
from drumtok.pattern import Pattern

MAX_DIVISION = 32767  # ticks of a quarter note that a file can have
Sequenced = tuple[int, int, Event]  # (tick, rank, event)


class Stretch(NamedTuple):
    """A clip in a piece: a section of a file.

    Attributes:
        drums: the file.
        section: the index of its section.
        at: the step of the piece at which the section begins.
        filled: whether the hits of the kit in its last bar are replaced by those of the piece.
        bars: the first ones, that are played; None is all.
    """

    drums: DrumFile
    section: int
    at: int
    filled: bool
    bars: int | None = None

    @property
    def pattern(self) -> Pattern:
        """The bars that are played."""
        whole = self.drums.sections[self.section]
        return whole if self.bars is None else whole.slice_bars(0, self.bars)

    @property
    def kept_steps(self) -> int:
        """The number of steps whose hits are those of the file."""
        return self.pattern.steps - self.pattern.steps_per_bar * self.filled


def join_files(
    piece: Pattern, stretches: Sequence[Stretch], text: str = "", note_map: str = "gm", markers: Markers = ()
) -> bytes:
    """Return the bytes of a file of clips one after another.

    Args:
        piece: the music, whose meter, tempi and fills are written.
        stretches: the clips of it, in order.
        text: goes into a text event at the start of the file.
        note_map: by which the hits of fills are written.
        markers: the step and the text of each, in order.

    Raises:
        DrumtokError: a file cannot be read.
    """
    division = math.lcm(TICKS_PER_BEAT, *(stretch.drums.file.events.ticks_per_beat for stretch in stretches))
    division = division if division <= MAX_DIVISION else TICKS_PER_BEAT
    scale = division // TICKS_PER_BEAT
    conductor, drums = pattern_tracks(_fills(piece, stretches), text, MidiConfig(note_map=note_map), markers)
    by_pitch, _ = notes_and_ranks(drums)
    notes = [
        NewNote(note.start * scale, note.end * scale, channel, pitch, drums.events[note.on][1][2])
        for (channel, pitch), own in by_pitch.items()
        for note in own
    ]
    for stretch in stretches:
        for track in _tracks(stretch.drums):
            notes += _notes(stretch, track, division)
    others = [_others(stretch, division) for stretch in stretches]
    events = [(tick, OTHER_RANK, (tick, message)) for tick, message in joined_events(others)]
    events += [event for note in _without_overlaps(notes) for event in _note_events(note)]
    end = piece.steps * division // piece.grid
    texts = [event for _, clip in others for event in clip.texts]
    marks = [*((tick * scale, message) for tick, message in conductor.events), *texts]
    head = RawTrack(sorted(marks, key=lambda event: event[0]), end)
    tracks = [head, *_by_channel(drums.events[0], sorted(events, key=lambda event: event[:2]), end)]
    return raw_bytes(RawFile(1, division, tracks), running=True)


def _fills(piece: Pattern, stretches: Sequence[Stretch]) -> Pattern:
    """Return the piece with only the hits that no clip has."""
    hits = piece.hits.copy()
    for stretch in stretches:
        hits[stretch.at : stretch.at + stretch.kept_steps] = False
    return replace(piece, hits=hits, velocity=np.where(hits, piece.velocity, 0))


def _tracks(drums: DrumFile) -> Sequence[RawTrack]:
    raw = read_raw(drums.data)
    return (end_to_end(raw) if raw.kind == SEQUENCES else raw).tracks


def _notes(stretch: Stretch, track: RawTrack, division: int) -> Iterator[NewNote]:
    """Iterate over the notes of a track that sound in a stretch, in ticks of the piece; drums on channel 10."""
    file, grid = stretch.drums.file, stretch.drums.grid
    cut: Cut = file.cuts[stretch.section]
    first, beat = cut[0], file.events.ticks_per_beat
    steps = stretch.pattern.steps
    drum_steps = _drum_steps(stretch.drums)
    is_end = cut == file.cuts[-1] and stretch.bars is None
    ends = first + steps if is_end else -1  # just before it, notes outside the kit stay
    by_pitch, _ = notes_and_ranks(track)
    for (channel, pitch), own in by_pitch.items():
        for note in own:
            velocity = track.events[note.on][1][2]
            near = int(nearest_step(np.array(note.start), beat, grid))
            found = drum_steps.get((note.start, pitch, velocity, channel))
            step, drum = found or (near, -1)
            limit = stretch.kept_steps if drum >= 0 else steps
            if drum < 0 and step == ends:
                step -= 1
            if not first <= step < first + limit:
                continue
            moved = step - near if near - step > 1 else 0  # an early "one" at the end of a loop sounds at its start
            start = note.start + moved * beat / grid - first * beat / grid
            spans = (start, steps * beat / grid)
            ticks = [round((place * grid / beat + stretch.at) * division / grid) for place in spans]
            begin = max(ticks[0], 0)
            end = min(begin + round((note.end - note.start) * division / beat), ticks[1])
            yield NewNote(begin, max(end, begin + 1), DRUM_CHANNEL if found else channel, pitch, velocity)


def _drum_steps(drums: DrumFile) -> dict[tuple[int, int, int, int], tuple[int, int]]:
    """Return (tick, pitch, velocity, channel) -> (step, drum) of the notes that are read as drums."""
    events, notes = drums.file.events, drums.file.notes
    columns = (column[notes.place].tolist() for column in (events.time, events.pitch, events.velocity, events.channel))
    cells = zip(drums.file.steps.tolist(), notes.drum.tolist(), strict=True)
    return dict(zip(zip(*columns, strict=True), cells, strict=True))


def _others(stretch: Stretch, division: int) -> tuple[int, ClipEvents]:
    """Return where a stretch begins, in ticks of the piece, and its events other than notes."""
    file, grid = stretch.drums.file, stretch.drums.grid
    beat = file.events.ticks_per_beat
    first = file.cuts[stretch.section][0] * beat / grid
    last = first + stretch.pattern.steps * beat / grid
    own = set(file.events.channel[file.notes.place].tolist())
    begin = round(stretch.at * division / grid)
    return begin, clip_events(_tracks(stretch.drums), own, first, last, begin, division / beat)


def _without_overlaps(notes: Sequence[NewNote]) -> list[NewNote]:
    """End each note where the next of its pitch begins."""
    ordered = sorted(notes, key=lambda note: (note.channel, note.pitch, note.start))
    following = [*ordered[1:], None]
    made = []
    for note, other in zip(ordered, following, strict=True):
        same = other is not None and (note.channel, note.pitch) == (other.channel, other.pitch)
        end = min(note.end, other.start) if other is not None and same else note.end
        made.append(note._replace(end=max(end, note.start + 1)))
    return made


def _note_events(note: NewNote) -> list[Sequenced]:
    on, off = note_messages(note, note.end)
    return [(on[0], ON_RANK, on), (off[0], OFF_RANK, off)]


def _by_channel(name: Event, events: Sequence[Sequenced], end: int) -> Iterator[RawTrack]:
    """Iterate over the tracks of a file: the drums with their name, then a track for each other channel."""
    channels: dict[int, list[Event]] = {DRUM_CHANNEL: [name]}
    for _, _, event in events:
        channels.setdefault(event[1][0] & 0x0F, []).append(event)
    return (RawTrack(own, max(end, own[-1][0])) for own in channels.values())
