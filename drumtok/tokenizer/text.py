"""Texts of many patterns: corpus files in words, and groove files in grid notation, each with control words.

Control words such as `STYLE=funk TEMPO=96 METER=4/4 GRID=16` precede a pattern: at the start of its line in a corpus
file, on a separate line in a groove file. GRID is the number of steps per whole note, `SPLIT=test` assigns a song to a
split of a corpus, and `PARTS=kick-01+snare-02+hats-03` lists the parts of a recombined loop.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.pattern import Meter, Pattern, parse_meter
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.tokens import from_ids, to_words, word_ids

BEATS_OF_WHOLE_NOTE = 4
PART_MARK = "+"  # separates the names of parts

_LABEL_PARTS = re.compile(r"[^\s#|]+")  # a control word has no white space and no marks of grid notation


@dataclass(frozen=True)
class Entry:
    """A pattern of a text with its other control words.

    Attributes:
        pattern: the music, with its name and style.
        parts: the parts of a recombined loop, by role; empty for any other song.
        split: one of `SPLITS`, or empty.
        line: its first line in the text, from 1; 0 outside a text.
    """

    pattern: Pattern
    parts: tuple[str, ...] = ()
    split: str = ""
    line: int = 0


def control_words(pattern: Pattern) -> list[str]:
    """Return the control words of a pattern, without empty labels.

    >>> control_words(Pattern.from_grid("kick |x---|", meter=(1, 4), tempo=96))
    ['TEMPO=96', 'METER=1/4', 'GRID=16']
    """
    named = (("NAME", pattern.name), ("STYLE", pattern.style))
    labels = [f"{key}={label(text)}" for key, text in named if text]
    return [*labels, *time_words(pattern.tempo, pattern.meter, pattern.grid)]


def label(text: str) -> str:
    """Replace white space and marks of grid notation in a text by hyphens, so that it fits a control word.

    Bytes of a file's name that are not UTF-8 become question marks.

    >>> label("drum loops/a b.mid")
    'drum-loops/a-b.mid'
    """
    if text.isascii() and _LABEL_PARTS.fullmatch(text):
        return text
    return "-".join(_LABEL_PARTS.findall(text.encode(errors="replace").decode()))


def time_words(tempo: float, meter: Meter, grid: int) -> list[str]:
    """Return the control words for the tempo, meter and grid of a song."""
    written, steps = str(tempo).removesuffix(".0"), grid * BEATS_OF_WHOLE_NOTE
    return [f"TEMPO={written}", "METER={}/{}".format(*meter), f"GRID={steps}"]


def corpus_words(parts: Iterable[str] = (), split: str = "") -> list[str]:
    """Return the control words for the parts and split of a song; spaces and marks in names of parts become hyphens.

    Raises:
        DrumtokError: a part has no name, or the split is unknown.

    >>> corpus_words(["kick 1", "snare+rim"], "test")
    ['PARTS=kick-1+snare-rim', 'SPLIT=test']
    """
    names = [label(name.replace(PART_MARK, "-")) for name in parts]
    words = [f"PARTS={PART_MARK.join(names)}"] * bool(names) + [f"SPLIT={split}"] * bool(split)
    read_controls(words)
    return words


def _tempo(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise DrumtokError(f"TEMPO must be a number, got {value!r}") from None


def _grid(value: str) -> int:
    if not (value.isascii() and value.isdecimal()) or int(value) % BEATS_OF_WHOLE_NOTE:
        raise DrumtokError(f"GRID must be steps to a whole note, 12, 16, 24 or 32, got {value!r}")
    return int(value) // BEATS_OF_WHOLE_NOTE


def _parts(value: str) -> tuple[str, ...]:
    parts = tuple(value.split(PART_MARK))
    if not all(parts):
        raise DrumtokError(f"PARTS must be names of parts with {PART_MARK} between, got {value!r}")
    return parts


def _split(value: str) -> str:
    if value not in SPLITS:
        raise DrumtokError(f"SPLIT must be one of {', '.join(SPLITS)}, got {value!r}")
    return value


# control word -> reader of its value; its lower-case name is an argument of `Pattern` or `Entry`
CONTROLS: dict[str, Callable[[str], Any]] = {
    "NAME": str,
    "STYLE": str,
    "TEMPO": _tempo,
    "METER": parse_meter,
    "GRID": _grid,
    "PARTS": _parts,
    "SPLIT": _split,
}


def read_controls(words: Iterable[str]) -> dict[str, Any]:
    """Read control words as arguments of `Pattern` and `Entry`: the inverse of `control_words` and `corpus_words`.

    Raises:
        DrumtokError: a control word is unknown or its value is invalid.
    """
    values: dict[str, Any] = {}
    for word in words:
        key, _, value = word.partition("=")
        if key not in CONTROLS:
            raise DrumtokError(f"unknown control word {word!r}, must be one of {', '.join(CONTROLS)}")
        values[key.lower()] = CONTROLS[key](value)
    return values


def format_song(pattern: Pattern, parts: Iterable[str] = (), split: str = "") -> str:
    """Return the line of a corpus file: control words, then words.

    Args:
        parts, split: as in `Entry`.
    """
    return " ".join([*control_words(pattern), *corpus_words(parts, split), *to_words(pattern)])


def parse_songs(text: str) -> Iterator[Pattern]:
    """Read the songs of a corpus file, one per line: the inverse of `format_song`; empty lines are skipped.

    A file of one long line without control words, such as the LSTMetallica corpus, is one song in 4/4 sixteenths.

    Raises:
        DrumtokError: a word is unknown or a bar is incomplete; the message names line, word number and word.
    """
    return parse_lines(text.splitlines())


def parse_lines(lines: Iterable[str]) -> Iterator[Pattern]:
    """Read the songs of the lines of a corpus file one by one, as `parse_songs`."""
    return (entry.pattern for entry in song_entries(lines))


def song_entries(lines: Iterable[str], first: int = 1) -> Iterator[Entry]:
    """Read the songs of the lines of a corpus file with all their control words, as `parse_songs`.

    Args:
        first: the number of the first line in the file.
    """
    for number, line in enumerate(lines, first):
        words = line.split()
        if not words:
            continue
        n_controls = next((i for i, word in enumerate(words) if "=" not in word), len(words))
        try:
            values = read_controls(words[:n_controls])
            timing = {key: values.pop(key) for key in ("tempo", "meter", "grid") if key in values}
            yield _entry(from_ids(word_ids(words[n_controls:], n_controls + 1), **timing), values, number)
        except DrumtokError as error:
            raise DrumtokError(f"line {number}: {error}") from None


def _entry(pattern: Pattern, labels: dict[str, Any], line: int) -> Entry:
    """Make an entry; name and style are labels of the pattern itself."""
    own = {key: labels.pop(key) for key in ("name", "style") if key in labels}
    return Entry(replace(pattern, **own) if own else pattern, **labels, line=line)


def format_grooves(patterns: Iterable[Pattern]) -> str:
    """Return the text of a groove file."""
    return "\n\n".join(f"{' '.join(control_words(pattern))}\n{pattern.to_grid()}" for pattern in patterns) + "\n"


def parse_grooves(text: str) -> Iterator[Pattern]:
    """Read the patterns of a groove file: the inverse of `format_grooves`.

    Grid notation without any control words is one pattern.

    Raises:
        DrumtokError: as in `Pattern.from_grid` and `read_controls`; the message names the line of the file.
    """
    return (entry.pattern for entry in groove_entries(text))


def groove_entries(text: str) -> Iterator[Entry]:
    """Read the patterns of a groove file with all their control words, as `parse_grooves`."""
    lines = text.splitlines()
    heads = [i for i, line in enumerate(lines) if _is_head(line)]
    if not heads or any(_content(line) for line in lines[: heads[0]]):
        heads.insert(0, -1)  # lines before the first control words are also a pattern
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        try:
            values = read_controls(_content(lines[head]).split()) if head >= 0 else {}
        except DrumtokError as error:
            raise DrumtokError(f"line {head + 1}: {error}") from None
        body = "\n" * (head + 1) + "\n".join(lines[head + 1 : end])  # errors count lines from the file's first
        timing = {key: values.pop(key) for key in ("tempo", "meter", "grid") if key in values}
        yield _entry(Pattern.from_grid(body, **timing), values, max(head + 1, 1))


def _content(line: str) -> str:
    return line.partition("#")[0].strip()


def _is_head(line: str) -> bool:
    return "=" in _content(line) and "|" not in _content(line)
