"""The types of source files, and their readers, which turn a file of patterns into `Item`s."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Unpack

from drumtok.errors import DrumtokError
from drumtok.exchange.hydrogen_read import from_h2pattern, from_h2song
from drumtok.exchange.musicxml_read import from_musicxml
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.events import READ, SKIPPED
from drumtok.midi.files import ReadingOptions, Song, from_midi_bytes
from drumtok.pattern import Meter, Pattern
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.text import Entry, groove_entries, song_entries


@dataclass(frozen=True)
class Item:
    """One file or groove of a source, which is assigned to one split as a whole.

    Attributes:
        name: unique within the source, except for songs far apart in a long text with the same NAME.
        patterns: its sections; empty if it was skipped.
        split: the official split, or empty.
        parts: the parts of a recombined loop.
        kind: one of `drumtok.tokenizer.labels.KINDS`.
        status: `read`, `salvaged` or `skipped`.
        reason: why it or some of its sections were skipped, its faults, and guesses.
        outside: note -> the number of its notes, for notes outside the kit.
        merged: the number of hits merged into a louder one of the same drum.
        suggestion: what to try if most notes are outside the kit.
        notes: the number of MIDI notes that are read as drums (hits, merged and outside); None for text.
        evidence: why these notes are drums (`drumtok.midi.evidence`), empty for text.
        line: its first line in a text, 0 for MIDI.
    """

    name: str
    patterns: tuple[Pattern, ...] = ()
    split: str = ""
    parts: tuple[str, ...] = ()
    kind: str = BEAT
    status: str = READ
    reason: str = ""
    outside: Mapping[int, int] = field(default_factory=dict)
    merged: int = 0
    suggestion: str = ""
    notes: int | None = None
    evidence: str = ""
    line: int = 0

    def report(self) -> dict[str, Any]:
        """Return the row of this item in a report."""
        return report_row(
            self.name,
            [(p.meter, p.bars) for p in self.patterns],
            int(sum(p.hits.sum() for p in self.patterns)),
            status=self.status,
            reason=self.reason,
            outside=self.outside,
            merged=self.merged,
            suggestion=self.suggestion,
            notes=self.notes,
            evidence=self.evidence,
        )


def report_row(
    file: str,
    sections: Sequence[tuple[Meter, int]],
    hits: int,
    *,
    status: str = READ,
    reason: str = "",
    outside: Mapping[int, int] | None = None,
    merged: int = 0,
    suggestion: str = "",
    notes: int | None = None,
    evidence: str = "",
) -> dict[str, Any]:
    """Return the row of a file or groove in a report; the arguments are as in `Item`.

    Args:
        sections: the meter and the number of bars of each section.

    >>> row = report_row("a.mid", [((4, 4), 1)], 12, outside={56: 3}, merged=1, notes=16, evidence="channel 10")
    >>> row["notes"] == row["hits"] + row["merged"] + sum(row["outside"].values())
    True
    """
    return {
        "file": file,
        "status": status,
        "reason": reason,
        "drums": evidence,
        "bars": sum(bars for _, bars in sections),
        "notes": hits if notes is None else notes,
        "hits": hits,
        "outside": dict(outside or {}),
        "merged": merged,
        "sections": [["{}/{}".format(*meter), bars] for meter, bars in sections],
        "suggestion": suggestion,
    }


def read_midi_item(name: str, data: bytes, **options: Unpack[ReadingOptions]) -> Item:
    """Read a MIDI file; an unreadable file gives a skipped item.

    Args:
        options: as in `drumtok.midi.files.from_midi_bytes`.
    """
    try:
        song = from_midi_bytes(data, name, **(options | {"within": name}))
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
        notes=song.notes,
        evidence=song.evidence,
    )
    if song.sections:
        return item
    return replace(item, status=SKIPPED, reason="; ".join(filter(None, (song.reason, no_hits(song)))))


def no_hits(song: Song) -> str:
    """Describe why a song has no hits: it has no drum notes, or only notes outside the kit."""
    listed = sorted(song.outside.items(), key=lambda item: (-item[1], item[0]))
    most = ", ".join(f"{note} ({count})" for note, count in listed[:6]) + (" ..." if len(listed) > 6 else "")
    return f"no hits of the kit: all its notes are outside it, {most}" if listed else "no hits of the kit"


def _midi_items(name: str, data: bytes, first_line: int, options: ReadingOptions) -> list[Item]:
    return [read_midi_item(name, data, **options)]


def _word_items(name: str, data: bytes, first_line: int, options: ReadingOptions) -> list[Item]:
    """Read the songs of a corpus file or of a piece of one; a song without a name is named by its line number.

    A line that is not a song gives a skipped item.
    """
    entries: list[Entry] = []
    wrong: list[Item] = []
    try:
        lines = data.decode("utf-8-sig" if first_line == 1 else "utf-8").split("\n")
    except UnicodeDecodeError:
        return [Item(name, status=SKIPPED, reason="it is not UTF-8 text")]
    for number, line in enumerate(lines, first_line):
        try:
            entries += song_entries([line], number)
        except DrumtokError as error:
            wrong.append(Item(f"{name}#{number}", status=SKIPPED, reason=str(error), line=number))
    if not entries:  # such as a README, for which one reason is enough
        return [replace(item, name=name) for item in wrong[:1]]
    return [*_named(name, entries, [entry.line for entry in entries]), *wrong]


def _grid_items(name: str, data: bytes, first_line: int, options: ReadingOptions) -> list[Item]:
    """Read the patterns of a groove file; a pattern without a name is named by its number."""
    try:
        entries = list(groove_entries(data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        return [Item(name, status=SKIPPED, reason="it is not UTF-8 text")]
    except DrumtokError as error:
        return [Item(name, status=SKIPPED, reason=str(error))]
    return _named(name, entries, range(1, len(entries) + 1))


def _named(name: str, entries: list[Entry], numbers: Iterable[int]) -> list[Item]:
    """Make an item of each entry, named by its own name if that is unique, else by its number."""
    times = Counter(entry.pattern.name for entry in entries)
    items = []
    for entry, number in zip(entries, numbers, strict=True):
        own = entry.pattern.name if times[entry.pattern.name] == 1 else ""
        full = f"{name}#{own or number}"
        pattern = replace(entry.pattern, name=full)
        items.append(Item(full, (pattern,), split=entry.split, parts=entry.parts, line=entry.line))
    return items


def _exchanged(read: Callable[[str], Pattern]) -> Callable[[str, bytes, int, ReadingOptions], list[Item]]:
    """Return the reader of a file format with one pattern per file."""

    def items(name: str, data: bytes, first_line: int, options: ReadingOptions) -> list[Item]:
        try:
            pattern = read(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return [Item(name, status=SKIPPED, reason="it is not UTF-8 text")]
        except DrumtokError as error:
            return [Item(name, status=SKIPPED, reason=str(error))]
        if not pattern.hits.any():
            return [Item(name, status=SKIPPED, reason="no hits of the kit")]
        return [Item(name, (replace(pattern, name=name),))]

    return items


@dataclass(frozen=True)
class SourceType:
    """A type of file that patterns are read from.

    Attributes:
        endings: the lower-case endings of its files.
        read: (name, bytes, number of the first line, options) -> items. An unreadable song or file gives a skipped item
            whose reason names line and word. The options only apply to MIDI.
        is_text: whether the file is text.
        by_line: whether each line is independent, so that a long file can be read in pieces.
    """

    endings: tuple[str, ...]
    read: Callable[[str, bytes, int, ReadingOptions], list[Item]]
    is_text: bool = True
    by_line: bool = False


SOURCE_TYPES = (
    SourceType(MIDI_ENDINGS, _midi_items, is_text=False),
    SourceType((".txt",), _word_items, by_line=True),
    SourceType((".grid",), _grid_items),
    SourceType((".h2pattern",), _exchanged(from_h2pattern)),
    SourceType((".h2song",), _exchanged(from_h2song)),
    SourceType((".musicxml",), _exchanged(from_musicxml)),
)
ENDINGS = tuple(ending for each in SOURCE_TYPES for ending in each.endings)


def source_type(name: str) -> SourceType:
    """Return the type of a file by the ending of its name; an unknown ending is treated as MIDI.

    >>> [source_type(name).is_text for name in ("a/B.TXT", "c.grid", "d.mid")]
    [True, True, False]
    """
    return next((each for each in SOURCE_TYPES if name.lower().endswith(each.endings)), SOURCE_TYPES[0])


def without_section(name: str) -> str:
    """Return the name of a file or song without the number of its section (`drumtok.tokenizer.encode.song_name`).

    >>> without_section("loops/a.mid"), without_section("words.txt#a.mid~2")
    ('loops/a.mid', 'words.txt#a.mid')
    """
    head, mark, number = name.rpartition("~")
    return head if mark and number.isdecimal() else name
