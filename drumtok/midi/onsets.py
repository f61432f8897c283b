"""`Onsets`: the times and strengths of another part, read from a MIDI file or from a list of times."""

import math
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.midi.events import DRUM_CHANNEL, Events
from drumtok.midi.fast_reader import read_events
from drumtok.midi.parser import LONGEST_FILE
from drumtok.midi.tempi import beats_per_minute
from drumtok.runtime.reading import read_file

HEADERS = (b"MThd", b"RIFF")
MAX_ONSETS = 100_000


@dataclass(frozen=True, eq=False)
class Onsets:
    """The onsets of a part.

    Attributes:
        times: (n,) ascending, in quarter notes from the start, or in seconds.
        strength: (n,) above 0 and at most 1.
        in_seconds: whether the times are in seconds.
        tempo: in beats per minute, or None if unknown.
    """

    times: NDArray[np.float64]
    strength: NDArray[np.float64]
    in_seconds: bool = False
    tempo: float | None = None

    def beats(self, tempo: float) -> NDArray[np.float64]:
        """Return the times in quarter notes, (n,); times in seconds are converted by a tempo in beats per minute."""
        return self.times * (tempo / 60 if self.in_seconds else 1)

    @property
    def accents(self) -> NDArray[np.bool_]:
        """Whether each onset is an accent, (n,): at least as strong as the mean.

        >>> Onsets(np.arange(3.0), np.array([0.5, 1.0, 0.5])).accents.tolist()
        [False, True, False]
        """
        found: NDArray[np.bool_] = self.strength >= self.strength.mean() - 1e-9
        return found


def followed_file(follow: str | None) -> str | None:
    """Return the path of a part to follow, or None if it is a list of times or None.

    >>> followed_file("bass.mid"), followed_file("0, 0.5,1")
    ('bass.mid', None)
    """
    if follow is None:
        return None
    try:
        _ = [float(time) for time in _cells(follow)]
    except ValueError:
        return follow
    return None


def _cells(line: str) -> list[str]:
    return line.replace(",", " ").split()


def read_onsets(path: str | os.PathLike[str], channel: int | None = None) -> Onsets:
    """Read the onsets of a part from a MIDI file, from a text file of times, or from a list of times.

    Args:
        path: a MIDI file; a UTF-8 text with a time in seconds on each line, optionally followed by a strength up to 1;
            or times in seconds, separated by commas.
        channel: the channel of the part in a MIDI file, 1 to 16; by default that of the lowest notes, except drums.

    Raises:
        DrumtokError: the file cannot be read, or has no onsets (on the channel).
    """
    in_words = isinstance(path, str) and followed_file(path) is None
    data = "\n".join(_cells(str(path))).encode() if in_words else read_file(path, LONGEST_FILE + 1)
    try:
        if data.startswith(HEADERS):
            return _of_events(read_events(data), channel)
        if channel is not None:
            raise DrumtokError("a channel requires a MIDI file")
        return _of_text(data)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {error}") from None


def _of_events(events: Events, channel: int | None) -> Onsets:
    """Return the onsets of a channel; of simultaneous notes the loudest counts."""
    there = np.unique(events.channel).tolist()
    wanted = _lowest(events, there) if channel is None else channel - 1
    if wanted not in there:
        held = ", ".join(str(own + 1) for own in there) or "none"
        raise DrumtokError(f"channel must be one that has notes ({held}), got {channel or 'none'}")
    own = events.channel == wanted
    ticks, places = np.unique(events.time[own], return_inverse=True)
    velocity = np.zeros(len(ticks))
    np.maximum.at(velocity, places, events.velocity[own])
    tempo = beats_per_minute(int(events.tempos[0, 1])) if len(events.tempos) else None
    return Onsets(ticks / events.ticks_per_beat, velocity / 127, tempo=tempo)


def _lowest(events: Events, channels: list[int]) -> int:
    """Return the channel with the lowest mean pitch, a drum channel only if there is no other, or -1 without notes."""
    melodic = [own for own in channels if own != DRUM_CHANNEL] or channels
    return min(melodic, key=lambda own: float(events.pitch[events.channel == own].mean()), default=-1)


def _of_text(data: bytes) -> Onsets:
    rows: dict[float, float] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        cells = _cells(line.partition("#")[0])
        if not cells:
            continue
        try:
            time, strength = float(cells[0]), float(cells[1]) if len(cells) > 1 else 1.0
        except ValueError:
            time = math.nan
        if not (len(cells) <= 2 and 0 <= time < math.inf and 0 < strength <= 1):
            raise DrumtokError(
                f"line {number} must be a time in seconds, and a strength above 0 and at most 1 if it has one,"
                f" got {line.strip()[:40]!r}"
            )
        rows[time] = max(strength, rows.get(time, 0.0))
    if not 0 < len(rows) <= MAX_ONSETS:
        raise DrumtokError(f"times must be between 1 and {MAX_ONSETS:,}, got {len(rows):,}")
    times = sorted(rows)
    return Onsets(np.array(times), np.array([rows[time] for time in times]), in_seconds=True)
