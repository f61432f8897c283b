"""List the files of a source that can hold patterns, in a folder or a zip; long texts are divided into chunks."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from drumtok.errors import DrumtokError
from drumtok.midi.parser import LONGEST_FILE
from drumtok.runtime.reading import read_regular, why_of
from drumtok.runtime.remote import address, is_remote, names_below, open_remote, read_remote, stamp_of
from drumtok.tokenizer.file_listing import ZIP_ENDING, FileRef, files_under, zip_members
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.readers import ENDINGS, source_type

TEXT_CHUNK = 2**20  # bytes


class SourceFile(NamedTuple):
    """A file of a source, or a chunk of a long text.

    Attributes:
        ref: its name and path.
        begin, size, line: the chunk's first byte, its bytes (-1 for the whole file) and the number of its first line.
        split, style, kind: its labels from the source's table or folders.
        unlisted: why it is not read although it exists; else empty.
    """

    ref: FileRef
    begin: int = 0
    size: int = -1
    line: int = 1
    split: str = ""
    style: str = ""
    kind: str = BEAT
    unlisted: str = ""

    def read(self) -> bytes:
        """Read its bytes, up to the limit for MIDI files.

        Raises:
            DrumtokError: the file cannot be read.
        """
        if self.ref.member >= 0 or not source_type(self.ref.name).is_text:
            data = self.ref.read()
            if source_type(self.ref.name).is_text and len(data) > LONGEST_FILE:
                raise DrumtokError(
                    f"a text in a zip must be at most {LONGEST_FILE:,} bytes, got {len(data):,}: unpack it"
                )
            return data
        if is_remote(self.ref.path):
            return read_remote(self.ref.path)
        if self.ref.why:
            raise DrumtokError(self.ref.why)
        try:
            if self.size < 0:
                return read_regular(self.ref.path)
            with open(self.ref.path, "rb") as file:
                file.seek(self.begin)
                return file.read(self.size)
        except (OSError, ValueError) as error:
            raise DrumtokError(f"it cannot be read: {why_of(error)}") from error

    @property
    def top(self) -> str:
        """The lower-case name of its top folder, or empty."""
        top, within, _ = self.ref.name.partition("/")
        return top.lower() if within else ""

    def hash(self, data: bytes) -> int:
        """Return its summand of the hash of its source."""
        name = f"{self.ref.name}\0{self.begin}\0".encode(errors="surrogateescape")
        return int.from_bytes(hashlib.sha256(name + hashlib.sha256(data).digest()).digest(), "big")


def list_files(path: Path, text_chunk: int = TEXT_CHUNK) -> Iterator[SourceFile]:
    """List the files of a folder or a zip, or the file itself, in the order of their names, one folder at a time.

    Args:
        text_chunk: bytes of a corpus file to read at once, extended to the end of a line.
    """
    if _is_zip(path):
        where = address(path) if is_remote(path) else os.path.abspath(path)
        stamp = stamp_of(path) if is_remote(path) else ""
        yield from (SourceFile(ref) for ref in zip_members(where, ENDINGS, stamp=stamp))
        return
    root = address(path) if is_remote(path) else os.path.abspath(path)
    for found, stamp, why in files_under(root, ENDINGS):
        name = found[len(root) :].replace(os.sep, "/").strip("/") or path.name
        if found == root and not is_remote(root) and not os.path.isfile(root):
            return
        yield from _chunks(FileRef(name, found, stamp=stamp, why=why), text_chunk)


def tables_inside(path: Path) -> list[str]:
    """Return the names of the CSV files at the top of a folder or a zip, or in a zip's top folder."""
    if is_remote(path) and not _is_zip(path):
        return list(names_below(path, (".csv",), top_only=True)) if not path.name.lower().endswith(ENDINGS) else []
    if path.is_dir():
        return sorted(found.name for found in path.glob("*.csv"))
    if not _is_zip(path):
        return []
    with _zip(path) as archive:
        return sorted(name for name in archive.namelist() if name.count("/") < 2 and name.lower().endswith(".csv"))


def read_inside(path: Path, name: str) -> bytes:
    """Read a file of a folder or a zip."""
    if is_remote(path) and not _is_zip(path):
        return read_remote(path / name)
    if path.is_dir():
        return (path / name).read_bytes()
    with _zip(path) as archive:
        return archive.read(name)


def _size(path: str) -> int:
    """Return the size of a regular file, or 0 for anything else, which is reported when it is read."""
    return os.path.getsize(path) if os.path.isfile(path) else 0


def _is_zip(path: Path) -> bool:
    if is_remote(path):
        return path.name.lower().endswith(ZIP_ENDING)
    return path.is_file() and zipfile.is_zipfile(path)  # a device has no end to search for the signature of a zip


def _zip(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(open_remote(path) if is_remote(path) else path)


def _chunks(ref: FileRef, size: int) -> Iterator[SourceFile]:
    """Yield a file, or the chunks of a long local text whose lines can be read one by one."""
    if not source_type(ref.name).by_line or is_remote(ref.path) or _size(ref.path) <= size:
        yield SourceFile(ref)
        return
    begin, line = 0, 1
    with open(ref.path, "rb") as file:
        while lines := file.readlines(size):
            length = sum(map(len, lines))
            yield SourceFile(ref, begin, length, line)
            begin, line = begin + length, line + len(lines)
