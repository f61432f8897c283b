"""The text formats of patterns: the ending of each, and its functions for writing and reading."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from drumtok.errors import DrumtokError
from drumtok.exchange.csv_format import from_csv, to_csv
from drumtok.exchange.hydrogen_write import to_h2pattern, to_h2song
from drumtok.exchange.live_code import to_strudel, to_tidal
from drumtok.exchange.musicxml_write import to_musicxml
from drumtok.midi.files import read_song, to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.runtime.files import write_atomically
from drumtok.runtime.reading import read_text
from drumtok.tokenizer.json_format import from_json, to_json
from drumtok.tokenizer.text import format_song, parse_grooves, parse_songs

WORDS, GRID, JSON, CSV = "words", "grid", "json", "csv"
MIDI_ENDING = ".mid"


class TextFormat(NamedTuple):
    """A format of patterns as text.

    Attributes:
        ending: the ending of its files.
        write: writes a pattern.
        read: reads the patterns of a text; None if the format is only written.
        joins: whether concatenated texts are the text of all their patterns.
    """

    ending: str
    write: Callable[[Pattern], str]
    read: Callable[[str], Iterable[Pattern]] | None = None
    joins: bool = False


# The parsers of XML are imported when a file is read.
def _read_musicxml(text: str) -> list[Pattern]:
    from drumtok.exchange.musicxml_read import from_musicxml

    return [from_musicxml(text)]


def _read_h2pattern(text: str) -> list[Pattern]:
    from drumtok.exchange.hydrogen_read import from_h2pattern

    return [from_h2pattern(text)]


def _read_h2song(text: str) -> list[Pattern]:
    from drumtok.exchange.hydrogen_read import from_h2song

    return [from_h2song(text)]


TEXT_FORMATS = {
    WORDS: TextFormat(".txt", format_song, parse_songs, joins=True),
    GRID: TextFormat(".grid", lambda pattern: pattern.to_grid() + "\n", parse_grooves, joins=True),
    JSON: TextFormat(
        ".json", to_json, lambda text: [from_json(line) for line in text.splitlines() if line.strip()], joins=True
    ),
    CSV: TextFormat(".csv", to_csv, from_csv, joins=True),
    "musicxml": TextFormat(".musicxml", to_musicxml, _read_musicxml),
    "h2pattern": TextFormat(".h2pattern", to_h2pattern, _read_h2pattern),
    "h2song": TextFormat(".h2song", to_h2song, _read_h2song),
    "strudel": TextFormat(".js", to_strudel),
    "tidal": TextFormat(".tidal", to_tidal),
}
BY_ENDING = {each.ending: each for each in TEXT_FORMATS.values()}


def write_pattern(pattern: Pattern, path: str | os.PathLike[str]) -> None:
    """Write a pattern in the format of the file's ending, atomically.

    Raises:
        DrumtokError: the ending is unknown, or the file cannot be written.
    """
    ending = Path(path).suffix.lower()
    if ending == MIDI_ENDING:
        write_atomically(path, to_midi_bytes(pattern))
        return
    if ending not in BY_ENDING:
        raise DrumtokError(f"file must end in {', '.join((MIDI_ENDING, *BY_ENDING))}, got {str(path)!r}")
    write_atomically(path, f"{BY_ENDING[ending].write(pattern)}\n".encode())


def read_patterns(path: str | os.PathLike[str]) -> list[Pattern]:
    """Read the patterns of a file in the format of its ending; a file with an unknown ending is read as MIDI.

    Raises:
        DrumtokError: the file cannot be read, or its format is only written.
    """
    known = BY_ENDING.get(Path(path).suffix.lower())
    if known is None:
        return list(read_song(path).sections)
    return parse_patterns(known, read_text(Path(path)), str(path))


def parse_patterns(known: TextFormat, text: str, name: str) -> list[Pattern]:
    """Read the patterns of a text.

    Args:
        name: the name of its file, for errors.

    Raises:
        DrumtokError: the text cannot be read, or the format is only written.
    """
    if known.read is None:
        raise DrumtokError(f"cannot read {name!r}: files that end in {known.ending} are only written")
    try:
        return list(known.read(text))
    except DrumtokError as error:
        raise DrumtokError(f"{name!r}: {error}") from None
