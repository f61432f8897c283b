"""Loop packs made standard: files of one drum on any pitch become General MIDI drum files, event by event.

Nothing is put on a grid: ticks, velocities, tempo, time signatures and the end of every track stay.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from drumtok.drums import DRUMS, LANE_INDEX, note_map
from drumtok.errors import DrumtokError
from drumtok.files import new_folder
from drumtok.midi_tracks import DRUM_CHANNEL
from drumtok.raw_midi import RawFile, RawTrack, raw_bytes, read_raw
from drumtok.roles import OTHER, role_of
from drumtok.smf import ESCAPE, META, SYSEX

REPORT = "report.jsonl"
MIDI_ENDINGS = (".mid", ".midi")
LARGEST = 2**22  # bytes: what is larger is no loop, and takes seconds
STANDARDISED, COPIED, SKIPPED = "standardised", "copied", "skipped"
NOTE_ON, NOTE_OFF, OFF_VELOCITY = 0x90, 0x80, 64


@dataclass(frozen=True)
class Outcome:
    """What became of one file: a line of the report.

    Attributes:
        file: its path within the pack, and within the new folder where it was written.
        status: `standardised`; `copied` as it is, for it is a drum kit already; `skipped`.
        reason: why it was copied or skipped, or what else there is to know.
        role: the lane that its name tells, None where it tells none.
        pitches: the notes that it held.
        notes: how many notes were written, or held by a file that was skipped.
        merged: notes left out since a louder one of the same drum begins at the same tick.
        dropped: controllers, program changes and the like left out, which mean another thing to a drum kit.
    """

    file: str
    status: str
    reason: str = ""
    role: str | None = None
    pitches: tuple[int, ...] = ()
    notes: int = 0
    merged: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class Note:
    """A note of a file, in ticks from the start, and the number of its track."""

    on: int
    off: int
    velocity: int
    pitch: int
    channel: int
    track: int


def standardise(pack: str | os.PathLike[str], out: str | os.PathLike[str]) -> Counter[str]:
    """Writes the standard files of a loop pack to a new folder of the same structure, whole or not at all.

    Every file of the pack has a line in `report.jsonl` in the new folder, in the order of their names.

    Args:
        pack: a folder; its own name, too, can tell a role.
        out: a folder that is new or empty, and not in the pack.

    Returns:
        status -> how many files.

    Raises:
        DrumtokError: the pack is no folder or has no MIDI file, or `out` is not allowed or cannot be written.
    """
    pack, out = Path(pack), Path(out)
    files = _files(pack)
    if out.resolve().is_relative_to(pack.resolve()):
        raise DrumtokError(f"{str(out)!r} lies in the pack {str(pack)!r}: allowed is a folder outside it")
    counts: Counter[str] = Counter()
    with new_folder(out) as folder, open(folder / REPORT, "w", encoding="utf-8") as report:
        for path in files:
            name = path.relative_to(pack).as_posix()
            outcome, data = _of_file(path, name, f"{pack.resolve().name}/{name}")
            counts[outcome.status] += 1
            report.write(json.dumps(asdict(outcome)) + "\n")
            if data is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
    return counts


def standard_file(data: bytes, path_text: str, name: str = "") -> tuple[Outcome, bytes | None]:
    """What becomes of the bytes of one MIDI file, and the new bytes, None where it is skipped.

    Args:
        path_text: the path that may tell its role.
        name: what the outcome calls it, `path_text` by default.
    """
    name, role = name or path_text, role_of(path_text)
    try:
        file = read_raw(data)
        notes = list(_notes(file))
        status, reason = _judged(file, notes, role)
        pitches = tuple(sorted({note.pitch for note in notes}))
        if status != STANDARDISED or role not in LANE_INDEX:
            return Outcome(name, status, reason, role, pitches, len(notes)), data if status == COPIED else None
        written, merged, dropped = _one_drum(file, notes, DRUMS[LANE_INDEX[role]].note)
    except DrumtokError as error:
        return Outcome(name, SKIPPED, f"it is no readable MIDI file: {error}", role), None
    return Outcome(name, status, reason, role, pitches, len(notes) - merged, merged, dropped), written


def _files(pack: Path) -> list[Path]:
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
        raise DrumtokError(f"pack {str(pack)!r} holds no file that ends in {' or '.join(MIDI_ENDINGS)}")
    return files


def _of_file(path: Path, name: str, path_text: str) -> tuple[Outcome, bytes | None]:
    if path.suffix.lower() not in MIDI_ENDINGS:
        return Outcome(name, SKIPPED, f"its name does not end in {' or '.join(MIDI_ENDINGS)}"), None
    if not path.is_file():
        return Outcome(name, SKIPPED, "it is no file"), None
    try:
        size = path.stat().st_size
        if size > LARGEST:
            return Outcome(name, SKIPPED, f"it has {size:,} bytes: allowed are up to {LARGEST:,}"), None
        data = path.read_bytes()
    except OSError as error:
        return Outcome(name, SKIPPED, f"it cannot be read: {error.strerror or error}"), None
    return standard_file(data, path_text, name)


def _judged(file: RawFile, notes: list[Note], role: str | None) -> tuple[str, str]:
    """What to do with a file, and why."""
    drum_of = note_map("gm")
    pitches = {note.pitch for note in notes}
    kit = {note.pitch for note in notes if note.channel == DRUM_CHANNEL and drum_of[note.pitch] >= 0}
    drums = {int(drum_of[pitch]) for pitch in pitches} - {-1}
    held = f"notes {', '.join(map(str, sorted(kit if len(kit) > 1 else pitches)))}"
    named = f", though its name says {role}" if role else ""
    if not notes:
        return SKIPPED, "it has no notes"
    if file.kind == 2 and len(file.tracks) > 1:
        return SKIPPED, "it is of type 2: its tracks are pieces of their own"
    if len(kit) > 1:
        return COPIED, f"it is a drum kit already: {held} on channel 10{named}"
    if role is None or role == OTHER:
        return SKIPPED, "neither its name nor its folders tell one drum of the kit"
    if len(drums) > 1:
        return SKIPPED, f"{held} look like several drums, not on channel 10{named}"
    return STANDARDISED, f"{held} are all taken for one drum" if len(pitches) > 1 else ""


def _notes(file: RawFile) -> Iterator[Note]:
    """The notes of all tracks; of two that overlap on one pitch the older ends first."""
    for number, track in enumerate(file.tracks):
        sounding: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for tick, message in track.events:
            if not _is_note(message):
                continue
            pitch, velocity = message[1:]
            key = (pitch, message[0] & 0x0F)
            if message[0] >= NOTE_ON and velocity:
                sounding.setdefault(key, []).append((tick, velocity))
            elif sounding.get(key):
                on, loudness = sounding[key].pop(0)
                yield Note(on, tick, loudness, *key, number)
        for key, left in sounding.items():  # without an end of their own
            yield from (Note(on, track.end, velocity, *key, number) for on, velocity in left)


def _is_note(message: bytes) -> bool:
    return message[0] & 0xF0 in (NOTE_ON, NOTE_OFF)


def _one_drum(file: RawFile, notes: list[Note], pitch: int) -> tuple[bytes, int, int]:
    """The file with all its notes on one pitch of channel 10; how many were merged, how many other events dropped."""
    # All in one track, for of two tracks nobody knows which comes first at a tick: that of the notes which ends last.
    home = max({note.track for note in notes}, key=lambda number: (file.tracks[number].end, -number))
    drum, merged = _drum_events(notes, pitch, file.tracks[home].end)
    tracks, dropped = [], 0
    for number, track in enumerate(file.tracks):
        # at one tick: what ends, then what is said, then what begins
        ranked = [(tick, 1, message) for tick, message in track.events if message[0] in (META, SYSEX, ESCAPE)]
        dropped += sum(not _is_note(message) for _, message in track.events) - len(ranked)
        ranked += drum if number == home else []
        ranked.sort(key=lambda event: event[:2])
        tracks.append(RawTrack([(tick, message) for tick, _, message in ranked], track.end))
    kind = 0 if file.kind == 0 and len(tracks) == 1 else 1  # a header can say anything
    return raw_bytes(RawFile(kind, file.division, tracks)), merged, dropped


def _drum_events(notes: list[Note], pitch: int, end: int) -> tuple[list[tuple[int, int, bytes]], int]:
    """(tick, rank at that tick, message) of notes that a drum plays until tick `end`; how many were merged."""
    kept: dict[int, Note] = {}  # by tick: a drum is hit once at a time
    for note in notes:
        if note.on not in kept or note.velocity > kept[note.on].velocity:
            kept[note.on] = note
    until = dict(pairwise([*sorted(kept), end]))
    events = []
    for on, note in kept.items():
        off = min(max(note.off, on + 1), until[on])  # on the last tick of all a note has no room
        events.append((on, 2, bytes((NOTE_ON | DRUM_CHANNEL, pitch, note.velocity))))
        events.append((off, 0 if off > on else 3, bytes((NOTE_OFF | DRUM_CHANNEL, pitch, OFF_VELOCITY))))
    return events, len(notes) - len(kept)
