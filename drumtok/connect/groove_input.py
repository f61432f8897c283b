"""Read the groove that a client sends: grid notation, a MIDI file of the shared folder, or one in base64."""

import base64
import binascii
from dataclasses import asdict, replace

from drumtok.connect.shared_folder import SharedFolder
from drumtok.errors import DrumtokError
from drumtok.grids import DEFAULT_GRID, DEFAULT_TEMPO
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.files import FILE_METER, from_midi_bytes, read_midi_bytes
from drumtok.midi.note_maps import note_map_names
from drumtok.midi.song_sections import main_section
from drumtok.pattern import DEFAULT_METER, Pattern, parse_meter
from drumtok.sampling.config import MAX_BARS

MIDI_FILES = (".mid", ".midi")
MIDI_BASE64 = "TVRoZ"  # "MThd" in base64, as every MIDI file begins


def read_groove(
    pattern: str,
    folder: SharedFolder,
    tempo: float | None = None,
    meter: str | None = None,
    grid: int = DEFAULT_GRID,
    drums: DrumsConfig = DRUMS,
) -> Pattern:
    """Read a groove of at least one bar.

    Args:
        pattern: grid notation, the name of a MIDI file in the folder, or the bytes of one in base64.
        tempo: None takes that of the file, or 120.
        meter: None takes that of the file, or 4/4.
        grid: steps per quarter note.
        drums: how the drums of a MIDI file are found and read.

    Raises:
        DrumtokError: the groove cannot be read, is too long or has no bars.
    """
    data = _midi_bytes(pattern.strip(), folder)
    if data is None:
        own = DEFAULT_METER if meter is None else parse_meter(meter)
        found = Pattern.from_grid(pattern, grid, own, DEFAULT_TEMPO if tempo is None else tempo)
    else:
        song = from_midi_bytes(data, "pattern", grid=grid, meter=meter or FILE_METER, **asdict(drums))
        if not song.sections:
            raise DrumtokError("pattern must have drum hits, got a MIDI file without any")
        found = song.sections[main_section(song.sections)[0]]
        found = found if tempo is None else replace(found, tempo=tempo, tempo_changes=())
    if not 1 <= found.bars <= MAX_BARS:
        raise DrumtokError(f"pattern must have 1 to {MAX_BARS} bars, got {found.bars}")
    return found


def drums_of_client(note_map: str, channel: int | None, track: str | None) -> DrumsConfig:
    """Return how to read the drums of a client's MIDI file; only names of note maps are accepted, not paths.

    Raises:
        DrumtokError: a value is out of its range.
    """
    names = note_map_names()
    if note_map not in names:
        raise DrumtokError(f"note_map must be one of {', '.join(names)}, got {note_map!r}")
    return DrumsConfig(note_map, channel, track)


def _midi_bytes(text: str, folder: SharedFolder) -> bytes | None:
    """Return the bytes of the MIDI file that a text names or contains, or None for grid notation."""
    if text.startswith(MIDI_BASE64):
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except binascii.Error:
            raise DrumtokError("pattern must be complete base64 if it begins like a MIDI file") from None
    if "\n" not in text and text.lower().endswith(MIDI_FILES):
        return read_midi_bytes(folder.find(text, MIDI_FILES))
    return None
