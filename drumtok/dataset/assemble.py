"""The second pass of a build: assign songs to splits, and write the corpus from the work files of the first pass.

The folder contains the shards of each split, a manifest, a line of `songs.jsonl` for each song in the order of reading,
and a line of `report.jsonl` for each file or groove of the sources.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.assignment import Assignment
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.corpus_manifest import corpus_manifest
from drumtok.dataset.fit import CLASH
from drumtok.dataset.ingest import NOTHING_TAKEN, SONG
from drumtok.dataset.leak_check import check_build
from drumtok.dataset.leakage.clustering import Spread, clusters
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.leakage.minhash import PERMUTATIONS
from drumtok.dataset.leakage.report import LeakReport
from drumtok.dataset.shards import MANIFEST, REPORT, SHARD_WORDS, SONGS, STREAMS, Stream, write_split
from drumtok.dataset.sources import Source
from drumtok.dataset.splitter import ITEM, NO_SPLIT, TRAIN, assign_splits, groups_of
from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.tokens import BAR_ID

LEFT_OUT = "left out: its parts, or loops like it, are in different splits"


def write_folder(
    folder: Path,
    work: Mapping[str, Path],
    sources: Sequence[Source],
    config: CorpusConfig,
    limits: LeakLimits,
    counts: Counter[str],
    spread: Spread = map,
    shard_words: int = SHARD_WORDS,
) -> None:
    """Write a corpus.

    Args:
        work: the `drumtok.dataset.ingest.WORK_FILES`.
        counts: the counts of `drumtok.dataset.ingest.ingest`.
        spread: as in `drumtok.dataset.leakage.clustering.clusters`.
        shard_words: as in `drumtok.dataset.shards.write_split`.

    Raises:
        DrumtokError: no song can be used or trained on, the splits leak, or a source of texts is on a grid that the
            corpus's has no steps for.
    """
    for number, source in enumerate(sources):
        if 2 * counts[f"clashes {number}"] > counts[f"texts {number}"]:
            raise _clash(work["report"], source, config)
    made = _assign(work, folder, spread)
    if not (made.song_splits == TRAIN).any():
        raise _nothing(work["report"], len(made.items), bool(len(made.songs)))
    leaks = _checked(made, work, limits)
    labels = _write_songs(folder / SONGS, work["songs"], made)
    words = _write_shards(folder, work, made, labels, shard_words)
    statuses = _write_report(folder / REPORT, work["report"], made)
    manifest = corpus_manifest(
        made, sources, config, counts, labels.styles, labels.meters, words, statuses, leaks, limits
    )
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _assign(work: Mapping[str, Path], folder: Path, spread: Spread) -> Assignment:
    items, songs = np.fromfile(work["items"], dtype=ITEM), np.fromfile(work["lengths"], dtype=SONG)
    near = clusters(_mapped(work["signatures"], len(songs)), spread, folder)
    groups = groups_of(items, near)
    parts = np.fromfile(work["parts"], dtype=np.uint64)
    return Assignment(items, songs, parts, near, groups, assign_splits(items, groups, parts))


def _mapped(path: Path, songs: int) -> NDArray[np.uint32]:
    """Memory-map the signatures of the songs."""
    shape = (songs, PERMUTATIONS)
    return np.memmap(path, dtype=np.uint32, mode="r", shape=shape) if songs else np.zeros(shape, dtype=np.uint32)


def _checked(made: Assignment, work: Mapping[str, Path], limits: LeakLimits) -> LeakReport:
    leaks = check_build(made.items, made.splits, made.clusters, made.parts, work["windows"], made.songs["windows"])
    if faults := leaks.faults(limits):
        raise DrumtokError(f"the splits leak: {'; '.join(faults)}; control words PARTS or SPLIT can assign songs")
    return leaks


def _clash(report: Path, source: Source, config: CorpusConfig) -> DrumtokError:
    """Return the error for a source on another grid, with its first such song."""
    with open(report, encoding="utf-8") as lines:
        read = (json.loads(line) for line in lines)
        first = next(line for line in read if line["source"] == source.name and CLASH in line["reason"])
    file = first["file"].partition("#")[0]
    return DrumtokError(
        f"source {source.name!r} clashes with a corpus of grid {config.grid}: {file}: {first['reason']}, as in most of "
        f"its songs: build it separately with another --grid, or leave it out"
    )


def _nothing(report: Path, items: int, songs: bool) -> DrumtokError:
    """Return the error for sources without a training song."""
    if songs:
        return DrumtokError("no song is left for training: all are held out")
    with open(report, encoding="utf-8") as lines:
        first = json.loads(next(lines, "null"))
    why = f"{items} were skipped, the first because: {first['reason']}" if first else "they are empty"
    return DrumtokError(f"no song of the sources can be used: {why}")


class _Labels(NamedTuple):
    """The styles and meters in the order of their numbers, and the labels of each song for the shards, (songs,)."""

    styles: list[str]
    meters: list[str]
    arrays: dict[str, NDArray[Any]]


def _write_songs(out: Path, lines: Path, made: Assignment) -> _Labels:
    """Write the songs that have a split; return the labels of all songs."""
    styles: dict[str, int] = {}
    meters: dict[str, int] = {}
    arrays: dict[str, NDArray[Any]] = {
        name: np.zeros(len(made.songs), dtype=dtype)
        for name, dtype in (("styles", np.uint32), ("meters", np.uint16), ("tempos", np.float32))
    }
    rows = zip(made.song_splits.tolist(), made.clusters.tolist(), made.official.tolist(), strict=True)
    with open(lines, encoding="utf-8") as read, open(out, "w", encoding="utf-8") as file:
        for number, (line, (split, cluster, official)) in enumerate(zip(read, rows, strict=True)):
            song = json.loads(line)
            arrays["styles"][number] = styles.setdefault(song["style"], len(styles))
            arrays["meters"][number] = meters.setdefault(song["meter"], len(meters))
            arrays["tempos"][number] = song["tempo"]
            if split != NO_SPLIT:
                more = json.dumps({"cluster": cluster, "official": official, "split": SPLITS[split]})
                file.write(f"{line.rstrip()[:-1]}, {more[1:]}\n")
    return _Labels(list(styles), list(meters), arrays)


def _write_shards(
    folder: Path,
    work: Mapping[str, Path],
    made: Assignment,
    labels: _Labels,
    shard_words: int,
) -> list[NDArray[np.int64]]:
    """Write the shards of each split; return the count of each hit word in it."""
    arrays = {
        **labels.arrays,
        "kinds": made.songs["kind"],
        "sources": made.song_sources,
        "played": made.songs["played"],
    }
    streams = {stream: Stream(work[stream], made.songs["words" if stream == "ids" else "hits"]) for stream in STREAMS}
    return [
        write_split(folder, name, streams, made.song_splits == number, arrays, shard_words)[:BAR_ID]
        for number, name in enumerate(SPLITS)
    ]


def _write_report(out: Path, lines: Path, made: Assignment) -> Counter[str]:
    """Write the report; return how many items have each status."""
    statuses: Counter[str] = Counter()
    rows = zip(made.items["songs"].tolist(), made.splits.tolist(), strict=True)
    with open(lines, encoding="utf-8") as read, open(out, "w", encoding="utf-8") as file:
        for text, (songs, split) in zip(read, rows, strict=True):
            line = json.loads(text)
            if songs and split == NO_SPLIT:
                reason = "; ".join(filter(None, (line["reason"], LEFT_OUT)))
                line |= {"status": SKIPPED, "reason": reason, **NOTHING_TAKEN}
            statuses[line["status"]] += 1
            name = SPLITS[split] if songs and split != NO_SPLIT else ""
            file.write(json.dumps({**line, "split": name}) + "\n")
    return statuses
