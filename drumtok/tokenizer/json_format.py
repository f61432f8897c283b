"""The formats in which a pattern goes through a pipe: a MIDI file, words, grid notation, JSON."""

import json

import numpy as np

from drumtok.drums import LANE_INDEX, LANES, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.quantise import MAX_BARS
from drumtok.pattern import Pattern, steps_per_bar


def to_json(pattern: Pattern) -> str:
    """A pattern as one line of JSON: what it is, and its hits in order, with all that is known of each.

    >>> to_json(Pattern.from_grid("kick |x---|", meter=(1, 4)))[-70:]
    '"hits": [{"step": 0, "drum": "kick", "velocity": 100, "offset": 0.0}]}'
    """
    hits = [
        {
            "step": step,
            "drum": LANES[lane],
            "velocity": int(pattern.velocity[step, lane]),
            "offset": float(str(pattern.offset[step, lane])),  # the shortest that is read as the same float32
        }
        for step, lane in np.argwhere(pattern.hits).tolist()
    ]
    head = {key: getattr(pattern, key) for key in ("name", "style", "tempo", "meter", "grid", "note_length", "bars")}
    return json.dumps(head | {"hits": hits}, ensure_ascii=False)


def from_json(line: str) -> Pattern:
    """The inverse of `to_json`.

    Raises:
        DrumtokError: the line is no such pattern.
    """
    try:
        said = json.loads(line)
        listed, bars, meter = said.pop("hits"), said.pop("bars"), tuple(said.pop("meter"))
        if not 0 <= bars <= MAX_BARS:
            raise DrumtokError(f"bars is {bars}: allowed is from 0 up to {MAX_BARS}")
        hits = np.zeros((bars * steps_per_bar(said["grid"], meter), N_DRUMS), dtype=bool)
        velocity, offset = np.zeros(hits.shape, dtype=np.uint8), np.zeros(hits.shape, dtype=np.float32)
        for hit in listed:
            at = range(len(hits)).index(hit["step"]), LANE_INDEX[hit["drum"]]
            hits[at], velocity[at], offset[at] = True, hit["velocity"], hit["offset"]
        return Pattern(hits, velocity, offset, meter=meter, **said)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = error if isinstance(error, DrumtokError) else f"{type(error).__name__}: {error}"
        raise DrumtokError(f"the JSON is no pattern ({why})") from None
