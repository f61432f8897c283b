"""Parts of small MIDI files: beats, bass lines, chords and tunes that a seed varies."""

from dataclasses import dataclass

import mido
import numpy as np

Notes = list[tuple[int, int]]  # (step, pitch) of each


@dataclass(frozen=True)
class Part:
    """The notes of one track on one channel, counted from 1; `drums` is their label."""

    notes: Notes
    channel: int
    drums: bool
    name: str = ""
    program: int | None = None  # counted from 1, as in General MIDI
    before: tuple[mido.Message, ...] = ()  # further events at the start


def beat(rng: np.random.Generator, bars: int = 2) -> Notes:
    """Write a rock, house or trap beat."""
    kicks = ((0, 8), (0, 6, 8, 10), (0, 4, 8, 12), (0, 3, 10))[rng.integers(4)]
    snares = ((4, 12), (8,))[rng.integers(2)]
    hats = range(0, 16, int(rng.choice([1, 2, 4])))
    bar = [(k, 36) for k in kicks] + [(s, 38) for s in snares] + [(h, 42) for h in hats]
    notes = [(16 * number + step, pitch) for number in range(bars) for step, pitch in bar]
    return sorted([*notes, (0, 49)] if rng.random() < 0.5 else [*notes, (16 * bars - 2, 46)])


def bass(rng: np.random.Generator, bars: int = 2, low: int = 28) -> Notes:
    """Write a bass line on a minor scale, one note at a time."""
    scale, root = (0, 3, 5, 7, 10, 12), low + int(rng.integers(12))
    return [(step, root + int(rng.choice(scale))) for step in range(0, 16 * bars, 2)]


def chords(rng: np.random.Generator, bars: int = 2) -> Notes:
    """Write two triads per bar."""
    roots = 52 + rng.integers(0, 12, 2 * bars)
    return [(8 * place, int(root) + third) for place, root in enumerate(roots) for third in (0, 4, 7)]


def tune(rng: np.random.Generator, bars: int = 2) -> Notes:
    """Write a tune of eighths."""
    return [(step, int(60 + pitch)) for step, pitch in enumerate(rng.integers(0, 18, 8 * bars))]


def toms(rng: np.random.Generator) -> Notes:
    """Write a fill on snare and toms."""
    return [(step, int(pitch)) for step, pitch in enumerate(np.repeat([38, 50, 47, 43], 4))]


def bank(channel: int, number: int) -> mido.Message:
    """Select a bank by its first controller (0)."""
    return mido.Message("control_change", channel=channel - 1, control=0, value=number)


def exclusive(text: str) -> mido.Message:
    """Write a system exclusive message from hex."""
    return mido.Message("sysex", data=bytes.fromhex(text))
