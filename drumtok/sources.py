"""Where songs come from: named corpora, folders and zips of MIDI, texts in words or grid notation.

A source lists its files in the order of their names, with what is known of each before it is read.
"""

import csv
import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.events import SKIPPED
from drumtok.items import ENDINGS, Item, is_text, read_midi_item, read_text_items
from drumtok.manifests import Manifest, load_manifest, manifest_names
from drumtok.sourcefiles import SourceFile, list_files

SIDE_FOLDERS = {"train": "train", "validation": "validation", "valid": "validation", "test": "test"}
SUMS = 2**256  # sums of files are counted modulo this


@dataclass(frozen=True)
class Source:
    """A corpus that can be read.

    Attributes:
        name: the name of its manifest, or its path's last part.
        path: the folder or file that it is read from.
        note_map: how its MIDI notes are read.
        licence: what its manifest says, empty for one's own files.
        table: as in `drumtok.manifests.Manifest`.
        weight: how often training takes its songs: 2 is twice an epoch, 0.5 every other one.
    """

    name: str
    path: Path
    note_map: str = "gm"
    licence: str = ""
    table: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (self.weight > 0 and math.isfinite(self.weight)):
            raise DrumtokError(f"weight of source {self.name!r} is {self.weight}: allowed is a number above 0")

    def files(self) -> Iterator[SourceFile]:
        """Every file that can hold patterns, in the order of the names; it can be asked for again.

        An official split is known from the manifest's table, or from the top folders where all files lie under
        folders called train, validation (or valid) and test.

        Raises:
            DrumtokError: it cannot be read.
        """
        try:
            rows = self._table_rows()
            by_folder = not rows and self._has_side_folders()
            for file in list_files(self.path):
                if rows and file.ref.name not in rows:
                    yield file._replace(unlisted=f"{self.table['path']} does not list it")
                elif by_folder:
                    yield file._replace(split=SIDE_FOLDERS[file.top])
                else:
                    yield file._replace(**rows.get(file.ref.name, {}))
        except (OSError, zipfile.BadZipFile, zlib.error) as error:
            raise DrumtokError(f"cannot read source {str(self.path)!r}: {error}") from error

    def read(self, file: SourceFile) -> bytes:
        """The bytes of one of its files.

        Raises:
            DrumtokError: it cannot be read; the message names source and file.
        """
        try:
            return file.read()
        except DrumtokError as error:
            raise DrumtokError(f"cannot read source {str(self.path)!r}: {file.ref.name!r}: {error}") from None

    def items_of(self, file: SourceFile, data: bytes, grid: int) -> Iterator[Item]:
        """What one of its files holds; MIDI is put on the grid, other patterns come on their own.

        Raises:
            DrumtokError: a text is wrong; the message names file, line and word.
        """
        name = file.ref.name
        if file.unlisted:
            yield Item(name, status=SKIPPED, reason=file.unlisted)
            return
        midi = not is_text(name)
        items = [read_midi_item(name, data, grid=grid, note_map=self.note_map, offsets=False)] if midi else None
        for item in items or read_text_items(name, data, file.line):
            labelled = [replace(p, name=item.name, style=p.style or file.style) for p in item.patterns]
            yield replace(item, patterns=tuple(labelled), split=item.split or file.split, kind=file.kind)

    def items(self, grid: int) -> Iterator[Item]:
        """Reads everything, file by file, as `items_of`."""
        for file in self.files():
            yield from self.items_of(file, b"" if file.unlisted else self.read(file), grid)

    def digest(self) -> str:
        """A sum over the names and bytes of all files."""
        return f"{sum(file.sum(self.read(file)) for file in self.files()) % SUMS:064x}"

    def _has_side_folders(self) -> bool:
        tops = set()
        for file in list_files(self.path):
            tops.add(file.top)
            if not tops <= SIDE_FOLDERS.keys():
                return False
        return len(tops) > 1

    def _table_rows(self) -> dict[str, dict[str, Any]]:
        """file name -> its split, style and kind, by the table that the manifest names."""
        if not self.table:
            return {}
        with zipfile.ZipFile(self.path) as archive:
            text = archive.read(self.table["path"]).decode()
        rows = {}
        for row in csv.DictReader(io.StringIO(text)):
            name = f"{self.table['root']}/{row[self.table['file']]}"
            labels = {label: row[self.table[label]] for label in ("split", "style", "kind")}
            rows[name] = labels | {"style": labels["style"].partition("/")[0]}
        return rows


def open_source(spec: str, note_map: str = "gm", weight: float = 1.0) -> Source:
    """The source that a word on the command line means: the name of a manifest, else a path.

    Args:
        note_map: for paths; a manifest has its own.
        weight: as in `Source`.

    Raises:
        DrumtokError: there is no such thing, or it holds nothing that can be read.
    """
    if spec in manifest_names():
        return _manifest_source(load_manifest(spec), weight)
    path = Path(spec)
    if not path.exists():
        names = ", ".join(manifest_names())
        raise DrumtokError(f"source {spec!r} is not there: allowed are {names}, a folder, a zip or a file")
    if path.is_file() and not zipfile.is_zipfile(path) and not path.name.lower().endswith(ENDINGS):
        raise DrumtokError(f"source {spec!r} is of no known kind: allowed are zip, {', '.join(ENDINGS)}")
    source = Source(path.resolve().name, path, note_map, weight=weight)
    if not any(True for _ in source.files()):
        raise DrumtokError(f"source {spec!r} holds no file that ends in {', '.join(ENDINGS)}")
    return source


def _manifest_source(manifest: Manifest, weight: float) -> Source:
    if not manifest.path.exists():
        raise DrumtokError(f"corpus {manifest.name!r} is not here yet: drumtok corpus fetch {manifest.name}")
    return Source(manifest.name, manifest.path, manifest.note_map, manifest.licence, manifest.table, weight)
