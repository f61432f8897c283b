"""Standardise loop packs: convert a folder of files of one drum on any pitch to General MIDI drum files."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.events import SKIPPED
from drumtok.midi.parser import LONGEST_FILE
from drumtok.midi.single_drum import Outcome, standard_file
from drumtok.runtime.files import new_folder

REPORT = "report.jsonl"


def standardise(
    pack: str | os.PathLike[str],
    out: str | os.PathLike[str],
    on_progress: Callable[[int], object] = lambda done: None,
) -> Counter[str]:
    """Write the standard files of a loop pack to a new folder of the same structure, atomically.

    `report.jsonl` in the new folder has a line for every file of the pack, in the order of their names.

    Args:
        pack: a folder; its own name, too, can name a drum.
        out: a folder that is new or empty, and not in the pack.
        on_progress: called with the number of files done.

    Returns:
        status -> the number of files.

    Raises:
        DrumtokError: the pack is not a folder or has no MIDI file, or `out` is in the pack or cannot be written.
    """
    pack, out = Path(pack), Path(out)
    files = files_of(pack)
    if out.resolve().is_relative_to(pack.resolve()):
        raise DrumtokError(f"out must be a folder outside the pack {str(pack)!r}, got {str(out)!r}")
    counts: Counter[str] = Counter()
    with new_folder(out) as folder, open(folder / REPORT, "w", encoding="utf-8") as report:
        for done, path in enumerate(files, 1):
            name = path.relative_to(pack).as_posix()
            outcome, data = _of_file(path, name, f"{pack.resolve().name}/{name}")
            counts[outcome.status] += 1
            report.write(json.dumps(asdict(outcome)) + "\n")
            if data is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
            on_progress(done)
    return counts


def files_of(pack: Path) -> list[Path]:
    """List all files of a pack, in the order of their names, before anything is written."""
    if not pack.is_dir():
        raise DrumtokError(f"pack must be a folder of MIDI files, got {str(pack)!r}")

    def stop(error: OSError) -> None:  # a folder that cannot be listed must not be left out silently
        raise DrumtokError(f"cannot read {str(error.filename)!r}: {error.strerror or error}") from error

    files = []
    for folder, folders, names in os.walk(pack, onerror=stop):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # not followed, but reported
        files += [Path(folder, name) for name in (*names, *links)]
    files.sort(key=Path.as_posix)
    if not any(path.suffix.lower() in MIDI_ENDINGS for path in files):
        raise DrumtokError(f"pack must hold files that end in {', '.join(MIDI_ENDINGS)}, got none in {str(pack)!r}")
    return files


def _of_file(path: Path, name: str, path_text: str) -> tuple[Outcome, bytes | None]:
    if path.suffix.lower() not in MIDI_ENDINGS:
        return Outcome(name, SKIPPED, f"its name does not end in {', '.join(MIDI_ENDINGS)}"), None
    if not path.is_file():
        return Outcome(name, SKIPPED, "it is not a file"), None
    try:
        with open(path, "rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except OSError as error:
        return Outcome(name, SKIPPED, f"it cannot be read: {error.strerror or error}"), None
    return standard_file(data, path_text, name)
