"""`Library`: the index of a library's songs as arrays, and the file that keeps it."""

import io
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.library.bar_codes import Codes
from drumtok.runtime.files import write_atomically
from drumtok.runtime.reading import read_file

VERSION = "drumtok-library-1"  # of the file: the name of its first array, by which `IS_OWN` knows it
CODES = "codes"
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """The songs of some files.

    Attributes:
        note_map: the note map by which the files were read.
        files, stamps: the path of each file, and a text that changes when it is written.
        skipped_file, skipped: the number of the file, and the name and reason, of each file or song that could not be
            read.
        song_file: (songs,) the number of each song's file.
        name, style: of each song.
        tempo: (songs,).
        meter: (songs, 2).
        steps: (songs,) of a bar.
        bars: (songs,) the number of bars.
        bar: (all bars,) the index of each bar's code among the codes of its length, song after song.
        codes: steps of a bar -> the codes of the distinct bars.
    """

    note_map: str
    files: Texts
    stamps: Texts
    skipped_file: NDArray[np.int32]
    skipped: Texts
    song_file: NDArray[np.int32]
    name: Texts
    style: Texts
    tempo: NDArray[np.float32]
    meter: NDArray[np.int16]
    steps: NDArray[np.int16]
    bars: NDArray[np.int32]
    bar: NDArray[np.int32]
    codes: dict[int, Codes]

    @property
    def starts(self) -> NDArray[np.int64]:
        """The place of each song's first bar in `bar`, and the number of all bars."""
        return np.append(0, np.cumsum(self.bars, dtype=np.int64))

    def save(self, path: Path) -> None:
        """Write the index to a file, atomically.

        Raises:
            DrumtokError: it cannot be written.
        """
        arrays: dict[str, NDArray] = {VERSION: np.zeros(0)}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, tuple):
                value = "".join(f"{text}\0" for text in value)
            if isinstance(value, str):
                value = _packed(value)
            if f.name != CODES:
                arrays[f.name] = value
        arrays |= {f"{CODES}{steps}": codes for steps, codes in self.codes.items()}
        with io.BytesIO() as buffer:
            np.savez(buffer, **arrays)  # type: ignore[arg-type]
            write_atomically(path, buffer.getvalue())

    @classmethod
    def load(cls, path: Path) -> "Library":
        """Read an index.

        Raises:
            DrumtokError: the file cannot be read, or is not an index of this version.
        """
        data = read_file(path)
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                if VERSION not in arrays:
                    raise ValueError("it has another version")
                own = {f.name: arrays[f.name] for f in fields(cls) if f.name != CODES}
                codes = {int(key[len(CODES) :]): arrays[key] for key in arrays if key.startswith(CODES)}
            for f in fields(cls):
                if f.name != CODES and f.type in (str, Texts):
                    text = own[f.name].tobytes().decode(errors="surrogateescape")
                    own[f.name] = text if f.type is str else _texts(text)
            made = cls(**own, codes=codes)
            made.check()
        except Exception as error:  # a damaged zip or array fails in many ways
            raise DrumtokError(f"cannot read {str(path)!r}: it must be an index of drumtok find ({error})") from None
        return made

    def check(self) -> None:
        """Check that the arrays fit together.

        Raises:
            ValueError: they do not.
        """
        songs = len(self.song_file)
        lengths = {len(self.name), len(self.style), len(self.tempo), len(self.meter), len(self.steps), len(self.bars)}
        if lengths != {songs} or len(self.files) != len(self.stamps) or len(self.bar) != self.bars.sum():
            raise ValueError("its tables differ in length")


def _packed(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(errors="surrogateescape"), dtype=np.uint8)


def _texts(text: str) -> Texts:
    """Split texts that were joined; no text can hold the character after each of them."""
    return tuple(text.split("\0")[:-1])
