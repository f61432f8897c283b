"""Encode MIDI files to lines of words in bulk, with the same result as one by one."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from drumtok.pattern import Meter
from drumtok.tokenizer.bulk import Plain, plain_files
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.readers import Item, read_midi_item
from drumtok.tokenizer.text import format_song, label, time_words
from drumtok.tokenizer.tokens import BAR, BAR_ID, VOCABULARY

_TEXTS = np.array([f"{word} ".encode() for word in VOCABULARY[:BAR_ID]])  # id of a step -> 12 bytes
_BAR_TEXT = np.frombuffer(f"{BAR} ".encode(), dtype=np.uint8)


class Encoded(NamedTuple):
    """The result of one file.

    Attributes:
        lines: a line with control words and words for each section.
        report: its row of the report.
    """

    lines: list[bytes]
    report: dict[str, Any]


def encode(files: Sequence[tuple[str, bytes]], config: EncodeConfig) -> list[Encoded]:
    """Encode MIDI files.

    Args:
        files: (name, bytes) of each; the name appears in the report, and identifies the drum of a single-drum file.

    Returns:
        The result of each, in order.

    >>> from drumtok.midi.files import to_midi_bytes
    >>> from drumtok.pattern import Pattern
    >>> data = to_midi_bytes(Pattern.from_grid("kick |x---|", meter=(1, 4)))
    >>> encode([("one kick.mid", data)], EncodeConfig())[0].lines[0][-52:]
    b' 0b100000000 0b000000000 0b000000000 0b000000000 BAR'
    """
    encoded: list[Encoded | None] = [None] * len(files)
    plain = plain_files(files, config)
    rows = zip(plain.numbers, plain.meters, plain.tempos, plain.reports, _lines(plain), strict=True)
    for number, meter, tempo, report, words in rows:
        times = _time_text(tempo, meter, config.grid)
        encoded[number] = Encoded([b"NAME=" + song_name(files[number][0]).encode() + times + words], report)
    return [one or _encode_alone(*file, config) for one, file in zip(encoded, files, strict=True)]


def _encode_alone(name: str, data: bytes, config: EncodeConfig) -> Encoded:
    item = read_midi_item(
        name,
        data,
        grid=config.grid,
        meter=config.meter,
        note_map=config.note_map,
        offsets=False,
        tempo=config.tempo,
        max_bars=config.max_bars,
        channel=config.channel,
        track=config.track,
    )
    return encode_item(item)


def encode_item(item: Item) -> Encoded:
    """Encode an item that was read."""
    named = [replace(p, name=song_name(item.name, number)) for number, p in enumerate(item.patterns, 1)]
    return Encoded([format_song(pattern).encode() for pattern in named], item.report())


def song_name(name: str, section: int = 1) -> str:
    """Return the name of a song: that of its file, without white space and unique among different files.

    >>> song_name("loops/a.mid"), song_name("loops/a.mid", 2), song_name("loops/a 1.mid")
    ('loops/a.mid', 'loops/a.mid~2', 'loops/a-1.mid~8bf9a90d')
    """
    written = label(name)
    if written != name:
        written += f"~{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:8]}"
    return written if section == 1 else f"{written}~{section}"


@lru_cache(maxsize=1024)
def _time_text(tempo: float, meter: Meter, grid: int) -> bytes:
    return f" {' '.join(time_words(tempo, meter, grid))} ".encode()


def _lines(plain: Plain) -> list[bytes]:
    """Return the words of each file as one line; files with bars of the same length are written together."""
    lines: list[bytes] = []
    at = 0
    per_bar = [words // bars for words, bars in zip(plain.words.tolist(), plain.bars, strict=True)]
    for words, group in groupby(zip(per_bar, plain.bars, strict=True), key=itemgetter(0)):
        bars = [count for _, count in group]
        ids = plain.ids[at : at + sum(bars) * words].reshape(-1, words)
        text = np.empty((len(ids), (words - 1) * _TEXTS.itemsize + len(_BAR_TEXT)), dtype=np.uint8)
        text[:, : -len(_BAR_TEXT)] = _TEXTS.take(ids[:, :-1], mode="clip").view(np.uint8)
        text[:, -len(_BAR_TEXT) :] = _BAR_TEXT
        whole, ends = text.tobytes(), np.cumsum(bars).tolist()
        lines += [whole[a * text.shape[1] : b * text.shape[1] - 1] for a, b in zip([0, *ends], ends, strict=False)]
        at += ids.size
    return lines
