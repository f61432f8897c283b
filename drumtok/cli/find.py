"""`drumtok find`: list the grooves of a library that are nearest to a pattern by rhythm."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.overwriting import check_outputs, force_option, make_folder
from drumtok.cli.progress import progress
from drumtok.cli.shared_options import COMPLETERS, PATH
from drumtok.cli.terminal import note, printable, quiet_option, report_skipped
from drumtok.errors import DrumtokError
from drumtok.library.config import FindConfig, IndexConfig
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import own_map
from drumtok.pattern import DEFAULT_GRID, Pattern
from drumtok.runtime.options import settings_options
from drumtok.runtime.workers import Workers

if TYPE_CHECKING:
    from drumtok.library.index import Library
    from drumtok.library.search import Match


@click.command("find")
@click.argument("pattern", type=PATH)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=PATH)
@settings_options(COMPLETERS, config=FindConfig, drums=DrumsConfig)
@click.option("--index", type=PATH, help="File of the index.  [default in the user's cache]")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes that read files.  [default one for each core]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@force_option
@quiet_option
def find_command(
    config: FindConfig,
    drums: DrumsConfig,
    pattern: Path,
    folders: tuple[Path, ...],
    index: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """List the grooves in folders that are nearest to a pattern by rhythm, the nearest first.

    PATTERN is a MIDI file or any file that `drumtok render` reads; the first pattern of several is used. FOLDER is a
    folder, a zip or a file. The first search reads all files and saves an index; later searches only read files that
    changed. --map reads all of these files, --channel and --track select the drums of PATTERN alone. The distance is
    the number of hits per bar that only one of two grooves has; kick and snare count twice.
    """
    from drumtok.library.build import default_index
    from drumtok.library.search import nearest

    wanted = read_pattern(pattern, drums)
    path = index or default_index(folders)
    if index is not None:
        check_outputs([index], _read_files(index, pattern, folders, drums), "library index")
    library = _renewed(path, index is None, folders, IndexConfig(drums.note_map), Workers(jobs=jobs))
    matches = nearest(library, wanted, config, leave_out=os.path.abspath(pattern))
    note(f"# {len(library.name):,} grooves in {len(library.files):,} files", err=True)
    _print(matches, as_json)


def _read_files(index: Path, pattern: Path, folders: Sequence[Path], drums: DrumsConfig) -> Iterator[Path | str | None]:
    """Iterate over the files that a search reads, those of the folders only if the index is named like one."""
    from drumtok.dataset.source_files import list_files
    from drumtok.tokenizer.readers import ENDINGS

    yield from (pattern, *folders, own_map(drums.note_map))
    if index.resolve().suffix.lower() in ENDINGS:
        yield from (file.ref.path for folder in folders if folder.exists() for file in list_files(folder))


def read_pattern(path: Path, drums: DrumsConfig) -> Pattern:
    """Read the first pattern of a file that has hits.

    Raises:
        DrumtokError: the file cannot be read, or has no drum hits.
    """
    from drumtok.midi.files import read_song
    from drumtok.runtime.reading import read_text
    from drumtok.tokenizer.formats import BY_ENDING, parse_patterns

    known = BY_ENDING.get(path.suffix.lower())
    if known is None:
        patterns = list(read_song(path, grid=DEFAULT_GRID, **asdict(drums)).sections)
    else:
        patterns = parse_patterns(known, read_text(path), str(path))
    found = next((pattern for pattern in patterns if pattern.hits.any()), None)
    if found is None:
        raise DrumtokError(f"cannot read {str(path)!r}: it has no drum hits")
    return found


def _renewed(path: Path, is_cache: bool, folders: Sequence[Path], reading: IndexConfig, workers: Workers) -> "Library":
    """Update, save and return the index of folders."""
    from drumtok.dataset.source_files import list_files
    from drumtok.library.build import build_library
    from drumtok.library.index import Library

    old = None
    if path.exists():
        try:
            old = Library.load(path)
        except DrumtokError:
            if not is_cache:  # an index of another version, which `check_outputs` accepts, is rebuilt
                note(f"# {click.format_filename(path)} is rebuilt", err=True)
    with progress("reading", lambda: sum(1 for folder in folders for _ in list_files(folder))) as show:
        library = build_library(folders, reading, old, workers=workers, on_progress=show)
    if library is not old:
        make_folder(path.parent)
        library.save(path)
        report_skipped(library.skipped)
    if not library.name:
        raise DrumtokError(f"cannot find grooves in {', '.join(map(str, folders))}: no file with drum hits was read")
    return library


def _print(matches: "Sequence[Match]", as_json: bool) -> None:
    """Print the songs that were found."""
    if as_json:
        click.echo(json.dumps([asdict(match) for match in matches]))
        return
    for match in matches:
        where = f"bar {match.bar} of {match.bars}"
        row = f"{match.distance:6.2f}  {match.meter:5} {match.tempo:5.0f} BPM  {match.style:15} {where:14}"
        click.echo(f"{row} {printable(_place(match))}")


def _place(match: "Match") -> str:
    """Return the path of a song's file, with the name of the song if the file has several."""
    path = os.path.relpath(match.file)
    return path if path.replace(os.sep, "/").endswith(match.name) else f"{path} ({match.name})"
