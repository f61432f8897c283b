"""MIDI files that commands make new patterns of: which section of one is read, and what stays as it was in it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import rich_click as click

from drumtok.cli.terminal import note
from drumtok.errors import DrumtokError
from drumtok.midi.edit import DrumFile
from drumtok.midi.files import FILE_METER, read_midi_bytes, read_song, to_midi_bytes
from drumtok.midi.song_sections import is_pickup, main_section
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern, parse_meter
from drumtok.sampling.config import meter_warning
from drumtok.sampling.primers import read_primer


def meter_option(command: Callable) -> Callable:
    """Decorate a click command with `--meter`, by which it reads MIDI files."""
    text = f"Meter of the bars, such as 4/4, whatever the file has.  [default {FILE_METER}, its time signatures]"
    decorated: Callable = click.option("--meter", default=FILE_METER, help=text)(command)
    return decorated


def warn_of_meter(meter: str | None) -> None:
    """Print the warning of a meter that new patterns are to have, if there is one."""
    if warning := meter_warning(meter):
        click.echo(warning, err=True)


def meter_arguments(meter: str) -> tuple[str, ...]:
    """Return `--meter` as command-line arguments; the default is left out."""
    return ("--meter", meter) * (meter != FILE_METER)


def read_source(
    path: Path, grid: int, called: str, note_map: str, meter: str | None, last: bool = False, report: bool = True
) -> Pattern:
    """Read the section that stands for a file, and print on standard error which sections are left out.

    Args:
        called, note_map: as in `drumtok.sampling.primers.read_primer`.
        meter: of all bars; None follows the time signatures of the file.
        last: as in `drumtok.midi.song_sections.main_section`.
        report: whether to print that; of a file that is edited nothing is left out.

    Raises:
        DrumtokError: it cannot be read, or has no bars.
    """
    song = read_song(path, grid=grid, meter=meter or FILE_METER, note_map=note_map)
    if not song.sections:
        return read_primer(path, grid, called, note_map=note_map)  # which raises
    index, left_out = main_section(song.sections, last)
    for words in left_out if report else ():
        click.echo(f"{click.format_filename(path)}: {words}", err=True)
    return read_primer(replace(song.sections[index], name=path.stem), grid, called)


@dataclass(frozen=True)
class Source:
    """A MIDI file that a new one is made of.

    Attributes:
        path: of the file.
        drums: its drums, which can be edited.
        index: the section that stands for the file.
    """

    path: Path
    drums: DrumFile
    index: int = 0

    @classmethod
    def read(
        cls, path: Path, grid: int, note_map: str, meter: str = FILE_METER, last: bool = False, report: bool = True
    ) -> "Source":
        """Read a file, and print on standard error which sections of it are left out.

        Args:
            meter: of all bars, or `file`.
            last: as in `drumtok.midi.song_sections.main_section`.
            report: whether to print that.

        Raises:
            DrumtokError: it cannot be read, or has no hits of the kit.
        """
        flat = None if meter == FILE_METER else parse_meter(meter)
        drums = DrumFile.read(read_midi_bytes(path), str(path), grid, flat, note_map)
        index, left_out = main_section(drums.sections, last)
        for words in left_out if report else ():
            click.echo(f"{click.format_filename(path)}: {words}", err=True)
        return cls(path, drums, index)

    @property
    def pattern(self) -> Pattern:
        """The section that stands for the file, named after it."""
        return replace(self.drums.sections[self.index], name=self.path.stem)

    @property
    def pickup(self) -> bool:
        """Whether the file begins with a pickup bar."""
        return is_pickup(self.drums.sections)

    def with_pattern(self, made: Pattern, text: str, writing: MidiConfig) -> bytes:
        """Return the bytes of the file with another pattern in place of its section, as `with_sections`."""
        sections = list(self.drums.sections)
        sections[self.index] = made
        return self.with_sections(sections, text, writing)

    def with_sections(self, made: list[Pattern], text: str, writing: MidiConfig) -> bytes:
        """Return the bytes of the file with other patterns in place of its sections.

        What they do not change stays as it is in the file. A pattern is written anew where the layout, the note map or
        the tempo is to be another than that of the file, or the file is damaged.

        Raises:
            DrumtokError: the patterns must be written anew, and there are several.
        """
        tempi = [pattern.tempo == old.tempo for pattern, old in zip(made, self.drums.sections, strict=True)]
        as_in_file = MidiConfig(note_map=self.drums.note_map)
        why = "" if writing == as_in_file else "the options of its layout"
        why = why or ("" if all(tempi) else "another tempo")
        if not why:
            try:
                return self.drums.edited(made, text)
            except DrumtokError as error:
                why = str(error)
                note(f"# written anew, without what is no drum: {error}", err=True)
        if len(made) > 1:
            raise DrumtokError(f"meter of {str(self.path)!r} must not change with {why}, use --meter 4/4")
        return to_midi_bytes(made[0], text=text, **asdict(writing))
