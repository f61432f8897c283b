"""The results of the tools: a groove as grid notation and as a MIDI file, and the styles."""

import base64
from dataclasses import dataclass

from drumtok.pattern import Pattern


@dataclass(frozen=True)
class Groove:
    """A groove as grid notation and MIDI.

    Attributes:
        notation: grid notation, a line for each drum that is hit: x hit, X accent, o ghost note, - silence, | bar line.
        bars: its length.
        meter: such as 4/4.
        tempo: quarter notes per minute.
        grid: steps per quarter note.
        hits: the number of hits.
        seed: the seed with which the same call gives the same groove; null if nothing was sampled.
        midi: the MIDI file in base64; empty if it was written to a file.
        file: the path of the MIDI file that was written, or empty.
    """

    notation: str
    bars: int
    meter: str
    tempo: float
    grid: int
    hits: int
    seed: int | None
    midi: str
    file: str

    @classmethod
    def of(cls, pattern: Pattern, seed: int | None, midi: bytes, file: str) -> "Groove":
        """Describe a pattern whose MIDI file is written if `file` is not empty."""
        return cls(
            notation=pattern.to_grid(),
            bars=pattern.bars,
            meter="{}/{}".format(*pattern.meter),
            tempo=pattern.tempo,
            grid=pattern.grid,
            hits=int(pattern.hits.sum()),
            seed=seed,
            midi="" if file else base64.b64encode(midi).decode(),
            file=file,
        )


@dataclass(frozen=True)
class Sound:
    """A WAV file that was written.

    Attributes:
        file: its path.
        seconds: its length.
    """

    file: str
    seconds: float


@dataclass(frozen=True)
class StyleRow:
    """A style.

    Attributes:
        name: the value of `style`.
        title: its full name.
        group: the group of similar styles.
        tempo: its slowest, usual and fastest quarter notes per minute; empty if unknown.
        meters: its meters.
    """

    name: str
    title: str
    group: str
    tempo: list[float]
    meters: list[str]
