"""Standardise loop packs: convert a folder of single-drum files on any pitch to General MIDI drum files."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.midi.chunks import MIDI_ENDINGS, WRAPPED_ENDING
from drumtok.midi.events import SKIPPED
from drumtok.midi.note_maps import load_note_map, written_notes
from drumtok.midi.parser import LONGEST_FILE
from drumtok.midi.single_drum import Outcome, standard_file
from drumtok.midi.to_channel_10 import GENERAL_MIDI, StandardConfig
from drumtok.runtime.files import new_folder
from drumtok.runtime.reading import Found, not_ending_in, read_regular, walk, why_of

REPORT = "report.jsonl"


def standardise(
    pack: str | os.PathLike[str],
    out: str | os.PathLike[str],
    on_progress: Callable[[int], object] = lambda done: None,
    *,
    config: StandardConfig = GENERAL_MIDI,
) -> Counter[str]:
    """Write the standard files of a loop pack to a new folder of the same structure, atomically.

    `report.jsonl` in the new folder has a line for every file of the pack, in the order of their names.

    Args:
        pack: a folder; its name may also name a drum.
        out: a new or empty folder outside the pack.
        on_progress: called with the number of finished files.
        config: how the files are read and written.

    Returns:
        status -> the number of files.

    Raises:
        DrumtokError: the pack is not a folder or has no MIDI file, `out` is in the pack or cannot be written, or a note
            map is invalid.
    """
    pack, out = Path(pack), Path(out)
    load_note_map(config.drums.note_map), written_notes(config.written)  # not an error of a file
    files = files_of(pack)
    if out.resolve().is_relative_to(pack.resolve()):
        raise DrumtokError(f"out must be a folder outside the pack {str(pack)!r}, got {str(out)!r}")
    counts: Counter[str] = Counter()
    names = {Path(file.name).as_posix() for file in files}
    with new_folder(out) as folder, open(folder / REPORT, "w", encoding="utf-8") as report:
        for done, file in enumerate(files, 1):
            name = Path(file.name).as_posix()
            outcome, data = _of_file(pack, file, name, config)
            counts[outcome.status] += 1
            report.write(json.dumps(asdict(outcome)) + "\n")
            if data is not None:
                path = _place(folder, name, names)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            on_progress(done)
    return counts


def files_of(pack: Path) -> list[Found]:
    """List all files of a pack, in the order of their names, before anything is written."""
    if not pack.is_dir():
        raise DrumtokError(f"pack must be a folder of MIDI files, got {str(pack)!r}")
    others: list[str] = []
    files = list(walk(pack, MIDI_ENDINGS, others=others))
    if not any(file.name.lower().endswith(MIDI_ENDINGS) for file in files):
        why = "".join(f"; {file.name}: {file.why}" for file in files[:1])
        raise DrumtokError(
            f"pack must hold files that end in {', '.join(MIDI_ENDINGS)}, got none in {str(pack)!r}{why}"
        )
    return sorted([*files, *(Found(name, not_ending_in(MIDI_ENDINGS)) for name in others)])


def _place(folder: Path, name: str, names: set[str]) -> Path:
    """Return where to write a file; a RIFF file becomes a plain MIDI file, which every reader accepts."""
    if not name.lower().endswith(WRAPPED_ENDING):
        return folder / name
    plain = Path(name).with_suffix(MIDI_ENDINGS[0])
    return folder / (plain if plain.as_posix() not in names else f"{name}{MIDI_ENDINGS[0]}")


def _of_file(pack: Path, file: Found, name: str, config: StandardConfig) -> tuple[Outcome, bytes | None]:
    """Return the outcome of a file, and its new bytes, None if it is skipped."""
    if file.why:
        return Outcome(name, SKIPPED, file.why), None
    try:
        data = read_regular(pack / file.name, LONGEST_FILE + 1)
    except (OSError, ValueError) as error:
        return Outcome(name, SKIPPED, f"it cannot be read: {why_of(error)}"), None
    return standard_file(data, f"{pack.resolve().name}/{name}", name, config)
