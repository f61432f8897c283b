"""Read the files of a library: the names, labels and bars of their songs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.source_files import SourceFile
from drumtok.errors import DrumtokError
from drumtok.evaluation.rhythm_features import Bars
from drumtok.library.bar_codes import Codes, encode_bars
from drumtok.library.style_names import style_in
from drumtok.pattern import DEFAULT_GRID, Meter, Pattern
from drumtok.tokenizer.bulk import plain_files
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.readers import source_type
from drumtok.tokenizer.tokens import ids_to_hits


@dataclass
class Read:
    """The songs of some files, and what could not be read.

    Attributes:
        file: the path of each song's file.
        name, style, tempo, meter: of each song.
        codes: of each song's bars.
        skipped: (path, name and reason) of each file or song that could not be read.
    """

    file: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    tempo: list[float] = field(default_factory=list)
    meter: list[Meter] = field(default_factory=list)
    codes: list[Codes] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def append(self, file: str, name: str, style: str, tempo: float, meter: Meter, codes: Codes) -> None:
        """Add a song of at least one bar."""
        for own, value in zip(vars(self).values(), (file, name, style, tempo, meter, codes), strict=False):
            own.append(value)

    def add(self, file: SourceFile, name: str, style: str, tempo: float, meter: Meter, codes: Codes) -> None:
        """Add a song that was read from a file."""
        self.append(file.ref.path, name, style or style_in(name), tempo, meter, codes)

    def skip(self, file: SourceFile, why: str) -> None:
        """Add a file or a song that could not be read."""
        self.skipped.append((file.ref.path, f"{file.ref.name}: {why.removeprefix(f'cannot read {file.ref.name!r}: ')}"))

    @classmethod
    def joined(cls, parts: "Iterable[Read]") -> "Read":
        """Return the songs of several results, one after another."""
        made = cls()
        for part in parts:
            for own, more in zip(vars(made).values(), vars(part).values(), strict=True):
                own += more
        return made


def read_files(note_map: str, files: Sequence[SourceFile]) -> Read:
    """Read files on the grid of sixteenths; hits between two steps go to the nearer one."""
    found, midi = Read(), []
    for file in files:
        try:
            data = file.read()
        except DrumtokError as error:
            found.skip(file, str(error))
            continue
        if source_type(file.ref.name).is_text:
            _read_alone(found, file, data, note_map)
        else:
            midi.append((file, data))
    _read_midi(found, midi, note_map)
    return found


def _read_midi(found: Read, files: list[tuple[SourceFile, bytes]], note_map: str) -> None:
    """Read MIDI files, most of them together."""
    plain = plain_files([(file.ref.name, data) for file, data in files], _encoding(note_map))
    codes = _codes(list(_songs(plain.ids, plain.words)), plain.bars)
    for number, own, meter, tempo in zip(plain.numbers, codes, plain.meters, plain.tempos, strict=True):
        if len(own):
            found.add(files[number][0], files[number][0].ref.name, files[number][0].style, tempo, meter, own)
    done = set(plain.numbers)
    for number, (file, data) in enumerate(files):
        if number not in done:
            _read_alone(found, file, data, note_map)


@cache
def _encoding(note_map: str) -> EncodeConfig:
    return EncodeConfig(grid=DEFAULT_GRID, note_map=note_map)


def _songs(ids: NDArray[np.intp], words: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """Yield the ids of each file."""
    ends = np.cumsum(words).tolist()
    yield from (ids[start:end] for start, end in zip([0, *ends], ends, strict=False))


def _codes(songs: Sequence[NDArray[np.intp]], bars: Sequence[int]) -> list[Codes]:
    """Return the codes of the bars of songs of one meter each; bars of one length are encoded together."""
    found: list[Codes] = [np.zeros((0, 0), dtype=np.uint64)] * len(songs)
    lengths = [len(ids) // count if count else 0 for ids, count in zip(songs, bars, strict=True)]
    for length in set(lengths) - {0}:
        same = [number for number, own in enumerate(lengths) if own == length]
        ids = np.concatenate([songs[number] for number in same]).reshape(-1, length)
        codes = encode_bars(ids_to_hits(ids[:, :-1]))  # the last word of a bar is BAR
        ends = np.cumsum([bars[number] for number in same])[:-1]
        for number, own in zip(same, np.split(codes, ends), strict=True):
            found[number] = own
    return found


def _read_alone(found: Read, file: SourceFile, data: bytes, note_map: str) -> None:
    """Read the songs of one file by the reader of its type."""
    options = {"grid": DEFAULT_GRID, "note_map": note_map, "offsets": False}
    for item in source_type(file.ref.name).read(file.ref.name, data, file.line, options):  # type: ignore[arg-type]
        for number, pattern in enumerate(item.patterns, 1):
            if pattern.bars:
                name = item.name + f"~{number}" * (number > 1)
                codes = encode_bars(bars_of(pattern))
                found.add(file, name, pattern.style or file.style, pattern.tempo, pattern.meter, codes)
        if not item.patterns:
            found.skip(file, item.reason or "no bars")


def bars_of(pattern: Pattern) -> Bars:
    """Return the hits of a pattern on the grid of sixteenths, (bars, steps, 9)."""
    on_grid = pattern if pattern.grid == DEFAULT_GRID else pattern.regridded(DEFAULT_GRID)
    return on_grid.hits.reshape(on_grid.bars, on_grid.steps_per_bar, -1)
