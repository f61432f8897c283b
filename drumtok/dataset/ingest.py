"""The first pass of a build: read the files of sources as words, rows of songs and of the report, and signatures.

A unit of work is some files of one source, read in any process. Its result is bytes to append to the `WORK_FILES`, in
the order of the units. So the songs are never all in memory, and a killed build resumes after its last unit.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.config import ANY_METER, CorpusConfig
from drumtok.dataset.fit import CLASH, fitting, other_meters
from drumtok.dataset.leakage.bar_hashes import hash_bars, mixed
from drumtok.dataset.leakage.minhash import signatures
from drumtok.dataset.source_files import SourceFile
from drumtok.dataset.sources import Source
from drumtok.dataset.splitter import ITEM, NO_SPLIT, name_hash
from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.runtime.remote import is_remote
from drumtok.tokenizer.bulk import BULK_BYTES, plain_files
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.expression import EXPRESSION_DTYPES, Expression, expression_of
from drumtok.tokenizer.file_listing import read_each
from drumtok.tokenizer.labels import KINDS
from drumtok.tokenizer.readers import Item, source_type, without_section
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.tokens import to_ids

WORK_FILES = ("ids", *EXPRESSION_DTYPES, "songs", "report", "items", "lengths", "parts", "signatures", "windows")
COUNTS = ("words", "bars", "hits", "windows")
SONG = np.dtype([*((name, "<u4") for name in COUNTS), ("kind", "u1"), ("played", "?")])  # each song in `lengths`
UNIT_FILES = 128  # MIDI files in a unit of work
NO_EXPRESSION = Expression(np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.float32))
NOTHING_TAKEN = {"bars": 0, "hits": 0, "sections": []}  # in the report, of a skipped item


class SourceUnit(NamedTuple):
    """Files of one source: the number of the source, and MIDI files or one text."""

    source: int
    files: tuple[SourceFile, ...]


class IngestedItem(NamedTuple):
    """An item that was read: its row of the report, and the ids, the expression and the row of each song."""

    name: str
    split: str
    parts: tuple[str, ...]
    report: dict[str, Any]
    songs: list[tuple[NDArray[np.uint16], Expression, dict[str, Any]]]


def units_of(sources: Sequence[Source], unit_files: int = UNIT_FILES) -> Iterator[SourceUnit]:
    """Divide the files of sources into units: a text by itself, or up to `unit_files` MIDI files."""
    for number, source in enumerate(sources):
        waiting: list[SourceFile] = []
        for file in source.files():
            if waiting and (source_type(file.ref.name).is_text or len(waiting) == unit_files):
                yield SourceUnit(number, tuple(waiting))
                waiting = []
            waiting.append(file)
            if source_type(file.ref.name).is_text:
                yield SourceUnit(number, tuple(waiting))
                waiting = []
        if waiting:
            yield SourceUnit(number, tuple(waiting))


def ingest(sources: Sequence[Source], config: CorpusConfig, unit: SourceUnit) -> tuple[list[bytes], Counter[str]]:
    """Read a unit.

    Returns:
        The bytes to append to each of the `WORK_FILES`, and counts for each source: its hash, its texts, and the texts
        whose grid clashes with that of the corpus.

    """
    counts: Counter[str] = Counter()
    return _pieces(list(_items(sources[unit.source], config, unit, counts)), unit, config), counts


def skipped(
    sources: Sequence[Source], config: CorpusConfig, unit: SourceUnit, why: str
) -> tuple[list[bytes], Counter[str]]:
    """Return the result of `ingest` for a single-file unit that keeps failing: only a row of the report."""
    (file,), name = unit.files, sources[unit.source].name
    item = Item(file.ref.name, status=SKIPPED, reason=why)
    found = IngestedItem(file.ref.name, file.split, (), {"source": name, **item.report()}, [])
    return _pieces([found], unit, config), Counter({f"hash {unit.source}": file.hash(b"")})


def _pieces(found: Sequence[IngestedItem], unit: SourceUnit, config: CorpusConfig) -> list[bytes]:
    """Return the bytes to append to each of the `WORK_FILES`."""
    items = np.zeros(len(found), dtype=ITEM)
    songs = [song for one in found for song in one.songs]
    for place, one in enumerate(found):
        split = SPLITS.index(one.split) if one.split else NO_SPLIT
        order, same = name_hash(one.name, config.seed), name_hash(f"{unit.source}\0{without_section(one.name)}")
        items[place] = (unit.source, split, len(one.songs), len(one.parts), order, same)
    ids = np.concatenate([np.zeros(0, dtype=np.uint16), *[ids for ids, _, _ in songs]])
    parts = [name_hash(part, config.seed) for one in found for part in one.parts]
    lengths = np.zeros(len(songs), dtype=SONG)
    lengths["words"] = [len(ids) for ids, _, _ in songs]
    lengths["hits"] = [len(expression.velocity) for _, expression, _ in songs]
    lengths["played"] = [expression.is_played for _, expression, _ in songs]
    lengths["bars"] = [line["bars"] for *_, line in songs]
    lengths["kind"] = [KINDS.index(line["kind"]) for *_, line in songs]
    windows, lengths["windows"] = _windows(ids, lengths["bars"])
    return [
        ids.tobytes(),
        *_expressions([expression for _, expression, _ in songs]),
        "".join([json.dumps(line) + "\n" for *_, line in songs]).encode(),
        "".join([json.dumps(one.report) + "\n" for one in found]).encode(),
        items.tobytes(),
        lengths.tobytes(),
        np.array(parts, dtype=np.uint64).tobytes(),
        _signatures(ids, lengths["words"]),
        windows.tobytes(),
    ]


def _expressions(songs: list[Expression]) -> list[bytes]:
    """Return the bytes to append to the work file of each of `EXPRESSION_DTYPES`."""
    return [
        b"".join([np.asarray(values, dtype=dtype).tobytes() for values in of_songs])
        for dtype, of_songs in zip(EXPRESSION_DTYPES.values(), zip(*[NO_EXPRESSION, *songs], strict=True), strict=True)
    ]


def _signatures(ids: NDArray[np.uint16], words: NDArray[np.integer]) -> bytes:
    return signatures(ids, np.cumsum(words, dtype=np.int64)).tobytes()


def _windows(ids: NDArray[np.uint16], bars: NDArray[np.integer]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return a key for each sounding window of two bars, equal for equal ones, and (songs,) how many each song has."""
    hashes = hash_bars(ids)
    song = np.repeat(np.arange(len(bars)), bars)
    number, sounding = hashes.exact(), hashes.sounding
    first = np.flatnonzero((song[1:] == song[:-1]) & (sounding[1:] | sounding[:-1]))
    numbers = mixed(mixed(number[first]) + number[first + 1])
    return numbers, np.bincount(song[first], minlength=len(bars))


