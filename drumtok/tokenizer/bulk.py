"""Encode many MIDI files as ids together, with the same result for plain files as reading them one by one.

The cost of NumPy is mostly in its calls, not its arithmetic, and a loop has few notes. So the notes of all plain files
(one meter, one track of drums on channel 10) are quantised together; all other files are read one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.bulk_reader import PlainFile, Scan, scan
from drumtok.midi.endings import is_believed
from drumtok.midi.files import FILE_METER
from drumtok.midi.note_maps import note_map
from drumtok.midi.tempi import beats_per_minute, microseconds_per_beat, nearest_step
from drumtok.pattern import DEFAULT_METER, DEFAULT_TEMPO, Meter, parse_meter, steps_per_bar
from drumtok.tokenizer.bulk_checks import named_drums, pedalled
from drumtok.tokenizer.bulk_report import report_rows
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.expression import Expression
from drumtok.tokenizer.tokens import BAR_ID, HITS_OF_ID

BULK_BYTES = 2**19  # bytes of files to encode together, so that their arrays fit in the processor's cache
_BITS = 16  # of a packed word; the nine drums are the lowest
_BAR_BIT = _BITS - BAR_ID.bit_length()  # the position of the single bit of the id of BAR
_LONGEST_PLAIN = 2**14  # steps of a file; a unit of such files still fits in a few megabytes


@dataclass(frozen=True)
class Plain:
    """The plain files among many.

    Attributes:
        numbers: their indices among the files, in order.
        ids: (words,) the ids of the words of all files, file after file.
        words, bars, hits: (files,) the number of each file.
        expression: the expression of the hits of all files, file after file; None unless requested.
        meters, tempos: of each file.
        reports: the row of each file in a report, as in `drumtok.tokenizer.readers.Item.report`.
    """

    numbers: list[int]
    ids: NDArray[np.intp]
    words: NDArray[np.int64]
    bars: list[int]
    hits: list[int]
    expression: Expression | None
    meters: list[Meter]
    tempos: list[float]
    reports: list[dict[str, Any]]


def plain_files(files: Sequence[tuple[str, bytes]], config: EncodeConfig, expression: bool = False) -> Plain:
    """Encode the plain files among many.

    Args:
        files: (name, bytes) of each.
        expression: whether to return the velocity and offset of each hit.

    >>> from drumtok.midi.files import to_midi_bytes
    >>> from drumtok.pattern import Pattern
    >>> data = to_midi_bytes(Pattern.from_grid("kick |x---|\\nsnare |--x-|", meter=(1, 4)))
    >>> plain = plain_files([("broken.mid", b""), ("beat.mid", data)], EncodeConfig())
    >>> plain.numbers, plain.ids.tolist(), plain.meters
    ([1], [256, 0, 128, 0, 512], [(1, 4)])
    """
    _keep_memory()
    found = scan([data for _, data in files] if config.channel is None and config.track is None else [])
    if not found.files:
        return _nothing()
    return _read(found, [files[file.number][0] for file in found.files], config, expression)


@cache
def _keep_memory() -> None:
    """Free one large block, so that glibc keeps freed memory; new pages for each array would cost a fifth more time."""
    np.empty(2**24, dtype=np.uint8)


def _nothing() -> Plain:
    return Plain([], np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int64), [], [], None, [], [], [])


def _read(found: Scan, names: list[str], config: EncodeConfig, expression: bool) -> Plain:
    """Encode the plain files of a scan: one meter, more than one pitch, and mostly notes of the kit."""
    flat = None if config.meter == FILE_METER else parse_meter(config.meter)
    drum_of = note_map(config.note_map)
    drum = drum_of.take(found.pitch, mode="clip")
    inside = found.histogram[:, drum_of >= 0].sum(axis=1)
    kit = np.flatnonzero(drum >= 0) if inside.sum() < len(drum) else slice(None)
    meters = [_meter(file, flat) for file in found.files]
    per_bar = np.array([0 if meter is None else _steps(config.grid, meter) for meter in meters])
    plain = (per_bar > 0) & (2 * inside >= found.counts)
    plain[[*named_drums(found, names), *pedalled(found, config.note_map)]] = False
    drum = drum[kit]
    bars, step, closes = _lay_out(found, found.time[kit], inside, per_bar, not flat, config.grid)
    plain &= closes
    longest = config.max_bars * _steps(config.grid, DEFAULT_METER)
    plain &= (bars <= config.max_bars) & (bars * per_bar <= min(longest, _LONGEST_PLAIN))
    chosen = np.flatnonzero(plain)
    if not len(chosen):
        return _nothing()
    notes = np.arange(len(found.pitch))[kit] if expression else None
    if len(chosen) < len(plain):
        taken = np.repeat(plain, inside)
        step, drum, notes = step[taken], drum[taken], None if notes is None else notes[taken]
    ids, words, hits = _ids(step, drum, inside[chosen], bars[chosen], per_bar[chosen])
    lengths, own = bars[chosen].tolist(), [meters[index] or DEFAULT_METER for index in chosen.tolist()]
    return Plain(
        [found.files[index].number for index in chosen.tolist()],
        ids,
        words,
        lengths,
        hits,
        None if notes is None else _expression(found, notes, step, drum, inside[chosen], config.grid),
        own,
        [_tempo(found.files[index], config.tempo) for index in chosen.tolist()],
        report_rows(found, names, config.note_map, zip(chosen.tolist(), lengths, hits, own, strict=True)),
    )


@lru_cache(maxsize=1024)
def _steps(grid: int, meter: Meter) -> int:
    """Return the steps of a bar, or 0 if the meter does not fit the grid."""
    try:
        return steps_per_bar(grid, meter)
    except DrumtokError:
        return 0


def _meter(file: PlainFile, flat: Meter | None) -> Meter | None:
    """Return the meter of a file with a single meter from its first tick on, the last one there, else None."""
    meters = file.marks.meters
    if flat or not meters:
        return flat or DEFAULT_METER
    return None if max(meters)[0] else meters[-1][1:]


def _tempo(file: PlainFile, default: float | None) -> float:
    """Return the tempo at the first tick, `default` if the file has none."""
    tempos = file.marks.tempos
    if len(tempos) == 1 and not tempos[0][0]:
        return beats_per_minute(tempos[0][1])
    if not tempos and default is not None:
        return beats_per_minute(microseconds_per_beat(default))
    first = [microseconds for tick, microseconds in tempos if tick == 0]
    return beats_per_minute(first[-1]) if first else DEFAULT_TEMPO


def _lay_out(
    found: Scan, time: NDArray[np.int64], inside: NDArray[np.int64], per_bar: NDArray[np.int64], closed: bool, grid: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the number of bars of each file, the step of each note of the kit, and the files that end plainly.

    A plain end needs no decision about silence or hits just before it (`drumtok.midi.endings`).

    Args:
        time: (notes,) of the notes of the kit; `inside` counts them by file.
        per_bar: (files,) the steps of a bar.
        closed: whether a file that ends exactly on a bar line extends to it (`drumtok.midi.quantise.sections`).
    """
    beats = np.array([file.ticks_per_beat for file in found.files], dtype=np.int64)
    beat = beats[0] if (beats == beats[0]).all() else np.repeat(beats, inside)
    step = nearest_step(time, beat, grid)
    last = np.append(step, 0)[np.maximum(np.cumsum(inside) - 1, 0)]  # notes are in order of time
    per_bar = np.maximum(per_bar, 1)
    bars = last // per_bar + 1
    plainly = np.ones(len(bars), dtype=bool)
    if closed:
        end, rest = np.divmod(found.ends * grid, beats)
        ends = np.where((rest == 0) & (end % per_bar == 0), end // per_bar, 0)
        plainly = (ends == 0) | (ends >= bars) & is_believed(bars, (end - last - 1) // per_bar)
        bars = np.maximum(bars, ends)
    return bars, step, plainly


def _ids(
    step: NDArray[np.int64],
    drum: NDArray[np.int8],
    notes: NDArray[np.int64],
    bars: NDArray[np.int64],
    per_bar: NDArray[np.int64],
) -> tuple[NDArray[np.intp], NDArray[np.int64], list[int]]:
    """Return the ids of all files, and the numbers of words and hits of each.

    Args:
        step, drum: (notes,) of all files, file after file.
        notes, bars, per_bar: (files,) the numbers of notes and bars of each, and the steps of a bar.
    """
    words = bars * (per_bar + 1)
    begin = np.cumsum(words) - words
    each = per_bar[0] if (per_bar == per_bar[0]).all() else np.repeat(per_bar, notes)
    place = step + step // each + np.repeat(begin, notes)
    bits = np.zeros((int(words.sum()), _BITS), dtype=bool)
    bits.ravel()[place * _BITS + (_BITS - N_DRUMS) + drum] = True
    bar = np.arange(bars.sum()) - np.repeat(np.cumsum(bars) - bars, bars)
    bits[np.repeat(begin + per_bar, bars) + bar * np.repeat(per_bar + 1, bars), _BAR_BIT] = True
    ids = np.packbits(bits.ravel()).view(">u2").astype(np.intp)  # 70 times as fast as along an axis
    return ids, words, np.add.reduceat(HITS_OF_ID[ids], begin).tolist()


def _expression(
    found: Scan, notes: NDArray[np.int64], step: NDArray[np.int64], drum: NDArray[np.int8], inside: NDArray, grid: int
) -> Expression:
    """Return the expression of the hits; of notes merged into one hit the first loudest one counts.

    Args:
        notes: (notes,) the indices in the scan of the notes of the kit in the encoded files.
        step, drum: (notes,) of each.
        inside: (files,) the number of these notes in each encoded file.
    """
    file = np.repeat(np.arange(len(inside)), inside)
    cell = (file * (int(step.max()) + 1) + step) * N_DRUMS + drum
    order = np.argsort(cell * 128 - found.velocity[notes], kind="stable")
    first = order[np.append(True, np.diff(cell[order]) > 0)]
    beats = np.array([file.ticks_per_beat for file in found.files], dtype=np.int64)
    beat = np.repeat(beats, found.counts)[notes[first]]
    offset = found.time[notes[first]] * (grid / beat) - step[first]
    return Expression(found.velocity[notes[first]], offset.astype(np.float32))
