"""Pools of parts read: the data folder `augment/`, a folder of groove and MIDI files by role, or a loop pack."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from drumtok.dataset.augmentation.parts import POOL, Pool, check_part
from drumtok.drums import ROLES
from drumtok.errors import DrumtokError
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.drum_names import drum_from_name
from drumtok.midi.files import from_midi_bytes
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import parse_grooves

LOOP_GRIDS = (4, 6, 8)  # a MIDI loop is on the first of these that it lies on
ON_GRID = 0.02  # beats that a hit may be off and still lie on a grid
_ROLE_OF_LANE = {lane: role for role, lanes in ROLES.items() for lane in lanes}


def load_parts(folder: str | os.PathLike[str] | None = None, left_out: list[str] | None = None) -> Pool:
    """Reads a pool.

    Args:
        folder: holds groove files such as `kick.grid`, or folders such as `kick/` of groove and MIDI files, or is a
            loop pack: MIDI files whose names or folders tell the one drum that they hold (`Trap/01_Kick.mid`), on any
            note. The style of a MIDI file is its first folder that names no drum. Notes are read by the map `gm`.
            None is drumtok's own pool.
        left_out: is given a text for each MIDI file that is no part, which says why.

    Raises:
        DrumtokError: a role has no parts, a groove file cannot be read or holds something else than parts, or two
            parts have one name.
    """
    folder = data_path(POOL) if folder is None else Path(folder)
    if not folder.is_dir():
        raise DrumtokError(f"the parts' folder {str(folder)!r} is not there")
    pool: dict[str, list[Pattern]] = {role: list(_groove_parts(folder, role)) for role in ROLES}
    for path in sorted(folder.rglob("*"), key=Path.as_posix):
        if path.suffix.lower() in MIDI_ENDINGS and path.is_file():
            try:
                role, part = _read_loop(path, path.relative_to(folder))
            except DrumtokError as error:
                if left_out is not None:
                    left_out.append(f"{path.relative_to(folder).as_posix()}: {error}")
                continue
            pool[role].append(part)
    names: dict[str, str] = {}
    for role, parts in pool.items():
        if not parts:
            raise DrumtokError(
                f"{str(folder)!r} has no {role} parts: allowed are {role}.grid, a folder {role}, and MIDI files whose "
                f"names say {' or '.join(ROLES[role])}"
            )
        for part in parts:
            if part.name in names:
                raise DrumtokError(f"part {part.name!r} stands twice: as {names[part.name]} and as {role}")
            names[part.name] = role
    return {role: tuple(parts) for role, parts in pool.items()}


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
    """The role of a MIDI loop, and the loop on the coarsest grid that it lies on, named by its path.

    Raises:
        DrumtokError: it is no part of any role, or cannot be read.
    """
    role = _role(within)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DrumtokError(f"it cannot be read: {error.strerror or error}") from None
    for grid in (*LOOP_GRIDS, LOOP_GRIDS[0]):  # one that lies on none is played freely: sixteenths, with offsets
        song = from_midi_bytes(data, str(within), grid=grid)
        if not song.merged and all(np.abs(p.offset).max(initial=0) <= ON_GRID * grid for p in song.sections):
            break
    if len(song.sections) != 1:
        raise DrumtokError(f"it has {len(song.sections)} sections, allowed is one")
    style = next((folder for folder in within.parts[:-1] if folder not in ROLES and drum_from_name(folder) is None), "")
    part = replace(song.sections[0], name=within.with_suffix("").as_posix(), style=style)
    check_part(part, role)
    return role, part


def _role(within: Path) -> str:
    """The role that the folder of a loop has the name of, else that of the drum that its path names."""
    if within.parts[0] in ROLES:
        return within.parts[0]
    lane = drum_from_name(within.as_posix())
    if lane not in _ROLE_OF_LANE:
        raise DrumtokError("its name says none of " + ", ".join(_ROLE_OF_LANE))
    return _ROLE_OF_LANE[lane]
