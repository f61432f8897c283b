"""`drumtok render`: render drum files as sound, as pictures, as text, or to a MIDI port."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import rich_click as click
from click import get_current_context

from drumtok.cli.output import OutputConfig, check_writing, formatted, player, write_beside
from drumtok.cli.overwriting import check_outputs, force_option, is_folder_name, make_folder
from drumtok.cli.shared_options import COMPLETERS, PATH
from drumtok.cli.terminal import note, quiet_option, report_skipped
from drumtok.errors import DrumtokError
from drumtok.midi.files import read_song
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.rendering.kits import AudioConfig
from drumtok.runtime.files import write_atomically
from drumtok.runtime.options import settings_options
from drumtok.runtime.reading import read_text
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.formats import BY_ENDING, parse_patterns
from drumtok.version import __version__


@click.command("render")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PATH)
@click.option(
    "--out",
    "-o",
    type=PATH,
    help="A folder to write to, or a file.  [default beside each FILE; --format prints]",
)
@force_option
@settings_options(COMPLETERS, output=OutputConfig, audio=AudioConfig, reading=EncodeConfig, writing=MidiConfig)
@quiet_option
def render_command(
    output: OutputConfig,
    audio: AudioConfig,
    reading: EncodeConfig,
    writing: MidiConfig,
    files: tuple[Path, ...],
    out: Path | None,
) -> None:
    """Render drum files: as WAV, or as selected by --png, --format or --play.

    FILE is a MIDI file, or a text in words (.txt), grid notation (.grid), JSON (.json), CSV, MusicXML (.musicxml), or a
    Hydrogen pattern or song (.h2pattern, .h2song). A file with several patterns or changes of meter gives FILE-1,
    FILE-2, ... With --out, --format writes there.
    """
    if not (output.png or output.play or output.format):
        output = replace(output, wav=True)
    check_writing(output, writing)
    in_file = output.format is not None and out is not None
    endings = (*output.endings, *(output.format_ending,) * in_file)
    named = _named(_read_all(files, reading), out, endings)
    output.check_with([path for path, _ in named], audio, to_stdout=not in_file)
    own = [path.with_suffix(output.format_ending) for path, _ in named] if in_file else []
    check_outputs(
        [*(file for path, _ in named for file in output.files_beside(path)), *own],
        (*files, writing.own_map, *audio.kit_files),
    )
    for folder in {path.parent for path, _ in named} if endings else ():
        make_folder(folder)
    on_bar = get_current_context().with_resource(player(output, writing))
    for path, pattern in named:
        written = write_beside(pattern, path, output, audio, writing)
        if in_file:
            written.append(_write_format(pattern, path.with_suffix(output.format_ending), output, writing))
        elif output.format is not None:
            click.echo(formatted(pattern, output.format, writing=writing), nl=False)
        if output.format is None or in_file:
            for file in written:
                note(click.format_filename(file))
        on_bar(pattern)


def _write_format(pattern: Pattern, path: Path, output: OutputConfig, writing: MidiConfig) -> Path:
    """Write a pattern in the format of the output; return the file."""
    write_atomically(path, formatted(pattern, str(output.format), f"drumtok {__version__}: render", writing))
    return path


def _named(
    found: Iterable[tuple[Path, list[Pattern]]], out: Path | None, endings: tuple[str, ...]
) -> list[tuple[Path, Pattern]]:
    """Return the name of each pattern's MIDI file, from which the names of its other files follow.

    Raises:
        DrumtokError: `out` has the ending of no output, or is a single file for several patterns.
    """
    every = [
        (path, path.stem + f"-{number}" * (len(patterns) > 1) + ".mid", pattern)
        for path, patterns in found
        for number, pattern in enumerate(patterns, 1)
    ]
    if out is None or is_folder_name(out):
        return [((out or path.parent) / name, pattern) for path, name, pattern in every]
    if out.suffix.lower() not in endings:
        raise DrumtokError(f"--out must be a folder or end in {' or '.join(endings)}, got {str(out)!r}")
    if len(every) > 1:
        raise DrumtokError(f"--out must be a folder for {len(every)} patterns, got {str(out)!r}")
    return [(out.with_suffix(".mid"), pattern) for _, _, pattern in every]


def _read_all(files: Iterable[Path], reading: EncodeConfig) -> list[tuple[Path, list[Pattern]]]:
    """Read all files; print which ones are skipped.

    Raises:
        DrumtokError: none can be read.
    """
    found = []
    errors: dict[Path, DrumtokError] = {}
    for path in files:
        try:
            found.append((path, _read(path, reading)))
        except DrumtokError as error:
            errors[path] = error
    if not found:
        raise next(iter(errors.values()))
    report_skipped([f"{path}: {error}" for path, error in errors.items()])
    return found


def _read(path: Path, reading: EncodeConfig) -> list[Pattern]:
    """Read the patterns of a file, at least one; print repairs and guesses on standard error."""
    known = BY_ENDING.get(path.suffix.lower())
    reason = ""
    if known is None:
        song = read_song(path, **asdict(reading))
        patterns, reason = list(song.sections), "; ".join(filter(None, (song.reason, song.suggestion)))
    else:
        patterns = parse_patterns(known, read_text(path), str(path))
    patterns = [pattern for pattern in patterns if pattern.bars]
    if reason:
        click.echo(f"{path}: {reason}", err=True)
    if not patterns:
        raise DrumtokError(f"cannot render {str(path)!r}: it has no hits of the kit")
    return [replace(pattern, name=pattern.name or path.stem) for pattern in patterns]
