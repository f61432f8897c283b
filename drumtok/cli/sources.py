"""MIDI files that commands edit: which section of a file is read, and what is kept when it is rewritten."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from drumtok.cli.shared_options import checkpoint_option, drums_option
from drumtok.cli.terminal import note
from drumtok.errors import DrumtokError
from drumtok.generation.provenance import Provenance, path_arguments, provenance
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.files import FILE_METER, read_midi_bytes, read_song, to_midi_bytes
from drumtok.midi.note_maps import own_map
from drumtok.midi.song_sections import is_pickup, main_section
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern, parse_meter, steps_per_bar
from drumtok.runtime.options import arguments_of, parameters_of
from drumtok.sampling.config import meter_warning
from drumtok.sampling.primers import read_primer

if TYPE_CHECKING:
    from drumtok.midi.edit import DrumFile
    from drumtok.network.checkpoint import Checkpoint


def meter_option(command: Callable) -> Callable:
    """Decorate a click command with `--meter`, in which it reads MIDI files."""
    text = f"Meter of the bars, such as 4/4, in place of that of the file.  [default {FILE_METER}, its time signatures]"
    decorated: Callable = click.option("--meter", default=FILE_METER, help=text)(command)
    return decorated


def warn_of_meter(meter: str | None, grid: int) -> None:
    """Print the warning for the meter of new patterns, if any.

    Raises:
        DrumtokError: the meter does not fit the grid, so there will be no patterns.
    """
    if meter is not None:
        steps_per_bar(grid, parse_meter(meter))
    if warning := meter_warning(meter):
        click.echo(warning, err=True)


def read_source(
    path: Path, grid: int, called: str, drums: DrumsConfig, meter: str | None, last: bool = False, report: bool = True
) -> Pattern:
    """Read the main section of a file, and print on standard error which sections are left out.

    Args:
        called, drums: as in `drumtok.sampling.primers.read_primer`.
        meter: of all bars; None follows the time signatures of the file.
        last: as in `drumtok.midi.song_sections.main_section`.
        report: whether to print that; a file that is edited keeps all its sections.

    Raises:
        DrumtokError: the file cannot be read, or has no bars.
    """
    song = read_song(path, grid=grid, meter=meter or FILE_METER, **asdict(drums))
    if not song.sections:
        return read_primer(path, grid, called, drums=drums)  # which raises
    index, left_out = main_section(song.sections, last)
    for words in left_out if report else ():
        click.echo(f"{click.format_filename(path)}: {words}", err=True)
    return read_primer(replace(song.sections[index], name=path.stem), grid, called)


@dataclass(frozen=True)
class Source:
    """A MIDI file that a new one is made from.

    Attributes:
        path: of the file.
        drums: its drums, which can be edited.
        index: the main section of the file.
    """

    path: Path
    drums: "DrumFile"
    index: int = 0

    @classmethod
    def read(
        cls, path: Path, grid: int, drums: DrumsConfig, meter: str = FILE_METER, last: bool = False, report: bool = True
    ) -> "Source":
        """Read a file, and print on standard error which sections of it are left out.

        Args:
            drums: how its drums are found and read.
            meter: of all bars, or `file`.
            last: as in `drumtok.midi.song_sections.main_section`.
            report: whether to print that.

        Raises:
            DrumtokError: the file cannot be read, or has no hits of the kit.
        """
        from drumtok.midi.edit import DrumFile  # imported here, since a new pattern edits no file

        flat = None if meter == FILE_METER else parse_meter(meter)
        file = DrumFile.read(read_midi_bytes(path), str(path), grid, flat, drums)
        index, left_out = main_section(file.sections, last)
        for words in left_out if report else ():
            click.echo(f"{click.format_filename(path)}: {words}", err=True)
        return cls(path, file, index)

    @property
    def pattern(self) -> Pattern:
        """The main section of the file, named after it."""
        return replace(self.drums.sections[self.index], name=self.path.stem)

    @property
    def pickup(self) -> bool:
        """Whether the file begins with a pickup bar."""
        return is_pickup(self.drums.sections)

    def with_pattern(self, made: Pattern, text: str, writing: MidiConfig) -> bytes:
        """Return the bytes of the file with another pattern in place of its main section, as `with_sections` does."""
        sections = list(self.drums.sections)
        sections[self.index] = made
        return self.with_sections(sections, text, writing)

    def with_sections(self, made: list[Pattern], text: str, writing: MidiConfig) -> bytes:
        """Return the bytes of the file with other patterns in place of its sections.

        Everything else in the file stays as it is. The patterns are rewritten as a new file if the layout, the note map
        or the tempo differs from that of the file, or if the file is damaged.

        Raises:
            DrumtokError: the patterns must be rewritten, and there are several.
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
                note(f"# rewritten, without notes outside the kit: {error}", err=True)
        if len(made) > 1:
            raise DrumtokError(f"meter of {str(self.path)!r} must not change with {why}, use --meter 4/4")
        return to_midi_bytes(made[0], text=text, **asdict(writing))


@dataclass(frozen=True)
class Reading:
    """How a command reads its MIDI files, and the network that it uses.

    Attributes:
        drums: how their drums are found and read.
        meter: of all bars, or `file`.
        checkpoint: the file of the network as given; None is the bundled one.
    """

    drums: DrumsConfig
    meter: str
    checkpoint: Path | None

    @property
    def used(self) -> Path:
        """The file of the network."""
        from drumtok.network.checkpoint import checkpoint_file

        return checkpoint_file(self.checkpoint)

    @cached_property
    def network(self) -> "Checkpoint":
        """The network."""
        from drumtok.network.checkpoint import load_checkpoint

        return load_checkpoint(self.used)

    def inputs(self, writing: MidiConfig) -> tuple[Path | str | None, ...]:
        """Return the other files that the command reads and must not overwrite."""
        return self.checkpoint, writing.own_map, own_map(self.drums.note_map)

    def read(self, path: Path, report: bool = True) -> Source:
        """Read a file on the grid of the network.

        Args:
            report: as in `Source.read`.

        Raises:
            DrumtokError: as in `Source.read`.
        """
        return Source.read(path, self.network.grid, self.drums, self.meter, report=report)

    def provenance(
        self, command: str, arguments: tuple[str, ...], config: Any, writing: MidiConfig, **files: Path
    ) -> Provenance:
        """Return how a file is made.

        Args:
            arguments: the command-line arguments before the options of settings.
            config: the settings of the command, a dataclass.
            files: role -> MIDI file.
        """
        options = (
            *arguments,
            *arguments_of(config, writing, self.drums),
            *("--meter", self.meter) * (self.meter != FILE_METER),
            *path_arguments({"checkpoint": self.checkpoint}),
        )
        maps = {"map": own_map(self.drums.note_map), "out-map": writing.own_map}
        return provenance(command, options, {"checkpoint": self.used, **files, **maps})


# click's names of the options that `reading_options` adds
READING = {"meter", "checkpoint", *parameters_of(DrumsConfig)}


def reading_options(command: Callable) -> Callable:
    """Decorate a click command with `--map`, `--channel`, `--track`, `--meter`, `--checkpoint`; it gets a `Reading`."""

    @wraps(command)
    def read_then_run(drums: DrumsConfig, meter: str, checkpoint: Path | None, **options: Any) -> Any:
        return command(reading=Reading(drums, meter, checkpoint), **options)

    return drums_option(meter_option(checkpoint_option(read_then_run)))
