"""Find the grid that a MIDI file was played on, so that triplets and rolls are not lost."""

from contextlib import suppress
from dataclasses import asdict

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.files import Song, from_midi_bytes
from drumtok.pattern import DEFAULT_GRID, GRIDS

BETTER = 0.4  # of the misfit on the default grid; human timing alone does not reach half of it on a finer grid


def fitting_song(data: bytes, name: str = "MIDI data", drums: DrumsConfig = DRUMS) -> Song:
    """Read a MIDI file on sixteenths, or on the grid that its hits fit far better.

    Raises:
        DrumtokError: as in `from_midi_bytes`.
    """
    songs = [from_midi_bytes(data, name, grid=DEFAULT_GRID, **asdict(drums))]
    for grid in (grid for grid in GRIDS if grid != DEFAULT_GRID):
        with suppress(DrumtokError):  # a meter need not fit triplets
            songs.append(from_midi_bytes(data, name, grid=grid, **asdict(drums)))
    best = min(songs, key=misfit)
    return best if misfit(best) < BETTER * misfit(songs[0]) else songs[0]


def misfit(song: Song) -> float:
    """Return how badly hits fit the grid: their mean distance from it, in quarter notes, and the fraction merged.

    Drums that are hit twice in a step have lost a hit, which counts as an error of one quarter note.
    """
    off = sum(float(np.abs(section.offset[section.hits]).sum()) / section.grid for section in song.sections)
    hits = sum(int(section.hits.sum()) for section in song.sections)
    return (off + song.merged) / max(hits + song.merged, 1)
