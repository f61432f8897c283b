"""What a file of a source holds: MIDI, words or grid notation to `Item`s, with what was read or why it was not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.midi.events import READ, SKIPPED
from drumtok.midi.files import MIDI_ENDINGS, from_midi_bytes
from drumtok.pattern import Pattern
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.text import groove_entries, song_entries

WORDS_ENDING, GROOVES_ENDING = ".txt", ".grid"
ENDINGS = (*MIDI_ENDINGS, WORDS_ENDING, GROOVES_ENDING)


@dataclass(frozen=True)
class Item:
    """One file or groove of a source: the unit that a split keeps whole.

    Attributes:
        name: its name within the source, unique there, but for songs far apart in a long text that have one NAME.
        patterns: its sections; none where it was skipped.
        split: the official split, empty where there is none.
        parts: what a recombined loop is made of.
        kind: one of `drumtok.tokenizer.labels.KINDS`; a beat unless a table says fill.
        status, reason: `read`, `salvaged` or `skipped`; why it was skipped, or some of its sections, what was wrong
            with it and what was guessed.
        outside: note -> how many notes were no drum of the kit.
        merged: hits that fell on a louder one of the same drum.
        suggestion: what to try where most notes are no drum of the kit.
        line: where it begins in its text, 0 for MIDI.
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
    line: int = 0

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


def is_text(name: str) -> bool:
    """Whether a file of this name is read as text.

    >>> is_text("a/B.TXT"), is_text("c.grid"), is_text("d.mid")
    (True, True, False)
    """
    return name.lower().endswith((WORDS_ENDING, GROOVES_ENDING))


def read_midi_item(name: str, data: bytes, **options: Any) -> Item:
    """What becomes of a MIDI file, whatever is in it; the options are those of `drumtok.midi.files.from_midi_bytes`."""
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


def read_text_items(name: str, data: bytes, first: int = 1) -> list[Item]:
    """The songs or grooves of a text, or of a piece of it.

    Args:
        first: the number of the piece's first line.

    Raises:
        DrumtokError: something in it is wrong; the message names file, line and word. Somebody wrote it by hand and
            can mend it.
    """
    of_words = name.lower().endswith(WORDS_ENDING)
    try:
        text = data.decode("utf-8-sig" if first == 1 else "utf-8")
        found = list(song_entries(text.split("\n"), first) if of_words else groove_entries(text))
    except (DrumtokError, UnicodeDecodeError) as error:
        raise DrumtokError(f"{name}: {error}") from None
    times = Counter(entry.pattern.name for entry in found)
    items = []
    for number, entry in enumerate(found, 1):
        own = entry.pattern.name if times[entry.pattern.name] == 1 else ""  # one that others have too names nothing
        full = f"{name}#{own or (entry.line if of_words else number)}"
        pattern = replace(entry.pattern, name=full)
        items.append(Item(full, (pattern,), split=entry.split, parts=entry.parts, line=entry.line))
    return items


def stem(name: str) -> str:
    """The name of a file or song without what tells its sections apart (`drumtok.tokenizer.encode.song_name`).

    >>> stem("loops/a.mid"), stem("words.txt#a.mid~2")
    ('loops/a.mid', 'words.txt#a.mid')
    """
    head, mark, number = name.rpartition("~")
    return head if mark and number.isdecimal() else name