def _items(source: Source, config: CorpusConfig, unit: SourceUnit, counts: Counter[str]) -> Iterator[IngestedItem]:
    """Yield the items of a unit; the bytes of only a few files are in memory at a time."""
    waiting: list[tuple[SourceFile, bytes]] = []
    size = 0
    for file, data in read_each(unit.files, SourceFile.read, remote=is_remote(source.path)):
        if isinstance(data, DrumtokError):
            counts[f"hash {unit.source}"] += file.hash(b"")
            yield from _read_files(source, config, waiting)
            waiting, size = [], 0
            yield _ingested(source, Item(file.ref.name, split=file.split, status=SKIPPED, reason=str(data)))
            continue
        counts[f"hash {unit.source}"] += file.hash(data)
        waiting.append((file, data))
        size += len(data)
        if size >= BULK_BYTES:
            yield from _read_files(source, config, waiting)
            waiting, size = [], 0
    for one in _read_files(source, config, waiting):
        if source_type(unit.files[0].ref.name).is_text:
            counts[f"texts {unit.source}"] += bool(one.songs)
            counts[f"clashes {unit.source}"] += bool(one.songs) and CLASH in one.report["reason"]
        yield one


def _read_files(
    source: Source, config: CorpusConfig, files: Sequence[tuple[SourceFile, bytes]]
) -> Iterator[IngestedItem]:
    """Yield the items of files: plain MIDI files are read in bulk, the others one by one."""
    midi = [(f.ref.name, data if not f.unlisted and not source_type(f.ref.name).is_text else b"") for f, data in files]
    plain = plain_files(midi, EncodeConfig(grid=config.grid, **asdict(source.drums)), expression=True)
    ends, hits = np.cumsum(plain.words).tolist(), np.cumsum(plain.hits).tolist()
    ids, (velocity, offset) = plain.ids.astype(np.uint16), plain.expression or NO_EXPRESSION
    rows = dict(zip(plain.numbers, enumerate(zip([0, *ends], ends, strict=False)), strict=True))
    for number, (file, data) in enumerate(files):
        if number not in rows:
            for item in source.items_of(file, data, config.grid):
                yield _ingested(source, fitting(item, config))
            continue
        row, (begin, end) = rows[number]
        own = slice(hits[row] - plain.hits[row], hits[row])
        meter, report = "{}/{}".format(*plain.meters[row]), {"source": source.name, **plain.reports[row]}
        if config.meter not in (ANY_METER, meter):
            left_out = {"status": SKIPPED, "reason": other_meters([meter], config), **NOTHING_TAKEN}
            yield IngestedItem(file.ref.name, file.split, (), {**report, **left_out}, [])
            continue
        labels = (source.name, file.ref.name, file.style, file.kind)
        line = _song_line(*labels, plain.tempos[row], meter, plain.bars[row], end - begin)
        expression = Expression(velocity[own], offset[own])
        yield IngestedItem(file.ref.name, file.split, (), report, [(ids[begin:end], expression, line)])


def _ingested(source: Source, item: Item) -> IngestedItem:
    songs = []
    for pattern in item.patterns:
        ids, meter = to_ids(pattern), "{}/{}".format(*pattern.meter)
        labels = (source.name, item.name, pattern.style, item.kind)
        line = _song_line(*labels, pattern.tempo, meter, pattern.bars, len(ids), item.parts)
        songs.append((ids, expression_of(pattern), line))
    return IngestedItem(item.name, item.split, item.parts, {"source": source.name, **item.report()}, songs)


def _song_line(
    source: str,
    name: str,
    style: str,
    kind: str,
    tempo: float,
    meter: str,
    bars: int,
    words: int,
    parts: Sequence[str] = (),
) -> dict[str, Any]:
    return {
        "source": source,
        "name": name,
        "style": style,
        "kind": kind,
        "tempo": tempo,
        "meter": meter,
        "bars": bars,
        "words": words,
        "parts": list(parts),
    }
