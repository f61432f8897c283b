"""Read regular files and list folders, such that pipes, devices or circular links cannot block a run."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from drumtok.errors import DrumtokError

StrPath = str | os.PathLike[str]
LINK = "it is a link to a folder, which is not followed"
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # opening a pipe must not wait


def read_regular(path: StrPath, limit: int | None = None) -> bytes:
    """Read a regular file, or its first bytes, with few system calls, since opening dominates for many small files.

    Args:
        limit: the greatest number of bytes to read.

    Raises:
        OSError: the file cannot be read, or is a folder.
        ValueError: it is a pipe, a device or a socket, which might block, or its name contains a null.
    """
    handle = os.open(path, _FLAGS)
    try:
        status = os.fstat(handle)
        _check_kind(status.st_mode)
        return os.read(handle, status.st_size if limit is None else min(status.st_size, limit))
    finally:
        os.close(handle)


def check_regular(path: StrPath) -> None:
    """Check that a path is a regular file, before code opens it that would block on a pipe.

    Raises:
        OSError, ValueError: as in `read_regular`.
    """
    _check_kind(os.stat(path).st_mode)


def _check_kind(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise ValueError("it is not a regular file")


def read_file(path: StrPath, limit: int | None = None) -> bytes:
    """Read a regular file, or its first `limit` bytes.

    Raises:
        DrumtokError: it cannot be read.
    """
    try:
        return read_regular(path, limit)
    except (OSError, ValueError) as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {why_of(error)}") from error


def read_text(path: StrPath) -> str:
    """Read a text in UTF-8, with or without a byte order mark.

    Raises:
        DrumtokError: it cannot be read or is not UTF-8.
    """
    try:
        return read_file(path).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: it is not UTF-8 text") from error


def why_of(error: Exception) -> str:
    """Return why a file cannot be read, without its name."""
    return str(getattr(error, "strerror", None) or error)


class Found(NamedTuple):
    """A file in a listing.

    Attributes:
        name: its path below the folder.
        why: why it cannot be read, for a folder that cannot be listed and a link to a folder; else empty.
    """

    name: str
    why: str = ""


def walk(
    folder: StrPath,
    endings: tuple[str, ...],
    order: Callable[[str], Any] = str,
    others: list[str] | None = None,
) -> Iterator[Found]:
    """List the files of a folder and its subfolders in a fixed order, one folder at a time, without following links.

    Args:
        endings: lower-case endings of the files to list.
        order: the sort key of names; the name of a folder ends in a slash.
        others: receives the names of all other files.
    """
    open_folders = [_entries(folder, "", endings, order, others)]  # a stack instead of nested generators
    while open_folders:
        for found in open_folders[-1]:
            if found.name.endswith("/"):
                open_folders.append(_entries(folder, found.name, endings, order, others))
                break
            yield found
        else:
            open_folders.pop()


def _entries(
    folder: StrPath, inside: str, endings: tuple[str, ...], order: Callable[[str], Any], others: list[str] | None
) -> Iterator[Found]:
    """List one folder; the names of folders in it end in a slash. A folder that cannot be listed is listed itself."""
    links: set[str] = set()
    try:
        with os.scandir(os.path.join(folder, inside)) as entries:
            names = []
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_folder and entry.is_symlink() and os.path.isdir(entry.path):
                    links.add(entry.name)
                names.append(entry.name + "/" * is_folder)
    except OSError as error:
        return iter([Found(inside.rstrip("/") or ".", f"it cannot be listed: {why_of(error)}")])
    listed = [name for name in names if name in links or name.lower().endswith(("/", *endings))]
    if others is not None and len(listed) < len(names):
        others += sorted(inside + name for name in set(names).difference(listed))
    return iter([Found(inside + name, LINK * (name in links)) for name in sorted(listed, key=order)])


def files_in(folder: Path, endings: tuple[str, ...], left_out: list[str]) -> list[Path]:
    """List the readable files of a folder and its subfolders, as `walk` does.

    Args:
        left_out: receives a line for each file that is left out, with the reason.
    """
    others: list[str] = []
    paths = []
    for found in walk(folder, endings, others=others):
        if found.why:
            left_out.append(f"{found.name}: {found.why}")
        else:
            paths.append(folder / found.name)
    left_out += [f"{name}: {not_ending_in(endings)}" for name in others]
    return paths


def not_ending_in(endings: tuple[str, ...]) -> str:
    """Return the reason why files of other endings are left out."""
    return f"its name does not end in {', '.join(endings)}"
