"""The second pass of a build: who goes where, and the corpus's folder out of the work files of the first.

The folder holds the shards of each side, a manifest, a line of `songs.jsonl` for each song in the order of reading,
and a line of `report.jsonl` for each file or groove of the sources.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.fit import CLASH
from drumtok.dataset.ingest import SONG
from drumtok.dataset.leak_check import prove
from drumtok.dataset.leakage.clustering import Spread, clusters
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.leakage.minhash import PERMUTATIONS
from drumtok.dataset.shards import MANIFEST, REPORT, SONGS, STREAMS, Stream, write_split
from drumtok.dataset.sources import SUMS, Source
from drumtok.dataset.splitter import HELD_OUT_SHARE, ITEM, NO_SIDE, TRAIN, Items, groups_of, sides_of
from drumtok.errors import DrumtokError
from drumtok.midi.events import SKIPPED
from drumtok.tokenizer.labels import KINDS
from drumtok.tokenizer.text import SPLITS
from drumtok.tokenizer.tokens import BAR_ID
from drumtok.version import __version__

LEFT_OUT = "left out: its parts, or loops like it, are on different sides"


def write_folder(
    folder: Path,
    work: Mapping[str, Path],
    sources: Sequence[Source],
    config: CorpusConfig,
    limits: LeakLimits,
    counts: Counter[str],
    spread: Spread = map,
) -> None:
    """Writes a corpus.

    Args:
        work: the `drumtok.dataset.ingest.WORK_FILES`.
        counts: what `drumtok.dataset.ingest.gather` counted.
        spread: as in `drumtok.dataset.leakage.clustering.clusters`.

    Raises:
        DrumtokError: no song can be used or trained on, the sides leak, or a source of texts is on a grid that the
            corpus's has no steps for.
    """
    for number, source in enumerate(sources):
        if 2 * counts[f"clashes {number}"] > counts[f"texts {number}"]:
            raise _clash(work["report"], source, config)
    items, songs = np.fromfile(work["items"], dtype=ITEM), np.fromfile(work["lengths"], dtype=SONG)
    near = clusters(_mapped(work["signatures"], len(songs)), spread, folder)
    groups = groups_of(items, near)
    parts = np.fromfile(work["parts"], dtype=np.uint64)
    sides = sides_of(items, groups, parts)
    of_song, source_of = np.repeat(sides, items["songs"]), np.repeat(items["source"], items["songs"])
    if not (of_song == TRAIN).any():
        raise _nothing(work["report"], len(items), bool(len(songs)))
    leaks = prove(items, sides, near, parts, work["windows"], songs["windows"])
    if faults := leaks.faults(limits):
        raise DrumtokError(
            f"the sides leak: {'; '.join(faults)}; control words PARTS or SPLIT can tell what belongs where"
        )
    official = np.repeat(items["split"] != NO_SIDE, items["songs"])
    names, styles, tempos = _write_songs(folder / SONGS, work["songs"], of_song, near, official)
    labels = {
        "kinds": songs["kind"],
        "styles": styles,
        "tempos": tempos,
        "sources": source_of,
        "played": songs["played"],
    }
    streams = {stream: Stream(work[stream], songs["words" if stream == "ids" else "hits"]) for stream in STREAMS}
    words = [write_split(folder, name, streams, of_song == side, labels)[:BAR_ID] for side, name in enumerate(SPLITS)]
    statuses = _write_report(folder / REPORT, work["report"], items, sides)
    lines = [
        {
            "name": source.name,
            "sha256": f"{counts[f'sum {number}'] % SUMS:064x}",
            "licence": source.licence,
            "note_map": source.note_map,
            "weight": source.weight,
            "splits": _sizes(songs, of_song, source_of == number),
        }
        for number, source in enumerate(sources)
    ]
    kinds = np.bincount(songs["kind"][of_song != NO_SIDE], minlength=len(KINDS)).tolist()
    manifest = {
        "drumtok": __version__,
        "config": asdict(config),
        "sources": lines,
        "splits": _sizes(songs, of_song, np.ones(len(songs), dtype=bool)),
        "kinds": {kind: count for kind, count in zip(KINDS, kinds, strict=True) if count},
        "styles": names,
        "played": {name: int(songs["played"][of_song == side].sum()) for side, name in enumerate(SPLITS)},
        "items": statuses,
        "vocabulary": _vocabulary(words),
        "split_rule": _split_rule(items, sides, groups, near),
        "leaks": {**leaks.figures(), "limits": asdict(limits)},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _mapped(path: Path, songs: int) -> NDArray[np.uint32]:
    """The signatures of so many songs, which no memory has to hold."""
    shape = (songs, PERMUTATIONS)
    return np.memmap(path, dtype=np.uint32, mode="r", shape=shape) if songs else np.zeros(shape, dtype=np.uint32)


def _clash(report: Path, source: Source, config: CorpusConfig) -> DrumtokError:
    """The error of a source on another grid, with the first song that shows it."""
    with open(report, encoding="utf-8") as lines:
        read = (json.loads(line) for line in lines)
        first = next(line for line in read if line["source"] == source.name and CLASH in line["reason"])
    file = first["file"].partition("#")[0]
    return DrumtokError(
        f"source {source.name!r} clashes with a corpus of grid {config.grid}: {file}: {first['reason']}, as in most of "
        f"its songs: build it by itself with another --grid, or leave it out"
    )


def _nothing(report: Path, items: int, songs: bool) -> DrumtokError:
    """The error of sources without a song for training."""
    if songs:
        return DrumtokError("no song is for training: all are held out")
    with open(report, encoding="utf-8") as lines:
        first = json.loads(next(lines, "null"))
    why = f"{items} were skipped, the first because: {first['reason']}" if first else "they are empty"
    return DrumtokError(f"no song of the sources can be used: {why}")


def _write_songs(
    out: Path, lines: Path, sides: NDArray[np.int8], clusters: NDArray[np.int64], official: NDArray[np.bool_]
) -> tuple[list[str], NDArray[np.uint32], NDArray[np.float32]]:
    """Writes the songs that have a side; gives the styles, and (songs,) style numbers and tempi of all."""
    numbers: dict[str, int] = {}
    styles, tempos = np.zeros(len(sides), dtype=np.uint32), np.zeros(len(sides), dtype=np.float32)
    rows = zip(sides.tolist(), clusters.tolist(), official.tolist(), strict=True)
    with open(lines, encoding="utf-8") as told, open(out, "w", encoding="utf-8") as file:
        for number, (line, (side, cluster, by_source)) in enumerate(zip(told, rows, strict=True)):
            song = json.loads(line)
            styles[number] = numbers.setdefault(song["style"], len(numbers))
            tempos[number] = song["tempo"]
            if side != NO_SIDE:
                more = json.dumps({"cluster": cluster, "official": by_source, "split": SPLITS[side]})
                file.write(f"{line.rstrip()[:-1]}, {more[1:]}\n")
    return list(numbers), styles, tempos


def _write_report(out: Path, lines: Path, items: Items, sides: NDArray[np.int8]) -> Counter[str]:
    """Writes the report, and counts what became of the items."""
    statuses: Counter[str] = Counter()
    with open(lines, encoding="utf-8") as told, open(out, "w", encoding="utf-8") as file:
        for text, songs, side in zip(told, items["songs"].tolist(), sides.tolist(), strict=True):
            line = json.loads(text)
            if songs and side == NO_SIDE:
                reason = "; ".join(filter(None, (line["reason"], LEFT_OUT)))
                line |= {"status": SKIPPED, "reason": reason, "bars": 0, "hits": 0, "sections": []}
            statuses[line["status"]] += 1
            split = SPLITS[side] if songs and side != NO_SIDE else ""
            file.write(json.dumps({**line, "split": split}) + "\n")
    return statuses


def _sizes(songs: NDArray[Any], sides: NDArray[np.int8], among: NDArray[np.bool_]) -> dict[str, dict[str, int]]:
    """side -> its songs, bars and words."""
    sizes = {}
    for side, name in enumerate(SPLITS):
        chosen = songs[among & (sides == side)]
        counted = {key: int(chosen[key].sum(dtype=np.int64)) for key in ("bars", "words")}
        sizes[name] = {"songs": len(chosen), **counted}
    return sizes


def _vocabulary(words: list[NDArray[np.int64]]) -> dict[str, dict[str, int]]:
    """side -> how many of the hit words occur on it, and how many of these never in training."""
    known = words[TRAIN] > 0
    return {
        name: {"words": int((own > 0).sum()), "not_in_training": int(((own > 0) & ~known).sum())}
        for name, own in zip(SPLITS, words, strict=True)
    }


def _split_rule(
    items: Items, sides: NDArray[np.int8], groups: NDArray[np.int64], clusters: NDArray[np.int64]
) -> dict[str, Any]:
    """How the sides came about (`drumtok.dataset.splitter`); counts are of files or grooves, of clusters by songs."""
    sounds = items["songs"] > 0
    _, sizes = np.unique(clusters, return_counts=True)
    return {
        "unit": "a source song with its near-duplicates; of recombined loops the part",
        "held_out_share": HELD_OUT_SHARE,
        "official": int((sounds & (items["split"] != NO_SIDE)).sum()),
        "by_parts": int((sounds & (items["split"] == NO_SIDE) & (items["parts"] > 0)).sum()),
        "left_out": int((sounds & (sides == NO_SIDE)).sum()),
        "groups": len(np.unique(groups[sounds])),
        "clusters": len(sizes),
        "songs_with_near_duplicates": int(sizes[sizes > 1].sum()),
    }
