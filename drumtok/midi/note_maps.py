"""Note maps: which drum each MIDI note is, and which note each drum is written as.

The map `gm` follows the table of drums in `drumtok.drums`. Each other map is a file in `note_maps/`, read on demand.
Users can add such files of their own (`drumtok.midi.map_files`).
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import DRUMS, LANE_INDEX, LANES
from drumtok.errors import DrumtokError, did_you_mean
from drumtok.midi.hats import USUAL, HatRules
from drumtok.midi.map_files import MAP_ENDING, NO_DRUM, MapFile, read_map_file
from drumtok.runtime.files import data_path

GM = "gm"
FOLDER = "note_maps"
MAP_HELP = f"A note map that 'drumtok maps' lists, or a {MAP_ENDING} file."


@dataclass(frozen=True, eq=False)
class NoteMap:
    """A note map.

    Attributes:
        name: as in `--map`.
        title: what the notes belong to, such as a product.
        sources: where its table is published.
        drum_of: (128,) for each note, its index in `drumtok.drums.DRUMS`, or -1 outside the kit; read-only.
        written: for each drum, the note that it is written as, or None if the map lacks the drum.
        hats: the pedal positions at which hi-hats on a single note are open.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    drum_of: NDArray[np.int8]
    written: tuple[int | None, ...]
    hats: HatRules = USUAL


def _general_midi() -> NoteMap:
    drum_of = np.full(128, -1, dtype=np.int8)
    for index, drum in enumerate(DRUMS):
        drum_of[list(drum.notes)] = index
    drum_of.flags.writeable = False
    source = "https://en.wikipedia.org/wiki/General_MIDI#Percussion, and Roland's notes 22 and 26"
    return NoteMap(GM, "General MIDI", (source,), drum_of, tuple(drum.note for drum in DRUMS))


_GM = _general_midi()
_NONE = NoteMap(NO_DRUM, "", (), np.full(128, -1, dtype=np.int8), (None,) * len(DRUMS))


@cache
def note_map_names() -> tuple[str, ...]:
    """Return the names of drumtok's note maps, `gm` first."""
    return (GM, *sorted(path.stem for path in data_path(FOLDER).glob(f"*{MAP_ENDING}")))


def load_note_map(name: str) -> NoteMap:
    """Load a note map.

    Args:
        name: one of `note_map_names()`, or the path of a file that ends in .toml.

    Raises:
        DrumtokError: there is no such map, or the file is not a note map.

    >>> load_note_map("td11").title
    'Roland TD-11'
    """
    if name == GM:
        return _GM
    names = note_map_names()
    if str(name).lower().endswith(MAP_ENDING):
        return _changed(str(name), read_map_file(str(name), names))
    if name not in names:
        allowed = f"must be one of {', '.join(names)} or a {MAP_ENDING} file"
        raise DrumtokError(f"unknown note map {name!r}, {allowed}{did_you_mean(name, names)}")
    return _own(name)


@cache
def _own(name: str) -> NoteMap:
    """Load one of the bundled maps, cached."""
    return _changed(name, read_map_file(str(data_path(f"{FOLDER}/{name}{MAP_ENDING}")), note_map_names()))


@lru_cache(maxsize=64)
def _changed(name: str, file: MapFile) -> NoteMap:
    """Make a note map from its file and the map that it is based on.

    A drum is written as the first note that the file lists for it, else as in the base map, else as another of its
    notes; the map always reads that note as the same drum.
    """
    base = _NONE if file.base == NO_DRUM else load_note_map(file.base)
    drum_of = base.drum_of.copy()
    for note, lane in file.notes.items():
        drum_of[note] = LANE_INDEX.get(lane, -1)
    drum_of.flags.writeable = False
    written: list[int | None] = []
    for index, drum in enumerate(DRUMS):
        listed = [note for note, lane in file.notes.items() if lane == drum.lane]
        candidates = (*listed, base.written[index], *drum.notes, *np.flatnonzero(drum_of == index).tolist())
        written += [next((note for note in candidates if note is not None and drum_of[note] == index), None)]
    return NoteMap(name, file.title, file.sources, drum_of, tuple(written), file.hats or base.hats)


def own_map(name: str) -> str | None:
    """Return the path of a note map that is a file of the user, or None for a bundled map."""
    return name if name.endswith(MAP_ENDING) else None


def note_map(name: str) -> NDArray[np.int8]:
    """Return the drum of each MIDI note in a note map.

    Args:
        name: as in `load_note_map`.

    Returns:
        A read-only array of shape (128,): indices into `drumtok.drums.DRUMS`, -1 for notes outside the kit.

    Raises:
        DrumtokError: there is no such map, or the file is not a note map.

    >>> note_map("gm")[[36, 40, 56]].tolist()
    [0, 1, -1]
    >>> LANES[note_map("td11")[58]]
    'floor'
    """
    return load_note_map(name).drum_of


def written_notes(name: str = GM) -> tuple[int, ...]:
    """Return the note that each drum is written as, in the order of `DRUMS`.

    Args:
        name: as in `load_note_map`.

    Raises:
        DrumtokError: there is no such map, the file is not a note map, or it leaves a drum without a note.

    >>> written_notes("gm")
    (36, 38, 42, 46, 41, 45, 48, 51, 49)
    """
    written = load_note_map(name).written
    without = [lane for lane, note in zip(LANES, written, strict=True) if note is None]
    if without:
        raise DrumtokError(f"note map {name!r} must list a note for each drum, got none for {', '.join(without)}")
    return tuple(note for note in written if note is not None)
