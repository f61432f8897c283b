"""Where songs come from: named corpora, folders and zips of MIDI, texts in words or grid notation.

A source gives `Item`s in a fixed order, one for each file or groove, with what was read or why it was not.
"""

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drumtok.context import BEAT
from drumtok.errors import DrumtokError
from drumtok.events import READ, SKIPPED
from drumtok.manifests import Manifest, load_manifest, manifest_names
from drumtok.midi import from_midi_bytes
from drumtok.pattern import Pattern
from drumtok.smf import LONGEST_FILE
from drumtok.text import parse_grooves, parse_songs

MIDI_ENDINGS = (".mid", ".midi", ".rmi")
TEXT_PARSERS: dict[str, Callable[[str], Iterator[Pattern]]] = {".txt": parse_songs, ".grid": parse_grooves}
ENDINGS = (*MIDI_ENDINGS, *TEXT_PARSERS)


@dataclass(frozen=True)
class Item:
    """One file or groove of a source: the unit that a split keeps whole.

    Attributes:
        name: its name within the source, unique there.
        patterns: its sections; none where it was skipped.
        split: the official split, empty where there is none.
        status, reason: `read`, `salvaged` or `skipped`; why it was skipped, or some of its sections, what was wrong
            with it and what was guessed.
        kind: one of `drumtok.context.KINDS`; a beat unless a table says fill.
        outside: note -> how many notes were no drum of the kit.
        merged: hits that fell on a louder one of the same drum.
        suggestion: what to try where most notes are no drum of the kit.
    """

    name: str
    patterns: tuple[Pattern, ...] = ()
    split: str = ""
    kind: str = BEAT
    status: str = READ
    reason: str = ""
    outside: Mapping[int, int] = field(default_factory=dict)
    merged: int = 0
    suggestion: str = ""

    def report(self) -> dict[str, Any]:
        """What a line of a report says of it; a section is its meter and its bars."""
        return {
            "file": self.name,
            "status": self.status,
            "reason": self.reason,
            "bars": sum(p.bars for p in self.patterns),
            "hits": int(sum(p.hits.sum() for p in self.patterns)),
            "outside": dict(self.outside),
            "merged": self.merged,
            "sections": [["{}/{}".format(*p.meter), p.bars] for p in self.patterns],
            "suggestion": self.suggestion,
        }


@dataclass(frozen=True)
class Source:
    """A corpus that can be read.

    Attributes:
        name: the name of its manifest, or its path's last part.
        path: the folder or file that it is read from.
        note_map: how its MIDI notes are read.
        licence: what its manifest says, empty for one's own files.
        table: as in `drumtok.manifests.Manifest`.
    """

    name: str
    path: Path
    note_map: str = "gm"
    licence: str = ""
    table: Mapping[str, str] = field(default_factory=dict)

    def items(self, grid: int) -> Iterator[Item]:
        """Reads everything; MIDI is put on the grid, other patterns come on their own."""
        rows = self._table_rows()
        for name, data in self._files():
            if rows and name not in rows:
                yield Item(name, status=SKIPPED, reason=f"{self.table['path']} does not list it")
                continue
            row = rows.get(name, {})
            for item in _read(name, data, grid, self.note_map):
                style = row.get("style", "")
                labelled = [replace(p, name=item.name, style=p.style or style) for p in item.patterns]
                yield replace(item, patterns=tuple(labelled), split=row.get("split", ""), kind=row.get("kind", BEAT))

    def digest(self) -> str:
        """A sum over the names and bytes of all files."""
        total = hashlib.sha256()
        for name, data in self._files():
            total.update(f"{name}\0{len(data)}\0".encode(errors="surrogateescape"))
            total.update(data)
        return total.hexdigest()

    def _files(self) -> Iterator[tuple[str, bytes]]:
        """(name, bytes) of every file that can hold patterns, in the order of the names."""
        try:
            yield from self._read_files()
        except (OSError, zipfile.BadZipFile, zlib.error) as error:
            raise DrumtokError(f"cannot read source {str(self.path)!r}: {error}") from error

    def _read_files(self) -> Iterator[tuple[str, bytes]]:
        if zipfile.is_zipfile(self.path):
            with zipfile.ZipFile(self.path) as archive:
                for name in sorted(archive.namelist()):
                    if name.lower().endswith(ENDINGS):
                        with archive.open(name) as file:
                            yield name, file.read(_most(name))
        elif self.path.is_dir():
            for path in sorted(self.path.rglob("*"), key=Path.as_posix):
                if path.suffix.lower() in ENDINGS and path.is_file():
                    with open(path, "rb") as file:
                        yield path.relative_to(self.path).as_posix(), file.read(_most(path.name))
        else:
            with open(self.path, "rb") as file:
                yield self.path.name, file.read(_most(self.path.name))

    def _table_rows(self) -> dict[str, dict[str, str]]:
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


