"""List input files: files, folders, zips and globs as a stream of references in a fixed order."""

import glob
import os
import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from drumtok.errors import DrumtokError
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.parser import LONGEST_FILE
from drumtok.runtime.reading import check_regular, not_ending_in, read_regular, walk, why_of
from drumtok.runtime.remote import (
    address,
    files_below,
    in_order,
    is_folder_at,
    is_remote,
    is_there,
    open_remote,
    read_remote,
    stamp_of,
)
from drumtok.runtime.resumable import stamps_of

ZIP_ENDING = ".zip"
READ_ENDINGS = (*MIDI_ENDINGS, ZIP_ENDING)
File = TypeVar("File")


class FileRef(NamedTuple):
    """A reference to a file, or to a member of a zip.

    Attributes:
        name: in reports, unique in a listing.
        path: the path of the file or its zip.
        member: its index among the members of the zip, or -1 for a file.
        stamp: for an address, a stamp that changes with the file or its zip (`drumtok.runtime.remote.Listed`).
        why: why it cannot be read, if the listing already shows that; else empty.
    """

    name: str
    path: str
    member: int = -1
    stamp: str = ""
    why: str = ""

    def read(self) -> bytes:
        """Read its bytes, up to the limit for MIDI files.

        Raises:
            DrumtokError: it cannot be read.
        """
        if self.why:
            raise DrumtokError(self.why)
        try:
            if self.member < 0:
                if is_remote(self.path):
                    return read_remote(self.path)[: LONGEST_FILE + 1]
                return read_regular(self.path, LONGEST_FILE + 1)
            archive = open_zip(self.path, self.stamp)
            with archive.open(archive.infolist()[self.member]) as file:
                return file.read(LONGEST_FILE + 1)
        except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise DrumtokError(f"it cannot be read: {why_of(error)}") from error
        except Exception as error:  # zlib.error, lzma.LZMAError: damaged members fail in many ways
            raise DrumtokError(f"it cannot be unpacked: {error}") from error


def open_zip(path: str, stamp: str = "") -> zipfile.ZipFile:
    """Open a zip, which stays open for its next member until another zip is opened.

    The cache is per process, because a forked process shares the file position of its parent.

    Args:
        stamp: as in `FileRef`; a zip that has changed is reopened.
    """
    return _opened_zip(path, stamp if is_remote(path) else stamps_of([path])[path], os.getpid())


@lru_cache(maxsize=1)
def _opened_zip(path: str, stamp: str, process: int) -> zipfile.ZipFile:
    if is_remote(path):
        return zipfile.ZipFile(open_remote(path))
    check_regular(path)
    return zipfile.ZipFile(path)


def read_each(
    files: Sequence[File], read: Callable[[File], bytes], remote: bool
) -> Iterator[tuple[File, bytes | DrumtokError]]:
    """Yield files with their bytes, or with the error of reading them.

    Args:
        read: reads a file, or raises a DrumtokError.
        remote: whether to read several at a time.
    """

    def bytes_of(file: File) -> bytes | DrumtokError:
        try:
            return read(file)
        except DrumtokError as error:
            return error

    yield from zip(files, in_order(bytes_of, files) if remote else map(bytes_of, files), strict=True)


