"""Play a pattern to a MIDI port, with MIDI clock; requires the extra `play`: python-rtmidi, or pygame-ce."""

import os
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Protocol

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.events import DRUM_CHANNEL
from drumtok.midi.note_maps import written_notes
from drumtok.midi.writer import DRUM_OFF, DRUM_ON, TICKS_PER_BEAT, MidiConfig, pattern_tracks
from drumtok.pattern import Pattern
from drumtok.runtime.install import install_command

if TYPE_CHECKING:
    import mido

# The first installed backend is used. python-rtmidi has no wheels for Python 3.13 and later.
BACKENDS = ("mido.backends.rtmidi", "mido.backends.pygame")
CLOCK_TICKS = TICKS_PER_BEAT // 24  # 24 MIDI clocks a quarter note
ALL_NOTES_OFF = 123  # a controller
DEFAULTS = MidiConfig()


class Port(Protocol):
    """Receives messages, such as an output port of mido."""

    def send(self, message: "mido.Message") -> None:
        """Send a message at once."""


def open_port(name: str | None = None) -> "mido.ports.BaseOutput":
    """Open a MIDI output port.

    Args:
        name: the name of the port, or a unique part of it; None opens the first port.

    Raises:
        DrumtokError: neither python-rtmidi nor pygame-ce is installed, there is no such port, or it cannot be opened.
    """
    import mido

    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # otherwise it prints a greeting on standard output
    for backend in map(mido.Backend, BACKENDS):
        try:
            return backend.open_output(_chosen(name, backend.get_output_names()))
        except ModuleNotFoundError:
            continue
        except DrumtokError:
            raise
        except Exception as error:  # each backend has its own errors
            raise DrumtokError(f"cannot open a MIDI port: {str(error).rstrip('.')}") from error
    raise DrumtokError(f"playing requires python-rtmidi or pygame-ce: {install_command('play')}")


def _chosen(name: str | None, names: list[str]) -> str:
    """Choose a port by its name or a unique part of it."""
    if not names:
        raise DrumtokError("cannot open a MIDI port: no port exists; open a synthesiser or a DAW first")
    if name is None or name in names:
        return name or names[0]
    fitting = [each for each in names if name.lower() in each.lower()]
    if len(fitting) != 1:
        raise DrumtokError(f"port must be one of {', '.join(names)}, got {name!r}")
    return fitting[0]


def play(
    pattern: Pattern,
    port: Port,
    *,
    times: int = 1,
    writing: MidiConfig = DEFAULTS,
    now: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Play a pattern to a port in real time: start, 24 clocks a beat, the notes, stop.

    No note is left sounding, even if playing is interrupted.

    Args:
        times: how often to play it, without gaps; 0 plays until Ctrl-C.
        writing: swing and the notes that the drums are written as.
        now, sleep: the clock and the wait, in seconds.

    Raises:
        DrumtokError: the pattern has no bars, or the settings do not fit it.
    """
    import mido

    if not pattern.bars:
        raise DrumtokError("pattern must have bars to be played, got none")
    messages = _timed(pattern, writing)
    ticks = np.array([tick for tick, _ in messages])
    seconds = pattern.seconds_at(ticks * (pattern.grid / TICKS_PER_BEAT)).tolist()
    began = now()
    try:
        port.send(mido.Message("start"))
        for turn in range(times) if times else count():
            for second, (_, message) in zip(seconds, messages, strict=True):
                _wait(began + turn * pattern.seconds + second, now, sleep)
                port.send(message)
        _wait(began + times * pattern.seconds, now, sleep)
    finally:
        port.send(mido.Message("stop"))
        for note in written_notes(writing.note_map):
            port.send(mido.Message("note_off", channel=DRUM_CHANNEL, note=note))
        port.send(mido.Message("control_change", channel=DRUM_CHANNEL, control=ALL_NOTES_OFF))


def _wait(until: float, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
    left = until - now()
    if left > 0:
        sleep(left)


def _timed(pattern: Pattern, writing: MidiConfig) -> "list[tuple[int, mido.Message]]":
    """Return (tick, message) of one pass, in order; at one tick note-offs come first, then the clock, then note-ons."""
    import mido

    track = pattern_tracks(pattern, "", MidiConfig(writing.swing, 0, False, writing.note_map))[0]
    timed = [
        (tick, 0 if event[0] == DRUM_OFF else 2, mido.Message.from_bytes(event))
        for tick, event in track.events
        if event[0] in (DRUM_ON, DRUM_OFF)
    ]
    length = pattern.steps * TICKS_PER_BEAT // pattern.grid
    timed += [(at, 1, mido.Message("clock")) for at in range(0, length, CLOCK_TICKS)]
    return [(at, message) for at, _, message in sorted(timed, key=lambda event: event[:2])]
