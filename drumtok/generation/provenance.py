"""How a MIDI file was made: a text event in the file, which can be read back.

    drumtok 0.4.0: sample --seed 7 --primer beat.mid; checkpoint default sha256 624f56eb343d6749; primer beat sha256 ...

It holds the version, the command and its options except defaults, quoted for a shell; then the name of each input file
and the first 16 digits of its SHA-256.
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
from drumtok.runtime.reading import read_file
from drumtok.tokenizer.text import label
from drumtok.version import __version__

StrPath = str | os.PathLike[str]

DIGITS = 16  # of a SHA-256 in hexadecimal
FILE = rf"; ([a-z-]+) (\S+) sha256 ([0-9a-f]{{{DIGITS}}})"  # cannot end in quotes, unlike quoted options
_FILE = re.compile(FILE)
_TEXT = re.compile(rf"drumtok (\S+): ([a-z]+)( .*?)??((?:{FILE})+)", re.DOTALL)


@dataclass(frozen=True)
class Provenance:
    """How a file was made.

    Attributes:
        command: command of drumtok, such as `sample`.
        options: options of the command line, without defaults.
        files: role of an input file, such as `primer` -> its name and digest; at least a checkpoint.
        version: version of drumtok.

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
        """The text event."""
        files = "".join(f"; {what} {name} sha256 {digest}" for what, (name, digest) in self.files.items())
        return f"drumtok {self.version}: {self.line}{files}"

    @property
    def line(self) -> str:
        """The command and its options, quoted for a shell."""
        return shlex.join((self.command, *self.options))

    def led_by(self, *options: str) -> "Provenance":
        """Return the provenance with these options before the others."""
        return replace(self, options=(*options, *self.options))

    def differences(self, now: "Provenance") -> list[str]:
        """Return the reasons why the same options may now make another file, one line each."""
        found = []
        if self.version != now.version:
            found.append(f"drumtok {self.version}, and this is {now.version}")
        for what, (name, digest) in self.files.items():
            other, its_digest = now.files.get(what, ("", ""))
            if its_digest and its_digest != digest:
                found.append(f"{what} {name} (sha256 {digest}...), and {other} is another (sha256 {its_digest}...)")
        return found


def provenance(command: str, options: tuple[str, ...], files: Mapping[str, StrPath | None]) -> Provenance:
    """Return the provenance of a file that is about to be made.

    Args:
        files: role of an input file -> its path, or None.

    Raises:
        DrumtokError: a file cannot be read.
    """
    digests = {what: (label(Path(path).stem) or "-", _digest(path)) for what, path in files.items() if path is not None}
    return Provenance(command, options, digests)


def path_arguments(paths: Mapping[str, StrPath | None]) -> tuple[str, ...]:
    """Return options that are paths as command-line arguments; None is left out.

    >>> path_arguments({"primer": "a.mid", "from": None})
    ('--primer', 'a.mid')
    """
    return tuple(part for name, path in paths.items() if path is not None for part in (f"--{name}", str(path)))


def _digest(path: StrPath) -> str:
    return hashlib.sha256(read_file(path)).hexdigest()[:DIGITS]


def parse_provenance(text: str) -> Provenance | None:
    """Read `Provenance.text`; None for any other text."""
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
    """Read how a MIDI file was made from the first text event that records it.

    Raises:
        DrumtokError: the file cannot be read, or has no such record.
    """
    data = read_file(path, LONGEST_FILE + 1)
    texts: list[bytes] = []

    def collect(tick: int, status: int, data: bytes) -> None:
        if status == META and data[:1] == bytes((TEXT,)):
            texts.append(data[1:])

    try:
        for track in OpenFile(data, counts_time=True).tracks():
            track.parse(Messages(), collect)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {error}") from None
    for text in texts:
        found = parse_provenance(text.decode("utf-8", "surrogateescape"))
        if found is not None:
            return found
    raise DrumtokError(f"cannot read {str(path)!r}: it has no record of how drumtok made it")
