"""The report rows of files that are encoded together."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from drumtok.midi.bulk_reader import Scan
from drumtok.midi.evidence import CHANNEL_10
from drumtok.midi.note_maps import note_map
from drumtok.pattern import Meter
from drumtok.tokenizer.bulk_checks import of_another_map
from drumtok.tokenizer.readers import report_row


def report_rows(
    found: Scan, names: list[str], map_name: str, rows: Iterable[tuple[int, int, int, Meter]]
) -> list[dict[str, Any]]:
    """Return the report rows of files of a scan.

    Args:
        names: of all files of the scan.
        map_name: the note map that they are read with.
        rows: (index in the scan, bars, hits, meter) of each file to report on.
    """
    outside, suggested, notes = _outside(found, map_name), of_another_map(found, map_name), found.counts.tolist()
    return [
        report_row(
            names[index],
            [(meter, length)],
            hits,
            outside=outside.get(index),
            merged=notes[index] - sum(outside.get(index, {}).values()) - hits,
            suggestion=suggested.get(index, ""),
            notes=notes[index],
            evidence=CHANNEL_10,
        )
        for index, length, hits, meter in rows
    ]


def _outside(found: Scan, map_name: str) -> dict[int, dict[int, int]]:
    """Return index of a file of the scan -> note outside the kit -> the number of its notes."""
    others = np.flatnonzero(note_map(map_name) < 0)
    outside: dict[int, dict[int, int]] = {}
    for index, note in np.argwhere(found.histogram[:, others]).tolist():
        outside.setdefault(index, {})[int(others[note])] = int(found.histogram[index, others[note]])
    return outside
