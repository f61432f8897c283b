"""Fetching a corpus: a download that goes on where it broke off, and proof of what came before it is kept.

Bytes gather in a `.part` file beside the final one; only a file of the right size and sha256 gets the final name.
"""

import hashlib
import http.client
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from drumtok.dataset.manifests import Manifest
from drumtok.errors import DrumtokError
from drumtok.runtime.files import claim, write_atomically

TIMEOUT = 30.0  # seconds without a byte
PIECE = 1 << 16  # bytes read at a time
Progress = Callable[[int, int], None]  # bytes there so far, bytes in all


def fetch(manifest: Manifest, archive: Path | None = None, progress: Progress = lambda done, total: None) -> Path:
    """Brings a corpus to `manifest.path`; one that is there and right is left as it is.

    Args:
        archive: a copy on this disk, taken instead of a download.
        progress: called as a download goes on, with the bytes that are there and the bytes in all.

    Returns:
        Where the corpus lies: a zip, or the folder of a corpus that comes with drumtok.

    Raises:
        DrumtokError: no network, a file that cannot be read or written, or one of another size or sha256.
            A download that broke off stays as `part_path(manifest)`, as it does after a KeyboardInterrupt.

    >>> from drumtok.dataset.manifests import load_manifest
    >>> fetch(load_manifest("starter")).name
    'starter'
    """
    if not manifest.address:
        if archive is not None:
            raise DrumtokError(f"corpus {manifest.name!r} takes no archive: it comes with drumtok")
        return manifest.path
    if is_fetched(manifest):
        return manifest.path
    part = part_path(manifest)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        if archive is None:
            _download(manifest, part, progress)
            _keep(manifest, part)
        else:
            _copy(manifest, archive)
            part.unlink(missing_ok=True)
    except OSError as error:
        where = str(error.filename or part)
        raise DrumtokError(f"corpus {manifest.name!r} is not fetched: {where!r}: {_reason(error)}") from error
    return manifest.path


def is_fetched(manifest: Manifest) -> bool:
    """Whether a corpus that has an address is there and right."""
    try:
        return manifest.path.is_file() and not _fault(manifest, manifest.path)
    except OSError as error:
        raise DrumtokError(f"cannot read {str(manifest.path)!r}: {_reason(error)}") from error


def part_path(manifest: Manifest) -> Path:
    """Where a download gathers, and waits if it broke off."""
    return manifest.path.with_name(f"{manifest.file}.part")


@contextmanager
def on_progress(manifest: Manifest) -> Iterator[Progress]:
    """A `progress` for people, on standard error: a bar on a terminal, one line at the start elsewhere."""
    if not sys.stderr.isatty():
        print(f"fetching {manifest.address} ({manifest.size:,} bytes)", file=sys.stderr)
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bars(TextColumn("{task.description}"), *columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(manifest.name, total=manifest.size)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _download(manifest: Manifest, part: Path, progress: Progress) -> None:
    """Fills the part up; what is in it already is not asked for again."""
    with open(part, "ab") as file:
        claim(file, part, "fetch")
        have = file.tell()
        if have == manifest.size:  # broke off between the last byte and the check
            return
        have = have if have < manifest.size else 0
        progress(have, manifest.size)
        for at, piece in _pieces(manifest.address, have):
            if at != file.tell():  # the server began anew
                file.seek(at)
                file.truncate()
            file.write(piece)
            progress(at + len(piece), manifest.size)
            if at + len(piece) > manifest.size:  # the wrong file: do not fill the disk with it
                break
        file.flush()
        os.fsync(file.fileno())


def _pieces(address: str, start: int) -> Iterator[tuple[int, bytes]]:
    """The bytes of an address from `start` on, or from 0 if the server cannot, each piece with its place."""
    at = start
    try:
        response, at = _open(address, start)
        with response:
            while piece := response.read1(PIECE):
                yield at, piece
                at += len(piece)
            if response.length:  # http.client ends a body that was cut like a whole one
                raise ConnectionError("the connection broke off")
    except (OSError, http.client.HTTPException, ValueError) as error:
        kept = f" The first {at:,} bytes are kept, and the same command goes on from there." if at else ""
        raise DrumtokError(
            f"cannot fetch {address}: {_reason(error)}.{kept} --archive PATH takes a file that was fetched otherwise."
        ) from error


def _open(address: str, start: int) -> tuple[http.client.HTTPResponse, int]:
    """A response and the place of its first byte: `start`, or 0 from a server that does not give ranges."""
    headers = {"User-Agent": "drumtok"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        response = urlopen(Request(address, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        if start and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            error.close()
            return _open(address, 0)
        raise
    if not start or response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return response, 0
    if response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        return response, start
    response.close()  # a range, but not the one that was asked for
    return _open(address, 0)


def _keep(manifest: Manifest, part: Path) -> None:
    """Gives a part its final name if it is right; deletes it if not, as going on from it cannot help."""
    if fault := _fault(manifest, part):
        part.unlink()
        raise DrumtokError(f"{manifest.address} is not the corpus {manifest.name!r}: {fault}. What came is deleted.")
    os.replace(part, manifest.path)


def _copy(manifest: Manifest, archive: Path) -> None:
    if not archive.is_file():
        raise DrumtokError(f"archive {str(archive)!r} is not there" + " as a file" * archive.exists())
    if fault := _fault(manifest, archive):
        raise DrumtokError(f"archive {str(archive)!r} is not the corpus {manifest.name!r}: {fault}")
    write_atomically(manifest.path, archive.read_bytes())


def _fault(manifest: Manifest, path: Path) -> str:
    """What tells a file from the corpus of a manifest, empty if nothing does."""
    size = path.stat().st_size
    if size != manifest.size:
        return f"expected {manifest.size:,} bytes, found {size:,}"
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if found == manifest.sha256 else f"expected sha256 {manifest.sha256}, found {found}"


def _reason(error: Exception) -> str:
    """One line that says why."""
    if isinstance(error, HTTPError):
        return f"the server answers {error.code} {error.reason}"
    inner = error.reason if isinstance(error, URLError) else error
    return " ".join(str(getattr(inner, "strerror", None) or inner).split()) or type(inner).__name__
