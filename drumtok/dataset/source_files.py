"""The files of a source: those of a folder or a zip that can hold patterns, long texts cut in pieces."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from drumtok.errors import DrumtokError
from drumtok.midi.tolerant_reader import LONGEST_FILE
from drumtok.runtime.remote import (
    Listed,
    address,
    files_below,
    is_remote,
    names_below,
    open_remote,
    read_remote,
    stamp_of,
)
from drumtok.tokenizer.file_listing import ZIP_ENDING, FileRef, open_zip
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.readers import ENDINGS, WORDS_ENDING, is_text

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
        if self.ref.member >= 0 or not is_text(self.ref.name):
            data = self.ref.read()
            if is_text(self.ref.name) and len(data) > LONGEST_FILE:
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
    """The files of a folder or a zip, or the file itself, in the order of their names; few are in memory at a time."""
    if is_remote(path):
        yield from _of_address(address(path))
        return
    if zipfile.is_zipfile(path):
        yield from _members(os.path.abspath(path))
        return
    is_folder = path.is_dir()
    folder = os.path.abspath(path if is_folder else path.parent)
    for name in _walk(folder) if is_folder else [path.name]:
        yield from _pieces(FileRef(name.replace(os.sep, "/"), os.path.join(folder, name)))


def _of_address(where: str) -> Iterator[SourceFile]:
    """The same of an address; a text is read whole."""
    if where.lower().endswith(ZIP_ENDING):
        yield from _members(where, stamp_of(where))
        return
    is_file = where.lower().endswith(ENDINGS)
    for name, stamp in [Listed("", stamp_of(where))] if is_file else files_below(where, ENDINGS):
        path = f"{where}/{name}".rstrip("/")
        yield SourceFile(FileRef(name or where.rpartition("/")[2], path, stamp=stamp))


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


def _walk(folder: str, inside: str = "") -> Iterator[str]:
    """The names of the files in a folder and those below it, in the order of the whole names, a folder at a time."""
    with os.scandir(os.path.join(folder, inside)) as entries:
        found = [(entry.name + os.sep * entry.is_dir(follow_symlinks=False), entry.is_file()) for entry in entries]
    for name, is_file in sorted(found):
        if name.endswith(os.sep):
            yield from _walk(folder, inside + name)
        elif is_file and name.lower().endswith(ENDINGS):
            yield inside + name


def _members(path: str, stamp: str = "") -> Iterator[SourceFile]:
    """The files of a zip; of two members of one name the second has a number behind it."""
    open_zip.cache_clear()
    names = [info.filename for info in open_zip(path).infolist()]
    before, times = "", 0
    for name, member in sorted((name, i) for i, name in enumerate(names) if name.lower().endswith(ENDINGS)):
        times = times + 1 if name == before else 1
        before = name
        yield SourceFile(FileRef(name + f"~{times}" * (times > 1), path, member, stamp))


def _pieces(ref: FileRef) -> Iterator[SourceFile]:
    """A file of a folder: one piece, but for a long text in words."""
    if not ref.name.lower().endswith(WORDS_ENDING) or os.path.getsize(ref.path) <= TEXT_PIECE:
        yield SourceFile(ref)
        return
    begin, line = 0, 1
    with open(ref.path, "rb") as file:
        while block := file.readlines(TEXT_PIECE):
            size = sum(map(len, block))
            yield SourceFile(ref, begin, size, line)
            begin, line = begin + size, line + len(block)
