"""Copy events other than notes from clips to a piece: controllers, pressures, pitch bends, programs and texts.

Each clip begins with the values that its file has there, and with the usual value of what an earlier clip has changed,
so the volume of a clip does not affect the next. The usual values are those of General MIDI 2 after a reset.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from drumtok.midi.events import CONTROL, DRUM_CHANNEL, META, PROGRAM, SYSEX, TEXT
from drumtok.midi.parser import variable_length
from drumtok.midi.raw import Event, RawTrack

KEY_PRESSURE, PRESSURE, BEND = 0xA0, 0xD0, 0xE0
KINDS = (KEY_PRESSURE, CONTROL, PROGRAM, PRESSURE, BEND)
LYRIC, CUE = 0x05, 0x07
OWN_TEXT = b"drumtok "  # begins the text of a file that drumtok made: how it was made, and not how the piece was
VOLUME, BALANCE, PAN, EXPRESSION, REVERB = 7, 8, 10, 11, 91
USUAL = {VOLUME: 100, BALANCE: 64, PAN: 64, EXPRESSION: 127, REVERB: 40, **dict.fromkeys(range(70, 80), 64)}  # else 0
NOT_A_VALUE = {6, 38, *range(96, 102), *range(120, 128)}  # entry of data, which is relative to others, and commands
Key = tuple[int, int]  # the status of a message, and the controller or -1


class ClipEvents(NamedTuple):
    """The events of a clip other than notes.

    Attributes:
        channels: those that it uses.
        before: key -> the last message of it before the clip begins.
        within: (tick, message) of each message in the clip, in ticks of the piece.
        texts: (tick, message) of each text, likewise.
    """

    channels: set[int]
    before: dict[Key, bytes]
    within: list[Event]
    texts: list[Event]


def clip_events(
    tracks: Sequence[RawTrack], drum_channels: set[int], first: float, last: float, begin: int, scale: float
) -> ClipEvents:
    """Return the events other than notes in a stretch of a file; the drums go to channel 10.

    Args:
        drum_channels: the channels of the drums, from 0.
        first, last: the ticks of the file from and before which the clip plays.
        begin: the tick of the piece at which it begins.
        scale: ticks of the piece in one of the file.
    """
    made = ClipEvents(set(), {}, [], [])
    for tick, message in sorted((event for track in tracks for event in track.events), key=lambda event: event[0]):
        place = round(begin + max(tick - first, 0) * scale)
        if message[0] == META:
            if first <= tick < last and _is_text(message):
                made.texts.append((place, message))
            continue
        if message[0] >= SYSEX or tick >= last:
            continue
        kind, own = message[0] & 0xF0, message[0] & 0x0F
        channel = DRUM_CHANNEL if own in drum_channels else own
        moved = bytes((kind | channel, *message[1:]))
        if tick >= first:
            made.channels.add(channel)
        if kind not in KINDS:
            continue
        if tick >= first:
            made.within.append((place, moved))
        elif key := _key(moved):
            made.before.pop(key, None)  # a bank stays before the program
            made.before[key] = moved
    return made


def joined_events(clips: Sequence[tuple[int, ClipEvents]]) -> Iterator[Event]:
    """Iterate over the messages of clips one after another, each with those that give it its own values.

    Args:
        clips: the tick at which each begins, and its events.
    """
    now: dict[Key, bytes] = {}
    for begin, clip in clips:
        at_start = {_key(message) for place, message in clip.within if place == begin}
        for key, message in (_usual_of(now) | clip.before).items():
            if key[0] & 0x0F in clip.channels and key not in at_start and now.get(key) != message:
                yield begin, message
                now[key] = message
        for place, message in clip.within:
            yield place, message
            if own := _key(message):
                now[own] = message


def _key(message: bytes) -> Key | None:
    """Return what a message sets until another message of the same key; None for what lasts no longer than a note."""
    kind = message[0] & 0xF0
    if kind == KEY_PRESSURE or (kind == CONTROL and message[1] in NOT_A_VALUE):
        return None
    return message[0], message[1] if kind == CONTROL else -1


def _usual_of(keys: Mapping[Key, bytes]) -> dict[Key, bytes]:
    """Return key -> the message of its usual value."""
    return {key: _usual(*key) for key in keys}


def _usual(status: int, controller: int) -> bytes:
    kind = status & 0xF0
    if kind == CONTROL:
        return bytes((status, controller, USUAL.get(controller, 0)))
    return bytes((status, 0, 64) if kind == BEND else (status, 0))


def _is_text(message: bytes) -> bool:
    """Check whether a meta event is a text, lyric or cue of a file that stays."""
    if message[1] not in (TEXT, LYRIC, CUE):
        return False
    _, at = variable_length(message, 2)
    return not message[at:].startswith(OWN_TEXT)
