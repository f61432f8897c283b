"""The first pass of a build: the files of sources to ids, lines of songs and report, and signatures, in any process.

Units of work are gathered one by one and in the order of the files. What a unit gives is bytes to append to the
`WORK_FILES`, so that nothing of all songs is ever in memory, and a build that was killed goes on after its last unit.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.config import ANY_METER, CorpusConfig
from drumtok.dataset.fit import CLASH, fitting, other_meters
from drumtok.dataset.leakage.bar_hashes import mixed, sum_bars
from drumtok.dataset.leakage.minhash import signatures
from drumtok.dataset.source_files import SourceFile
from drumtok.dataset.sources import Source
from drumtok.dataset.splitter import ITEM, NO_SIDE, name_sum
from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.runtime.remote import is_remote
from drumtok.tokenizer.bulk import plain_files
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.expression import EXPRESSION_DTYPES, Expression, expression_of
from drumtok.tokenizer.file_listing import read_each
from drumtok.tokenizer.labels import KINDS
from drumtok.tokenizer.readers import Item, source_type, without_section
from drumtok.tokenizer.text import SPLITS
from drumtok.tokenizer.tokens import to_ids

WORK_FILES = ("ids", *EXPRESSION_DTYPES, "songs", "report", "items", "lengths", "parts", "signatures", "windows")
COUNTS = ("words", "bars", "hits", "windows")
SONG = np.dtype([*((name, "<u4") for name in COUNTS), ("kind", "u1"), ("played", "?")])  # each song in `lengths`
UNIT = 128  # MIDI files that a worker takes at once
NO_EXPRESSION = Expression(np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.float32))
TOGETHER = 2**18  # bytes that go through the arithmetic at once: they stay in the processor's cache


class Unit(NamedTuple):
    """Files of one source: the number of the source among the sources, and MIDI files or one text."""

    source: int
    files: tuple[SourceFile, ...]


class Found(NamedTuple):
    """What became of an item: the line of the report, and the ids, the touch and the line of each song."""

    name: str
    split: str
    parts: tuple[str, ...]
    report: dict[str, Any]
    songs: list[tuple[NDArray[np.uint16], Expression, dict[str, Any]]]


def units_of(sources: Sequence[Source]) -> Iterator[Unit]:
    """The work of a build."""
    for number, source in enumerate(sources):
        waiting: list[SourceFile] = []
        for file in source.files():
            if waiting and (source_type(file.ref.name).is_text or len(waiting) == UNIT):
                yield Unit(number, tuple(waiting))
                waiting = []
            waiting.append(file)
            if source_type(file.ref.name).is_text:
                yield Unit(number, tuple(waiting))
                waiting = []
        if waiting:
            yield Unit(number, tuple(waiting))


def gather(sources: Sequence[Source], config: CorpusConfig, unit: Unit) -> tuple[list[bytes], Counter[str]]:
    """What a unit adds to each of the `WORK_FILES`, and to counts by source: its sum, its texts, those that clash.

    Raises:
        DrumtokError: a file cannot be read, or a text is wrong.
    """
    counts: Counter[str] = Counter()
    return _pieces(list(_found(sources[unit.source], config, unit, counts)), unit, config), counts


def lost(sources: Sequence[Source], config: CorpusConfig, unit: Unit, why: str) -> tuple[list[bytes], Counter[str]]:
    """As `gather`, of a unit of one file that keeps failing: it is in the report alone."""
    (file,), name = unit.files, sources[unit.source].name
    item = Item(file.ref.name, status=SKIPPED, reason=why)
    found = Found(file.ref.name, file.split, (), {"source": name, **item.report()}, [])
    return _pieces([found], unit, config), Counter({f"sum {unit.source}": file.sum(b"")})


def _pieces(found: Sequence[Found], unit: Unit, config: CorpusConfig) -> list[bytes]:
    """What goes to each of the `WORK_FILES`."""
    items = np.zeros(len(found), dtype=ITEM)
    songs = [song for one in found for song in one.songs]
    for place, one in enumerate(found):
        split = SPLITS.index(one.split) if one.split else NO_SIDE
        order, same = name_sum(one.name, config.seed), name_sum(f"{unit.source}\0{without_section(one.name)}")
        items[place] = (unit.source, split, len(one.songs), len(one.parts), order, same)
    ids = np.concatenate([np.zeros(0, dtype=np.uint16), *[ids for ids, _, _ in songs]])
    parts = [name_sum(part, config.seed) for one in found for part in one.parts]
    lengths = np.zeros(len(songs), dtype=SONG)
    lengths["words"] = [len(ids) for ids, _, _ in songs]
    lengths["hits"] = [len(expression.velocity) for _, expression, _ in songs]
    lengths["played"] = [expression.is_played for _, expression, _ in songs]
    lengths["bars"] = [line["bars"] for *_, line in songs]
    lengths["kind"] = [KINDS.index(line["kind"]) for *_, line in songs]
    windows, lengths["windows"] = _windows(ids, lengths["bars"])
    return [
        ids.tobytes(),
        *_expression_arrays([expression for _, expression, _ in songs]),
        "".join([json.dumps(line) + "\n" for *_, line in songs]).encode(),
        "".join([json.dumps(one.report) + "\n" for one in found]).encode(),
        items.tobytes(),
        lengths.tobytes(),
        np.array(parts, dtype=np.uint64).tobytes(),
        _signatures(ids, lengths["words"]),
        windows.tobytes(),
    ]


def _expression_arrays(songs: list[Expression]) -> list[bytes]:
    """What the songs add to the work file of each of `EXPRESSION_DTYPES`."""
    return [
        b"".join([np.asarray(values, dtype=dtype).tobytes() for values in of_songs])
        for dtype, of_songs in zip(EXPRESSION_DTYPES.values(), zip(*[NO_EXPRESSION, *songs], strict=True), strict=True)
    ]


def _signatures(ids: NDArray[np.uint16], words: NDArray[np.integer]) -> bytes:
    return signatures(ids, np.cumsum(words, dtype=np.int64)).tobytes()


def _windows(ids: NDArray[np.uint16], bars: NDArray[np.integer]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """A number for each window of two bars that sounds, equal for equal ones, and (songs,) how many each song has."""
    sums = sum_bars(ids)
    song = np.repeat(np.arange(len(bars)), bars)
    number, sounding = sums.exact(), sums.sounding
    first = np.flatnonzero((song[1:] == song[:-1]) & (sounding[1:] | sounding[:-1]))
    numbers = mixed(mixed(number[first]) + number[first + 1])
    return numbers, np.bincount(song[first], minlength=len(bars))


def _found(source: Source, config: CorpusConfig, unit: Unit, counts: Counter[str]) -> Iterator[Found]:
    """What becomes of each item of a unit; the bytes of few files are in memory at a time."""
    waiting: list[tuple[SourceFile, bytes]] = []
    size = 0
    for file, data in read_each(unit.files, source.read, remote=is_remote(source.path)):
        if isinstance(data, DrumtokError):
            raise data
        counts[f"sum {unit.source}"] += file.sum(data)
        waiting.append((file, data))
        size += len(data)
        if size >= TOGETHER:
            yield from _together(source, config, waiting)
            waiting, size = [], 0
    for one in _together(source, config, waiting):
        if source_type(unit.files[0].ref.name).is_text:
            counts[f"texts {unit.source}"] += bool(one.songs)
            counts[f"clashes {unit.source}"] += bool(one.songs) and CLASH in one.report["reason"]
        yield one


def _together(source: Source, config: CorpusConfig, files: Sequence[tuple[SourceFile, bytes]]) -> Iterator[Found]:
    """What becomes of files: of the plain ones in bulk, of the others one by one."""
    midi = [(f.ref.name, data if not f.unlisted and not source_type(f.ref.name).is_text else b"") for f, data in files]
    plain = plain_files(midi, EncodeConfig(grid=config.grid, note_map=source.note_map), expression=True)
    ends, hits = np.cumsum(plain.words).tolist(), np.cumsum(plain.hits).tolist()
    ids, (velocity, offset) = plain.ids.astype(np.uint16), plain.expression or NO_EXPRESSION
    rows = dict(zip(plain.numbers, enumerate(zip([0, *ends], ends, strict=False)), strict=True))
    for number, (file, data) in enumerate(files):
        if number not in rows:
            for item in source.items_of(file, data, config.grid):
                yield _of_item(source, fitting(item, config))
            continue
        row, (begin, end) = rows[number]
        own = slice(hits[row] - plain.hits[row], hits[row])
        meter, report = "{}/{}".format(*plain.meters[row]), {"source": source.name, **plain.reports[row]}
        if config.meter not in (ANY_METER, meter):
            left_out = {"status": SKIPPED, "reason": other_meters([meter], config), "bars": 0, "hits": 0}
            yield Found(file.ref.name, file.split, (), {**report, **left_out, "sections": []}, [])
            continue
        labels = (source.name, file.ref.name, file.style, file.kind)
        line = _song_line(*labels, plain.tempos[row], meter, plain.bars[row], end - begin)
        expression = Expression(velocity[own], offset[own])
        yield Found(file.ref.name, file.split, (), report, [(ids[begin:end], expression, line)])


def _of_item(source: Source, item: Item) -> Found:
    songs = []
    for pattern in item.patterns:
        ids, meter = to_ids(pattern), "{}/{}".format(*pattern.meter)
        labels = (source.name, item.name, pattern.style, item.kind)
        line = _song_line(*labels, pattern.tempo, meter, pattern.bars, len(ids), item.parts)
        songs.append((ids, expression_of(pattern), line))
    return Found(item.name, item.split, item.parts, {"source": source.name, **item.report()}, songs)


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
