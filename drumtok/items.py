"""What a file of a source holds: MIDI, words or grid notation to `Item`s, with what was read or why it was not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from drumtok.config import ANY_METER, CorpusConfig
from drumtok.context import BEAT
from drumtok.errors import DrumtokError
from drumtok.events import READ, SKIPPED
from drumtok.midi import MIDI_ENDINGS, from_midi_bytes
from drumtok.pattern import Pattern
from drumtok.text import groove_entries, song_entries

WORDS_ENDING, GROOVES_ENDING = ".txt", ".grid"
ENDINGS = (*MIDI_ENDINGS, WORDS_ENDING, GROOVES_ENDING)
CLASH = "of the corpus's grid"  # so the reason ends of a song whose hits were moved to another grid
TRIPLET_GRIDS = (3, 6)  # whose steps lie between those of the other grids


@dataclass(frozen=True)
class Item:
    """One file or groove of a source: the unit that a split keeps whole.

    Attributes:
        name: its name within the source, unique there, but for songs far apart in a long text that have one NAME.
        patterns: its sections; none where it was skipped.
        split: the official split, empty where there is none.
        parts: what a recombined loop is made of.
        kind: one of `drumtok.context.KINDS`; a beat unless a table says fill.
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
    """The name of a file or song without what tells its sections apart (`drumtok.encode.song_name`).

    >>> stem("loops/a.mid"), stem("words.txt#a.mid~2")
    ('loops/a.mid', 'words.txt#a.mid')
    """
    head, mark, number = name.rpartition("~")
    return head if mark and number.isdecimal() else name


def fitting(item: Item, config: CorpusConfig) -> Item:
    """The item with those of its patterns that the corpus takes, on the corpus's grid; the reason says what is lost.

    A finer grid's hits go to the nearest step. So do triplets in a corpus that counts in twos, and the other way
    round; but where that moves hits of most of a source's songs, the source does not belong here (`drumtok.partition`).
    """
    if item.status == SKIPPED:
        return item
    sounding = [p for p in item.patterns if p.hits.any()]
    taken = [p for p in sounding if config.meter in (ANY_METER, "{}/{}".format(*p.meter))]
    others = sorted({"{}/{}".format(*p.meter) for p in sounding} - {"{}/{}".format(*p.meter) for p in taken})
    left_out = other_meters(others, config) if others else ""
    moved = sum(_between(p, config.grid) for p in taken)
    clash = f"line {item.line}: {moved} hits lie between the steps {CLASH}" if moved else ""
    reason = "; ".join(filter(None, (item.reason, left_out, clash)))
    if not taken:
        return replace(item, patterns=(), status=SKIPPED, reason=reason if others else "no hits of the kit")
    try:
        on_grid = tuple(p if p.grid == config.grid else p.regridded(config.grid) for p in taken)
    except DrumtokError as error:  # its bar is no whole number of the corpus's steps
        return replace(item, patterns=(), status=SKIPPED, reason=str(error))
    return replace(item, patterns=on_grid, reason=reason)  # sections of other meters are left out, and it says so


def other_meters(meters: list[str], config: CorpusConfig) -> str:
    """Why sections of those meters are not in the corpus."""
    return f"meter {', '.join(meters)}, not {config.meter}"


def _between(pattern: Pattern, grid: int) -> int:
    """The hits of a pattern in triplets that a grid in twos has no step for, or the other way round."""
    if (pattern.grid in TRIPLET_GRIDS) == (grid in TRIPLET_GRIDS):
        return 0
    steps, _ = np.nonzero(pattern.hits)
    return int((steps * grid % pattern.grid != 0).sum())
