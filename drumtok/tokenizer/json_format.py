"""`Pattern` <-> a line of JSON."""

import json

import numpy as np

from drumtok.drums import LANE_INDEX, LANES, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.parser import MAX_BARS
from drumtok.pattern import Pattern, steps_per_bar


def to_json(pattern: Pattern) -> str:
    """Return a pattern as one line of JSON: its labels, and its hits in order with velocity and offset.

    >>> to_json(Pattern.from_grid("kick |x---|", meter=(1, 4)))[-70:]
    '"hits": [{"step": 0, "drum": "kick", "velocity": 100, "offset": 0.0}]}'
    """
    hits = [
        {
            "step": step,
            "drum": LANES[lane],
            "velocity": int(pattern.velocity[step, lane]),
            "offset": float(str(pattern.offset[step, lane])),  # the shortest number that reads as the same float32
        }
        for step, lane in np.argwhere(pattern.hits).tolist()
    ]
    head = {key: getattr(pattern, key) for key in ("name", "style", "tempo", "meter", "grid", "note_length", "bars")}
    changes = {"tempo_changes": pattern.tempo_changes} if pattern.tempo_changes else {}
    return json.dumps(head | changes | {"hits": hits}, ensure_ascii=False)


def from_json(line: str) -> Pattern:
    """Read a pattern from a line of JSON: the inverse of `to_json`.

    Raises:
        DrumtokError: the line is not JSON of a pattern.
    """
    try:
        read = json.loads(line)
        listed, bars, meter = read.pop("hits"), read.pop("bars"), tuple(read.pop("meter"))
        if not 0 <= bars <= MAX_BARS:
            raise DrumtokError(f"bars must be between 0 and {MAX_BARS}, got {bars}")
        hits = np.zeros((bars * steps_per_bar(read["grid"], meter), N_DRUMS), dtype=bool)
        velocity, offset = np.zeros(hits.shape, dtype=np.uint8), np.zeros(hits.shape, dtype=np.float32)
        for hit in listed:
            at = range(len(hits)).index(hit["step"]), LANE_INDEX[hit["drum"]]
            hits[at], velocity[at], offset[at] = True, hit["velocity"], hit["offset"]
        return Pattern(hits, velocity, offset, meter=meter, **read)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = error if isinstance(error, DrumtokError) else f"{type(error).__name__}: {error}"
        raise DrumtokError(f"cannot read a pattern from JSON: {why}") from None
