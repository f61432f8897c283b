"""What the tools return: a groove as grid notation and as a MIDI file, and the styles."""

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
        seed: with which the same call makes the same groove; none where nothing was drawn.
        midi: the MIDI file in base64; empty where it was written to a file.
        file: the path of the MIDI file that was written; empty where none was.
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
    """A style that can be asked for.

    Attributes:
        name: the value of `style`.
        title: its full name.
        group: the styles that it belongs with.
        tempo: its slowest, usual and fastest quarter notes per minute; empty where none are known.
        meters: that it is played in.
    """

    name: str
    title: str
    group: str
    tempo: list[float]
    meters: list[str]
