"""How a MIDI file was made: a text event in it says so, in a form that is read back.

    drumtok 0.4.0: sample --seed 7 --primer beat.mid; checkpoint default sha256 624f56eb343d6749; primer beat sha256 ...

The version, the command, its options as a shell takes them, those that are as by default left out; then each file that
it was made with, by its name and the first 16 digits of its SHA-256.
"""

import hashlib
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.midi.events import TEXT
from drumtok.midi.parser import LONGEST_FILE, META, Messages, OpenFile
from drumtok.tokenizer.text import label
from drumtok.version import __version__

StrPath = str | os.PathLike[str]

DIGITS = 16  # of a SHA-256 in hexadecimal
FILE = rf"; ([a-z-]+) (\S+) sha256 ([0-9a-f]{{{DIGITS}}})"  # cannot end in quotes as what a shell takes may
_FILE = re.compile(FILE)
_TEXT = re.compile(rf"drumtok (\S+): ([a-z]+)( .*?)??((?:{FILE})+)", re.DOTALL)


@dataclass(frozen=True)
class Provenance:
    """What made a file.

    Attributes:
        command: of drumtok, such as `sample`.
        options: as on the command line, those that are as by default left out.
        files: what a file is to the command, such as `primer` -> its name and digest; one at least, a checkpoint.
        version: of drumtok.

    >>> made = Provenance("sample", ("--seed", "7", "--primer", "a b.mid"), {"primer": ("a-b", "0123456789abcdef")})
    >>> made.text.partition(": ")[2]
    "sample --seed 7 --primer 'a b.mid'; primer a-b sha256 0123456789abcdef"
    >>> parse_provenance(made.text) == made
    True
    """

    command: str
    options: tuple[str, ...]
    files: Mapping[str, tuple[str, str]]
    version: str = __version__

    @property
    def text(self) -> str:
        """What the text event says."""
        files = "".join(f"; {what} {name} sha256 {digest}" for what, (name, digest) in self.files.items())
        return f"drumtok {self.version}: {self.line}{files}"

    @property
    def line(self) -> str:
        """The command and its options as a shell takes them."""
        return shlex.join((self.command, *self.options))

    def led_by(self, *options: str) -> "Provenance":
        """The same with these options before the others."""
        return replace(self, options=(*options, *self.options))

    def differences(self, now: "Provenance") -> list[str]:
        """Why what is made now may not be the same for all its options, a line for each reason."""
        found = []
        if self.version != now.version:
            found.append(f"drumtok {self.version}, and this is {now.version}")
        for what, (name, digest) in self.files.items():
            other, its_digest = now.files.get(what, ("", ""))
            if its_digest and its_digest != digest:
                found.append(f"{what} {name} (sha256 {digest}...), and {other} is another (sha256 {its_digest}...)")
        return found


def provenance(command: str, options: tuple[str, ...], files: Mapping[str, StrPath | None]) -> Provenance:
    """What is about to make a file.

    Args:
        files: what a file is to the command -> its path, None where there is none.

    Raises:
        DrumtokError: a file cannot be read.
    """
    conditioning = {
        what: (label(Path(path).stem) or "-", _digest(path)) for what, path in files.items() if path is not None
    }
    return Provenance(command, options, conditioning)


def paths_said(paths: Mapping[str, StrPath | None]) -> tuple[str, ...]:
    """Options that are paths, as the command line says them; None is left out.

    >>> paths_said({"primer": "a.mid", "from": None})
    ('--primer', 'a.mid')
    """
    return tuple(part for name, path in paths.items() if path is not None for part in (f"--{name}", str(path)))


def _digest(path: StrPath) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]
    except (OSError, ValueError) as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}") from error


def parse_provenance(text: str) -> Provenance | None:
    """The inverse of `Provenance.text`; None where a text is none of it."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    version, command, options, files = match.groups()[:4]
    try:
        arguments = tuple(shlex.split(options or ""))
    except ValueError:  # a quotation that is not closed
        return None
    return Provenance(
        command, arguments, {what: (name, digest) for what, name, digest in _FILE.findall(files)}, version
    )


def read_provenance(path: StrPath) -> Provenance:
    """What made a MIDI file, by the first text event that says it.

    Raises:
        DrumtokError: the file cannot be read, or does not say.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except (OSError, ValueError) as error:  # a name with a null in it is a ValueError
        raise DrumtokError(f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}") from error
    texts: list[bytes] = []

    def tell(tick: int, status: int, conditioning: bytes) -> None:
        if status == META and conditioning[:1] == bytes((TEXT,)):
            texts.append(conditioning[1:])

    try:
        for track in OpenFile(data, counts_time=True).tracks():
            track.parse(Messages(), tell)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {error}") from None
    for text in texts:
        found = parse_provenance(text.decode("utf-8", "surrogateescape"))
        if found is not None:
            return found
    raise DrumtokError(f"cannot read {str(path)!r}: it does not hold how drumtok made it")
