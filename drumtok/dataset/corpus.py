"""Corpora: a built one with its songs on three sides, building one, and the one that is trained on by default."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from drumtok.dataset.build import Again, Shown, write_corpus
from drumtok.dataset.config import CorpusConfig
from drumtok.dataset.leakage.limits import LeakLimits
from drumtok.dataset.manifests import load_manifest
from drumtok.dataset.shards import MANIFEST, REPORT, SONGS, Split
from drumtok.dataset.sources import Source, open_source
from drumtok.errors import DrumtokError
from drumtok.runtime.files import data_home, new_folder
from drumtok.runtime.remote import address, download, is_remote, read_remote
from drumtok.runtime.workers import ALONE, Workers
from drumtok.tokenizer.text import SPLITS
from drumtok.version import __version__

__all__ = ["MANIFEST", "REPORT", "SONGS", "SPLITS", "Corpus", "build_corpus", "default_corpus", "open_corpus"]

# What the rest of drumtok reads of a manifest.
NEEDED = {"config", "sources", "splits", "kinds", "styles", "played", "leaks"}


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
        sources = [(source["name"], source["weight"]) for source in self.manifest["sources"]]
        return Split(self.folder, name, sources, self.manifest["styles"], self.grid)

    @cached_property
    def songs(self) -> dict[str, list[dict[str, Any]]]:
        """split -> its songs in order: name, source, style, kind, tempo, meter, bars, words, parts, cluster,
        official.

        Near-duplicates have one number as their cluster, the place in the order of reading of the first of them.
        A song is official if its source told its side.
        """
        songs: dict[str, list[dict[str, Any]]] = {name: [] for name in SPLITS}
        with open(self.folder / SONGS, encoding="utf-8") as file:
            for line in file:
                song = json.loads(line)
                songs[song["split"]].append(song)
        return songs


def open_corpus(path: str | os.PathLike[str]) -> Corpus:
    """Opens a corpus that `build_corpus` made; of one at an address a copy on this disk.

    Raises:
        DrumtokError: there is none.
    """
    folder = _copied(path) if is_remote(path) else Path(path)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # bytes that are no UTF-8, or no JSON
        raise DrumtokError(
            f"{str(path)!r} is no corpus: it has no readable {MANIFEST} (drumtok corpus build)"
        ) from None
    if not set(manifest) >= NEEDED:
        raise DrumtokError(f"{str(path)!r} is a corpus of another version of drumtok: build it again")
    return Corpus(folder, manifest)


def build_corpus(
    out: str | os.PathLike[str],
    sources: Iterable[Source],
    config: CorpusConfig | None = None,
    *,
    limits: LeakLimits | None = None,
    workers: Workers = ALONE,
    on_progress: Shown = lambda done, before: None,
    again: Again = lambda files, why: None,
) -> Corpus:
    """Reads sources and writes a corpus, whole or not at all; one that is there already is replaced.

    A build that is stopped goes on where it was when it is started again with the same arguments.

    Args:
        limits: how much of the held-out sides may stand in training; beyond that the build fails.
        workers: who does the work; the bytes do not depend on it.
        on_progress: called with the files done, and with those of them that an earlier run did.
        again: called where work is done again, with the files and why.

    Raises:
        DrumtokError: `out` is something else than a corpus, a source is wrong, nothing could be read, or the
            sides leak.
    """
    out = Path(out) if is_remote(out) else Path(out).absolute()  # "." has no name of its own
    write_corpus(out, list(sources), config or CorpusConfig(), limits or LeakLimits(), workers, on_progress, again)
    return open_corpus(out)


def _copied(path: str | os.PathLike[str]) -> Path:
    """A copy on this disk of a corpus at an address, for its shards are mapped; made once."""
    digest = hashlib.sha256(read_remote(f"{address(path)}/{MANIFEST}")).hexdigest()
    folder = data_home() / "corpora" / f"copy-{digest[:12]}"
    if not (folder / MANIFEST).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with new_folder(folder) as partial:
                download(path, partial)
        except DrumtokError:
            if not (folder / MANIFEST).is_file():  # another process has copied it meanwhile
                raise
    return folder


def default_corpus() -> Path:
    """The corpus for training without `--corpus`: the starter grooves, and groove where it has been fetched."""
    names = ["starter"] + (["groove"] if load_manifest("groove").path.exists() else [])
    sources = [open_source(name) for name in names]
    digest = hashlib.sha256(
        " ".join([__version__, *sorted(NEEDED), *(source.digest() for source in sources)]).encode()
    ).hexdigest()
    out = data_home() / "corpora" / f"default-{digest[:12]}"
    if not (out / MANIFEST).is_file():
        out.parent.mkdir(parents=True, exist_ok=True)
        own = out.with_name(f"{out.name}-{os.getpid()}")
        build_corpus(own, sources)
        try:
            own.rename(out)
        except OSError:  # another process has built it meanwhile
            shutil.rmtree(own, ignore_errors=True)
    return out
