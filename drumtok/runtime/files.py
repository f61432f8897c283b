"""Write files and folders atomically, and find the bundled data."""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO
from weakref import WeakSet

from drumtok.errors import DrumtokError

PACKAGE = Path(__file__).resolve().parents[1]
PARTIAL_NAME = 40  # letters of a name that are kept in the name of its partial file, which may have 255 bytes
FILE_ENDINGS = (".mid", ".midi", ".wav", ".png", ".txt")  # of files that commands write, and no folder
_CLAIMED: WeakSet[IO[bytes]] = WeakSet()


def write_atomically(path: str | os.PathLike[str], data: bytes | Iterable[bytes]) -> None:
    """Write a file atomically; a failure leaves the former file.

    Args:
        data: the content, or its pieces in order.

    Raises:
        DrumtokError: the folder does not exist or cannot be written to.
    """
    path = Path(path)
    if not os.path.isdir(path.parent):  # unlike Path.is_dir it does not raise for a name that is too long
        raise DrumtokError(f"cannot write {str(path)!r}: folder {str(path.parent)!r} does not exist")
    check_target(path)
    partial = path.with_name(f".{path.name[:PARTIAL_NAME]}.{secrets.token_hex(4)}.part")
    try:
        with open(partial, "xb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise DrumtokError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def remove_partials(folder: Path, names: str = "*") -> None:
    """Remove partial files that killed processes left in `write_atomically`; no process may be writing them.

    Args:
        names: the names of the files, with wildcards.
    """
    for partial in folder.glob(f".{names}.{'[0-9a-f]' * 8}.part"):
        partial.unlink(missing_ok=True)


def check_target(path: Path) -> None:
    """Check that only a regular file would be replaced; renaming a file over a device would remove the device.

    Raises:
        DrumtokError: the path is a folder, a device, a pipe or a socket.
    """
    if os.path.isdir(path):
        raise DrumtokError(f"cannot write {str(path)!r}: it is a folder")
    if os.path.exists(path) and not os.path.isfile(path):
        raise DrumtokError(f"cannot write {str(path)!r}: it is not a regular file")


@contextmanager
def new_folder(out: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a folder to fill that is renamed to `out` at the end; a failure leaves nothing.

    Raises:
        DrumtokError: `out` exists and is not an empty folder, ends as a file does, or cannot be written.
    """
    out = Path(out)
    if out.suffix.lower() in FILE_ENDINGS:
        raise DrumtokError(f"out must be a folder, got the name of a file, {str(out)!r}")
    place = Path(os.path.abspath(out))  # `.` has no name
    partial = place.with_name(f".{place.name[:PARTIAL_NAME]}.{secrets.token_hex(4)}.part")
    if not os.path.isdir(place.parent):
        raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} does not exist")
    try:
        if os.path.lexists(place) and (not place.is_dir() or any(place.iterdir())):
            raise DrumtokError(f"cannot write {str(out)!r}: it exists and is not an empty folder")
        partial.mkdir()
        yield partial
        if place.is_dir():
            place.rmdir()  # it is empty, and not every system can rename a folder over it
        partial.rename(place)
    except OSError as error:
        raise DrumtokError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def claim(file: IO[bytes], path: Path, who: str) -> None:
    """Lock a file, if the system supports it, so that two runs do not write to it.

    Args:
        who: the name of the other run in the error.

    Raises:
        DrumtokError: another run has locked it.
    """
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DrumtokError(f"{str(path)!r} is being written by another {who}, wait until it has ended") from error
    except OSError:  # some network file systems have no locks
        return
    _free_forks()
    _CLAIMED.add(file)


@cache
def _free_forks() -> None:
    os.register_at_fork(after_in_child=_let_go)


def _let_go() -> None:
    """Close the locked files of the parent process, since a lock lasts until every process has closed the file."""
    null = os.open(os.devnull, os.O_RDWR)
    for file in _CLAIMED:
        if not file.closed:
            os.dup2(null, file.fileno(), inheritable=False)  # closing the object would flush its buffer
    os.close(null)


def data_path(relative: str, package: Path = PACKAGE) -> Path:
    """Return the path of a bundled data file or folder, such as `checkpoints/default.safetensors`.

    Searches a checkout next to the package first, then `share/drumtok`, where the wheel installs them.

    Args:
        relative: the path of the file or folder in the checkout.
        package: the folder of the package `drumtok`.

    Raises:
        DrumtokError: neither place has it.
    """
    beside = (package.parent, package.parent / "share" / "drumtok")  # the second: pip install --target
    for base in chain(beside, _installed_shares()):
        if (base / relative).exists():
            return base / relative
    raise DrumtokError(f"drumtok's own {relative!r} is missing from this installation")


def _installed_shares() -> Iterator[Path]:
    """Yield the `share/drumtok` folders that the installed distribution has files in."""
    from importlib import metadata

    try:
        listed = metadata.files("drumtok") or []
    except metadata.PackageNotFoundError:
        return
    shares = set()
    for file in listed:
        parts = file.parts
        if "share" in parts and "drumtok" in parts[parts.index("share") :]:
            located = Path(str(file.locate()))
            depth = len(parts) - parts.index("share") - 2
            shares.add(located.parents[depth - 1].resolve())
    yield from sorted(shares)


DATA_VARIABLE = "DRUMTOK_DATA"  # environment variable that names another folder for downloaded corpora


def data_home() -> Path:
    """Return the folder of downloaded and built corpora."""
    from platformdirs import user_data_dir

    return Path(os.environ.get(DATA_VARIABLE) or user_data_dir("drumtok", appauthor=False))
