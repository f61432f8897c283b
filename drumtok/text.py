"""Texts of many patterns: corpus files in words, and groove files in grid notation, each with control words.

Control words such as `STYLE=funk TEMPO=96 METER=4/4 GRID=16` stand before a pattern: first on its line in a corpus
file, on a line of their own in a groove file. GRID counts steps to a whole note.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.pattern import Meter, Pattern, parse_meter
from drumtok.tokens import from_ids, to_words, word_ids

CONTROLS = ("NAME", "STYLE", "TEMPO", "METER", "GRID")
BEATS_OF_WHOLE_NOTE = 4

_LABEL_PARTS = re.compile(r"[^\s#|]+")  # a control word holds no white space and none of the marks of grid notation


def control_words(pattern: Pattern) -> list[str]:
    """The control words of a pattern; labels that are empty are left out.

    >>> control_words(Pattern.from_grid("kick |x---|", meter=(1, 4), tempo=96))
    ['TEMPO=96', 'METER=1/4', 'GRID=16']
    """
    named = (("NAME", pattern.name), ("STYLE", pattern.style))
    labels = [f"{key}={label(text)}" for key, text in named if text]
    return [*labels, *time_words(pattern.tempo, pattern.meter, pattern.grid)]


def label(text: str) -> str:
    """A text as a control word can hold it.

    >>> label("drum loops/a b.mid")
    'drum-loops/a-b.mid'
    """
    return "-".join(_LABEL_PARTS.findall(text))


def time_words(tempo: float, meter: Meter, grid: int) -> list[str]:
    """The control words that say where the beats of a song are."""
    told, steps = str(tempo).removesuffix(".0"), grid * BEATS_OF_WHOLE_NOTE
    return [f"TEMPO={told}", "METER={}/{}".format(*meter), f"GRID={steps}"]


def read_controls(words: Iterable[str]) -> dict[str, Any]:
    """The arguments of `Pattern` that control words give: the inverse of `control_words`.

    Raises:
        DrumtokError: a control word is unknown or its value is none.
    """
    values: dict[str, Any] = {}
    for word in words:
        key, _, value = word.partition("=")
        try:
            if key in ("NAME", "STYLE"):
                values[key.lower()] = value
            elif key == "TEMPO":
                values["tempo"] = float(value)
            elif key == "METER":
                values["meter"] = parse_meter(value)
            elif key == "GRID":
                values["grid"], rest = divmod(int(value), BEATS_OF_WHOLE_NOTE)
                if rest:
                    raise DrumtokError(f"{word!r}: GRID counts steps to a whole note, 12, 16, 24 or 32")
            else:
                raise DrumtokError(f"control word {word!r} is unknown: known are {', '.join(CONTROLS)}")
        except ValueError as error:  # DrumtokError is one and has its own words
            raise error if isinstance(error, DrumtokError) else DrumtokError(f"{word!r} has no number") from None
    return values


def format_song(pattern: Pattern) -> str:
    """The line of a corpus file: control words, then words."""
    return " ".join([*control_words(pattern), *to_words(pattern)])


def parse_songs(text: str) -> Iterator[Pattern]:
    """The songs of a corpus file, one to a line: the inverse of `format_song`; empty lines are skipped.

    A file of one long line without control words, such as the LSTMetallica corpus, is one song in 4/4 sixteenths.

    Raises:
        DrumtokError: a word is none or a bar is not full; the message names line, word number and word.
    """
    return parse_lines(text.splitlines())


def parse_lines(lines: Iterable[str]) -> Iterator[Pattern]:
    """The songs of the lines of a corpus file, one after another, as `parse_songs`."""
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words:
            continue
        n_controls = next((i for i, word in enumerate(words) if "=" not in word), len(words))
        try:
            values = read_controls(words[:n_controls])
            labels = {key: values.pop(key) for key in ("name", "style") if key in values}
            yield replace(from_ids(word_ids(words[n_controls:], n_controls + 1), **values), **labels)
        except DrumtokError as error:
            raise DrumtokError(f"line {number}: {error}") from None


def format_grooves(patterns: Iterable[Pattern]) -> str:
    """The text of a groove file."""
    return "\n\n".join(f"{' '.join(control_words(pattern))}\n{pattern.to_grid()}" for pattern in patterns) + "\n"


def parse_grooves(text: str) -> Iterator[Pattern]:
    """The patterns of a groove file: the inverse of `format_grooves`.

    Grid notation without any control words is one pattern.

    Raises:
        DrumtokError: as `Pattern.from_grid` and `read_controls` do; the message names the line of the file.
    """
    lines = text.splitlines()
    heads = [i for i, line in enumerate(lines) if _is_head(line)]
    if not heads or any(_content(line) for line in lines[: heads[0]]):
        heads.insert(0, -1)  # what stands before the first control words is a pattern too
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        try:
            values = read_controls(_content(lines[head]).split()) if head >= 0 else {}
        except DrumtokError as error:
            raise DrumtokError(f"line {head + 1}: {error}") from None
        body = "\n" * (head + 1) + "\n".join(lines[head + 1 : end])  # errors count lines from the file's first
        labels = {key: values.pop(key) for key in ("name", "style") if key in values}
        yield replace(Pattern.from_grid(body, **values), **labels)


def _content(line: str) -> str:
    return line.partition("#")[0].strip()


def _is_head(line: str) -> bool:
    return "=" in _content(line) and "|" not in _content(line)