def open_source(spec: str, note_map: str = "gm") -> Source:
    """The source that a word on the command line means: the name of a manifest, else a path.

    Args:
        note_map: for paths; a manifest has its own.

    Raises:
        DrumtokError: there is no such thing, or it holds nothing that can be read.
    """
    if spec in manifest_names():
        return _manifest_source(load_manifest(spec))
    path = Path(spec)
    if not path.exists():
        names = ", ".join(manifest_names())
        raise DrumtokError(f"source {spec!r} is not there: allowed are {names}, a folder, a zip or a file")
    source = Source(path.resolve().name, path, note_map)
    if not any(True for _ in source._files()):
        raise DrumtokError(f"source {spec!r} holds no file that ends in {', '.join(ENDINGS)}")
    if path.is_file() and not zipfile.is_zipfile(path) and path.suffix.lower() not in ENDINGS:
        raise DrumtokError(f"source {spec!r} is of no known kind: allowed are zip, {', '.join(ENDINGS)}")
    return source


def _most(name: str) -> int:
    """How many bytes of a file are read: of MIDI one more than is looked at, which tells that there are more."""
    return LONGEST_FILE + 1 if name.lower().endswith(MIDI_ENDINGS) else -1


def _manifest_source(manifest: Manifest) -> Source:
    if not manifest.path.exists():
        raise DrumtokError(f"corpus {manifest.name!r} is not here yet: drumtok corpus fetch {manifest.name}")
    return Source(manifest.name, manifest.path, manifest.note_map, manifest.licence, manifest.table)


def _read(name: str, data: bytes, grid: int, note_map: str) -> Iterator[Item]:
    """The items of one file: a MIDI file is one, a text has one for each pattern."""
    parse = TEXT_PARSERS.get(Path(name).suffix.lower())
    if parse is None:
        yield read_midi_item(name, data, grid=grid, note_map=note_map)
        return
    try:
        patterns = list(parse(data.decode("utf-8-sig")))
    except (DrumtokError, UnicodeDecodeError) as error:
        raise DrumtokError(f"{name}: {error}") from None  # somebody wrote this text by hand and can mend it
    names = [pattern.name for pattern in patterns]
    for number, pattern in enumerate(patterns, 1):
        own = pattern.name if names.count(pattern.name) == 1 else ""  # a name that others have too names nothing
        yield Item(f"{name}#{own or number}", (pattern,))


def read_midi_item(name: str, data: bytes, **options: Any) -> Item:
    """What becomes of a MIDI file, whatever is in it; the options are those of `drumtok.midi.from_midi_bytes`."""
    try:
        song = from_midi_bytes(data, name, **options)
    except DrumtokError as error:
        return Item(name, status=SKIPPED, reason=str(error))
    item = Item(
        name,
        song.sections,
        status=song.status,
        reason=song.reason,
        outside=song.outside,
        merged=song.merged,
        suggestion=song.suggestion,
    )
    if song.sections:
        return item
    return replace(item, status=SKIPPED, reason="; ".join(filter(None, (song.reason, "no hits of the kit"))))
