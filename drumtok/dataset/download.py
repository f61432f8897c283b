"""Fetch a corpus by its manifest, and check its hash."""

import hashlib
import logging
from pathlib import Path

from drumtok.dataset.manifests import Manifest
from drumtok.errors import DrumtokError
from drumtok.runtime.files import write_atomically
from drumtok.runtime.reading import read_file

TIMEOUT = 30.0  # seconds without a byte


def fetch(manifest: Manifest, archive: Path | None = None, timeout: float = TIMEOUT) -> Path:
    """Fetch a corpus to `manifest.path`, unless it exists there with the right hash.

    Args:
        archive: a local copy to use instead of a download.
        timeout: seconds without a byte after which the download fails.

    Returns:
        The path of the corpus: a zip, or the folder of a bundled corpus.

    Raises:
        DrumtokError: the network fails, a file cannot be read or written, or its hash is wrong. Incomplete downloads
            are removed.

    >>> from drumtok.dataset.manifests import load_manifest
    >>> fetch(load_manifest("starter")).name
    'starter'
    """
    if not manifest.address:
        if archive is not None:
            raise DrumtokError(f"--archive cannot be combined with corpus {manifest.name!r}, which comes with drumtok")
        return manifest.path
    if is_fetched(manifest):
        return manifest.path
    try:
        manifest.path.parent.mkdir(parents=True, exist_ok=True)
        if archive is None:
            _download(manifest, timeout)
        else:
            write_atomically(manifest.path, _checked(manifest, archive))
    except OSError as error:
        raise DrumtokError(f"cannot write {str(manifest.path)!r}: {error.strerror or error}") from error
    return manifest.path


def is_fetched(manifest: Manifest) -> bool:
    """Return whether a corpus with an address has been fetched, with the right hash."""
    try:
        return manifest.path.is_file() and _sha256(manifest.path.read_bytes()) == manifest.sha256
    except OSError as error:
        raise DrumtokError(f"cannot read {str(manifest.path)!r}: {error.strerror or error}") from error


def _download(manifest: Manifest, timeout: float) -> None:
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel(logging.WARNING)
    downloader = pooch.HTTPDownloader(timeout=timeout, headers={"User-Agent": "drumtok"})
    known_hash, path = f"sha256:{manifest.sha256}", manifest.path
    try:
        pooch.retrieve(manifest.address, known_hash, fname=path.name, path=path.parent, downloader=downloader)
    except RequestException as error:
        raise DrumtokError(
            f"cannot fetch {manifest.address}: {_reason(error)}; --archive PATH uses a file that you fetched otherwise"
        ) from error
    except ValueError as error:  # a wrong hash
        raise DrumtokError(
            f"sha256 of {manifest.address} must be {manifest.sha256}, got another: the download is deleted"
        ) from error


def _checked(manifest: Manifest, archive: Path) -> bytes:
    """Read an archive and check its hash."""
    data = read_file(archive)
    if (found := _sha256(data)) != manifest.sha256:
        raise DrumtokError(f"sha256 of {str(archive)!r} must be {manifest.sha256}, got {found}")
    return data


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _reason(error: Exception) -> str:
    """Return in one line why a request failed."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "the server does not answer"
    if isinstance(error, requests.ConnectionError):
        return "the server cannot be reached, or the connection broke off"
    return " ".join(str(error).split())
