"""Undo the swing of a file that drumtok wrote with it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.midi.fast_reader import read_events
from drumtok.midi.raw import RawTrack, raw_bytes, read_raw
from drumtok.midi.writer import SIXTEENTH_PAIR, STRAIGHT, TICKS_PER_BEAT, swung
from drumtok.pattern import DEFAULT_METER

SHORTEST = 60  # ticks of a thirty-second, the shortest step that is swung


def straightened(data: bytes, swing: float) -> bytes:
    """Return the bytes of a MIDI file of one meter as they were before `drumtok.midi.writer.swung`.

    Args:
        swing: of the file, 50 to 75 percent.

    Raises:
        DrumtokError: the file cannot be read.

    >>> from drumtok.midi.files import to_midi_bytes
    >>> from drumtok.pattern import Pattern
    >>> beat = Pattern.from_grid("closed |xxxx|", meter=(1, 4))
    >>> read_events(straightened(to_midi_bytes(beat, swing=60), 60)).time.tolist()
    [0, 120, 240, 360]
    """
    if swing == STRAIGHT:
        return data
    file, meters = read_raw(data), read_events(data).meters.tolist()
    numerator, denominator = meters[0][1:] if meters else DEFAULT_METER
    scale, bar = TICKS_PER_BEAT / file.division, 4 * TICKS_PER_BEAT * numerator // denominator
    table = _inverse(swing)

    def straight(tick: int) -> int:
        own = round(tick * scale)
        in_pair = own % bar % SIXTEENTH_PAIR
        if own % bar - in_pair + SIXTEENTH_PAIR > bar:  # the last sixteenth of an odd bar has no partner
            return tick
        return round((own - in_pair + int(table[in_pair])) / scale)

    tracks = [
        RawTrack([(straight(tick), message) for tick, message in track.events], straight(track.end))
        for track in file.tracks
    ]
    return raw_bytes(replace(file, tracks=tracks))


def _inverse(swing: float) -> NDArray[np.int64]:
    """Return the tick within a pair of sixteenths that `swung` moves to each; of several the nearest to a step."""
    ticks = np.arange(SIXTEENTH_PAIR)
    moved = swung(ticks, swing, SIXTEENTH_PAIR)
    table: NDArray[np.int64] = np.rint(np.interp(ticks, moved, ticks)).astype(np.int64)
    near = np.minimum(ticks % SHORTEST, -ticks % SHORTEST)
    order = np.argsort(-near, kind="stable")
    table[np.minimum(moved[order], SIXTEENTH_PAIR - 1)] = order
    return table
