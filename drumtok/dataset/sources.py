"""Open the sources of songs: named corpora, folders and zips of MIDI, texts in words or grid notation.

A source lists its files in the order of their names, with the labels from its table or folders.
"""

import csv
import io
import math
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drumtok.dataset.manifests import Manifest, load_manifest, manifest_names
from drumtok.dataset.source_files import TEXT_CHUNK, SourceFile, list_files, read_inside, tables_inside
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.events import SKIPPED
from drumtok.midi.files import ReadingOptions
from drumtok.runtime.reading import walk
from drumtok.runtime.remote import address, is_remote, is_there
from drumtok.tokenizer.labels import ANY, KINDS
from drumtok.tokenizer.readers import ENDINGS, Item, source_type
from drumtok.tokenizer.splits import SPLIT_OF_ALIAS

LABELS = ("split", "style", "kind")  # the columns of a table
HASHES = 2**256  # hashes of files are added modulo this


@dataclass(frozen=True)
class Source:
    """Files to build a corpus from.

    Attributes:
        name: the name of its manifest, or the last component of its path.
        path: its folder or file.
        drums: how the drums of its MIDI files are found and read.
        licence: from its manifest, empty for other files.
        table: as in `drumtok.dataset.manifests.Manifest`; other sources may have a table like that of Groove.
        weight: how often an epoch contains its songs: 2 is twice, 0.5 every other epoch.
        text_chunk: as in `drumtok.dataset.source_files.list_files`.
    """

    name: str
    path: Path
    drums: DrumsConfig = DRUMS
    licence: str = ""
    table: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0
    text_chunk: int = TEXT_CHUNK

    def __post_init__(self) -> None:
        if not (self.weight > 0 and math.isfinite(self.weight)):
            raise DrumtokError(f"weight of source {self.name!r} must be a finite number above 0, got {self.weight}")

    def files(self) -> Iterator[SourceFile]:
        """Yield every file that can hold patterns, in the order of the names.

        An official split comes from the table of the source, or from the top folders if all files are in folders
        called train, validation (or valid) and test.

        Raises:
            DrumtokError: it cannot be read.
        """
        try:
            rows = self._table_rows()
            by_folder = not rows and self._has_split_folders()
            for file in list_files(self.path, self.text_chunk):
                if rows and file.ref.name not in rows:
                    yield file._replace(unlisted=f"{self.table['path']} does not list it")
                elif by_folder:
                    yield file._replace(split=SPLIT_OF_ALIAS[file.top])
                else:
                    yield file._replace(**rows.get(file.ref.name, {}))
        except (OSError, zipfile.BadZipFile, zlib.error) as error:
            raise DrumtokError(f"cannot read source {address(self.path)!r}: {error}") from error

    def read(self, file: SourceFile) -> bytes:
        """Read one of its files.

        Raises:
            DrumtokError: it cannot be read; the message names source and file.
        """
        try:
            return file.read()
        except DrumtokError as error:
            raise DrumtokError(f"cannot read source {address(self.path)!r}: {file.ref.name!r}: {error}") from None

    def items_of(self, file: SourceFile, data: bytes, grid: int) -> Iterator[Item]:
        """Yield the items of one of its files; MIDI is quantised to the grid, other patterns keep their own."""
        name = file.ref.name
        if file.unlisted:
            yield Item(name, status=SKIPPED, reason=file.unlisted)
            return
        options: ReadingOptions = {
            "grid": grid,
            "note_map": self.drums.note_map,
            "channel": self.drums.channel,
            "track": self.drums.track,
            "offsets": False,
        }
        for item in source_type(name).read(name, data, file.line, options):
            labelled = [replace(p, name=item.name, style=p.style or file.style) for p in item.patterns]
            yield replace(item, patterns=tuple(labelled), split=item.split or file.split, kind=file.kind)

    def items(self, grid: int) -> Iterator[Item]:
        """Yield the items of all files, as `items_of`."""
        for file in self.files():
            yield from self.items_of(file, b"" if file.unlisted else self.read(file), grid)

    def digest(self) -> str:
        """Return a hash of the names and bytes of all files."""
        return f"{sum(file.hash(self.read(file)) for file in self.files()) % HASHES:064x}"

    def others(self) -> list[str]:
        """Return the names of the files of a local folder that are not listed because of their ending."""
        names: list[str] = []
        if not is_remote(self.path) and self.path.is_dir():
            deque(walk(self.path, ENDINGS, others=names), maxlen=0)
        return names

    def _has_split_folders(self) -> bool:
        tops = set()
        for file in list_files(self.path, self.text_chunk):
            tops.add(file.top)
            if not tops <= SPLIT_OF_ALIAS.keys():
                return False
        return len(tops) > 1

    def _table_rows(self) -> dict[str, dict[str, Any]]:
        """Read the source's table: file name -> split, style and kind."""
        if not self.table:
            return {}
        root = self.table["root"]
        rows = {}
        for row in csv.DictReader(io.StringIO(read_inside(self.path, self.table["path"]).decode("utf-8-sig"))):
            split, style, kind = (row[self.table[label]] for label in LABELS)
            name = "/".join(filter(None, (root, row[self.table["file"]])))
            rows[name] = {
                "split": SPLIT_OF_ALIAS.get(split.lower(), ""),
                "style": style.partition("/")[0],
                "kind": kind if kind in KINDS else ANY,
            }
        return rows


def open_source(spec: str, drums: DrumsConfig = DRUMS, weight: float = 1.0) -> Source:
    """Open a source by the name of its manifest, else by its path.

    Args:
        drums: for paths; a manifest has its own note map, and its drums are found by evidence.
        weight: as in `Source`.

    Raises:
        DrumtokError: there is no such source, or it has no readable file.
    """
    if spec in manifest_names():
        return _manifest_source(load_manifest(spec), weight)
    path, far = Path(spec), is_remote(spec)
    if not (is_there(path) if far else path.exists()):
        names = ", ".join(manifest_names())
        raise DrumtokError(f"source must be {names}, or an existing folder, zip or file, got {spec!r}")
    if not far and path.is_file() and not zipfile.is_zipfile(path) and not path.name.lower().endswith(ENDINGS):
        raise DrumtokError(f"source must be a folder, a zip or a file that ends in {', '.join(ENDINGS)}, got {spec!r}")
    name = path.name if far else path.resolve().name
    source = Source(name, path, drums, table=_table_of(path), weight=weight)
    if not any(True for _ in source.files()):
        raise DrumtokError(f"source {spec!r} must hold a file that ends in {', '.join(ENDINGS)}")
    return source


def _manifest_source(manifest: Manifest, weight: float) -> Source:
    if not manifest.path.exists():
        raise DrumtokError(f"corpus {manifest.name!r} has not been fetched: drumtok corpus fetch {manifest.name}")
    return Source(
        manifest.name, manifest.path, DrumsConfig(manifest.note_map), manifest.licence, manifest.table, weight
    )


def _table_of(path: Path) -> dict[str, str]:
    """Find the table of an unpacked or renamed copy of a data set like Groove.

    It is a CSV file with the columns of the table of Groove, at the top of a folder or zip or in a zip's top folder.
    """
    columns = {key: name for key, name in load_manifest("groove").table.items() if key in ("file", *LABELS)}
    for name in tables_inside(path):
        try:
            header = next(csv.reader(io.StringIO(read_inside(path, name).decode("utf-8-sig"))), [])
        except (OSError, ValueError, csv.Error, zipfile.BadZipFile, zlib.error):
            continue
        if set(columns.values()) <= set(header):
            return {"path": name, "root": name.rpartition("/")[0], **columns}
    return {}
