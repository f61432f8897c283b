"""Files: writing that never leaves half a file or folder, and where drumtok's own data lie."""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

import platformdirs

from drumtok.errors import DrumtokError


def write_atomically(path: str | os.PathLike[str], data: bytes | Iterable[bytes]) -> None:
    """Writes a whole file or nothing: a failure leaves what was there before.

    Args:
        data: all of it, or the pieces that it is made of.

    Raises:
        DrumtokError: the folder is not there or cannot be written to.
    """
    path = Path(path)
    if not os.path.isdir(path.parent):  # unlike Path.is_dir it does not raise where a name is too long
        raise DrumtokError(f"cannot write {str(path)!r}: folder {str(path.parent)!r} is not there")
    if os.path.isdir(path):
        raise DrumtokError(f"cannot write {str(path)!r}: it is a folder")
    partial = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")  # a name of 255 bytes leaves room
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


@contextmanager
def new_folder(out: str | os.PathLike[str]) -> Iterator[Path]:
    """A folder to fill that gets the name `out` at the end; a failure leaves nothing.

    Raises:
        DrumtokError: `out` is there and not an empty folder, or cannot be written.
    """
    out = Path(out)
    place = Path(os.path.abspath(out))  # `.` has no name
    partial = place.with_name(f".{place.name[:40]}.{secrets.token_hex(4)}.part")
    if not os.path.isdir(place.parent):
        raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} is not there")
    try:
        if os.path.lexists(place) and (not place.is_dir() or any(place.iterdir())):
            raise DrumtokError(f"{str(out)!r} is there already: allowed is a new or an empty folder")
        partial.mkdir()
        yield partial
        if place.is_dir():
            place.rmdir()  # empty; not every system renames a folder over one
        partial.rename(place)
    except OSError as error:
        raise DrumtokError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def claim(file: IO[bytes], path: Path, who: str) -> None:
    """Keeps two runs from writing to one file, where the system can lock a file.

    Raises:
        DrumtokError: another has it; `who` says what it is called.
    """
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DrumtokError(f"{str(path)!r} is being written by another {who}: wait for its end") from error
    except OSError:  # some network file systems have no locks
        return


def data_path(relative: str) -> Path:
    """Where one of drumtok's data files or folders lies, such as `checkpoints/default.safetensors`.

    A checkout beside the package comes first, then what the wheel installed under `share/drumtok`.

    Raises:
        DrumtokError: it is in neither place.
    """
    root = Path(__file__).resolve().parents[2]
    beside = (root, root / "share" / "drumtok")  # the second: pip install --target
    for base in chain(beside, _installed_shares()):
        if (base / relative).exists():
            return base / relative
    raise DrumtokError(f"drumtok's own {relative!r} is missing from this installation")


def _installed_shares() -> Iterator[Path]:
    """The `share/drumtok` folders that the installed distribution lists files in, looked for when asked for."""
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


DATA_VARIABLE = "DRUMTOK_DATA"  # an environment variable that names another folder for fetched corpora


def data_home() -> Path:
    """The folder that fetched and built corpora are kept in."""
    return Path(os.environ.get(DATA_VARIABLE) or platformdirs.user_data_dir("drumtok", appauthor=False))
