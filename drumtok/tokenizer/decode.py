"""Decode a corpus file of words to MIDI files, one per song: the inverse of `drumtok.tokenizer.encode_files`."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.files import DEFAULTS, to_midi_bytes
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.runtime.files import new_folder
from drumtok.runtime.reading import check_regular, why_of
from drumtok.tokenizer.text import parse_lines

_ODD = re.compile(r'[\x00-\x1f<>:"\\|?*]+')  # characters that some systems do not allow in file names
_LONGEST_NAME = 200  # bytes; most systems have 255


def read_corpus(path: str | os.PathLike[str]) -> Iterator[Pattern]:
    """Iterate over the songs of a corpus file, with one line in memory at a time.

    Raises:
        DrumtokError: the file cannot be read, or a line is not a song; the message names file and line.
    """
    try:
        check_regular(path)
        with open(path, encoding="utf-8-sig") as file:
            yield from parse_lines(file)
    except UnicodeDecodeError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: it is not UTF-8 text") from error
    except (OSError, ValueError) as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {why_of(error)}") from error


def write_songs(songs: Iterable[Pattern], out: str | os.PathLike[str], writing: MidiConfig = DEFAULTS) -> int:
    """Write songs as the MIDI files of a new folder, atomically; each file is named after its song or its number.

    Args:
        writing: swing, note map and layout of the files.

    Returns:
        The number of songs.

    Raises:
        DrumtokError: the folder exists and is not empty, or cannot be written.
    """
    count = 0
    with new_folder(out) as folder:
        for count, song in enumerate(songs, 1):
            _write(folder, file_name(song.name) or f"{count:06}.mid", song, writing)
    return count


def file_name(name: str) -> str:
    """Return the path of a song within its folder, never outside it and valid on every system.

    >>> file_name("kits/a.mid~2"), file_name("../a:b"), file_name("..")
    ('kits/a~2.mid', 'a-b.mid', '')
    """
    parts = [_ODD.sub("-", part).strip(". ") for part in name.split("/")]
    parts = [part.encode()[:_LONGEST_NAME].decode(errors="ignore") for part in parts if part]
    if not parts:
        return ""
    match = re.search(r"\.(?:mid|midi|rmi)(~[^~]*(?:~[^~]*)?)?$", parts[-1], re.IGNORECASE)
    stem = parts[-1][: match.start()] + (match.group(1) or "") if match else parts[-1]
    return "/".join([*parts[:-1], (stem or "song") + MIDI_ENDINGS[0]])


def _write(folder: Path, name: str, song: Pattern, writing: MidiConfig) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = to_midi_bytes(song, **asdict(writing))
    number = 1
    while True:
        try:
            with open(path, "xb") as file:
                file.write(data)
            return
        except FileExistsError:  # songs with the same name, or names that only differ in such characters
            number += 1
            path = (folder / name).with_name(f"{Path(name).stem}~{number}{MIDI_ENDINGS[0]}")
