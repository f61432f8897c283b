"""Corpora: sources -> splits -> shards of ids that training maps from disk, with a report of what was skipped."""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from drumtok.config import ANY_METER, CorpusConfig
from drumtok.errors import DrumtokError
from drumtok.manifests import data_home, load_manifest
from drumtok.pattern import Pattern
from drumtok.shards import ShardWriter, Split
from drumtok.sources import SKIPPED, Item, Source, open_source
from drumtok.tokens import to_ids
from drumtok.version import __version__

SPLITS = ("train", "validation", "test")
HELD_OUT_SHARE = 0.1  # of the songs of a source without an official split go to each of validation and test
MANIFEST, SONGS, REPORT = "manifest.json", "songs.jsonl", "report.jsonl"


@dataclass(frozen=True)
class Corpus:
    """A built corpus.

    Attributes:
        folder: where it lies.
        manifest: what it was built from and what it holds.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def grid(self) -> int:
        """Steps per quarter note."""
        return self.manifest["config"]["grid"]

    def split(self, name: str) -> Split:
        """One of `SPLITS`."""
        if name not in SPLITS:
            raise DrumtokError(f"split {name!r} is unknown: allowed are {', '.join(SPLITS)}")
        return Split(self.folder, name)

    @cached_property
    def songs(self) -> dict[str, list[dict[str, Any]]]:
        """split -> its songs in order: name, source, style, kind, tempo, meter, bars, words."""
        songs: dict[str, list[dict[str, Any]]] = {name: [] for name in SPLITS}
        with open(self.folder / SONGS, encoding="utf-8") as file:
            for line in file:
                song = json.loads(line)
                songs[song["split"]].append(song)
        return songs


def open_corpus(path: str | os.PathLike[str]) -> Corpus:
    """Opens a corpus that `build_corpus` made.

    Raises:
        DrumtokError: there is none.
    """
    folder = Path(path)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # bytes that are no UTF-8, or no JSON
        raise DrumtokError(
            f"{str(path)!r} is no corpus: it has no readable {MANIFEST} (drumtok corpus build)"
        ) from None
    return Corpus(folder, manifest)


def build_corpus(out: str | os.PathLike[str], sources: Iterable[Source], config: CorpusConfig | None = None) -> Corpus:
    """Reads sources and writes a corpus, whole or not at all; one that is there already is replaced.

    Raises:
        DrumtokError: `out` is something else than a corpus, a text source is wrong, or nothing could be read.
    """
    config, out = config or CorpusConfig(), Path(out).absolute()  # "." has no name of its own
    if not out.parent.is_dir():
        raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} is not there")
    if out.exists() and not (out / MANIFEST).is_file():
        raise DrumtokError(f"{str(out)!r} is there and is no corpus: name another folder")
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        partial.mkdir()
        _write(partial, list(sources), config)
        _put_in_place(partial, out)
    except OSError as error:
        raise DrumtokError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return open_corpus(out)


def _put_in_place(new: Path, out: Path) -> None:
    """Renames a folder to `out`; the one that was there is removed only when the new one stands in its place."""
    old = new.with_suffix(".old")
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def default_corpus() -> Path:
    """The corpus for training without `--corpus`: the starter grooves, and groove where it has been fetched."""
    names = ["starter"] + (["groove"] if load_manifest("groove").path.exists() else [])
    sources = [open_source(name) for name in names]
    digest = hashlib.sha256(" ".join([__version__, *(source.digest() for source in sources)]).encode()).hexdigest()
    out = data_home() / "corpora" / f"default-{digest[:12]}"
    if not (out / MANIFEST).is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        build_corpus(out, sources)
    return out


def _write(folder: Path, sources: list[Source], config: CorpusConfig) -> None:
    writers = {name: ShardWriter(folder, name) for name in SPLITS}
    counts: dict[str, Counter[str]] = {name: Counter() for name in SPLITS}
    statuses: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    with open(folder / SONGS, "w", encoding="utf-8") as songs, open(folder / REPORT, "w", encoding="utf-8") as report:
        for source in sources:
            items = [_fitting(item, config) for item in source.items(config.grid)]
            for item, split in zip(items, _splits(items), strict=True):
                statuses[item.status] += 1
                report.write(json.dumps(_report_line(source, item, split)) + "\n")
                for pattern in item.patterns:
                    ids = to_ids(pattern)
                    writers[split].add(ids, item.kind)
                    kinds[item.kind] += 1
                    counts[split].update(songs=1, bars=pattern.bars, words=len(ids))
                    songs.write(json.dumps(_song_line(source, item, pattern, split, len(ids))) + "\n")
    for writer in writers.values():
        writer.flush()
    if not counts["train"]["songs"]:
        raise DrumtokError(f"no song of the sources can be used: {statuses[SKIPPED]} were skipped")
    manifest = {
        "drumtok": __version__,
        "config": asdict(config),
        "sources": [_source_line(source) for source in sources],
        "splits": counts,
        "kinds": kinds,
        "items": statuses,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _fitting(item: Item, config: CorpusConfig) -> Item:
    """The item with those of its patterns that the corpus takes, on the corpus's grid."""
    if item.status == SKIPPED:
        return item
    sounding = [p for p in item.patterns if p.hits.any()]
    taken = [p for p in sounding if config.meter in (ANY_METER, "{}/{}".format(*p.meter))]
    others = sorted({"{}/{}".format(*p.meter) for p in sounding} - {"{}/{}".format(*p.meter) for p in taken})
    left_out = f"meter {', '.join(others)}, not {config.meter}" if others else ""
    reason = "; ".join(filter(None, (item.reason, left_out)))
    if not taken:
        return replace(item, patterns=(), status=SKIPPED, reason=reason if others else "no hits of the kit")
    try:
        on_grid = tuple(p if p.grid == config.grid else p.regridded(config.grid) for p in taken)
    except DrumtokError as error:  # its bar is no whole number of the corpus's steps
        return replace(item, patterns=(), status=SKIPPED, reason=str(error))
    return replace(item, patterns=on_grid, reason=reason)  # sections of other meters are left out, and it says so


def _splits(items: list[Item]) -> Iterator[str]:
    """The side of each item: the official one, else by the order of the names' sums, whatever the reading order."""
    free = sorted((item.name for item in items if item.patterns and not item.split), key=_name_sum)
    held_out = max(round(HELD_OUT_SHARE * len(free)), 1) if len(free) > 2 else 0
    sides = {name: SPLITS[1 + (place >= held_out)] for place, name in enumerate(free[: 2 * held_out])}
    for item in items:
        yield item.split or sides.get(item.name, "train")


def _name_sum(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()


def _report_line(source: Source, item: Item, split: str) -> dict[str, Any]:
    return {"source": source.name, **item.report(), "split": split if item.patterns else ""}


def _song_line(source: Source, item: Item, pattern: Pattern, split: str, words: int) -> dict[str, Any]:
    return {
        "split": split,
        "source": source.name,
        "name": item.name,
        "style": pattern.style,
        "kind": item.kind,
        "tempo": pattern.tempo,
        "meter": "{}/{}".format(*pattern.meter),
        "bars": pattern.bars,
        "words": words,
    }


def _source_line(source: Source) -> dict[str, str]:
    return {"name": source.name, "sha256": source.digest(), "licence": source.licence, "note_map": source.note_map}
