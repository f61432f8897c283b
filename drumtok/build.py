"""Building a corpus in two passes: what the sources hold goes to work files, then its songs go to their sides.

The work files lie in a folder beside the corpus until it is built. A build that is stopped, by Ctrl-C or otherwise,
goes on where it was when it is started again with the same sources; one that fails leaves nothing.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path

from drumtok.batch import ordered_map
from drumtok.config import CorpusConfig, LeakLimits
from drumtok.errors import DrumtokError
from drumtok.gather import UNIT, WORK_FILES, Unit, gather, units_of
from drumtok.partition import write_folder
from drumtok.resume import ResumableFiles, digest
from drumtok.shards import MANIFEST
from drumtok.sources import Source
from drumtok.version import __version__

FEW = 5000  # files that one process reads before others have started
NEW, OLD = "corpus", "replaced"  # in the folder of the work files: the new corpus, and the one whose place it takes

Shown = Callable[[int, int], object]


def write_corpus(
    out: Path,
    sources: Sequence[Source],
    config: CorpusConfig,
    limits: LeakLimits,
    jobs: int = 1,
    shown: Shown = lambda done, before: None,
) -> None:
    """Reads sources and writes a corpus, whole or not at all; one that is there already is replaced.

    Args:
        limits: how much of the held-out sides may stand in training; beyond that the build fails.
        jobs: processes; the bytes do not depend on it.
        shown: called with the files done, and with those of them that an earlier run did.

    Raises:
        DrumtokError: `out` is something else than a corpus or being built already, a source is wrong, nothing
            could be read, or the sides leak.
    """
    work = out.with_name(f".{out.name}.part")
    _check(out, work)
    started = False
    try:
        work.mkdir(exist_ok=True)
        with ResumableFiles([work / name for name in WORK_FILES], _key(sources, config)) as files:
            started = True
            _first_pass(files, sources, config, jobs, shown)
            files.save()
            new = work / NEW
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            parts = dict(zip(WORK_FILES, files.parts, strict=True))
            write_folder(new, parts, sources, config, limits, files.progress.counts)
            _put_in_place(new, out, work / OLD)
    except Exception as error:
        if started:
            shutil.rmtree(work, ignore_errors=True)
        if isinstance(error, OSError):
            raise DrumtokError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
        raise
    shutil.rmtree(work, ignore_errors=True)


def suited_jobs(sources: Sequence[Source]) -> int:
    """All cores, or one where there are few files."""
    files = (file for source in sources for file in source.files())
    many = next(islice(files, FEW, None), None) is not None
    return (os.cpu_count() or 1) if many else 1


def _check(out: Path, work: Path) -> None:
    """Raises a DrumtokError where no corpus can be written; one that a kill left without its place gets it back."""
    if not out.parent.is_dir():
        raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} is not there")
    if not out.exists() and (work / OLD).is_dir():
        (work / OLD).rename(out)
    if out.exists() and not (out / MANIFEST).is_file():
        raise DrumtokError(f"{str(out)!r} is there and is no corpus: name another folder")


def _key(sources: Sequence[Source], config: CorpusConfig) -> str:
    """What a build does, but for the files of the sources; a work folder of another one is begun anew."""
    told = [(source.name, str(source.path.absolute()), source.note_map, dict(source.table)) for source in sources]
    return digest(__version__, json.dumps([asdict(config), told, UNIT, WORK_FILES], sort_keys=True))


def _first_pass(
    files: ResumableFiles, sources: Sequence[Source], config: CorpusConfig, jobs: int, shown: Shown
) -> None:
    todo = units_of(sources)
    if not files.resumed(_names(unit) for unit in todo):
        todo = units_of(sources)
    before = done = files.progress.counts["files"]
    shown(done, before)
    taken: list[Unit] = []  # those that are given out; no more of them than the workers hold

    def noted() -> Iterator[Unit]:
        for unit in todo:
            taken.append(unit)
            yield unit

    for pieces, counts in ordered_map(partial(gather, tuple(sources), config), noted(), jobs):
        unit = taken.pop(0)
        counts["files"] = len(unit.files)
        files.add(_names(unit), pieces, counts)
        done += len(unit.files)
        shown(done, before)


def _names(unit: Unit) -> tuple[str, ...]:
    """What tells that a unit is as it was: the names, labels, sizes and times of its files."""
    stamps = {path: _stamp(path) for path in {file.ref.path for file in unit.files}}
    return tuple(f"{stamps[file.ref.path]} {file}" for file in unit.files)


def _stamp(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:  # reading it will tell
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


def _put_in_place(new: Path, out: Path, old: Path) -> None:
    """Renames a folder to `out`; the one that was there is removed only when the new one stands in its place."""
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
