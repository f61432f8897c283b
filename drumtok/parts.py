"""The pool of parts that loops are made of: reads the data folder `augment/`, or a folder of one's own.

A part is a `Pattern` of one role's lanes alone, with a name that no other part has. The unit of a split is the part:
`on_side` leaves those of one side, so that what is made of them stays on that side.
"""

import hashlib
import math
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from drumtok.config import HELD_OUT
from drumtok.drums import LANE_INDEX, LANES, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.files import data_path
from drumtok.midi import MIDI_ENDINGS, from_midi_bytes
from drumtok.pattern import GRIDS, Pattern
from drumtok.text import parse_grooves

ROLES = {"kick": ("kick",), "snare": ("snare",), "hats": ("closed", "open", "ride")}  # role -> lanes
POOL = "augment"
SIDES = ("train", *HELD_OUT)
HELD_OUT_SHARE = 0.1  # of the parts of each role and style go to each of the held-out sides, one part at least
LOOP_GRIDS = (4, 6, 8)  # a MIDI loop is on the first of these that it lies on
ON_GRID = 0.02  # beats that a hit may be off and still lie on a grid

Pool = Mapping[str, tuple[Pattern, ...]]  # role -> its parts


def load_parts(folder: str | os.PathLike[str] | None = None) -> Pool:
    """Reads a pool.

    Args:
        folder: holds, for each role of `ROLES`, a groove file such as `kick.grid`, or a folder such as `kick/` of
            groove and MIDI files, or both. The style of a MIDI file is the folder under its role's that it lies in.
            Its notes are read by the map `gm`.
            None is drumtok's own pool.

    Raises:
        DrumtokError: a role has no parts, a file cannot be read, two parts have one name, or a part is silent, has
            hits of another role's lanes, or a hat open and closed on one step.
    """
    folder = data_path(POOL) if folder is None else Path(folder)
    if not folder.is_dir():
        raise DrumtokError(f"the parts' folder {str(folder)!r} is not there")
    pool = {role: tuple(_role_parts(folder, role)) for role in ROLES}
    names: dict[str, str] = {}
    for role, parts in pool.items():
        if not parts:
            raise DrumtokError(f"{str(folder)!r} has no {role} parts: allowed are {role}.grid and a folder {role}")
        for part in parts:
            _check_part(part, role)
            if part.name in names:
                raise DrumtokError(f"part {part.name!r} stands twice: as {names[part.name]} and as {role}")
            names[part.name] = role
    return pool


def styles_of(pool: Pool) -> list[str]:
    """The styles that have parts of every role."""
    per_role = [{part.style for part in pool[role]} for role in ROLES]
    return sorted(set.intersection(*per_role))


def sides(pool: Pool) -> dict[str, str]:
    """part name -> its side of `SIDES`.

    The parts of a role and style are dealt out in the order of their names' hashes, whatever their order in the pool;
    where there are fewer than three, all are for training. Parts of the same music are dealt as one.
    """
    side_of = {}
    for role in ROLES:
        same = defaultdict(list)
        for part in sorted(pool[role], key=lambda part: part.name):
            same[music(part)].append(part)
        styles = defaultdict(list)
        for parts in same.values():
            styles[parts[0].style].append(parts)
        for groups in styles.values():
            groups.sort(key=lambda parts: _name_sum(parts[0].name))
            share = max(round(HELD_OUT_SHARE * len(groups)), 1) if len(groups) > 2 else 0
            for place, parts in enumerate(groups):
                side = HELD_OUT[place // share] if place < share * len(HELD_OUT) else SIDES[0]
                side_of.update({part.name: side for part in parts})
    return side_of


def on_side(pool: Pool, side: str) -> Pool:
    """The parts of one side of `SIDES`.

    Raises:
        DrumtokError: the side is unknown.
    """
    if side not in SIDES:
        raise DrumtokError(f"side {side!r} is unknown: allowed are {', '.join(SIDES)}")
    side_of = sides(pool)
    return {role: tuple(part for part in parts if side_of[part.name] == side) for role, parts in pool.items()}


def music(pattern: Pattern) -> bytes:
    """A sum over what is heard when the pattern is repeated for ever: meter and hits, whatever its grid and length.

    >>> once, twice = (Pattern.from_grid(f"kick {marks}", meter=(1, 4)) for marks in ("x---", "x---x---"))
    >>> music(once) == music(twice) == music(once.regridded(8))
    True
    """
    bars = pattern.hits.reshape(pattern.bars, pattern.steps_per_bar * N_DRUMS)
    lengths = [n for n in range(1, pattern.bars + 1) if pattern.bars % n == 0]
    period = next((n for n in lengths if (bars[n:] == bars[:-n]).all()), 0)
    steps, drums = np.nonzero(pattern.hits[: period * pattern.steps_per_bar])
    at = np.stack([steps * math.lcm(*GRIDS) // pattern.grid, drums]).astype(np.int64)
    return hashlib.sha256(f"{pattern.meter} {period} ".encode() + at.tobytes()).digest()


def _name_sum(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()


def _role_parts(folder: Path, role: str) -> Iterator[Pattern]:
    text = folder / f"{role}.grid"
    if text.is_file():
        yield from _read_grooves(text)
    for path in sorted((folder / role).rglob("*"), key=Path.as_posix):
        if path.suffix.lower() == ".grid":
            yield from _read_grooves(path)
        elif path.suffix.lower() in MIDI_ENDINGS:
            yield _read_loop(path, path.relative_to(folder))


def _read_grooves(path: Path) -> Iterable[Pattern]:
    try:
        return list(parse_grooves(path.read_text(encoding="utf-8-sig")))
    except (DrumtokError, UnicodeDecodeError, OSError) as error:
        raise DrumtokError(f"{path}: {error}") from None


def _read_loop(path: Path, within: Path) -> Pattern:
    """A MIDI loop on the coarsest grid that it lies on, named by its path: the file kick/trap/808.mid is trap."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {error.strerror or error}") from None
    for grid in (*LOOP_GRIDS, LOOP_GRIDS[0]):  # one that lies on none is played freely: sixteenths, with offsets
        song = from_midi_bytes(data, str(path), grid=grid)
        if not song.merged and all(np.abs(p.offset).max(initial=0) <= ON_GRID * grid for p in song.sections):
            break
    if len(song.sections) != 1:
        raise DrumtokError(f"{str(path)!r} is no part: it has {len(song.sections)} sections, allowed is one")
    style = within.parts[1] if len(within.parts) > 2 else ""
    return replace(song.sections[0], name=within.with_suffix("").as_posix(), style=style)


def _check_part(part: Pattern, role: str) -> None:
    allowed = ROLES[role]
    others = [LANES[i] for i in np.flatnonzero(part.hits.any(axis=0)) if LANES[i] not in allowed]
    if not part.name:
        raise DrumtokError(f"a {role} part has no name: its control words need NAME")
    if others:
        raise DrumtokError(
            f"{role} part {part.name!r} has hits of {', '.join(others)}: allowed are {', '.join(allowed)}"
        )
    if not part.hits.any():
        raise DrumtokError(f"{role} part {part.name!r} has no hits: allowed are parts that sound")
    both = np.flatnonzero(part.hits[:, LANE_INDEX["closed"]] & part.hits[:, LANE_INDEX["open"]])
    if both.size:
        raise DrumtokError(f"{role} part {part.name!r}: the hat is closed and open on step {both[0] + 1}")
