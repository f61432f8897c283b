"""Read a pattern from MIDI in memory or in an open file; convert it from and to pretty_midi."""

import os
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Unpack

from drumtok.errors import DrumtokError
from drumtok.midi.files import ReadingOptions, from_midi_bytes, read_song, single_section, to_midi_bytes
from drumtok.pattern import Pattern

if TYPE_CHECKING:
    import pretty_midi

Source = str | os.PathLike[str] | bytes | BinaryIO


def from_midi(source: Source, **options: Unpack[ReadingOptions]) -> Pattern:
    """Read the drums of a MIDI file of one meter, given as its path, its bytes or a binary file object.

    Args:
        options: as in `drumtok.midi.files.from_midi_bytes`.

    Raises:
        TypeError: the source is something else.
        DrumtokError: the file cannot be read, or its meter changes.
    """
    if isinstance(source, str | os.PathLike):
        return single_section(read_song(source, **options), str(source), options)
    name = str(getattr(source, "name", "MIDI data"))
    data = source if isinstance(source, bytes) else _read(source, name)
    return single_section(from_midi_bytes(data, name, **options), name, options)


def _read(file: BinaryIO, name: str) -> bytes:
    if not hasattr(file, "read"):
        raise TypeError(f"source must be a path, bytes or a binary file object, got {type(file).__name__}")
    try:
        data = file.read()
    except (OSError, ValueError) as error:  # a closed file is a ValueError
        raise DrumtokError(f"cannot read {name!r}: {error}") from error
    if not isinstance(data, bytes):
        raise TypeError(f"source must be opened in binary mode, got {type(data).__name__} from {name!r}")
    return data


def from_pretty_midi(midi: "pretty_midi.PrettyMIDI", **options: Unpack[ReadingOptions]) -> Pattern:
    """Read the drums of a `pretty_midi.PrettyMIDI`, as `from_midi` reads the file that it writes."""
    buffer = BytesIO()
    midi.write(buffer)
    return from_midi(buffer.getvalue(), **options)


def to_pretty_midi(pattern: Pattern) -> "pretty_midi.PrettyMIDI":
    """Return a `pretty_midi.PrettyMIDI` of a pattern, as read from the file that `write_midi` writes."""
    import pretty_midi

    return pretty_midi.PrettyMIDI(BytesIO(to_midi_bytes(pattern)))
