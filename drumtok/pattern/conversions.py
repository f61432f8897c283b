"""Methods of `Pattern` that read and write other forms: grid notation, MIDI, sound and HTML.

Each imports its package when it is called, because the packages themselves import `Pattern`.
"""

from typing import TYPE_CHECKING, Unpack, cast

from drumtok.grids import DEFAULT_GRID, DEFAULT_METER, DEFAULT_TEMPO, Meter
from drumtok.notation import read_lanes, write_lanes

if TYPE_CHECKING:
    import os

    import pretty_midi

    from drumtok.midi.convert import Source
    from drumtok.midi.files import ReadingOptions
    from drumtok.pattern import Pattern
    from drumtok.rendering.audio import AudioOptions


class Conversions:
    """The methods of `Pattern` that read and write other forms."""

    @classmethod
    def from_grid(
        cls, text: str, grid: int = DEFAULT_GRID, meter: Meter = DEFAULT_METER, tempo: float = DEFAULT_TEMPO
    ) -> "Pattern":
        """Read grid notation: one lane per line, `x` hit, `X` accent, `o` ghost, `-` or `.` silence.

        `|` and white space are skipped, `#` begins a comment. Blocks separated by an empty line follow one another in
        time; a lane that is missing from a block is silent there.

        Raises:
            DrumtokError: a lane or mark is unknown, lanes of a block differ in length, or a bar is not full.

        Examples:
            >>> from drumtok import Pattern
            >>> Pattern.from_grid("kick |x---x---x---x---|").hits[:, 0].sum()
            np.int64(4)
        """
        from drumtok.pattern import Pattern

        velocity = read_lanes(text)
        return Pattern(velocity > 0, velocity, grid=grid, meter=meter, tempo=tempo)

    def to_grid(self, bars_per_line: int = 2) -> str:
        """Write grid notation, the inverse of `from_grid`, with velocity in three levels and without offsets.

        Examples:
            >>> from drumtok import Pattern
            >>> print(Pattern.from_grid("snare |----X--o----X---|").to_grid())
            snare  |----X--o----X---|
        """
        pattern = cast("Pattern", self)
        return write_lanes(pattern.velocity, pattern.steps_per_bar, bars_per_line)

    @classmethod
    def from_midi(cls, source: "Source", **options: "Unpack[ReadingOptions]") -> "Pattern":
        """Read the drums of a MIDI file, given as its path, its bytes or a binary file object.

        Args:
            options: as in `drumtok.read_midi`.

        Raises:
            DrumtokError: the file cannot be read, or its meter changes.
        """
        from drumtok.midi.convert import from_midi

        return from_midi(source, **options)

    @classmethod
    def from_pretty_midi(cls, midi: "pretty_midi.PrettyMIDI", **options: "Unpack[ReadingOptions]") -> "Pattern":
        """Read the drums of a `pretty_midi.PrettyMIDI`, as `from_midi` does."""
        from drumtok.midi.convert import from_pretty_midi

        return from_pretty_midi(midi, **options)

    def to_pretty_midi(self) -> "pretty_midi.PrettyMIDI":
        """Return a `pretty_midi.PrettyMIDI` of the pattern, as read from the file that `drumtok.write_midi` writes."""
        from drumtok.midi.convert import to_pretty_midi

        return to_pretty_midi(cast("Pattern", self))

    def write_wav(self, path: "str | os.PathLike[str]", **options: "Unpack[AudioOptions]") -> None:
        """Write the sound of the pattern as a WAV file.

        Args:
            options: kit, swing and tail, as in `drumtok.write_wav`.

        Raises:
            DrumtokError: the file cannot be written, the pattern has no bars, or an option is invalid.
        """
        from drumtok.rendering.audio import write_wav

        write_wav(cast("Pattern", self), path, **options)

    def play(self, port: str | None = None, times: int = 1) -> None:
        """Play the pattern to a MIDI output port in real time.

        Args:
            port: its name, or a part of it; None opens the first port.
            times: how often, without gaps; 0 plays until Ctrl-C.

        Raises:
            DrumtokError: there is no such port, or python-rtmidi (extra `play`) is not installed.
        """
        from drumtok.midi.port import open_port, play

        with open_port(port) as output:
            play(cast("Pattern", self), output, times=times)

    def _repr_html_(self) -> str:
        from drumtok.rendering.notebook import pattern_html

        return pattern_html(cast("Pattern", self))
