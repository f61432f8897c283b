"""Read the patterns that a new one is made from: a `Pattern`, words, or the path of a MIDI file."""

import os
import warnings
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.pattern import DEFAULT_GRID, Pattern
from drumtok.tokenizer.tokens import from_words

StrPath = str | os.PathLike[str]
Primer = Pattern | StrPath | Iterable[str]


def read_primer(
    primer: Primer,
    grid: int,
    called: str = "the primer",
    argument: str = "seed",
    drums: DrumsConfig = DRUMS,
    meter: str | None = None,
    last: bool = False,
    whole: bool = False,
) -> Pattern:
    """Read a primer as a pattern on the grid of the network.

    If a MIDI file has a pickup or changes of meter, one section is read, with a warning.

    Args:
        called: its name in errors.
        argument: the argument of `generate` that it was passed as.
        drums: how the drums of a MIDI file are found and read.
        meter: the meter of all bars of a MIDI file; None follows its time signatures.
        last: which section is read, as in `drumtok.midi.song_sections.main_section`.
        whole: whether to refuse a MIDI file with more sections than a pickup and one other.

    Raises:
        TypeError: the primer is not a pattern, words or a path.
        DrumtokError: it cannot be read, has another grid or no bars, or changes its meter although `whole` is set.
    """
    pattern = _as_pattern(primer, grid, argument, drums, meter, last, whole)
    if pattern.grid != grid:
        raise DrumtokError(f"{called} must have {grid} steps per beat, the grid of the checkpoint, got {pattern.grid}")
    if not pattern.bars:
        raise DrumtokError(f"{called} must have at least one bar")
    return pattern


def read_pattern(pattern: Primer, argument: str, grid: int = DEFAULT_GRID, drums: DrumsConfig = DRUMS) -> Pattern:
    """Read a pattern of any grid; words and MIDI files are read on `grid`.

    Args:
        argument: the argument that it was passed as.

    Raises:
        TypeError: the argument is not a pattern, words or a path.
        DrumtokError: it cannot be read.
    """
    return _as_pattern(pattern, grid, argument, drums)


def _as_pattern(
    primer: Primer,
    grid: int,
    argument: str,
    drums: DrumsConfig = DRUMS,
    meter: str | None = None,
    last: bool = False,
    whole: bool = False,
) -> Pattern:
    if isinstance(primer, Pattern):
        return primer
    if isinstance(primer, str) and primer.lstrip().startswith("0b"):
        return from_words(primer, grid)
    if isinstance(primer, str | os.PathLike):
        return _read_file(primer, grid, drums, meter, last, whole)
    words = list(primer) if isinstance(primer, Iterable) else None
    if words is None or not all(isinstance(word, str) for word in words):
        kind = type(primer).__name__
        also = "an int, " * (argument == "seed")
        raise TypeError(f"{argument} must be {also}a Pattern, words, the path of a MIDI file or None, got {kind}")
    return from_words(words, grid)


def _read_file(path: StrPath, grid: int, drums: DrumsConfig, meter: str | None, last: bool, whole: bool) -> Pattern:
    """Read the main section of a MIDI file, named after it; without bars if the file has none."""
    from drumtok.midi.files import FILE_METER, read_song, single_section
    from drumtok.midi.song_sections import is_pickup, main_section

    song = read_song(path, grid=grid, **asdict(drums), meter=meter or FILE_METER)
    if not song.sections:
        return single_section(song, str(path), {"grid": grid})
    meters = dict.fromkeys("{}/{}".format(*each.meter) for each in song.sections[is_pickup(song.sections) :])
    if whole and len(meters) > 1:
        raise DrumtokError(f"meter of {os.fspath(path)!r} must not change, got {', '.join(meters)}; pass meter='4/4'")
    index, left_out = main_section(song.sections, last)
    for words in left_out:
        warnings.warn(f"{os.fspath(path)}: {words}", stacklevel=4)
    return replace(song.sections[index], name=Path(path).stem)
