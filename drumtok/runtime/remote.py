"""Read, list and write addresses such as s3://bucket/loops with fsspec (extra `cluster`), in parallel.

A `Path` keeps one of the two slashes of an address; `address` restores the other. Credentials belong in fsspec's
configuration: an address with a password is refused, so that none gets into a manifest, a report or a message.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command

StrPath = str | os.PathLike[str]
Item = TypeVar("Item")
Made = TypeVar("Made")
AT_ONCE = 16  # concurrent requests
# Metadata that changes when a file is rewritten, in lower case.
CHANGES = ("size", "etag", "md5hash", "generation", "lastmodified", "last_modified", "updated", "mtime", "created")
_SYSTEM = re.compile(r"([a-z][a-z0-9+.]+):/+(?=[^/])")  # two letters at least: C:/ is a drive
_SECRET = re.compile(r"//[^/@]*:[^/@]*@|^https?:.*\?")


def is_remote(path: StrPath) -> bool:
    """Return whether a path is an address.

    >>> is_remote("s3://bucket/a.mid"), is_remote(Path("s3://bucket")), is_remote("C:/a.mid"), is_remote("a/b.mid")
    (True, True, False, False)
    """
    return _SYSTEM.match(os.fspath(path)) is not None


def address(path: StrPath) -> str:
    """Return the address that a path holds, as it was written, and any other path unchanged.

    >>> address(Path("s3://bucket/a.mid")), address("s3://bucket/a/"), address("/a")
    ('s3://bucket/a.mid', 's3://bucket/a', '/a')
    """
    text = os.fspath(path)
    return _SYSTEM.sub(r"\1://", text, count=1).rstrip("/") if is_remote(text) else text


class Listed(NamedTuple):
    """A file in a listing.

    Attributes:
        name: its path below the folder.
        stamp: metadata that changes when the file is rewritten.
    """

    name: str
    stamp: str


@contextmanager
def _system(path: StrPath) -> Iterator[tuple[Any, str]]:
    """Yield the file system of an address and the path in it; errors name the address."""
    where = address(path)
    if _SECRET.search(where):
        raise DrumtokError("address must not contain a password or a key: put it into the configuration of fsspec")
    try:
        from fsspec.core import url_to_fs

        yield url_to_fs(where)
    except ImportError as error:
        needed = error.name or where.partition(":")[0]
        raise DrumtokError(f"{where!r} requires {needed}: {install_command('cluster')}") from error
    except DrumtokError:
        raise
    except Exception as error:  # each system has its own errors
        raise DrumtokError(f"{where!r}: {getattr(error, 'strerror', None) or error or type(error).__name__}") from error


def is_there(path: StrPath) -> bool:
    """Return whether a file or folder exists."""
    with _system(path) as (system, place):
        return bool(system.exists(place))


def is_folder_at(path: StrPath) -> bool:
    """Return whether an address is a folder, on systems with folders."""
    with _system(path) as (system, place):
        return bool(system.isdir(place))


def read_remote(path: StrPath) -> bytes:
    """Return the bytes of a file, by one request."""
    with _system(path) as (system, place):
        data: bytes = system.cat_file(place)
        return data


def open_remote(path: StrPath) -> IO[bytes]:
    """Open a file for random access."""
    with _system(path) as (system, place):
        file: IO[bytes] = system.open(place, "rb")
        return file


def files_below(
    folder: StrPath, endings: tuple[str, ...], order: Callable[[str], Any] = str, top_only: bool = False
) -> Iterator[Listed]:
    """Yield the files of a folder with one of the endings, sorted, with their paths below the folder.

    Folders at the top are listed in parallel; only the listings of a few are in memory at a time.

    Args:
        order: sort key of the names; it keeps folders together.
        top_only: leave out the files in subfolders.
    """
    with _system(folder) as (system, place):
        entries = system.ls(place, detail=True, refresh=True)
        top = {one["name"][len(place) :].strip("/") + "/" * (one["type"] == "directory"): one for one in entries}

        def below(name: str) -> list[Listed]:
            if not name.endswith("/"):
                return [Listed(name, _stamp(top[name]))] if name.lower().endswith(endings) else []
            found = {} if top_only else system.find(f"{place}/{name}", detail=True)
            inside = [
                Listed(path[len(place) :].lstrip("/"), _stamp(metadata))
                for path, metadata in found.items()
                if path.lower().endswith(endings)
            ]
            return sorted(inside, key=lambda listed: order(listed.name))

        for files in in_order(below, sorted(top.keys() - {"", "/"}, key=order)):
            yield from files


def names_below(folder: StrPath, endings: tuple[str, ...], top_only: bool = False) -> Iterator[str]:
    """Yield the names of `files_below`."""
    return (listed.name for listed in files_below(folder, endings, top_only=top_only))


def stamp_of(path: StrPath) -> str:
    """Return the stamp of a file, as in `Listed`; empty if it does not exist."""
    try:
        with _system(path) as (system, place):
            return _stamp(system.info(place))
    except DrumtokError:
        return ""


def _stamp(metadata: Mapping[str, Any]) -> str:
    keys = [key for key in sorted(metadata) if key.lower() in CHANGES and metadata[key] is not None]
    return " ".join(str(metadata[key]) for key in keys)


def in_order(work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
    """Yield the result of each item in order, with `AT_ONCE` of them in progress at a time."""
    todo = iter(items)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = deque(pool.submit(work, item) for item in islice(todo, AT_ONCE))
        while waiting:
            made = waiting.popleft().result()
            waiting.extend(pool.submit(work, item) for item in islice(todo, 1))
            yield made


def check_free(folder: StrPath, last: str) -> None:
    """Raise a DrumtokError if a folder is complete, that is, contains `last`, since nothing is replaced."""
    if is_there(f"{address(folder)}/{last}"):
        raise DrumtokError(f"cannot write {address(folder)!r}: it already exists")


def put_file(path: Path, to: StrPath) -> None:
    """Copy a file to an address, atomically."""
    with _system(to) as (system, place):
        system.put_file(str(path), place)


def upload(folder: Path, to: StrPath, last: str, put: Callable[[Path, str], None] = put_file) -> None:
    """Copy the files of a folder to an address, the file `last` at the end; without it the copy is incomplete.

    Args:
        put: copies a file to an address.

    Raises:
        DrumtokError: the address already exists, or a file cannot be written.
    """
    check_free(to, last)
    for names in (sorted(path.name for path in folder.iterdir() if path.name != last), [last]):
        for _ in in_order(lambda name: put(folder / name, f"{address(to)}/{name}"), names):
            pass


def download(folder: StrPath, to: Path) -> None:
    """Copy the files of a folder, without its subfolders."""
    with _system(folder) as (system, place):
        names = [one["name"] for one in system.ls(place, detail=True, refresh=True) if one["type"] == "file"]
        for _ in in_order(lambda name: system.get_file(name, str(to / Path(name).name)), names):
            pass
