"""Open and build corpora, and find the default corpus for training."""

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from drumtok.dataset.build import Build, OnProgress, OnRetry
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.ingest import UNIT_FILES
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.manifests import load_manifest
from drumtok.dataset.shards import MANIFEST, REPORT, SONGS, CorpusSplit
from drumtok.dataset.sources import Source, open_source
from drumtok.errors import DrumtokError
from drumtok.runtime.files import data_home, new_folder
from drumtok.runtime.remote import address, download, is_remote, read_remote
from drumtok.runtime.workers import ALONE, Workers
from drumtok.tokenizer.splits import SPLITS
from drumtok.version import __version__

__all__ = ["MANIFEST", "REPORT", "SONGS", "SPLITS", "Corpus", "build_corpus", "default_corpus", "open_corpus"]

REQUIRED_KEYS = {"config", "sources", "splits", "kinds", "styles", "meters", "played", "leaks"}  # of a manifest


@dataclass(frozen=True)
class Corpus:
    """A corpus on disk.

    Attributes:
        folder: its folder.
        manifest: what it was built from and what it contains.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def grid(self) -> int:
        """Steps per quarter note."""
        return self.manifest["config"]["grid"]

    def split(self, name: str) -> CorpusSplit:
        """Open one of `SPLITS`."""
        if name not in SPLITS:
            raise DrumtokError(f"unknown split {name!r}, must be one of {', '.join(SPLITS)}")
        sources = [(source["name"], source["weight"]) for source in self.manifest["sources"]]
        return CorpusSplit(self.folder, name, sources, self.manifest["styles"], self.manifest["meters"], self.grid)

    @cached_property
    def songs(self) -> dict[str, list[dict[str, Any]]]:
        """The songs of each split, in order: name, source, style, kind, tempo, meter, bars, words, parts, cluster,
        official.

        Near-duplicates have the same cluster, which is the number of the first of them in the order of reading. A song
        is official if its source assigned its split.
        """
        songs: dict[str, list[dict[str, Any]]] = {name: [] for name in SPLITS}
        with open(self.folder / SONGS, encoding="utf-8") as file:
            for line in file:
                song = json.loads(line)
                songs[song["split"]].append(song)
        return songs


def open_corpus(path: str | os.PathLike[str]) -> Corpus:
    """Open a corpus that `build_corpus` made; a remote corpus is copied to the local disk first.

    Raises:
        DrumtokError: there is no corpus, or it was built by another version.
    """
    folder = _copied(path) if is_remote(path) else Path(path)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # also bytes that are not UTF-8 or not JSON
        raise DrumtokError(
            f"{str(path)!r} is not a corpus: it has no readable {MANIFEST} (drumtok corpus build)"
        ) from None
    if not set(manifest) >= REQUIRED_KEYS:
        raise DrumtokError(f"{str(path)!r} is a corpus of another version of drumtok: build it again")
    return Corpus(folder, manifest)


def build_corpus(
    out: str | os.PathLike[str],
    sources: Iterable[Source],
    config: CorpusConfig | None = None,
    *,
    limits: LeakLimits | None = None,
    workers: Workers = ALONE,
    on_progress: OnProgress = lambda done, before: None,
    on_retry: OnRetry = lambda files, why: None,
    unit_files: int = UNIT_FILES,
    again: OnRetry | None = None,
) -> Corpus:
    """Read sources and write a corpus atomically; an existing corpus is replaced.

    An interrupted build resumes when it is started again with the same arguments.

    Args:
        limits: the greatest overlap of held-out splits with training; beyond it the build fails.
        workers: the workers; the bytes do not depend on them.
        on_progress: called with the number of finished files, and how many of them an earlier run finished.
        on_retry: called with the files and the reason when work is repeated.
        unit_files: MIDI files in a unit of work.
        again: deprecated name of `on_retry`.

    Raises:
        DrumtokError: `out` exists and is not a corpus, a source is invalid, nothing could be read, or the splits leak.
    """
    if again is not None:
        warnings.warn("again is deprecated, use on_retry", DeprecationWarning, stacklevel=2)
        on_retry = again
    out = Path(out) if is_remote(out) else Path(out).absolute()  # "." has no name
    config, limits = config or CorpusConfig(), limits or LeakLimits()
    Build(tuple(sources), config, limits, workers, on_progress, on_retry, unit_files).write(out)
    return open_corpus(out)


def _copied(path: str | os.PathLike[str]) -> Path:
    """Copy a remote corpus to the local disk, once, because its shards are memory-mapped."""
    digest = hashlib.sha256(read_remote(f"{address(path)}/{MANIFEST}")).hexdigest()
    folder = data_home() / "corpora" / f"copy-{digest[:12]}"
    if not (folder / MANIFEST).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with new_folder(folder) as partial:
                download(path, partial)
        except DrumtokError:
            if not (folder / MANIFEST).is_file():  # otherwise another process has copied it in the meantime
                raise
    return folder


def default_corpus(build: Callable[[Path, list[Source]], object] = build_corpus) -> Path:
    """Return the default corpus for training: the starter grooves, and groove if it has been fetched.

    Args:
        build: builds the corpus if it does not exist yet.
    """
    names = ["starter"] + (["groove"] if load_manifest("groove").path.exists() else [])
    sources = [open_source(name) for name in names]
    digest = hashlib.sha256(
        " ".join([__version__, *sorted(REQUIRED_KEYS), *(source.digest() for source in sources)]).encode()
    ).hexdigest()
    out = data_home() / "corpora" / f"default-{digest[:12]}"
    if not (out / MANIFEST).is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        own = out.with_name(f"{out.name}-{os.getpid()}")
        build(own, sources)
        try:
            own.rename(out)
        except OSError:  # another process has built it in the meantime
            shutil.rmtree(own, ignore_errors=True)
    return out
