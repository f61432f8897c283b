"""`drumtok render`: render drum files as sound, as pictures, as text, or to a MIDI port."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from pathlib import Path

import rich_click as click
from click import get_current_context

from drumtok.cli.output import OutputConfig, check_writing, formatted, player, write_beside
from drumtok.cli.terminal import report_skipped
from drumtok.errors import DrumtokError
from drumtok.midi.files import read_song
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.rendering.kits import AudioConfig
from drumtok.runtime.options import settings_options
from drumtok.runtime.reading import read_text
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.json_format import from_json
from drumtok.tokenizer.text import parse_grooves, parse_songs

PARSERS: dict[str, Callable[[str], Iterable[Pattern]]] = {
    ".txt": parse_songs,
    ".grid": parse_grooves,
    ".json": lambda text: [from_json(line) for line in text.splitlines() if line.strip()],
}


@click.command("render")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--out", "-o", type=click.Path(path_type=Path), help="A folder to write to.  [default beside each FILE]")
@settings_options(output=OutputConfig, audio=AudioConfig, reading=EncodeConfig, writing=MidiConfig)
def render_command(
    output: OutputConfig,
    audio: AudioConfig,
    reading: EncodeConfig,
    writing: MidiConfig,
    files: tuple[Path, ...],
    out: Path | None,
) -> None:
    """Render drum files: as WAV, or as selected by --png, --format or --play.

    FILE is a MIDI file, or a text in words (.txt), grid notation (.grid) or JSON (.json). A file of several patterns,
    or whose meter changes, gives FILE-1, FILE-2, ...
    """
    if not (output.png or output.play or output.format):
        output = replace(output, wav=True)
    check_writing(output, writing)
    if out is not None and not out.is_dir():
        raise DrumtokError(f"--out must be an existing folder, got {str(out)!r}")
    found = _read_all(files, reading)
    named = [
        ((out or path.parent) / (path.stem + f"-{number}" * (len(patterns) > 1) + ".mid"), pattern)
        for path, patterns in found
        for number, pattern in enumerate(patterns, 1)
    ]
    output.check_with([path for path, _ in named], audio)
    on_bar = get_current_context().with_resource(player(output, writing))
    for path, pattern in named:
        for written in write_beside(pattern, path, output, audio, writing):
            if output.format is None:
                click.echo(written)
        if output.format is not None:
            click.echo(formatted(pattern, output.format, writing=writing), nl=False)
        on_bar(pattern)


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
    """Read the patterns of a file, at least one; print on standard error what was mended or guessed."""
    parse = PARSERS.get(path.suffix.lower())
    reason = ""
    if parse is None:
        song = read_song(path, **asdict(reading))
        patterns, reason = list(song.sections), "; ".join(filter(None, (song.reason, song.suggestion)))
    else:
        text = read_text(path)
        try:
            patterns = list(parse(text))
        except DrumtokError as error:
            raise DrumtokError(f"{str(path)!r}: {error}") from None
    patterns = [pattern for pattern in patterns if pattern.bars]
    if reason:
        click.echo(f"{path}: {reason}", err=True)
    if not patterns:
        raise DrumtokError(f"cannot render {str(path)!r}: it has no hits of the kit")
    return [replace(pattern, name=pattern.name or path.stem) for pattern in patterns]
