"""Mutate MIDI files and read them: they may raise nothing but a DrumtokError, and none may take long.

    python tests/fuzz/fuzz_midi.py [--cases 200000] [--seed 0] [FILE_OR_FOLDER ...]

Not part of the tests. Every case is determined by the seed and its number, so that `--first NUMBER --cases 1` repeats a
failure. Without files it mutates files that drumtok wrote. It prints counts of the outcomes, and exits with code 1 if a
case failed. After a crash of the interpreter, the last printed line gives the number of the case, and with `--keep` the
file `fuzz_case.mid` holds its bytes.
"""

import argparse
import io
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

import mido
import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.fast_reader import fast_events
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.midi.tolerant_reader import parse_events
from drumtok.pattern import Pattern

TOO_LONG = 2.0  # seconds
SPECIAL_BYTES = (0x00, 0x01, 0x2F, 0x40, 0x51, 0x58, 0x7F, 0x80, 0x90, 0x99, 0xB9, 0xC9, 0xF0, 0xF7, 0xFE, 0xFF)
WORDS = (b"MThd", b"MTrk", b"\xff\x2f\0", b"\xff\xff\xff\x7f", b"\xff\x58\4\0\0\0\0", b"\xff\x51\3\0\0\0", b"RIFF")


def own_seeds() -> list[bytes]:
    """Return small files of every layout that drumtok writes, and one of several channels by mido."""
    pattern = Pattern.from_grid(
        "kick |x--x--x-x--x-x--|\nsnare |----X--o-o--X---|\nclosed |x-x-x-x-x-x-x-x-|", tempo=97.5
    )
    files = [to_midi_bytes(pattern, midi_type=0), to_midi_bytes(pattern), to_midi_bytes(pattern, track_per_drum=True)]
    file = mido.MidiFile(type=1)
    for channel in (9, 0, 3):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=f"part {channel}")])
        for note in (36, 38, 60, 36):
            track.append(mido.Message("note_on", channel=channel, note=note, velocity=90, time=200))
            track.append(mido.Message("control_change", channel=channel, control=4, value=note, time=20))
            track.append(mido.Message("note_on", channel=channel, note=note, velocity=0, time=40))
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return [*files, buffer.getvalue()]


def mutated(seeds: list[bytes], rng: np.random.Generator) -> bytes:
    """Return one of the seeds with one to eight changes, every second time with its track lengths corrected."""
    data = bytearray(seeds[rng.integers(len(seeds))])
    for _ in range(rng.integers(1, 9)):
        near = 60 if rng.random() < 0.4 else len(data) + 1  # the head of a file decides most
        place = int(rng.integers(0, min(near, len(data) + 1)))
        kind, length = rng.integers(8), int(rng.integers(1, 30))
        if kind == 0:
            data[place : place + 1] = rng.integers(0, 256, 1, dtype=np.uint8).tobytes()
        elif kind == 1:
            data[place : place + 1] = bytes([SPECIAL_BYTES[rng.integers(len(SPECIAL_BYTES))]])
        elif kind == 2 and place < len(data):
            data[place] ^= 1 << int(rng.integers(8))
        elif kind == 3:
            del data[place : place + length]
        elif kind == 4:
            data[place:place] = rng.integers(0, 256, length, dtype=np.uint8).tobytes()
        elif kind == 5:
            data[place:place] = data[place : place + 8 * length] * int(rng.integers(1, 20))
        elif kind == 6:
            data[place:place] = WORDS[rng.integers(len(WORDS))]
        elif rng.random() < 0.3:
            del data[place:]
    return mended(bytes(data)) if rng.random() < 0.5 else bytes(data)


def mended(data: bytes) -> bytes:
    """Correct the track lengths to go from one `MTrk` to the next, so that changed events reach the fast reader."""
    head, *tracks = data.split(b"MTrk")
    bodies = [track[4:] for track in tracks]
    head = head[:10] + len(bodies).to_bytes(2, "big") + head[12:]
    return head + b"".join(b"MTrk" + len(body).to_bytes(4, "big") + body for body in bodies)


def outcome(data: bytes) -> str:
    """Return the status of a file and its reader, and check that the two readers agree."""
    try:
        status = from_midi_bytes(data, "x.mid").status
    except DrumtokError:
        status = "refused"
    fast = fast_events(data)
    if fast is None:
        return f"{status} by the tolerant reader"
    whole = parse_events(data)
    columns = ("track", "time", "pitch", "velocity", "channel")
    same = all(getattr(fast, name).tolist() == getattr(whole, name).tolist() for name in columns)
    marks = ("tempos", "meters", "pedals")
    same = same and all(getattr(fast, name).tolist() == getattr(whole, name).tolist() for name in marks)
    plain = ("end", "names", "faults", "programs", "rhythm_parts")
    if not same or any(getattr(fast, name) != getattr(whole, name) for name in plain):
        raise AssertionError("the two readers do not agree")
    return f"{status} by the fast reader"


def main() -> int:
    """Run the cases; return the exit code."""
    parser = argparse.ArgumentParser(description="Fuzz the reading of MIDI files.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", action="store_true", help="write each case to fuzz_case.mid before it is read")
    args = parser.parse_args()
    paths = [path for given in args.files for path in ([given] if given.is_file() else sorted(given.rglob("*.mid")))]
    seeds = [path.read_bytes() for path in paths] or own_seeds()
    counts: Counter[str] = Counter()
    slowest, began = 0.0, time.perf_counter()
    for number in range(args.first, args.first + args.cases):
        data = mutated(seeds, np.random.default_rng([args.seed, number]))
        if args.keep:
            Path("fuzz_case.mid").write_bytes(data)
        start = time.perf_counter()
        try:
            counts[outcome(data)] += 1
        except Exception:
            counts["FAILED"] += 1
            print(f"case {number} of seed {args.seed}: {data[:2000].hex()}\n{traceback.format_exc()}")
        seconds = time.perf_counter() - start
        slowest = max(slowest, seconds)
        counts["TOO LONG"] += seconds > TOO_LONG
        if (number + 1) % 20_000 == 0:
            print(f"{number + 1:,} cases, {time.perf_counter() - began:.0f} s", flush=True)
    for name, count in sorted(counts.items()):
        print(f"{count:10,} {name}")
    print(f"slowest {slowest:.2f} s, seeds {len(seeds)}")
    return 1 if counts["FAILED"] or counts["TOO LONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
