"""Build a corpus in two passes: read sources into work files, then assign the songs of the work files to splits.

The work files are in a folder next to the corpus until it is built. An interrupted build resumes when it is started
again with the same sources; a failed build leaves nothing.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from drumtok.dataset.assemble import write_folder
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.ingest import UNIT_FILES, WORK_FILES, SourceUnit, ingest, skipped, units_of
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.shards import MANIFEST, SHARD_WORDS
from drumtok.dataset.sources import Source
from drumtok.errors import DrumtokError
from drumtok.runtime.remote import check_free, is_remote, upload
from drumtok.runtime.resumable import ResumableFiles, digest, place_for, stamps_of
from drumtok.runtime.retries import Failed
from drumtok.runtime.work_units import Task, span
from drumtok.runtime.workers import ALONE, PROCESSES, Workers
from drumtok.version import __version__

PARALLEL_MIN_FILES = 5000  # files that one process reads before others would have started
NEW, OLD = "corpus", "replaced"  # in the folder of the work files: the new corpus, and the one that it replaces

OnProgress = Callable[[int, int], object]
OnRetry = Callable[[str, str], object]


@dataclass(frozen=True)
class Build:
    """A build of a corpus.

    Attributes:
        limits: the greatest overlap of held-out splits with training; beyond it the build fails.
        workers: the workers; the bytes do not depend on them.
        on_progress: called with the number of finished files, and how many of them an earlier run finished.
        on_retry: called with the files and the reason when work is repeated.
        unit_files: MIDI files in a unit of work.
        shard_words: words after which a shard ends.
    """

    sources: tuple[Source, ...]
    config: CorpusConfig
    limits: LeakLimits
    workers: Workers = ALONE
    on_progress: OnProgress = lambda done, before: None
    on_retry: OnRetry = lambda files, why: None
    unit_files: int = UNIT_FILES
    shard_words: int = SHARD_WORDS

    def write(self, out: Path) -> None:
        """Write the corpus atomically; an existing corpus is replaced.

        Raises:
            DrumtokError: `out` exists and is not a corpus, or is being built; a source is invalid; nothing could be
                read; or the splits leak.
        """
        if is_remote(out):
            check_free(out, MANIFEST)
            place = place_for(out)
            self.write(place)
            upload(place, out, MANIFEST)
            shutil.rmtree(place.parent)
            return
        work = out.with_name(f".{out.name}.part")
        _check_out(out, work)
        started = False
        try:
            work.mkdir(exist_ok=True)
            with ResumableFiles([work / name for name in WORK_FILES], self._key()) as files:
                started = True
                self._first_pass(files)
                files.save()
                self._second_pass(files, work, out)
        except Exception as error:
            if started:
                shutil.rmtree(work, ignore_errors=True)
            if isinstance(error, OSError):
                raise DrumtokError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
            raise
        shutil.rmtree(work, ignore_errors=True)

    def _key(self) -> str:
        """Return the key of a build, without the files of its sources; a work folder with another key is discarded."""
        rows = [
            (
                source.name,
                str(source.path if is_remote(source.path) else source.path.absolute()),
                asdict(source.drums),
                dict(source.table),
            )
            for source in self.sources
        ]
        parts = [asdict(self.config), rows, self.unit_files, WORK_FILES]
        return digest(__version__, json.dumps(parts, sort_keys=True))

    def _first_pass(self, files: ResumableFiles) -> None:
        units = units_of(self.sources, self.unit_files)
        if not files.resumed(_names(unit) for unit in units):
            units = units_of(self.sources, self.unit_files)
        before = done = files.progress.counts["files"]
        self.on_progress(done, before)
        task = Task(
            partial(ingest, self.sources, self.config),
            lambda unit: [unit._replace(files=(file,)) for file in unit.files],
            partial(skipped, self.sources, self.config),
        )

        def retried(unit: SourceUnit, why: str) -> None:
            self.on_retry(span(file.ref.name for file in unit.files), why)

        for unit, (pieces, counts) in task.results(units, self.workers, retried):
            counts["files"] = len(unit.files)
            files.add(_names(unit), pieces, counts)
            done += len(unit.files)
            self.on_progress(done, before)

    def _second_pass(self, files: ResumableFiles, work: Path, out: Path) -> None:
        new = work / NEW
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        parts = dict(zip(WORK_FILES, files.parts, strict=True))
        counts = files.progress.counts
        write_folder(new, parts, self.sources, self.config, self.limits, counts, self._spread, self.shard_words)
        _put_in_place(new, out, work / OLD)

    def _spread(self, compare: Callable[[Any], Any], pieces: Iterable[Any]) -> Iterator[Any]:
        """Compare signatures on the workers (`drumtok.dataset.leakage.clustering.Spread`)."""
        for made in self.workers.map(compare, pieces, lambda number, why: self.on_retry("near-duplicates", why)):
            if isinstance(made, Failed):
                raise DrumtokError(f"near-duplicates cannot be found: {made.why}")
            yield made


def suited(workers: Workers, sources: Sequence[Source], few: int = PARALLEL_MIN_FILES) -> Workers:
    """Return the workers, or one process if their number is not set and there are at most `few` files."""
    if workers.jobs is not None or workers.backend != PROCESSES:
        return workers
    files = (file for source in sources for file in source.files())
    return workers if next(islice(files, few, None), None) is not None else replace(workers, jobs=1)


def _check_out(out: Path, work: Path) -> None:
    """Check that a corpus can be written to `out`, after restoring one that a killed build had moved away."""
    if not out.parent.is_dir():
        raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} does not exist")
    if not out.exists() and (work / OLD).is_dir():
        (work / OLD).rename(out)
    if out.exists() and not (out / MANIFEST).is_file():
        raise DrumtokError(f"cannot write {str(out)!r}: it exists and is not a corpus")


def _names(unit: SourceUnit) -> tuple[str, ...]:
    """Return the keys of the files of a unit: names, labels, and sizes and times, or stamps of remote files."""
    stamps = stamps_of(file.ref.path for file in unit.files)
    return tuple(f"{stamps[file.ref.path]} {file}" for file in unit.files)


def _put_in_place(new: Path, out: Path, old: Path) -> None:
    """Rename a folder to `out`; an existing one is only removed after that."""
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
