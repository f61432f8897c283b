"""Read a part library: the data folder `augment/`, a folder of groove and MIDI files by role, or a loop pack."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from drumtok.dataset.augmentation.parts import AUGMENT_FOLDER, PartLibrary, check_part
from drumtok.drums import ROLES
from drumtok.errors import DrumtokError
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.drum_names import drum_from_name
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.files import from_midi_bytes
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.runtime.reading import files_in, read_file, read_text
from drumtok.tokenizer.text import parse_grooves

GROOVE_ENDING = ".grid"
LOOP_GRIDS = (4, 6, 8)  # a MIDI loop gets the first of these grids that contains all its hits
ON_GRID = 0.02  # distance in beats up to which a hit counts as on a grid
_ROLE_OF_DRUM = {drum: role for role, drums in ROLES.items() for drum in drums}


def load_parts(
    folder: str | os.PathLike[str] | None = None, left_out: list[str] | None = None, drums: DrumsConfig = DRUMS
) -> PartLibrary:
    """Read a part library.

    Args:
        folder: a folder of groove files such as `kick.grid` or of folders such as `kick/` of groove and MIDI files, or
            a loop pack: single-drum MIDI files on any note, whose names or folders name the drum (`Trap/01_Kick.mid`).
            The style of a MIDI file is its first folder that does not name a drum. None reads the bundled parts.
        left_out: receives a line for each file that is not a part, with the reason.
        drums: how the drums of MIDI files are found and read.

    Raises:
        DrumtokError: a role has no parts, or two parts have the same name.
    """
    is_own = folder is None  # it also contains the recipes
    folder = data_path(AUGMENT_FOLDER) if folder is None else Path(folder)
    if not folder.is_dir():
        raise DrumtokError(f"cannot read {str(folder)!r}: it is not a folder")
    left_out = [] if left_out is None or is_own else left_out
    paths = sorted(files_in(folder, (*MIDI_ENDINGS, GROOVE_ENDING), left_out), key=Path.as_posix)
    library: dict[str, list[Pattern]] = {role: _groove_parts(folder, role, paths, left_out) for role in ROLES}
    for path in paths:
        if path.suffix.lower() not in MIDI_ENDINGS:
            continue
        try:
            role, part = _read_loop(path, path.relative_to(folder), drums)
        except DrumtokError as error:
            left_out.append(f"{path.relative_to(folder).as_posix()}: {error}")
            continue
        library[role].append(part)
    _check_library(folder, library, left_out)
    return {role: tuple(parts) for role, parts in library.items()}


def _check_library(folder: Path, library: Mapping[str, Sequence[Pattern]], left_out: Sequence[str]) -> None:
    names: dict[str, str] = {}
    for role, parts in library.items():
        if not parts:
            reasons = "".join(f"; left out {reason}" for reason in left_out if reason.startswith(role))
            raise DrumtokError(
                f"{str(folder)!r} must have {role} parts, got none: {role}.grid, a folder {role}, or MIDI files named "
                f"after {' or '.join(ROLES[role])}{reasons}"
            )
        for part in parts:
            if part.name in names:
                raise DrumtokError(f"names of parts must differ, got {part.name!r} as {names[part.name]} and {role}")
            names[part.name] = role


def _groove_parts(folder: Path, role: str, paths: Iterable[Path], left_out: list[str]) -> list[Pattern]:
    """Return the parts of the groove files of a role: `kick.grid` and those below `kick/`."""
    parts: list[Pattern] = []
    for path in paths:
        within = path.relative_to(folder)
        if path.suffix.lower() != GROOVE_ENDING or within.parts[0] not in (role, f"{role}{GROOVE_ENDING}"):
            continue
        try:
            found = list(parse_grooves(read_text(path)))
            for part in found:
                check_part(part, role)
        except DrumtokError as error:
            left_out.append(f"{within.as_posix()}: {error}")
            continue
        parts += found
    return parts


def _read_loop(path: Path, within: Path, drums: DrumsConfig) -> tuple[str, Pattern]:
    """Read a MIDI loop as a part; return its role, and the part on its coarsest grid, named by its path.

    Raises:
        DrumtokError: the file is not a part of any role, or cannot be read.
    """
    role = _role(within)
    data = read_file(path)
    for grid in (*LOOP_GRIDS, LOOP_GRIDS[0]):  # a loop on none of them was played freely: sixteenths with offsets
        song = from_midi_bytes(data, str(within), grid=grid, within=str(within), by_name=True, **asdict(drums))
        if not song.merged and all(np.abs(p.offset).max(initial=0) <= ON_GRID * grid for p in song.sections):
            break
    if len(song.sections) != 1:
        raise DrumtokError(f"a loop must have one section, got {len(song.sections)}")
    style = next((folder for folder in within.parts[:-1] if folder not in ROLES and drum_from_name(folder) is None), "")
    part = replace(song.sections[0], name=within.with_suffix("").as_posix(), style=style)
    check_part(part, role)
    return role, part


def _role(within: Path) -> str:
    """Return the role that names the folder of a loop, else that of the drum in its path."""
    if within.parts[0] in ROLES:
        return within.parts[0]
    drum = drum_from_name(within.as_posix())
    if drum not in _ROLE_OF_DRUM:
        raise DrumtokError(f"the name of a loop must contain one of {', '.join(_ROLE_OF_DRUM)}, got {within.name!r}")
    return _ROLE_OF_DRUM[drum]
