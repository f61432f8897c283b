"""Batches: any number of MIDI files to a corpus file of words and a report, by all cores, in constant memory."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.runtime.remote import is_remote, put_file
from drumtok.runtime.resumable import ResumableFiles, digest, place_for, stamps_of
from drumtok.runtime.work_units import Made, Task, span
from drumtok.runtime.workers import ALONE, Workers
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode import Encoded, encode, encode_item
from drumtok.tokenizer.file_listing import FileRef, read_each
from drumtok.tokenizer.readers import Item
from drumtok.version import __version__

UNIT = 256  # files that a worker takes at once
TOGETHER = 2**18  # bytes that go through the arithmetic at once: they stay in the processor's cache

Unit = tuple[FileRef, ...]
_AS_JSON = json.JSONEncoder(check_circular=False).encode  # a quarter less than json.dumps takes


def units_of(files: Iterable[FileRef]) -> Iterator[Unit]:
    """The files in units of work."""
    files = iter(files)
    while unit := tuple(islice(files, UNIT)):
        yield unit


def encode_unit(config: EncodeConfig, unit: Unit) -> Made:
    """The lines of words of files, the lines of their report, and counts of files by status, of songs and of bars."""
    return _made(_encoded(unit, config))


def _lost(unit: Unit, why: str) -> Made:
    """What is made of a file that keeps failing."""
    return _made([encode_item(Item(unit[0].name, status=SKIPPED, reason=f"{unit[0].name!r}: {why}"))])


def _made(encoded: Iterable[Encoded]) -> Made:
    words, report, counts = [], [], Counter[str]()
    for made in encoded:
        words += made.lines
        report.append(_AS_JSON(made.report))
        counts[made.report["status"]] += 1
        counts["songs"] += len(made.lines)
        counts["bars"] += made.report["bars"]
    return (b"".join([line + b"\n" for line in words]), "".join([f"{line}\n" for line in report]).encode()), counts


def _encoded(unit: Unit, config: EncodeConfig) -> Iterator[Encoded]:
    """What becomes of each file; few are in memory at a time."""
    waiting: list[tuple[str, bytes]] = []
    size = 0
    for file, data in read_each(unit, FileRef.read, remote=is_remote(unit[0].path)):
        if isinstance(data, DrumtokError):
            yield from encode(waiting, config)
            waiting, size = [], 0
            yield encode_item(Item(file.name, status=SKIPPED, reason=f"{file.name!r}: {data}"))
            continue
        waiting.append((file.name, data))
        size += len(data)
        if size >= TOGETHER:
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
    again: Callable[[str, str], object] = lambda files, why: None,
) -> Counter[str]:
    """Encodes files to a corpus file and a report in JSON lines; the bytes do not depend on the workers.

    A run that was cut off goes on where it was if it is started again with the same arguments.

    Args:
        files: can be gone through again.
        workers: who does the work.
        on_progress: called with the files done, and with those of them that an earlier run did.
        again: called where work is done again, with the files and why.

    Returns:
        Files by status, `songs` and `bars`.

    Raises:
        DrumtokError: nothing can be written, or there are no such workers; what was done is kept.
    """
    key = digest(__version__, json.dumps(asdict(config), sort_keys=True), str(UNIT), report.name)
    places = [place_for(path) for path in (out, report)]
    with ResumableFiles(places, key) as files_out:
        todo = units_of(files)
        if not files_out.resumed(_names(unit) for unit in todo):
            todo = units_of(files)
        before = done = _files(files_out.progress.counts)
        on_progress(done, before)
        task = Task(partial(encode_unit, config), lambda unit: [(file,) for file in unit], _lost)

        def told(unit: Unit, why: str) -> None:
            again(span(file.name for file in unit), why)

        for unit, (pieces, counts) in task.results(todo, workers, told):
            files_out.add(_names(unit), pieces, counts)
            done += _files(counts)
            on_progress(done, before)
        files_out.finish()
    for path, place in ((report, places[1]), (out, places[0])):
        if place != path:
            put_file(place, path)
            place.unlink()
    return files_out.progress.counts


def _names(unit: Unit) -> tuple[str, ...]:
    """What tells that a unit is as it was."""
    stamps = stamps_of(file.path for file in unit)
    return tuple(f"{stamps[file.path]} {file}" for file in unit)


def _files(counts: Counter[str]) -> int:
    return sum(counts[status] for status in ("read", "salvaged", SKIPPED))
