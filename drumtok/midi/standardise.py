"""Loop packs made standard: a folder of files of one drum on any pitch to one of General MIDI drum files."""

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
    shown: Callable[[int], object] = lambda done: None,
) -> Counter[str]:
    """Writes the standard files of a loop pack to a new folder of the same structure, whole or not at all.

    Every file of the pack has a line in `report.jsonl` in the new folder, in the order of their names.

    Args:
        pack: a folder; its own name, too, can tell a role.
        out: a folder that is new or empty, and not in the pack.
        shown: called with how many files are done.

    Returns:
        status -> how many files.

    Raises:
        DrumtokError: the pack is no folder or has no MIDI file, or `out` is not allowed or cannot be written.
    """
    pack, out = Path(pack), Path(out)
    files = files_of(pack)
    if out.resolve().is_relative_to(pack.resolve()):
        raise DrumtokError(f"{str(out)!r} lies in the pack {str(pack)!r}: allowed is a folder outside it")
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
            shown(done)
    return counts


def files_of(pack: Path) -> list[Path]:
    """All files of a pack, listed before anything is written."""
    if not pack.is_dir():
        raise DrumtokError(f"pack {str(pack)!r} is no folder: allowed is one of MIDI files")

    def stop(error: OSError) -> None:  # a folder that cannot be listed would be left out in silence
        raise DrumtokError(f"cannot read {str(error.filename)!r}: {error.strerror or error}") from error

    files = []
    for folder, folders, names in os.walk(pack, onerror=stop):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # not gone into, but told
        files += [Path(folder, name) for name in (*names, *links)]
    files.sort(key=Path.as_posix)
    if not any(path.suffix.lower() in MIDI_ENDINGS for path in files):
        raise DrumtokError(f"pack {str(pack)!r} holds no file that ends in {', '.join(MIDI_ENDINGS)}")
    return files


def _of_file(path: Path, name: str, path_text: str) -> tuple[Outcome, bytes | None]:
    if path.suffix.lower() not in MIDI_ENDINGS:
        return Outcome(name, SKIPPED, f"its name does not end in {', '.join(MIDI_ENDINGS)}"), None
    if not path.is_file():
        return Outcome(name, SKIPPED, "it is no file"), None
    try:
        with open(path, "rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except OSError as error:
        return Outcome(name, SKIPPED, f"it cannot be read: {error.strerror or error}"), None
    return standard_file(data, path_text, name)
