"""Uploaded MIDI files: their drums, the place of these on the map, and matching settings."""

from dataclasses import asdict, replace

from drumtok.errors import DrumtokError
from drumtok.evaluation.fitting_grid import fitting_song
from drumtok.evaluation.style_recognition import starter_recogniser
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.files import Song, from_midi_bytes
from drumtok.midi.song_sections import main_section
from drumtok.pattern import DEFAULT_METER, Pattern
from drumtok.web.config import LIMITS
from drumtok.web.models import ImportedPattern, density_of, to_wire
from drumtok.web.state import ServerState


def read_upload(data: bytes, drums: DrumsConfig, state: ServerState) -> ImportedPattern:
    """Return the drums of a MIDI file, cut to the limits of the page.

    Args:
        drums: how its drums are found and read.

    Raises:
        DrumtokError: the data is not a MIDI file, or has no drums.
    """
    song = from_midi_bytes(data, "the file", grid=state.engine.checkpoint.grid, **asdict(drums))
    pattern, remarks = _first_section(song)
    heard, _ = _first_section(fitting_song(data, drums=drums))
    return ImportedPattern(
        pattern=to_wire(pattern),
        place=state.place(pattern) if pattern.meter == DEFAULT_METER else None,
        style=next(iter(starter_recogniser().likeliest(heard)), None),
        density=density_of(pattern),
        remarks=remarks,
    )


def _first_section(song: Song) -> tuple[Pattern, list[str]]:
    """Return the bars of a song that the page shows, from where its drums begin, and remarks for the user."""
    remarks = [remark for remark in (song.reason, song.suggestion) if remark]
    if not any(section.hits.any() for section in song.sections):
        raise DrumtokError("; ".join(["the file has no drum hits", *remarks]))
    index, left_out = main_section(song.sections)
    section = song.sections[index]
    remarks += [*left_out, *(["the tempo changes, the pattern has the first tempo"] if song.tempo_changes else [])]
    start = int(section.hits.any(axis=1).argmax()) // section.steps_per_bar
    if start:
        remarks.append(f"the drums enter at bar {start + 1}, the bars before it were left out")
    bars = min(LIMITS.bars, LIMITS.steps // section.steps_per_bar)
    if not bars:
        raise DrumtokError(f"a bar must have at most {LIMITS.steps} steps, got {section.steps_per_bar}")
    if section.bars - start > bars:
        remarks.append(f"only the first {bars} of {section.bars - start} bars were imported")
    return replace(section.slice_bars(start, start + bars), tempo_changes=()), remarks
