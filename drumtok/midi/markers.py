"""Read the markers of a MIDI file, such as the names of a song's sections; `drumtok.midi.writer` writes them."""

import os

from drumtok.errors import DrumtokError
from drumtok.midi.code_pages import decoded
from drumtok.midi.events import MARKER, META
from drumtok.midi.parser import LONGEST_FILE, Messages, OpenFile
from drumtok.runtime.reading import read_file


def read_markers(path: str | os.PathLike[str]) -> list[tuple[float, str]]:
    """Return the place in quarter notes and the text of each marker of a file, in order of time.

    Raises:
        DrumtokError: the file cannot be read.
    """
    data = read_file(path, LONGEST_FILE + 1)
    found: list[tuple[int, str]] = []

    def collect(tick: int, status: int, data: bytes) -> None:
        if status == META and data[:1] == bytes((MARKER,)):
            found.append((tick, decoded(data[1:])))

    try:
        file = OpenFile(data)
        for track in file.tracks():
            track.parse(Messages(), collect)
    except DrumtokError as error:
        raise DrumtokError(f"cannot read {str(path)!r}: {error}") from None
    return [(tick / file.header.division, text) for tick, text in sorted(found, key=lambda marker: marker[0])]
