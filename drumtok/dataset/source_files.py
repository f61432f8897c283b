"""The files of a source: those of a folder or a zip that can hold patterns, long texts cut in pieces."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from drumtok.errors import DrumtokError
from drumtok.midi.parser import LONGEST_FILE
from drumtok.runtime.remote import address, is_remote, names_below, open_remote, read_remote, stamp_of
from drumtok.tokenizer.file_listing import ZIP_ENDING, FileRef, files_under, zip_members
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.readers import ENDINGS, source_type

TEXT_PIECE = 2**20  # bytes of a corpus file that are read at once, and more to the end of their last line


class SourceFile(NamedTuple):
    """A file of a source, or a piece of a long text.

    Attributes:
        ref: its name and where it is.
        begin, size, line: where the piece begins, how long it is, the number of its first line; size -1 is all of it.
        split, style, kind: what the source's table or folders say of it.
        unlisted: why it is not to be read, though it is there; else empty.
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
        """Its bytes; of MIDI as far as it is looked at.

        Raises:
            DrumtokError: it cannot be read.
        """
        if self.ref.member >= 0 or not source_type(self.ref.name).is_text:
            data = self.ref.read()
            if source_type(self.ref.name).is_text and len(data) > LONGEST_FILE:
                raise DrumtokError(f"a text in a zip has up to {LONGEST_FILE:,} bytes: unpack it")
            return data
        if is_remote(self.ref.path):
            return read_remote(self.ref.path)
        try:
            with open(self.ref.path, "rb") as file:
                file.seek(self.begin)
                return file.read(self.size)
        except OSError as error:
            raise DrumtokError(f"it cannot be read: {error.strerror or error}") from error

    @property
    def top(self) -> str:
        """The name of its top folder, empty where it lies in none."""
        top, within, _ = self.ref.name.partition("/")
        return top.lower() if within else ""

    def sum(self, data: bytes) -> int:
        """What it adds to the sum of its source."""
        name = f"{self.ref.name}\0{self.begin}\0".encode(errors="surrogateescape")
        return int.from_bytes(hashlib.sha256(name + hashlib.sha256(data).digest()).digest(), "big")


def list_files(path: Path) -> Iterator[SourceFile]:
    """List the files of a folder or a zip, or the file itself, in the order of their names, a folder at a time."""
    if _is_zip(path):
        where = address(path) if is_remote(path) else os.path.abspath(path)
        stamp = stamp_of(path) if is_remote(path) else ""
        yield from (SourceFile(ref) for ref in zip_members(where, ENDINGS, stamp=stamp))
        return
    root = address(path) if is_remote(path) else os.path.abspath(path)
    for found, stamp in files_under(root, ENDINGS):
        name = found[len(root) :].replace(os.sep, "/").strip("/") or path.name
        yield from _pieces(FileRef(name, found, stamp=stamp))


def tables_inside(path: Path) -> list[str]:
    """The names of the CSV files at the top of a folder or a zip, or in a zip's top folder."""
    if is_remote(path) and not _is_zip(path):
        return list(names_below(path, (".csv",), top_only=True)) if not path.name.lower().endswith(ENDINGS) else []
    if path.is_dir():
        return sorted(found.name for found in path.glob("*.csv"))
    if not _is_zip(path):
        return []
    with _zip(path) as archive:
        return sorted(name for name in archive.namelist() if name.count("/") < 2 and name.lower().endswith(".csv"))


def read_inside(path: Path, name: str) -> bytes:
    """The bytes of a file of a folder or a zip."""
    if is_remote(path) and not _is_zip(path):
        return read_remote(path / name)
    if path.is_dir():
        return (path / name).read_bytes()
    with _zip(path) as archive:
        return archive.read(name)


def _is_zip(path: Path) -> bool:
    return path.name.lower().endswith(ZIP_ENDING) if is_remote(path) else zipfile.is_zipfile(path)


def _zip(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(open_remote(path) if is_remote(path) else path)


def _pieces(ref: FileRef) -> Iterator[SourceFile]:
    """List a file as one piece, but a long local text whose lines stand alone as several."""
    by_line = source_type(ref.name).by_line and not is_remote(ref.path)
    if not is_remote(ref.path) and not os.path.isfile(ref.path):
        return
    if not by_line or os.path.getsize(ref.path) <= TEXT_PIECE:
        yield SourceFile(ref)
        return
    begin, line = 0, 1
    with open(ref.path, "rb") as file:
        while block := file.readlines(TEXT_PIECE):
            size = sum(map(len, block))
            yield SourceFile(ref, begin, size, line)
            begin, line = begin + size, line + len(block)
