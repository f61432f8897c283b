"""Texts of many patterns: corpus files in words, and groove files in grid notation, each with control words.

Control words such as `STYLE=funk TEMPO=96 METER=4/4 GRID=16` stand before a pattern: first on its line in a corpus
file, on a line of their own in a groove file. GRID counts steps to a whole note. `SPLIT=test` says on which side of a
corpus a song belongs, `PARTS=kick-01+snare-02+hats-03` which parts a recombined loop is made of.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from drumtok.errors import DrumtokError
from drumtok.pattern import Meter, Pattern, parse_meter
from drumtok.tokenizer.splits import SPLITS
from drumtok.tokenizer.tokens import from_ids, to_words, word_ids

CONTROLS = ("NAME", "STYLE", "TEMPO", "METER", "GRID", "PARTS", "SPLIT")
BEATS_OF_WHOLE_NOTE = 4
PART_MARK = "+"  # stands between the names of parts

_LABEL_PARTS = re.compile(r"[^\s#|]+")  # a control word holds no white space and none of the marks of grid notation


@dataclass(frozen=True)
class Entry:
    """A pattern of a text, and what its control words say of it besides.

    Attributes:
        pattern: the music, with its name and style.
        parts: what a recombined loop is made of, by role; empty for any other song.
        split: one of `SPLITS` where the text says so, else empty.
        line: where it begins in the text, from 1; 0 outside of one.
    """

    pattern: Pattern
    parts: tuple[str, ...] = ()
    split: str = ""
    line: int = 0


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


def corpus_words(parts: Iterable[str] = (), split: str = "") -> list[str]:
    """The control words that say where a song belongs; white space and marks in the name of a part become hyphens.

    Raises:
        DrumtokError: a part has no name, or the split is unknown.

    >>> corpus_words(["kick 1", "snare+rim"], "test")
    ['PARTS=kick-1+snare-rim', 'SPLIT=test']
    """
    names = [label(name.replace(PART_MARK, "-")) for name in parts]
    words = [f"PARTS={PART_MARK.join(names)}"] * bool(names) + [f"SPLIT={split}"] * bool(split)
    read_controls(words)
    return words


def read_controls(words: Iterable[str]) -> dict[str, Any]:
    """What control words give: arguments of `Pattern` and `Entry`. The inverse of `control_words` and `corpus_words`.

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
            elif key == "PARTS":
                values["parts"] = tuple(value.split(PART_MARK))
                if not all(values["parts"]):
                    raise DrumtokError(f"{word!r}: PARTS holds the names of parts with {PART_MARK} between")
            elif key == "SPLIT":
                values["split"] = value
                if value not in SPLITS:
                    raise DrumtokError(f"{word!r}: allowed are {', '.join(SPLITS)}")
            else:
                raise DrumtokError(f"control word {word!r} is unknown: known are {', '.join(CONTROLS)}")
        except ValueError as error:  # DrumtokError is one and has its own words
            raise error if isinstance(error, DrumtokError) else DrumtokError(f"{word!r} has no number") from None
    return values


def format_song(pattern: Pattern, parts: Iterable[str] = (), split: str = "") -> str:
    """The line of a corpus file: control words, then words.

    Args:
        parts, split: as in `Entry`.
    """
    return " ".join([*control_words(pattern), *corpus_words(parts, split), *to_words(pattern)])


def parse_songs(text: str) -> Iterator[Pattern]:
    """The songs of a corpus file, one to a line: the inverse of `format_song`; empty lines are skipped.

    A file of one long line without control words, such as the LSTMetallica corpus, is one song in 4/4 sixteenths.

    Raises:
        DrumtokError: a word is none or a bar is not full; the message names line, word number and word.
    """
    return parse_lines(text.splitlines())


def parse_lines(lines: Iterable[str]) -> Iterator[Pattern]:
    """The songs of the lines of a corpus file, one after another, as `parse_songs`."""
    return (entry.pattern for entry in song_entries(lines))


def song_entries(lines: Iterable[str], first: int = 1) -> Iterator[Entry]:
    """The songs of the lines of a corpus file with all that their control words say, as `parse_songs`.

    Args:
        first: the number of the first of these lines in the file.
    """
    for number, line in enumerate(lines, first):
        words = line.split()
        if not words:
            continue
        n_controls = next((i for i, word in enumerate(words) if "=" not in word), len(words))
        try:
            values = read_controls(words[:n_controls])
            of_music = {key: values.pop(key) for key in ("tempo", "meter", "grid") if key in values}
            yield _entry(from_ids(word_ids(words[n_controls:], n_controls + 1), **of_music), values, number)
        except DrumtokError as error:
            raise DrumtokError(f"line {number}: {error}") from None


def _entry(pattern: Pattern, labels: dict[str, Any], line: int) -> Entry:
    """A pattern with its labels: some are its own."""
    own = {key: labels.pop(key) for key in ("name", "style") if key in labels}
    return Entry(replace(pattern, **own) if own else pattern, **labels, line=line)


def format_grooves(patterns: Iterable[Pattern]) -> str:
    """The text of a groove file."""
    return "\n\n".join(f"{' '.join(control_words(pattern))}\n{pattern.to_grid()}" for pattern in patterns) + "\n"


def parse_grooves(text: str) -> Iterator[Pattern]:
    """The patterns of a groove file: the inverse of `format_grooves`.

    Grid notation without any control words is one pattern.

    Raises:
        DrumtokError: as `Pattern.from_grid` and `read_controls` do; the message names the line of the file.
    """
    return (entry.pattern for entry in groove_entries(text))


def groove_entries(text: str) -> Iterator[Entry]:
    """The patterns of a groove file with all that their control words say, as `parse_grooves`."""
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
        of_music = {key: values.pop(key) for key in ("tempo", "meter", "grid") if key in values}
        yield _entry(Pattern.from_grid(body, **of_music), values, max(head + 1, 1))


def _content(line: str) -> str:
    return line.partition("#")[0].strip()


def _is_head(line: str) -> bool:
    return "=" in _content(line) and "|" not in _content(line)
