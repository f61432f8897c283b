"""List the audio files of folders and zips, with the class, source and licence that a table or their names have."""

import csv
import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from drumtok.dataset.one_shots.classes import class_from_name
from drumtok.dataset.source_files import read_inside, tables_inside
from drumtok.errors import DrumtokError
from drumtok.runtime.reading import walk, why_of
from drumtok.tokenizer.file_listing import FileRef, zip_members

ENDINGS = (".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3")
TABLE = "index.csv"
NO_CLASS = "no class of sounds is named in its table, its name or its folders"


class OneShotFile(NamedTuple):
    """An audio file of a source.

    Attributes:
        ref: its name and path.
        sound_class: its class, or None.
        source: the kit or collection that it belongs to; all sounds of a source are in the same split.
        licence: empty if unknown.
        original: its original name, if a table has it.
        why: why it is not used, such as a missing file of the table; else empty.
    """

    ref: FileRef
    sound_class: str | None
    source: str
    licence: str = ""
    original: str = ""
    why: str = ""


def list_one_shots(path: Path) -> Iterator[OneShotFile]:
    """Yield the audio files of a folder or a zip in the order of their names.

    If it has an `index.csv` with the columns file and class (and source, licence and original, if known), only the
    files of that table are used. Otherwise the class follows from the name, and the source is the top folder, or the
    name of the folder or zip if the file has no top folder or one named after a drum.

    Raises:
        DrumtokError: the path is not a folder or zip, or cannot be read.
    """
    try:
        refs = list(_refs(path))
        rows = _table(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {why_of(error)}") from error
    for ref in refs:
        if rows is None:
            yield _by_name(path, ref)
        elif row := rows.pop(ref.name, None):
            yield _by_row(path, ref, row)
        else:
            yield OneShotFile(ref, None, "", why=f"{TABLE} does not list it")
    for name, row in (rows or {}).items():
        yield _by_row(path, FileRef(name, str(path)), row)._replace(why=f"{TABLE} lists it, but it is not there")


def _refs(path: Path) -> Iterator[FileRef]:
    if path.is_dir():
        for found in walk(path, ENDINGS):
            yield FileRef(found.name.replace(os.sep, "/"), str(path / found.name), why=found.why)
    elif path.is_file() and zipfile.is_zipfile(path):
        yield from (ref for ref in zip_members(os.path.abspath(path), ENDINGS))
    else:
        kind = "it is not a folder or a zip" if path.exists() else "it does not exist"
        raise DrumtokError(f"cannot read {str(path)!r}: {kind}")


def _table(path: Path) -> dict[str, Mapping[str, str]] | None:
    """Return the rows of the table by the names of their files, or None without a table."""
    name = next((name for name in tables_inside(path) if PurePosixPath(name).name.lower() == TABLE), None)
    if name is None:
        return None
    try:
        rows = list(csv.DictReader(io.StringIO(read_inside(path, name).decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DrumtokError(f"cannot read {name!r} of {str(path)!r}: it is not a table in UTF-8") from error
    if not rows or not {"file", "class"} <= rows[0].keys():
        raise DrumtokError(f"cannot read {name!r} of {str(path)!r}: its columns must include file and class")
    top = name[: -len(PurePosixPath(name).name)]
    return {top + (row["file"] or ""): row for row in rows}


def _by_row(path: Path, ref: FileRef, row: Mapping[str, str]) -> OneShotFile:
    return OneShotFile(
        ref,
        class_from_name(row["class"] or ""),
        row.get("source") or path.stem,
        row.get("licence") or "",
        row.get("original") or "",
    )


def _by_name(path: Path, ref: FileRef) -> OneShotFile:
    top, within, _ = ref.name.partition("/")
    source = top if within and class_from_name(top) is None else path.stem
    return OneShotFile(ref, class_from_name(f"{path.stem}/{ref.name}"), source, original=ref.name)
