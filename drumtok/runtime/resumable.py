"""Write files incrementally, and resume after an interruption."""

import glob
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO

from drumtok.errors import DrumtokError
from drumtok.runtime.files import PARTIAL_NAME, check_target, claim, data_home, remove_partials, write_atomically
from drumtok.runtime.remote import address, is_remote

SAVE_SECONDS = 1.0  # between two records of the progress


@dataclass
class Progress:
    """The progress of a run.

    Attributes:
        key: a digest of its settings; a run with another key starts from the beginning.
        units: the number of units whose results are in the files.
        chain: a digest of the names of those units.
        sizes: the bytes of each file.
        counts: the sum of the counts of those units.
    """

    key: str
    units: int = 0
    chain: str = ""
    sizes: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def place_for(out: Path) -> Path:
    """Return where to build a file or folder: itself, or for an address a local path, so that a run can resume."""
    if not is_remote(out):
        return out
    place = data_home() / "work" / digest(address(out)) / out.name
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def digest(*parts: str) -> str:
    """Return a short hash of texts."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:32]


def stamps_of(paths: Iterable[str]) -> dict[str, str]:
    """Return the size and time of the file at each path, which change when it is written; "" for a missing file."""
    return {path: _stamp(path) for path in set(paths)}


def _stamp(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:  # an address, or a missing file, which is reported when it is read
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


class ResumableFiles:
    """Files that are written together under temporary names, and renamed when all are complete.

    Args:
        paths: the final names.
        key: as in `Progress`.

    Raises:
        DrumtokError: a file cannot be written, or another run is writing it.
    """

    def __init__(self, paths: Sequence[Path], key: str) -> None:
        self.paths = [Path(path) for path in paths]
        for path in self.paths:
            if not path.parent.is_dir():
                raise DrumtokError(f"cannot write {str(path)!r}: folder {str(path.parent)!r} does not exist")
            check_target(path)
        self.parts = [path.with_name(f"{path.name}.part") for path in self.paths]
        self._record = self.paths[0].with_name(f"{self.paths[0].name}.progress")
        self.progress = Progress(key, sizes=[0] * len(self.paths))
        self._files: list[IO[bytes]] = []
        self._saved = monotonic()

    def __enter__(self) -> "ResumableFiles":
        try:
            self._files = [open(part, "ab") for part in self.parts]  # noqa: SIM115
        except OSError as error:
            raise DrumtokError(f"cannot write {error.filename!r}: {error.strerror or error}") from error
        claim(self._files[0], self.parts[0], "run")
        if len(self._record.name) < PARTIAL_NAME:  # otherwise the partial file of another name may have the same prefix
            remove_partials(self._record.parent, glob.escape(self._record.name))
        self._load_record()
        self._truncate()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # a full disk: the last record is valid
            if self._files:
                self.save()
        for file in self._files:
            with suppress(OSError):
                file.close()

    def resumed(self, units: Iterator[tuple[str, ...]]) -> bool:
        """Skip the finished units; return False and start over if their names differ."""
        done, chain = self.progress, ""
        for _ in range(done.units):
            chain = digest(chain, *next(units, ()))
        if chain == done.chain:
            return True
        self.progress = Progress(done.key, sizes=[0] * len(self.paths))
        self._truncate()
        return False

    def add(self, names: Sequence[str], pieces: Sequence[bytes], counts: Counter[str]) -> None:
        """Append the results of one unit to the files."""
        done = self.progress
        try:
            for file, piece in zip(self._files, pieces, strict=True):
                file.write(piece)
            done.sizes = [size + len(piece) for size, piece in zip(done.sizes, pieces, strict=True)]
            done.units, done.chain = done.units + 1, digest(done.chain, *names)
            done.counts.update(counts)
            if monotonic() - self._saved > SAVE_SECONDS:
                self.save()
        except OSError as error:
            raise DrumtokError(f"cannot write {str(self.paths[0])!r}: {error.strerror or error}") from error

    def save(self) -> None:
        """Flush the files to disk and record the progress."""
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        write_atomically(self._record, json.dumps(vars(self.progress)).encode())
        self._saved = monotonic()

    def finish(self) -> None:
        """Rename the files to their final names."""
        self.save()
        for file in self._files:
            file.close()
        self._files = []
        try:
            for part, path in reversed(list(zip(self.parts, self.paths, strict=True))):  # the first one last
                os.replace(part, path)
        except OSError as error:
            raise DrumtokError(f"cannot write {error.filename2!r}: {error.strerror or error}") from error
        self._record.unlink(missing_ok=True)

    def _load_record(self) -> None:
        """Load the record of an earlier run, if it has the same key and its files exist."""
        try:
            record = json.loads(self._record.read_bytes())
            before = Progress(**{**record, "counts": Counter(record["counts"])})
        except (OSError, ValueError, TypeError, KeyError):
            return
        sizes = [os.path.getsize(part) for part in self.parts]
        there = len(sizes) == len(before.sizes) and all(map(int.__ge__, sizes, before.sizes))
        if there and before.key == self.progress.key:
            self.progress = before

    def _truncate(self) -> None:
        for file, size in zip(self._files, self.progress.sizes, strict=True):
            file.truncate(size)
