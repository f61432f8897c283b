"""`drumtok maps`: list the note maps, show one, and guess the map of a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.shared_options import PATH, complete_note_map
from drumtok.cli.terminal import report_skipped
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DrumsPlace
from drumtok.runtime.options import settings_options

if TYPE_CHECKING:
    from drumtok.midi.map_guess import MapGuess
    from drumtok.midi.note_maps import NoteMap

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@click.group("maps", invoke_without_command=True)
@json_option
@click.pass_context
def maps_command(context: click.Context, as_json: bool) -> None:
    """List the note maps: the values of --map, by which files are read, and --out-map, by which they are written.

    Without a command, each map is listed with its instrument, the number of notes that differ from General MIDI, and
    the source of its table.
    """
    if context.invoked_subcommand:
        return
    from drumtok.midi.note_maps import GM, load_note_map, note_map_names

    found = [load_note_map(name) for name in note_map_names()]
    general = load_note_map(GM).drum_of
    rows = [(one, int((one.drum_of != general).sum())) for one in found]
    if as_json:
        click.echo(json.dumps([{**_about(one), "differences": count} for one, count in rows], indent=1))
        return
    for one, count in rows:
        differs = f"{count} notes differ from {GM}" if count else "the default" if one.name == GM else f"reads as {GM}"
        click.echo(f"{one.name:14}{one.title}; {differs}{'; reads only' * (None in one.written)}")
        for source in one.sources:
            click.echo(f"{'':14}{source}")


@maps_command.command("show")
@click.argument("name", shell_complete=complete_note_map)
@json_option
def maps_show(name: str, as_json: bool) -> None:
    """Show the note map NAME, or that of a .toml file: the notes of each drum, the one that is written first."""
    from drumtok.midi.note_maps import load_note_map

    one = load_note_map(name)
    notes = _notes(one)
    if as_json:
        written = dict(zip(notes, one.written, strict=True))
        click.echo(json.dumps({**_about(one), "written": written, "notes": notes}, indent=1))
        return
    click.echo(f"{one.name}: {one.title or 'a map of your own'}")
    for source in one.sources:
        click.echo(source)
    for lane, listed in notes.items():
        click.echo(f"{lane:8}{' '.join(map(str, listed)) or '-'}")


@maps_command.command("guess")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=PATH)
@click.option(
    "--map", "also", multiple=True, metavar="FILE", help="A .toml file to rank with drumtok's maps. Repeatable."
)
@settings_options(place=DrumsPlace)
@json_option
def maps_guess(place: DrumsPlace, files: tuple[Path, ...], also: tuple[str, ...], as_json: bool) -> None:
    """Rank the note maps for MIDI files by the likelihood of the groove that each map reads.

    Most maps read most notes as some drum, so the positions of the drums in the bar decide: kicks on one, snares on two
    and four, a steady hi-hat or ride. Of maps that read a file alike, the simplest comes first.
    """
    from drumtok.midi.file_maps import guess_maps
    from drumtok.midi.files import read_midi_bytes

    ranked: dict[Path, list[MapGuess]] = {}
    errors: list[DrumtokError] = []
    for path in files:
        try:
            ranked[path] = guess_maps(read_midi_bytes(path), str(path), also, place.choice)
        except DrumtokError as error:
            errors.append(error)
    if not ranked:
        raise errors[0]
    report_skipped([str(error) for error in errors])
    if as_json:
        rows = {str(path): [vars(guess) for guess in guesses] for path, guesses in ranked.items()}
        click.echo(json.dumps(rows, indent=1))
        return
    for path, guesses in ranked.items():
        click.echo(f"{click.format_filename(path)}:")
        for guess in guesses:
            click.echo(f"  {guess.name:14}{guess.explained:6.0%} of the notes, likelihood {guess.likelihood:.2f}")


def _about(one: "NoteMap") -> dict[str, object]:
    return {"name": one.name, "title": one.title, "sources": one.sources}


def _notes(one: "NoteMap") -> dict[str, list[int]]:
    """Return the notes of each drum by its lane, the one that is written first."""
    import numpy as np

    from drumtok.drums import LANES

    notes = {}
    for index, (lane, written) in enumerate(zip(LANES, one.written, strict=True)):
        others = np.flatnonzero(one.drum_of == index).tolist()
        notes[lane] = sorted(others, key=lambda note: (note != written, note))
    return notes
