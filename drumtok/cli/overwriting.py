"""Decide what a command may write: never one of its inputs, and of existing files only results of drumtok."""

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import rich_click as click

from drumtok.errors import DrumtokError
from drumtok.midi.parser import variable_length
from drumtok.runtime.files import check_target, write_atomically
from drumtok.runtime.reading import read_file

FORCE = "drumtok.force"
MIDI_NAMES = (".mid", ".midi")  # endings of the MIDI files that are written
REPORT_KEYS = {"file", "status", "reason", "sections"}
HEAD = 2**16  # bytes at the start of a file that identify its writer; in a WAV file they are at the end

_MIDI_TEXT = re.compile(rb"\xff\x01(?:[\x80-\xff]{0,3}[\x00-\x7f])drumtok [0-9]")
_CORPUS_LINE = re.compile(rb"NAME=\S+ ")
_LOOP_LINE = re.compile(rb"[^\n]* PARTS=\S+ ")


def _is_report(head: bytes) -> bool:
    try:
        row = json.loads(head.partition(b"\n")[0])
    except ValueError:
        return False
    return isinstance(row, dict) and row.keys() >= REPORT_KEYS


# kind of result -> whether the start and the end of a file identify a result of drumtok
IS_OWN: dict[str, Callable[[bytes, bytes], bool]] = {
    "midi": lambda head, tail: _MIDI_TEXT.search(head) is not None,
    "wav": lambda head, tail: tail.endswith(b"ISFT\x08\0\0\0drumtok\0"),
    "png": lambda head, tail: b"Software\0drumtok" in head,
    "html": lambda head, tail: b'<meta name="generator" content="drumtok">' in head,
    "loops": lambda head, tail: _LOOP_LINE.match(head) is not None,
    "corpus text": lambda head, tail: _CORPUS_LINE.match(head) is not None,
    "library index": lambda head, tail: b"drumtok-library-" in head,
    "report": lambda head, tail: _is_report(head),
}
KIND_OF_ENDING = {**dict.fromkeys(MIDI_NAMES, "midi"), ".wav": "wav", ".png": "png"}


def force_option(command: Callable) -> Callable:
    """Decorate a click command with `--force`, with which `check_outputs` accepts any existing file."""

    def keep(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        context.meta[FORCE] = value

    decorated: Callable = click.option(
        "--force", is_flag=True, expose_value=False, callback=keep, help="Replace files that drumtok did not write."
    )(command)
    return decorated


def check_outputs(
    outputs: Iterable[str | os.PathLike[str]],
    inputs: Iterable[str | os.PathLike[str] | None] = (),
    kind: str | None = None,
) -> None:
    """Check that a command may write its files, before it does any work.

    Args:
        outputs: the files that it writes.
        inputs: the files that it reads, None for missing ones; links to them count too.
        kind: one of `IS_OWN`; by default it follows from the ending of each output.

    Raises:
        DrumtokError: an output is also an input, is not a regular file, or exists and is not a result of drumtok
            while `--force` is not given.
    """
    there = {Path(path): status for path in outputs if (status := _status(path))}
    if not there:
        return
    read = {(status.st_dev, status.st_ino) for path in inputs if path is not None and (status := _status(path))}
    for path, status in there.items():
        if (status.st_dev, status.st_ino) in read:
            raise DrumtokError(f"cannot write {str(path)!r}: the command reads it")
        check_target(path)
        is_own = IS_OWN.get(kind or KIND_OF_ENDING.get(path.suffix.lower(), ""))
        if status.st_size and not _is_forced() and not (is_own and is_own(*_ends(path))):
            raise DrumtokError(
                f"cannot write {str(path)!r}: it exists and is not a result of drumtok of the same kind (see --force)"
            )


def write_result(path: Path, data: bytes) -> None:
    """Write a MIDI file that its text event reproduces, unless the existing file was edited since it was written.

    Raises:
        DrumtokError: the existing file has the same text event but other bytes and `--force` is not given, or the file
            cannot be written.
    """
    if path.is_file() and not _is_forced():
        before = read_file(path)
        if before != data and _text_of(before) == _text_of(data):
            raise DrumtokError(f"cannot write {str(path)!r}: it was edited since drumtok wrote it (see --force)")
    write_atomically(path, data)


def _text_of(data: bytes) -> bytes:
    """Return drumtok's text event of a MIDI file, empty if it has none."""
    found = _MIDI_TEXT.search(data[:HEAD])
    if found is None:
        return b""
    length, at = variable_length(data, found.start() + 2)
    return data[at : at + length]


def is_folder_name(path: Path) -> bool:
    """Return whether a path to write to is a folder: an existing one, or a name without an ending."""
    return path.is_dir() or not path.suffix


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, unless it exists.

    Raises:
        DrumtokError: the folder cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise DrumtokError(f"cannot write {str(folder)!r}: it exists and is not a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DrumtokError(f"cannot write {str(folder)!r}: {error.strerror or error}") from error


def check_midi_name(path: Path | None) -> None:
    """Check that the name of an output ends in .mid or .midi.

    Raises:
        DrumtokError: it does not.
    """
    if path is not None and path.suffix.lower() not in MIDI_NAMES:
        raise DrumtokError(f"--out must end in {' or '.join(MIDI_NAMES)}, got {str(path)!r}")


def _is_forced() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(FORCE))


def _status(path: str | os.PathLike[str]) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _ends(path: Path) -> tuple[bytes, bytes]:
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
            file.seek(max(file.seek(0, os.SEEK_END) - 64, 0))
            return head, file.read()
    except OSError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {error.strerror or error}") from error
