"""Build a corpus of one-shots: WAV files by class, `index.csv` with their splits, and `report.jsonl`."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drumtok.dataset.one_shots.config import OneShotConfig
from drumtok.dataset.one_shots.duplicates import NearDuplicates
from drumtok.dataset.one_shots.files import NO_CLASS, TABLE, OneShotFile, list_one_shots
from drumtok.dataset.one_shots.shaping import shape
from drumtok.errors import DrumtokError
from drumtok.midi.parser import LONGEST_FILE
from drumtok.rendering.wav_files import parse_sound, wav_bytes
from drumtok.runtime.files import new_folder, write_atomically
from drumtok.sound.classes import SOUND_CLASSES
from drumtok.sound.likeness import RATE
from drumtok.tokenizer.splits import SPLIT_TABLE

REPORT = "report.jsonl"
COLUMNS = ("file", "class", "split", "source", "licence", "seconds", "peak_db", "original", "sha256")
Row = dict[str, str | float]


@dataclass(frozen=True)
class Built:
    """The result of a build.

    Attributes:
        rows: the rows of index.csv.
        skipped: file -> why.
    """

    rows: Sequence[Row]
    skipped: Mapping[str, str]

    def counts(self, split: str) -> Counter[str]:
        """Return the number of sounds of each class in a split."""
        return Counter(str(row["class"]) for row in self.rows if row["split"] == split)


def build_one_shots(
    out: Path,
    sources: Sequence[Path],
    config: OneShotConfig | None = None,
    on_progress: Callable[[int, int], None] = lambda done, before: None,
) -> Built:
    """Write the corpus `out`, a new folder, from folders and zips, atomically.

    Args:
        on_progress: called after each file with the number of files so far, and 0.

    Raises:
        DrumtokError: a source or `out` cannot be used, no file is usable, or an extra is missing.
    """
    config = config or OneShotConfig()
    files = [(path, file) for path in sources for file in list_one_shots(path)]
    with new_folder(out) as folder:
        rows: list[Row] = []
        skipped: dict[str, str] = {}
        known = NearDuplicates(config.duplicate_db)
        numbers: Counter[str] = Counter()
        for done, (path, file) in enumerate(files, 1):
            name = f"{path.name}/{file.ref.name}"
            try:
                rows.append(_written(folder, name, file, config, known, numbers))
            except ValueError as error:
                skipped[name] = str(error)
            on_progress(done, 0)
        if not rows:
            why = f": {next(iter(skipped.values()))}" if skipped else ""
            raise DrumtokError(f"none of {len(files):,} audio files can be used{why}")
        splits = split_sources(Counter(str(row["source"]) for row in rows))
        for row in rows:
            row["split"] = splits[str(row["source"])]
        write_atomically(folder / TABLE, _table_bytes(rows))
        write_atomically(folder / REPORT, "".join(_report_lines(skipped)).encode())
    return Built(rows, skipped)


def _written(
    folder: Path,
    name: str,
    file: OneShotFile,
    config: OneShotConfig,
    known: NearDuplicates,
    numbers: Counter[str],
) -> Row:
    """Write a one-shot, and return its row without its split.

    Raises:
        ValueError: it is not used; the message has the reason.
    """
    if file.why or file.sound_class is None:
        raise ValueError(file.why or NO_CLASS)
    data = file.ref.read()
    if len(data) > LONGEST_FILE:
        raise ValueError(f"it is larger than {LONGEST_FILE >> 20} MB, and no one-shot")
    shaped = shape(*parse_sound(data, file.ref.name), config.seconds)
    if same := known.add(name, shaped.wave):
        raise ValueError(f"it is nearly the same as {same}")
    numbers[file.sound_class] += 1
    place = f"{file.sound_class}/{file.sound_class}-{numbers[file.sound_class]:04}.wav"
    written = wav_bytes(shaped.wave[:, None])
    (folder / file.sound_class).mkdir(exist_ok=True)
    (folder / place).write_bytes(written)  # the folder is renamed at the end
    return {
        "file": place,
        "class": file.sound_class,
        "source": file.source,
        "licence": file.licence,
        "seconds": round(len(shaped.wave) / RATE, 3),
        "peak_db": round(shaped.peak_db, 1),
        "original": file.original or file.ref.name,
        "sha256": hashlib.sha256(written).hexdigest()[:16],
    }


def split_sources(sizes: Mapping[str, int]) -> dict[str, str]:
    """Return the split of each source: in order of size, each goes to the split that lacks most sounds.

    No split stays empty if there are enough sources. All sounds of a source are in one split, so that no kit is used
    for both training and evaluation.

    >>> split_sources({"a": 70, "b": 20, "c": 12, "d": 10})
    {'a': 'train', 'b': 'train', 'c': 'validation', 'd': 'test'}
    """
    total = sum(sizes.values())
    lacking = {row.name: row.fraction * total for row in SPLIT_TABLE}
    splits: dict[str, str] = {}
    ordered = sorted(sizes, key=lambda source: (-sizes[source], source))
    for number, source in enumerate(ordered):
        empty = [name for name in lacking if name not in splits.values()]
        choice = empty if splits and len(ordered) - number <= len(empty) else lacking  # each split gets a source
        split = max(choice, key=lacking.__getitem__)
        splits[source] = split
        lacking[split] -= sizes[source]
    return splits


def _table_bytes(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(sorted(rows, key=lambda row: (SOUND_CLASSES.index(str(row["class"])), str(row["file"]))))
    return text.getvalue().encode(errors="backslashreplace")


def _report_lines(skipped: Mapping[str, str]) -> Iterator[str]:
    for name, why in skipped.items():
        yield json.dumps({"file": name, "status": "skipped", "reason": why}) + "\n"
