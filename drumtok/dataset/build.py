"""Building a corpus in two passes: what the sources hold goes to work files, then its songs go to their sides.

The work files lie in a folder beside the corpus until it is built. A build that is stopped, by Ctrl-C or otherwise,
goes on where it was when it is started again with the same sources; one that fails leaves nothing.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from drumtok.dataset.assemble import write_folder
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.ingest import UNIT, WORK_FILES, Unit, gather, lost, units_of
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.shards import MANIFEST
from drumtok.dataset.sources import Source
from drumtok.errors import DrumtokError
from drumtok.runtime.remote import check_free, is_remote, upload
from drumtok.runtime.resumable import ResumableFiles, digest, place_for, stamps_of
from drumtok.runtime.retries import Failed
from drumtok.runtime.work_units import Task, span
from drumtok.runtime.workers import ALONE, PROCESSES, Workers
from drumtok.version import __version__

PARALLEL_MIN_FILES = 5000  # files that one process reads before others have started
NEW, OLD = "corpus", "replaced"  # in the folder of the work files: the new corpus, and the one whose place it takes

Shown = Callable[[int, int], object]
Again = Callable[[str, str], object]


def write_corpus(
    out: Path,
    sources: Sequence[Source],
    config: CorpusConfig,
    limits: LeakLimits,
    workers: Workers = ALONE,
    on_progress: Shown = lambda done, before: None,
    again: Again = lambda files, why: None,
) -> None:
    """Reads sources and writes a corpus, whole or not at all; one that is there already is replaced.

    Args:
        limits: how much of the held-out sides may stand in training; beyond that the build fails.
        workers: who does the work; the bytes do not depend on it.
        on_progress: called with the files done, and with those of them that an earlier run did.
        again: called where work is done again, with the files and why.

    Raises:
        DrumtokError: `out` is something else than a corpus or being built already, a source is wrong, nothing
            could be read, or the sides leak.
    """
    if is_remote(out):
        check_free(out, MANIFEST)
        place = place_for(out)
        write_corpus(place, sources, config, limits, workers, on_progress, again)
        upload(place, out, MANIFEST)
        shutil.rmtree(place.parent)
        return

    def spread(compare: Callable[[Any], Any], pieces: Iterable[Any]) -> Iterator[Any]:
        for made in workers.map(compare, pieces, lambda number, why: again("near-duplicates", why)):
            if isinstance(made, Failed):
                raise DrumtokError(f"near-duplicates cannot be found: {made.why}")
            yield made

    work = out.with_name(f".{out.name}.part")
    _check(out, work)
    started = False
    try:
        work.mkdir(exist_ok=True)
        with ResumableFiles([work / name for name in WORK_FILES], _key(sources, config)) as files:
            started = True
            _first_pass(files, sources, config, workers, on_progress, again)
            files.save()
            new = work / NEW
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            parts = dict(zip(WORK_FILES, files.parts, strict=True))
            write_folder(new, parts, sources, config, limits, files.progress.counts, spread)
            _put_in_place(new, out, work / OLD)
    except Exception as error:
        if started:
            shutil.rmtree(work, ignore_errors=True)
        if isinstance(error, OSError):
            raise DrumtokError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
        raise
    shutil.rmtree(work, ignore_errors=True)


def suited(workers: Workers, sources: Sequence[Source]) -> Workers:
    """The same, but one process where nothing is told of them and there are few files."""
    if workers.jobs is not None or workers.engine != PROCESSES:
        return workers
    files = (file for source in sources for file in source.files())
    many = next(islice(files, PARALLEL_MIN_FILES, None), None) is not None
    return workers if many else ALONE


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
    told = [
        (
            source.name,
            str(source.path if is_remote(source.path) else source.path.absolute()),
            source.note_map,
            dict(source.table),
        )
        for source in sources
    ]
    return digest(__version__, json.dumps([asdict(config), told, UNIT, WORK_FILES], sort_keys=True))


def _first_pass(
    files: ResumableFiles,
    sources: Sequence[Source],
    config: CorpusConfig,
    workers: Workers,
    on_progress: Shown,
    again: Again,
) -> None:
    todo = units_of(sources)
    if not files.resumed(_names(unit) for unit in todo):
        todo = units_of(sources)
    before = done = files.progress.counts["files"]
    on_progress(done, before)
    every = tuple(sources)
    task = Task(
        partial(gather, every, config),
        lambda unit: [unit._replace(files=(file,)) for file in unit.files],
        partial(lost, every, config),
    )

    def told(unit: Unit, why: str) -> None:
        again(span(file.ref.name for file in unit.files), why)

    for unit, (pieces, counts) in task.results(todo, workers, told):
        counts["files"] = len(unit.files)
        files.add(_names(unit), pieces, counts)
        done += len(unit.files)
        on_progress(done, before)


def _names(unit: Unit) -> tuple[str, ...]:
    """What tells that a unit is as it was: the names, labels, sizes and times of its files, of addresses the stamps."""
    stamps = stamps_of(file.ref.path for file in unit.files)
    return tuple(f"{stamps[file.ref.path]} {file}" for file in unit.files)


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
