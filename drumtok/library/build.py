"""Build and update the index of a library: files that did not change are not read again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.source_files import SourceFile, list_files
from drumtok.errors import DrumtokError
from drumtok.library.bar_codes import Codes, distinct
from drumtok.library.config import IndexConfig
from drumtok.library.index import Library
from drumtok.library.reading import Read, read_files
from drumtok.pattern import DEFAULT_GRID, steps_per_bar
from drumtok.runtime.resumable import digest, stamps_of
from drumtok.runtime.retries import Failed
from drumtok.runtime.workers import Workers

UNIT_FILES = 256
OnProgress = Callable[[int, int], object]


def default_index(folders: Sequence[Path]) -> Path:
    """Return the path of the index of these folders in the user's cache."""
    from platformdirs import user_cache_dir

    names = sorted({str(folder.resolve()) for folder in folders})
    return Path(user_cache_dir("drumtok", appauthor=False)) / "find" / f"{digest(*names)}.npz"


def build_library(
    folders: Sequence[Path],
    config: IndexConfig,
    old: Library | None = None,
    *,
    workers: Workers | None = None,
    on_progress: OnProgress = lambda done, before: None,
) -> Library:
    """Build the index of folders, zips and files.

    Args:
        old: an earlier index, whose entries of files with the same size and time are kept.
        workers: the number of processes that read; by default one for each core.
        on_progress: called with the number of files done, and how many of them the earlier index had.

    Raises:
        DrumtokError: a folder does not exist.
    """
    for folder in folders:
        if not folder.exists():
            raise DrumtokError(f"cannot read {str(folder)!r}: no such file or folder")
    listed = [file for folder in dict.fromkeys(folders) for file in list_files(folder)]
    found_stamps = stamps_of(file.ref.path for file in listed)
    stamps = {file.ref.path: found_stamps[file.ref.path] for file in listed}  # in the order of the listing
    if old is not None and old.note_map != config.note_map:
        old = None
    kept = _unchanged(old, stamps)
    changed = [file for file in listed if file.ref.path not in kept]
    if old is not None and not changed and old.files == tuple(stamps):
        return old
    before = done = len(listed) - len(changed)
    on_progress(done, before)
    units = list(_units(changed))
    workers = workers or Workers()
    many = workers if len(units) > 1 else Workers(jobs=1)
    found = [] if old is None else [_kept(old, kept)]
    for unit, made in zip(units, many.map(partial(read_files, config.note_map), units, _ignore), strict=True):
        found.append(_lost(unit, made.why) if isinstance(made, Failed) else made)
        done += len(unit)
        on_progress(done, before)
    return _joined(config, stamps, found)


def _ignore(number: int, why: str) -> None:
    """Ignore that a unit is run again."""


def _lost(unit: Sequence[SourceFile], why: str) -> Read:
    found = Read()
    for file in unit:
        found.skip(file, why)
    return found


def _units(files: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    remaining = iter(files)
    while unit := list(islice(remaining, UNIT_FILES)):
        yield unit


def _unchanged(old: Library | None, stamps: dict[str, str]) -> set[str]:
    """Return the files of an index that still exist and have the same stamp."""
    if old is None:
        return set()
    return {path for path, stamp in zip(old.files, old.stamps, strict=True) if stamp and stamps.get(path) == stamp}


def _kept(old: Library, files: set[str]) -> Read:
    """Return the entries of files in an index."""
    found, starts = Read(), old.starts.tolist()
    for song, number in enumerate(old.song_file.tolist()):
        if old.files[number] in files:
            codes = old.codes[int(old.steps[song])][old.bar[starts[song] : starts[song + 1]]]
            meter = int(old.meter[song, 0]), int(old.meter[song, 1])
            found.append(old.files[number], old.name[song], old.style[song], float(old.tempo[song]), meter, codes)
    for number, why in zip(old.skipped_file.tolist(), old.skipped, strict=True):
        if old.files[number] in files:
            found.skipped.append((old.files[number], why))
    return found


def _joined(config: IndexConfig, stamps: dict[str, str], parts: Iterable[Read]) -> Library:
    """Make the index of songs, in the order of their files.

    Args:
        stamps: path -> stamp of every file.
    """
    number = {path: index for index, path in enumerate(stamps)}
    songs = Read.joined(parts)
    file = np.array([number[path] for path in songs.file], dtype=np.int32)
    order = np.argsort(file, kind="stable").tolist()
    skipped = sorted((number[path], why) for path, why in songs.skipped)
    codes = [songs.codes[song] for song in order]
    meters = [songs.meter[song] for song in order]
    steps = np.array([steps_per_bar(DEFAULT_GRID, meter) for meter in meters], dtype=np.int16)
    bars = np.array([len(own) for own in codes], dtype=np.int32)
    tables, bar = _code_tables(codes, steps, bars)
    return Library(
        note_map=config.note_map,
        files=tuple(stamps),
        stamps=tuple(stamps.values()),
        skipped_file=np.array([index for index, _ in skipped], dtype=np.int32),
        skipped=tuple(why for _, why in skipped),
        song_file=file[order],
        name=tuple(songs.name[song] for song in order),
        style=tuple(songs.style[song] for song in order),
        tempo=np.array([songs.tempo[song] for song in order], dtype=np.float32),
        meter=np.array(meters, dtype=np.int16).reshape(-1, 2),
        steps=steps,
        bars=bars,
        bar=bar,
        codes=tables,
    )


def _code_tables(
    codes: Sequence[Codes], steps: NDArray[np.int16], bars: NDArray[np.int32]
) -> tuple[dict[int, Codes], NDArray[np.int32]]:
    """Return steps of a bar -> the distinct codes of bars of that length, and the index of each bar's code in them.

    Args:
        codes, steps, bars: the codes of the bars of each song, the steps of its bars, and their number.
    """
    tables: dict[int, Codes] = {}
    bar = np.zeros(bars.sum(), dtype=np.int32)
    for length in np.unique(steps).tolist():
        same = np.concatenate([own for own, its in zip(codes, steps.tolist(), strict=True) if its == length])
        tables[length], bar[np.repeat(steps == length, bars)] = distinct(same)
    return tables, bar
