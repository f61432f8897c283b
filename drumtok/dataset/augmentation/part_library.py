"""Read a part library: the data folder `augment/`, a folder of groove and MIDI files by role, or a loop pack."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from drumtok.dataset.augmentation.parts import AUGMENT_FOLDER, PartLibrary, check_part
from drumtok.drums import ROLES
from drumtok.errors import DrumtokError
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.drum_names import drum_from_name
from drumtok.midi.files import from_midi_bytes
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import parse_grooves

LOOP_GRIDS = (4, 6, 8)  # a MIDI loop gets the first of these that all its hits are on
ON_GRID = 0.02  # beats that a hit may be off a grid and still count as on it
_ROLE_OF_DRUM = {drum: role for role, drums in ROLES.items() for drum in drums}


def load_parts(folder: str | os.PathLike[str] | None = None, left_out: list[str] | None = None) -> PartLibrary:
    """Read a part library.

    Args:
        folder: a folder of groove files such as `kick.grid` or of folders such as `kick/` of groove and MIDI files, or
            a loop pack: MIDI files whose names or folders name the one drum that they hold (`Trap/01_Kick.mid`), on
            any note. The style of a MIDI file is its first folder that does not name a drum. Notes are read by the
            note map `gm`. None reads drumtok's own parts.
        left_out: gets a line for each MIDI file that is not a part, with the reason.

    Raises:
        DrumtokError: a role has no parts, a groove file cannot be read or holds something else than parts, or two
            parts have the same name.
    """
    folder = data_path(AUGMENT_FOLDER) if folder is None else Path(folder)
    if not folder.is_dir():
        raise DrumtokError(f"cannot read {str(folder)!r}: it is not a folder")
    library: dict[str, list[Pattern]] = {role: list(_groove_parts(folder, role)) for role in ROLES}
    for path in sorted(folder.rglob("*"), key=Path.as_posix):
        if path.suffix.lower() in MIDI_ENDINGS and path.is_file():
            try:
                role, part = _read_loop(path, path.relative_to(folder))
            except DrumtokError as error:
                if left_out is not None:
                    left_out.append(f"{path.relative_to(folder).as_posix()}: {error}")
                continue
            library[role].append(part)
    _check_library(folder, library)
    return {role: tuple(parts) for role, parts in library.items()}


def _check_library(folder: Path, library: Mapping[str, Sequence[Pattern]]) -> None:
    names: dict[str, str] = {}
    for role, parts in library.items():
        if not parts:
            raise DrumtokError(
                f"{str(folder)!r} must have {role} parts, got none: {role}.grid, a folder {role}, or MIDI files named "
                f"after {' or '.join(ROLES[role])}"
            )
        for part in parts:
            if part.name in names:
                raise DrumtokError(f"names of parts must differ, got {part.name!r} as {names[part.name]} and {role}")
            names[part.name] = role


def _groove_parts(folder: Path, role: str) -> Iterator[Pattern]:
    paths = [folder / f"{role}.grid", *sorted((folder / role).rglob("*.[gG][rR][iI][dD]"), key=Path.as_posix)]
    for path in paths:
        for part in _read_grooves(path) if path.is_file() else ():
            check_part(part, role)
            yield part


def _read_grooves(path: Path) -> Iterable[Pattern]:
    try:
        return list(parse_grooves(path.read_text(encoding="utf-8-sig")))
    except (DrumtokError, UnicodeDecodeError, OSError) as error:
        raise DrumtokError(f"{path}: {error}") from None


def _read_loop(path: Path, within: Path) -> tuple[str, Pattern]:
    """Read a MIDI loop as a part; return its role, and the part on its coarsest grid, named by its path.

    Raises:
        DrumtokError: it is not a part of any role, or cannot be read.
    """
    role = _role(within)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DrumtokError(f"cannot read the file: {error.strerror or error}") from None
    for grid in (*LOOP_GRIDS, LOOP_GRIDS[0]):  # one that is on none was played freely: sixteenths, with offsets
        song = from_midi_bytes(data, str(within), grid=grid, within=str(within), by_name=True)
        if not song.merged and all(np.abs(p.offset).max(initial=0) <= ON_GRID * grid for p in song.sections):
            break
    if len(song.sections) != 1:
        raise DrumtokError(f"a loop must have one section, got {len(song.sections)}")
    style = next((folder for folder in within.parts[:-1] if folder not in ROLES and drum_from_name(folder) is None), "")
    part = replace(song.sections[0], name=within.with_suffix("").as_posix(), style=style)
    check_part(part, role)
    return role, part


def _role(within: Path) -> str:
    """Return the role that the folder of a loop is named after, else that of the drum in its path."""
    if within.parts[0] in ROLES:
        return within.parts[0]
    drum = drum_from_name(within.as_posix())
    if drum not in _ROLE_OF_DRUM:
        raise DrumtokError(f"the name of a loop must contain one of {', '.join(_ROLE_OF_DRUM)}, got {within.name!r}")
    return _ROLE_OF_DRUM[drum]
