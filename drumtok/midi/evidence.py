"""Decide by evidence which notes of a file are drums.

The first rule that applies decides: channel 10, as in General MIDI, and channels that a system exclusive message or a
bank makes rhythm parts; a track or file that is named after drums, a drum machine or one drum; and among channels
without melodic programs or names, pitches: at least half of the notes must be in the kit. In a song of several
channels, pitches alone prove nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.midi.drum_choice import DrumChoice
from drumtok.midi.drum_names import drum_from_name, is_abbreviated
from drumtok.midi.events import DRUM_CHANNEL, Events
from drumtok.midi.single_pitch import is_chordal, is_one_drum, of_family
from drumtok.midi.track_names import NameKind, file_is_kit, is_title, name_kind, path_is_melodic

CHANNEL_10 = "channel 10"  # the usual evidence
LISTED = 5  # tracks and channels that a reason lists
TIMEKEEPER, ALONE = 0.125, 0.4  # least fraction of hi-hats and rides in a beat, and where no notes sound together
TOGETHER = 16  # notes within this fraction of a beat sound together
HALF = 0.5  # the fraction of notes that must be in the kit where pitches decide
RHYTHM_BANKS = (120, 127)  # of General MIDI 2 and of XG: a program of these banks is a drum kit


@dataclass(frozen=True)
class Stream:
    """The notes of one channel in one track.

    Attributes:
        track, channel: their numbers, from 0.
        places: (notes,) the indices of the notes among those of the file.
        name: the name of the track; empty if it may be the title of the song.
        kind: the kind of that name.
        rhythm: whether its channel is a drum channel by General MIDI or by a message in the file.
        melodic: why it is not a kit (a melodic name or program), or empty.
    """

    track: int
    channel: int
    places: NDArray[np.intp]
    name: str
    kind: NameKind
    rhythm: bool
    melodic: str


@dataclass(frozen=True)
class Choice:
    """The streams that are read as drums, why, and whether that is a guess."""

    streams: tuple[Stream, ...]
    evidence: str
    guessed: bool = False


def streams_of(events: Events) -> list[Stream]:
    """Return the streams of a file, by track and channel."""
    key = events.track.astype(np.int64) * 16 + events.channel
    order = np.argsort(key, kind="stable")
    channels = np.unique(events.channel).tolist()
    rhythm = {channel for channel in channels if _is_rhythm_part(events, channel)}
    program_of = {own.channel: own.program + 1 for own in sorted(events.programs, reverse=True) if own.program}
    untitled = len(events.names) > 1 or len(channels) < 2  # the one track of a file of type 0 is named after the song
    streams = []
    for places in np.split(order, np.flatnonzero(np.diff(key[order])) + 1) if len(key) else ():
        track, channel = int(events.track[places[0]]), int(events.channel[places[0]])
        name = events.names[track] if untitled else ""
        kind, melodic = name_kind(name) if name else NameKind.NONE, ""
        if kind is NameKind.MELODIC:
            melodic = f"track {name!r} is melodic"
        elif channel in program_of:
            melodic = f"channel {channel + 1} has the melodic program {program_of[channel]}"
        streams.append(Stream(track, channel, places, name, kind, channel in rhythm, melodic))
    return streams


def _is_rhythm_part(events: Events, channel: int) -> bool:
    banks = any(own.channel == channel and own.bank in RHYTHM_BANKS for own in events.programs)
    return banks or events.rhythm_parts.get(channel, channel == DRUM_CHANNEL)


def asked_for(events: Events, streams: list[Stream], known: DrumChoice) -> Choice:
    """Choose the streams of the channel and the track that overrule the evidence.

    Raises:
        DrumtokError: the file has no notes there.
    """
    chosen, asked = streams, []
    if known.channel is not None:
        chosen = [stream for stream in chosen if stream.channel == known.channel - 1]
        asked.append(f"channel {known.channel}")
        if not chosen:
            held = ", ".join(str(own + 1) for own in sorted({stream.channel for stream in streams})) or "none"
            raise DrumtokError(f"channel must be one that has notes ({held}), got {known.channel}")
    if known.track is not None:
        number = int(known.track) - 1 if known.track.isdecimal() else None
        chosen = [own for own in chosen if own.track == number or events.names[own.track] == known.track]
        asked.append(f"track {known.track!r}")
        if not chosen:
            held = ", ".join(f"{own + 1} {events.names[own]!r}" for own in sorted({s.track for s in streams})) or "none"
            raise DrumtokError(f"track must be the number or name of one that has notes ({held}), got {known.track!r}")
    return Choice(tuple(chosen), f"requested: {' and '.join(asked)}")


def choose(events: Events, streams: list[Stream], drum_of: NDArray[np.int8], path: str) -> Choice:
    """Choose the drum streams by the evidence, in its order."""
    rhythm = [stream for stream in streams if stream.rhythm]
    if rhythm:
        named = [own for own in streams if not (own.rhythm or own.melodic) and _named_drums(events, own, drum_of)]
        reasons = (f"channel {number + 1}" for number in sorted({own.channel for own in rhythm}))
        return Choice((*rhythm, *named), _listed((*reasons, *(f"track {own.name!r}" for own in named))))
    named = [stream for stream in streams if _named_drums(events, stream, drum_of)]
    if named:
        return Choice(tuple(named), f"named drums: {_listed(f'track {own.name!r}' for own in named)}")
    return _by_pitch(events, streams, drum_of, path)


def _listed(reasons: Iterable[str]) -> str:
    """Join the first few distinct reasons."""
    own = list(dict.fromkeys(reasons))
    return ", ".join(own[:LISTED]) + (f" and {len(own) - LISTED} more" if len(own) > LISTED else "")


def _named_drums(events: Events, stream: Stream, drum_of: NDArray[np.int8]) -> bool:
    """Check whether the name of a track is that of a kit, or of the one drum that its notes can be."""
    if stream.kind is NameKind.KIT:
        return True
    if stream.kind not in (NameKind.DRUM, NameKind.CYMBALS):
        return False
    pitch = events.pitch[stream.places]
    few = len(np.unique(pitch)) <= 2
    return few or (not is_abbreviated(stream.name) and of_family(stream.name, pitch, drum_of))


def _by_pitch(events: Events, streams: list[Stream], drum_of: NDArray[np.int8], path: str) -> Choice:
    """Choose the drum streams by pitch, if neither channel 10 nor the name of a track decides."""
    left = [stream for stream in streams if not stream.melodic]
    start = "no channel 10 and no track named drums"
    if not left:
        return Choice((), f"{start}: {_listed(stream.melodic for stream in streams)}" if streams else "")
    channels = sorted({stream.channel for stream in left})
    on = f"channel{'s' * (len(channels) > 1)} {', '.join(str(channel + 1) for channel in channels)}"
    places = np.concatenate([stream.places for stream in left])
    inside = float((drum_of[events.pitch[places]] >= 0).mean())
    if one_channel(streams):
        if _file_is_drums(path, events, places, drum_of):
            return Choice(tuple(left), f"the file is named drums: its notes, all on {on}, are read as drums", True)
        if path_is_melodic(path):
            return Choice((), f"{start}, and the name of the file or its folder is melodic")
        if inside >= HALF and (len(left) == len(streams) or _looks_like_a_kit(events, places, drum_of)):
            return Choice(tuple(left), f"{start}: the notes, all on {on}, are read as drums", True)
        if inside >= HALF:
            return Choice((), f"{start}: {_listed(own.melodic for own in streams if own.melodic)}")
        return Choice((), f"{start}: of the notes, all on {on}, {inside:.0%} are in the kit, fewer than half")
    if len(channels) == 1 and inside >= HALF and _looks_like_a_kit(events, places, drum_of):
        others = _listed(stream.melodic for stream in streams if stream.melodic)
        return Choice(tuple(left), f"{start}: {others}, and {on} fits the kit and is read as drums", True)
    if len(left) == len(streams) and _one_pitch_each(events, streams, drum_of):
        return Choice(tuple(left), f"{start}: {on} hold a drum each", True)
    fitting = [stream for stream in left if _looks_like_a_kit(events, stream.places, drum_of)]
    hint = "; ".join(f"--channel {stream.channel + 1} may be drums" for stream in fitting[:3])
    return Choice(
        (), "; ".join(filter(None, (f"{start}: pitches alone prove nothing in a song of several channels", hint)))
    )


def one_channel(streams: Sequence[Stream]) -> bool:
    return len({stream.channel for stream in streams}) == 1


def _file_is_drums(path: str, events: Events, places: NDArray[np.intp], drum_of: NDArray[np.int8]) -> bool:
    """Check whether a path names a kit, or the one drum that the notes can be: no chords, and no tune with a title."""
    if file_is_kit(path):
        return True
    pitch = events.pitch[places]
    if drum_from_name(path) is None or not is_one_drum(pitch, drum_of) or is_chordal(events.time[places]):
        return False
    return not is_title(Path(path).stem) or len(np.unique(pitch)) <= 2


def _looks_like_a_kit(events: Events, places: NDArray[np.intp], drum_of: NDArray[np.int8]) -> bool:
    """Check whether notes are those of a beat.

    They are mostly in the kit, with a kick, a snare and a hi-hat or ride, and either some notes coincide or many are
    hi-hats and rides. A bass line may have all of these pitches, but plays one note at a time, and no pitch so often.
    """
    drum, time = drum_of[events.pitch[places]], np.sort(events.time[places])
    lanes = [LANE_INDEX[lane] for lane in ("closed", "open", "ride")]
    backbeat = [(drum == LANE_INDEX[lane]).any() for lane in ("kick", "snare")]
    together = (np.diff(time) < events.ticks_per_beat / TOGETHER).any()
    timekeeper = np.isin(drum, lanes).mean() >= (TIMEKEEPER if together else ALONE)
    return bool((drum >= 0).mean() >= HALF and all(backbeat) and timekeeper)


def _one_pitch_each(events: Events, streams: list[Stream], drum_of: NDArray[np.int8]) -> bool:
    """Check whether each channel has a single pitch in the kit, as the tracks of a drum machine do."""
    pitches = [np.unique(events.pitch[stream.places]) for stream in streams]
    return all(len(own) == 1 for own in pitches) and bool((drum_of[np.concatenate(pitches)] >= 0).all())
