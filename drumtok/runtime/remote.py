"""Addresses such as s3://bucket/loops, by fsspec (extra `cluster`): listed and read in parallel, written whole.

A `Path` keeps one of the two slashes of an address; `address` gives the other one back. Who is let in is fsspec's
business, by its configuration or its systems' own: an address that carries a password is refused, so that none gets
into a manifest, a report or a message.
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

StrPath = str | os.PathLike[str]
Item = TypeVar("Item")
Made = TypeVar("Made")
AT_ONCE = 16  # requests that are under way together
# What systems tell of a file that is another when it has been written again, in small letters.
CHANGES = ("size", "etag", "md5hash", "generation", "lastmodified", "last_modified", "updated", "mtime", "created")
_SYSTEM = re.compile(r"([a-z][a-z0-9+.]+):/+(?=[^/])")  # two letters at least: C:/ is a drive
_SECRET = re.compile(r"//[^/@]*:[^/@]*@|^https?:.*\?")


def is_remote(path: StrPath) -> bool:
    """Whether it is an address.

    >>> is_remote("s3://bucket/a.mid"), is_remote(Path("s3://bucket")), is_remote("C:/a.mid"), is_remote("a/b.mid")
    (True, True, False, False)
    """
    return _SYSTEM.match(os.fspath(path)) is not None


def address(path: StrPath) -> str:
    """The address that a path holds, as it was written; any other path as it is.

    >>> address(Path("s3://bucket/a.mid")), address("s3://bucket/a/"), address("/a")
    ('s3://bucket/a.mid', 's3://bucket/a', '/a')
    """
    text = os.fspath(path)
    return _SYSTEM.sub(r"\1://", text, count=1).rstrip("/") if is_remote(text) else text


class Listed(NamedTuple):
    """A file in a listing.

    Attributes:
        name: what it is called.
        stamp: what differs when it has been written again, as far as its system tells.
    """

    name: str
    stamp: str


@contextmanager
def _system(path: StrPath) -> Iterator[tuple[Any, str]]:
    """The file system of an address and the place in it; what goes wrong is told with the address."""
    where = address(path)
    if _SECRET.search(where):
        raise DrumtokError("an address holds a password or a key: allowed are those of fsspec's configuration")
    try:
        from fsspec.core import url_to_fs

        yield url_to_fs(where)
    except ImportError as error:
        needed = error.name or where.partition(":")[0]
        raise DrumtokError(f"{where!r} needs {needed}: pip install 'drumtok[cluster]'") from error
    except DrumtokError:
        raise
    except Exception as error:  # each system has errors of its own
        raise DrumtokError(f"{where!r}: {getattr(error, 'strerror', None) or error or type(error).__name__}") from error


def is_there(path: StrPath) -> bool:
    """Whether there is something."""
    with _system(path) as (system, place):
        return bool(system.exists(place))


def is_folder_at(path: StrPath) -> bool:
    """Whether it is a folder, as far as the system has any."""
    with _system(path) as (system, place):
        return bool(system.isdir(place))


def read_remote(path: StrPath) -> bytes:
    """The bytes of a file, by one request."""
    with _system(path) as (system, place):
        data: bytes = system.cat_file(place)
        return data


def open_remote(path: StrPath) -> IO[bytes]:
    """A file to read here and there in."""
    with _system(path) as (system, place):
        file: IO[bytes] = system.open(place, "rb")
        return file


def files_below(
    folder: StrPath, endings: tuple[str, ...], order: Callable[[str], Any] = str, top_only: bool = False
) -> Iterator[Listed]:
    """The files of a folder that have one of these endings, sorted, with their names from the folder on.

    The folders at the top are listed in parallel; what few of them hold is in memory at a time.

    Args:
        order: what their names are sorted by; folders stay together in it.
        top_only: whether what is in folders is passed over.
    """
    with _system(folder) as (system, place):
        told = system.ls(place, detail=True, refresh=True)
        top = {one["name"][len(place) :].strip("/") + "/" * (one["type"] == "directory"): one for one in told}

        def below(name: str) -> list[Listed]:
            if not name.endswith("/"):
                return [Listed(name, _stamp(top[name]))] if name.lower().endswith(endings) else []
            found = {} if top_only else system.find(f"{place}/{name}", detail=True)
            inside = [
                Listed(path[len(place) :].lstrip("/"), _stamp(told))
                for path, told in found.items()
                if path.lower().endswith(endings)
            ]
            return sorted(inside, key=lambda listed: order(listed.name))

        for files in in_order(below, sorted(top.keys() - {"", "/"}, key=order)):
            yield from files


def names_below(folder: StrPath, endings: tuple[str, ...], top_only: bool = False) -> Iterator[str]:
    """The names alone of `files_below`."""
    return (listed.name for listed in files_below(folder, endings, top_only=top_only))


def stamp_of(path: StrPath) -> str:
    """As in `Listed`, of one file; empty where it is not there, which reading it will tell."""
    try:
        with _system(path) as (system, place):
            return _stamp(system.info(place))
    except DrumtokError:
        return ""


def _stamp(told: Mapping[str, Any]) -> str:
    return " ".join([str(told[key]) for key in sorted(told) if key.lower() in CHANGES and told[key] is not None])


def in_order(work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
    """What work gives of each, `AT_ONCE` being under way together."""
    todo = iter(items)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = deque(pool.submit(work, item) for item in islice(todo, AT_ONCE))
        while waiting:
            made = waiting.popleft().result()
            waiting.extend(pool.submit(work, item) for item in islice(todo, 1))
            yield made


def check_free(folder: StrPath, last: str) -> None:
    """Raises a DrumtokError where a folder is written already, which `last` in it tells: nothing is replaced."""
    if is_there(f"{address(folder)}/{last}"):
        raise DrumtokError(f"{address(folder)!r} is written already: allowed is another address")


def upload(folder: Path, to: StrPath, last: str) -> None:
    """Puts the files of a folder to an address, `last` last: as long as that is not there, nothing is.

    Raises:
        DrumtokError: it is there already, or something cannot be written.
    """
    check_free(to, last)
    for names in (sorted(path.name for path in folder.iterdir() if path.name != last), [last]):
        for _ in in_order(lambda name: put_file(folder / name, f"{address(to)}/{name}"), names):
            pass


def put_file(path: Path, to: StrPath) -> None:
    """Copies a file to an address, where it is whole or not there."""
    with _system(to) as (system, place):
        system.put_file(str(path), place)


def download(folder: StrPath, to: Path) -> None:
    """Copies the files of a folder, but not what is in folders in it."""
    with _system(folder) as (system, place):
        names = [one["name"] for one in system.ls(place, detail=True, refresh=True) if one["type"] == "file"]
        for _ in in_order(lambda name: system.get_file(name, str(to / Path(name).name)), names):
            pass
