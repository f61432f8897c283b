"""Encode any number of MIDI files to a corpus file of words and a report, on all cores, in constant memory."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.runtime.remote import is_remote, put_file
from drumtok.runtime.resumable import ResumableFiles, digest, place_for, stamps_of
from drumtok.runtime.work_units import Made, Task, span
from drumtok.runtime.workers import ALONE, Workers
from drumtok.tokenizer.bulk import BULK_BYTES
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode import Encoded, encode, encode_item
from drumtok.tokenizer.file_listing import FileRef, read_each
from drumtok.tokenizer.readers import Item
from drumtok.version import __version__

UNIT_FILES = 256  # files in a unit of work

FileUnit = tuple[FileRef, ...]
_AS_JSON = json.JSONEncoder(check_circular=False).encode  # a quarter faster than json.dumps
_ROW = '{"file": '  # how each row of a report begins


def units_of(files: Iterable[FileRef], unit_files: int = UNIT_FILES) -> Iterator[FileUnit]:
    """Group files into units of work."""
    files = iter(files)
    while unit := tuple(islice(files, unit_files)):
        yield unit


def encode_unit(config: EncodeConfig, unit: FileUnit) -> Made:
    """Encode a unit; return its lines of words and of the report, and counts of files by status, songs and bars."""
    return _made(_encoded(unit, config))


def _lost(unit: FileUnit, why: str) -> Made:
    """Return the result of a unit of one file that keeps failing."""
    return _made([encode_item(Item(unit[0].name, status=SKIPPED, reason=f"{unit[0].name!r}: {why}"))])


def _made(encoded: Iterable[Encoded]) -> Made:
    words: list[bytes] = []
    rows: list[dict[str, Any]] = []
    for lines, row in encoded:
        words += lines
        rows.append(row)
    counts = Counter[str](row["status"] for row in rows)
    counts.update(songs=len(words), bars=sum(row["bars"] for row in rows))
    return (b"".join([line + b"\n" for line in words]), json_lines(rows)), counts


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    """Return the rows of a report as JSON lines, encoded together, which takes half the time.

    >>> json_lines([{"file": "a.mid", "bars": 1}, {"file": '}, {"file": ', "bars": 2}]).decode().splitlines()
    ['{"file": "a.mid", "bars": 1}', '{"file": "}, {\\\\"file\\\\": ", "bars": 2}']
    """
    lines = _AS_JSON(rows)[1:-1].replace(f"}}, {_ROW}", f"}}\n{_ROW}")  # within a text, quotes are escaped
    return f"{lines}\n".encode() if rows else b""


def _encoded(unit: FileUnit, config: EncodeConfig) -> Iterator[Encoded]:
    """Encode the files of a unit, with few in memory at a time."""
    waiting: list[tuple[str, bytes]] = []
    size = 0
    for file, data in read_each(unit, FileRef.read, remote=is_remote(unit[0].path)):
        if isinstance(data, DrumtokError):
            yield from encode(waiting, config)
            waiting, size = [], 0
            yield encode_item(Item(file.name, status=SKIPPED, reason=str(data)))
            continue
        waiting.append((file.name, data))
        size += len(data)
        if size >= BULK_BYTES:
            yield from encode(waiting, config)
            waiting, size = [], 0
    yield from encode(waiting, config)


def encode_files(
    files: Iterable[FileRef],
    out: Path,
    report: Path,
    config: EncodeConfig,
    *,
    workers: Workers = ALONE,
    on_progress: Callable[[int, int], object] = lambda done, before: None,
    on_retry: Callable[[str, str], object] = lambda files, why: None,
    unit_files: int = UNIT_FILES,
) -> Counter[str]:
    """Encode files to a corpus file and a report in JSON lines; the bytes do not depend on the workers.

    An interrupted run continues when it is started again with the same arguments.

    Args:
        files: an iterable that can be iterated more than once.
        workers: the processes or machines that do the work.
        on_progress: called with the number of finished files, and how many of them an earlier run finished.
        on_retry: called with the files and the reason when work is repeated.
        unit_files: the number of files in a unit of work.

    Returns:
        Counts of files by status, of `songs` and of `bars`.

    Raises:
        DrumtokError: a file cannot be written, or the workers are not available; finished work is kept.
    """
    key = digest(__version__, json.dumps(asdict(config), sort_keys=True), str(unit_files), report.name)
    places = [place_for(path) for path in (out, report)]
    with ResumableFiles(places, key) as files_out:
        todo = units_of(files, unit_files)
        if not files_out.resumed(_names(unit) for unit in todo):
            todo = units_of(files, unit_files)
        before = done = _files(files_out.progress.counts)
        on_progress(done, before)
        task = Task(partial(encode_unit, config), lambda unit: [(file,) for file in unit], _lost)
        results = task.results(todo, workers, lambda unit, why: on_retry(span(file.name for file in unit), why))
        for unit, (pieces, counts) in results:
            files_out.add(_names(unit), pieces, counts)
            done += _files(counts)
            on_progress(done, before)
        files_out.finish()
    _upload(((report, places[1]), (out, places[0])))
    return files_out.progress.counts


def _upload(places: Iterable[tuple[Path, Path]]) -> None:
    """Upload the files that were written for addresses; each is (address, local file)."""
    for path, place in places:
        if place != path:
            put_file(place, path)
            place.unlink()


def _names(unit: FileUnit) -> tuple[str, ...]:
    """Return a key for each file of a unit, which changes when the file changes."""
    stamps = stamps_of(file.path for file in unit)
    return tuple(f"{stamps[file.path]} {file}" for file in unit)


def _files(counts: Counter[str]) -> int:
    return sum(counts[status] for status in ("read", "salvaged", SKIPPED))