@dataclass(frozen=True)
class Listing:
    """A listing of MIDI files, which can be iterated repeatedly in the same order.

    Attributes:
        roots: absolute paths of files, folders and zips, sorted, none of them inside another.
        base: the folder that names are relative to.
    """

    roots: tuple[str, ...]
    base: str

    @classmethod
    def of(cls, paths: Sequence[str]) -> "Listing":
        """Build the listing of paths and globs.

        Raises:
            DrumtokError: a path does not exist, a glob matches nothing, or none of the paths is a MIDI file, folder or
                zip.
        """
        if any(map(is_remote, paths)):
            return cls._of_addresses(paths)
        roots = {os.path.abspath(found) for path in paths for found in _expanded(path)}
        if not any(os.path.isdir(root) or root.lower().endswith(READ_ENDINGS) for root in roots):
            raise DrumtokError(
                f"input must be a folder or a file that ends in {', '.join(READ_ENDINGS)}, got {min(roots)!r}"
            )
        folders = {root for root in roots if os.path.isdir(root)}
        outer = [root for root in roots if not folders.intersection(map(str, Path(root).parents))]
        above = [root if root in folders or _is_zip(root) else os.path.dirname(root) for root in outer]
        return cls(tuple(sorted(outer)), os.path.commonpath([os.path.dirname(folder) for folder in above]))

    @classmethod
    def _of_addresses(cls, paths: Sequence[str]) -> "Listing":
        """Build the listing of addresses on one system."""
        roots = tuple(sorted({address(path) for path in paths}))
        systems = {root.partition("://")[0] for root in roots}
        if len(systems) > 1 or not all(map(is_remote, paths)):
            raise DrumtokError(f"inputs must be on one system, got {', '.join(paths)}")
        for root in roots:
            if not is_there(root):
                raise DrumtokError(f"cannot read {root!r}: no such file or folder")
        above = [root if _is_zip(root) or is_folder_at(root) else os.path.dirname(root) for root in roots]
        return cls(roots, address(os.path.commonpath([os.path.dirname(folder) for folder in above])))

    def __iter__(self) -> Iterator[FileRef]:
        cut = len(os.path.join(self.base, ""))
        for root in self.roots:
            for path, stamp, why in files_under(root, READ_ENDINGS, order=_by_parts):
                name = path[cut:].replace(os.sep, "/")
                if why or not _is_zip(path):
                    yield FileRef(name, path, stamp=stamp, why=why)
                    continue
                try:
                    members = zip_members(path, MIDI_ENDINGS, f"{name}/", stamp)
                except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
                    members = [FileRef(name, path, 0, stamp)]  # reading it reports the reason
                yield from members

    def others(self) -> list[str]:
        """Return the names of the files in local folders that are not listed because of their ending."""
        names: list[str] = []
        for root in self.roots:
            if not is_remote(root) and os.path.isdir(root):
                deque(walk(root, READ_ENDINGS, others=names), maxlen=0)
        return names


def files_under(
    root: str, endings: tuple[str, ...], order: Callable[[str], Any] = str
) -> Iterator[tuple[str, str, str]]:
    """List the files of a folder or address in a fixed order, one folder at a time; a file lists itself.

    Args:
        endings: lower-case endings of the files to list.
        order: the sort key of names; the name of a folder ends in a slash.

    Yields:
        (path, stamp, why it cannot be read) of each file; the stamp is empty except for addresses
        (`drumtok.runtime.remote.Listed`), and the reason is empty for readable files.
    """
    if not is_remote(root):
        if os.path.isdir(root):
            yield from ((os.path.join(root, name), "", why) for name, why in walk(root, endings, order))
        else:
            yield root, "", "" if root.lower().endswith(endings) else not_ending_in(endings)
    elif root.lower().endswith(endings):
        yield root, stamp_of(root), ""
    else:
        yield from ((f"{root}/{name}", stamp, "") for name, stamp in files_below(root, endings, order))


def zip_members(path: str, endings: tuple[str, ...], prefix: str = "", stamp: str = "") -> list[FileRef]:
    """List the files of a zip by name; the second of two members with the same name gets a number.

    Args:
        endings: lower-case endings of the files to list.
        prefix: prefix of the names.
        stamp: the stamp of the zip.
    """
    names = [info.filename for info in open_zip(path, stamp).infolist()]
    found, before, times = [], "", 0
    for name, member in sorted((name, i) for i, name in enumerate(names) if name.lower().endswith(endings)):
        times = times + 1 if name == before else 1
        before = name
        found.append(FileRef(prefix + name + f"~{times}" * (times > 1), path, member, stamp))
    return found


def _is_zip(path: str) -> bool:
    return path.lower().endswith(ZIP_ENDING)


def _expanded(path: str) -> list[str]:
    """Return the paths that a glob matches; an existing path matches itself."""
    if os.path.lexists(path):
        return [path]
    if not glob.has_magic(path):
        raise DrumtokError(f"cannot read {path!r}: no such file or folder")
    found = [p for p in glob.glob(path, recursive=True) if os.path.isdir(p) or p.lower().endswith(READ_ENDINGS)]
    if not found:
        raise DrumtokError(f"input must match a folder or a file that ends in {', '.join(READ_ENDINGS)}, got {path!r}")
    return found


def _by_parts(name: str) -> list[str]:
    """Sort names folder by folder: `b/x.mid` comes before `b.mid`."""
    return name.rstrip("/").split("/")
