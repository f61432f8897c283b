"""Patterns that a new one is made from: a `Pattern`, words, or the path of a MIDI file, read to a `Pattern`."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.midi.note_maps import GM
from drumtok.pattern import DEFAULT_GRID, Pattern
from drumtok.tokenizer.tokens import from_words

StrPath = str | os.PathLike[str]
Primer = Pattern | StrPath | Iterable[str]


def read_primer(
    primer: Primer, grid: int, called: str = "the primer", argument: str = "seed", note_map: str = GM
) -> Pattern:
    """Read a primer as a pattern of the grid that the network was trained on.

    Args:
        called: its name in errors.
        argument: the argument of `generate` that it was passed as.
        note_map: by which a MIDI file is read, as in `drumtok.midi.note_maps.load_note_map`.

    Raises:
        TypeError: it is not a pattern, words or a path.
        DrumtokError: it cannot be read, is of another grid, or has no bars.
    """
    pattern = _as_pattern(primer, grid, argument, note_map)
    if pattern.grid != grid:
        raise DrumtokError(f"{called} must have {grid} steps per beat, the grid of the checkpoint, got {pattern.grid}")
    if not pattern.bars:
        raise DrumtokError(f"{called} must have at least one bar")
    return pattern


def read_pattern(pattern: Primer, argument: str, grid: int = DEFAULT_GRID) -> Pattern:
    """Read a pattern of any grid; words and MIDI files are read on `grid`.

    Args:
        argument: the argument that it was passed as.

    Raises:
        TypeError: it is not a pattern, words or a path.
        DrumtokError: it cannot be read.
    """
    return _as_pattern(pattern, grid, argument)


def _as_pattern(primer: Primer, grid: int, argument: str, note_map: str = GM) -> Pattern:
    if isinstance(primer, Pattern):
        return primer
    if isinstance(primer, str) and primer.lstrip().startswith("0b"):
        return from_words(primer, grid)
    if isinstance(primer, str | os.PathLike):
        from drumtok.midi.files import read_midi

        return replace(read_midi(primer, grid=grid, note_map=note_map), name=Path(primer).stem)
    words = list(primer) if isinstance(primer, Iterable) else None
    if words is None or not all(isinstance(word, str) for word in words):
        kind = type(primer).__name__
        also = "an int, " * (argument == "seed")
        raise TypeError(f"{argument} must be {also}a Pattern, words, the path of a MIDI file or None, got {kind}")
    return from_words(words, grid)
