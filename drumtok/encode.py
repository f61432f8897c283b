"""Encoding MIDI files to lines of words in bulk: word for word what file by file gives, many files in one go.

What NumPy costs is mostly its calls, not its arithmetic, and a loop has few notes. So the notes of all plain files
(one meter, one track of drums on channel 10) go through the grid together; any other file goes alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.bulkread import PlainFile, Scan, scan
from drumtok.config import EncodeConfig
from drumtok.drums import N_DRUMS, note_map
from drumtok.errors import DrumtokError
from drumtok.events import READ
from drumtok.midi import FILE_METER
from drumtok.pattern import DEFAULT_METER, DEFAULT_TEMPO, Meter, parse_meter, steps_per_bar
from drumtok.quantise import beats_per_minute, microseconds_per_beat, nearest_step
from drumtok.sources import Item, read_midi_item
from drumtok.text import format_song, label, time_words
from drumtok.tokens import BAR, BAR_ID, N_HIT_WORDS, VOCABULARY, ids_to_hits

_TEXTS = np.array([f"{word} ".encode() for word in VOCABULARY])  # id -> 12 bytes, BAR filled up with nulls
_HITS = np.append(ids_to_hits(np.arange(N_HIT_WORDS)).sum(axis=1), 0)  # id -> the hits of its word
_BITS = 16  # of a packed word: the nine drums are the last of them
_BAR_BIT = _BITS - BAR_ID.bit_length()  # the place of the one bit of BAR's id
_LONGEST_PLAIN = 2**14  # steps: a batch of files as long as that still fits in a few megabytes


@dataclass(frozen=True)
class Encoded:
    """What became of one file.

    Attributes:
        lines: a line of words for each section, with its control words.
        report: the line of the report.
    """

    lines: list[bytes]
    report: dict[str, Any]


def encode(files: Sequence[tuple[str, bytes]], config: EncodeConfig) -> list[Encoded]:
    """Encodes files.

    Args:
        files: (name, bytes) of each; the name goes into the report and, for files that hold one drum, tells which.

    Returns:
        What became of each, in order.

    >>> from drumtok.midi import to_midi_bytes
    >>> from drumtok.pattern import Pattern
    >>> data = to_midi_bytes(Pattern.from_grid("kick |x---|", meter=(1, 4)))
    >>> encode([("one kick.mid", data)], EncodeConfig())[0].lines[0][-52:]
    b' 0b100000000 0b000000000 0b000000000 0b000000000 BAR'
    """
    _keep_memory()
    encoded: list[Encoded | None] = [None] * len(files)
    found = scan([data for _, data in files])
    if found.files:
        names = [files[file.number][0] for file in found.files]
        for file, made in zip(found.files, _encode_plain(found, names, config), strict=True):
            encoded[file.number] = made
    return [one or _encode_alone(*file, config) for one, file in zip(encoded, files, strict=True)]


@cache
def _keep_memory() -> None:
    """Frees one large block, from which glibc learns to keep what is freed; new pages for each array cost a fifth."""
    np.empty(2**24, dtype=np.uint8)


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
    )
    return encode_item(item)


def encode_item(item: Item) -> Encoded:
    """The lines and the report of a file that was read."""
    named = [replace(p, name=song_name(item.name, number)) for number, p in enumerate(item.patterns, 1)]
    return Encoded([format_song(pattern).encode() for pattern in named], item.report())


def song_name(name: str, section: int = 1) -> str:
    """What a song is called after its file, without white space; two files never have the same name.

    >>> song_name("loops/a.mid"), song_name("loops/a.mid", 2), song_name("loops/a 1.mid")
    ('loops/a.mid', 'loops/a.mid~2', 'loops/a-1.mid~8bf9a90d')
    """
    written = label(name.encode(errors="replace").decode())
    if written != name:
        written += f"~{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:8]}"
    return written if section == 1 else f"{written}~{section}"


@lru_cache(maxsize=1024)
def _steps(grid: int, meter: Meter) -> int:
    """The steps of a bar, 0 where the meter does not go with the grid."""
    try:
        return steps_per_bar(grid, meter)
    except DrumtokError:
        return 0


@lru_cache(maxsize=1024)
def _time_text(tempo: float, meter: Meter, grid: int) -> bytes:
    return f" {' '.join(time_words(tempo, meter, grid))} ".encode()


def _meter(file: PlainFile, flat: Meter | None) -> Meter | None:
    """The meter of a file that has one from its first tick on, None of any other."""
    meters = file.marks.meters
    if flat or not meters:
        return flat or DEFAULT_METER
    return meters[0][1:] if len(meters) == 1 and meters[0][0] == 0 else None


def _tempo(file: PlainFile, given: float | None) -> float:
    """The tempo at the first tick; one that is given counts where the file says none."""
    tempos = file.marks.tempos
    if len(tempos) == 1 and not tempos[0][0]:
        return beats_per_minute(tempos[0][1])
    if not tempos and given is not None:
        return beats_per_minute(microseconds_per_beat(given))
    first = [microseconds for tick, microseconds in tempos if tick == 0]
    return beats_per_minute(first[-1]) if first else DEFAULT_TEMPO


def _encode_plain(found: Scan, names: list[str], config: EncodeConfig) -> list[Encoded | None]:
    """What becomes of the files of a scan, None for those that are not plain enough after all."""
    flat = None if config.meter == FILE_METER else parse_meter(config.meter)
    drum = note_map(config.note_map).take(found.pitch, mode="clip")
    kit = drum >= 0
    begin = np.cumsum(found.counts) - found.counts
    inside = np.add.reduceat(kit, begin, dtype=np.int64)
    meters = [_meter(file, flat) for file in found.files]
    per_bar = np.array([0 if meter is None else _steps(config.grid, meter) for meter in meters])
    one_pitch = np.maximum.reduceat(found.pitch, begin) == np.minimum.reduceat(found.pitch, begin)
    plain = (per_bar > 0) & ~one_pitch & (2 * inside >= found.counts)
    bars, step = _lay_out(found, kit, inside, per_bar, not flat, config.grid)
    longest = config.max_bars * _steps(config.grid, DEFAULT_METER)
    plain &= (bars <= config.max_bars) & (bars * per_bar <= min(longest, _LONGEST_PLAIN))
    chosen = np.flatnonzero(plain)
    if not len(chosen):
        return [None] * len(names)
    drum = drum[kit]
    if len(chosen) < len(plain):
        taken = np.repeat(plain, inside)
        step, drum = step[taken], drum[taken]
    lines, hits = _lines(step, drum, inside[chosen], bars[chosen], per_bar[chosen])
    outside = _outside(found, kit)
    encoded: list[Encoded | None] = [None] * len(names)
    places = zip(chosen.tolist(), lines, hits, bars[chosen].tolist(), inside[chosen].tolist(), strict=True)
    for index, line, hit, length, notes in places:
        name, meter = names[index], meters[index] or DEFAULT_METER
        times = _time_text(_tempo(found.files[index], config.tempo), meter, config.grid)
        line = b"NAME=" + song_name(name).encode() + times + line
        encoded[index] = Encoded([line], _report(name, length, hit, outside.get(index, {}), notes - hit, meter))
    return encoded


def _report(name: str, bars: int, hits: int, outside: dict[int, int], merged: int, meter: Meter) -> dict[str, Any]:
    """As `Item.report` of a file that was read whole in one section."""
    return {
        "file": name,
        "status": READ,
        "reason": "",
        "bars": bars,
        "hits": hits,
        "outside": outside,
        "merged": merged,
        "sections": [["{}/{}".format(*meter), bars]],
        "suggestion": "",
    }


def _lay_out(
    found: Scan, kit: NDArray[np.bool_], inside: NDArray[np.int64], per_bar: NDArray[np.int64], closed: bool, grid: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The bars of each file, and the step of each note of the kit.

    A file that is closed exactly on a bar line goes on to there (`drumtok.quantise.sections`).
    """
    beats = np.array([file.ticks_per_beat for file in found.files], dtype=np.int64)
    beat = beats[0] if (beats == beats[0]).all() else np.repeat(beats, inside)
    step = nearest_step(found.time[kit], beat, grid)
    last = np.append(step, 0)[np.maximum(np.cumsum(inside) - 1, 0)]  # notes are in order of time
    per_bar = np.maximum(per_bar, 1)
    bars = last // per_bar + 1
    if closed:
        end, rest = np.divmod(found.ends * grid, beats)
        bars = np.maximum(bars, np.where((rest == 0) & (end % per_bar == 0), end // per_bar, 0))
    return bars, step


def _lines(
    step: NDArray[np.int64],
    drum: NDArray[np.int8],
    notes: NDArray[np.int64],
    bars: NDArray[np.int64],
    per_bar: NDArray[np.int64],
) -> tuple[list[bytes], list[int]]:
    """The words of each file in one line, and how many hits they have.

    Args:
        step, drum: (notes,) of all files, one after another.
        notes, bars, per_bar: (files,) the notes and bars of each, and the steps of one bar.
    """
    words = bars * (per_bar + 1)
    begin = np.cumsum(words) - words
    each = per_bar[0] if (per_bar == per_bar[0]).all() else np.repeat(per_bar, notes)
    place = step + step // each + np.repeat(begin, notes)
    bits = np.zeros((int(words.sum()), _BITS), dtype=bool)
    bits.ravel()[place * _BITS + (_BITS - N_DRUMS) + drum] = True
    bar = np.arange(bars.sum()) - np.repeat(np.cumsum(bars) - bars, bars)
    bits[np.repeat(begin + per_bar, bars) + bar * np.repeat(per_bar + 1, bars), _BAR_BIT] = True
    ids = np.packbits(bits.ravel()).view(">u2").astype(np.intp)  # along an axis it takes 70 times as long
    hits = np.add.reduceat(_HITS[ids], begin)
    text = _TEXTS.take(ids, mode="clip").tobytes().translate(None, b"\0")
    ends = np.cumsum(words * _TEXTS.itemsize - bars * (_TEXTS.itemsize - len(BAR) - 1)).tolist()
    return [text[a : b - 1] for a, b in zip([0, *ends], ends, strict=False)], hits.tolist()


def _outside(found: Scan, kit: NDArray[np.bool_]) -> dict[int, dict[int, int]]:
    """number of a file of the scan -> its notes outside the kit -> how many."""
    others = np.flatnonzero(~kit)
    file = np.searchsorted(np.cumsum(found.counts), others, side="right")
    pairs, counts = np.unique(file * 128 + found.pitch[others], return_counts=True)
    outside: dict[int, dict[int, int]] = {}
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        outside.setdefault(pair >> 7, {})[pair & 127] = count
    return outside
