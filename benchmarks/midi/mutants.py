"""Mutate MIDI files, then read, standardise and humanise them: no error but DrumtokError, and no long wait.

    python -m benchmarks.midi.mutants [--cases 200000] [--results mutants.jsonl] [FILE_OR_FOLDER ...]

mido and symusic must read what `standardise` writes. The seed and its number determine a case, so that `--first NUMBER
--cases 1` repeats a failure. By default files written by drumtok are mutated. An interrupted run continues with the
blocks of cases that are missing in its results. Prints the counts of outcomes, and exits with code 1 if a case failed.
"""

import io
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import mido
import numpy as np
import symusic

from benchmarks.results import Results
from drumtok.errors import DrumtokError
from drumtok.midi.fast_reader import fast_events
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.midi.rewrite import rewrite_drums
from drumtok.midi.single_drum import standard_file
from drumtok.midi.tolerant_reader import parse_events
from drumtok.pattern import Pattern

BLOCK = 1000  # cases per line of results
TOO_LONG = 2.0  # seconds of processor time
SPECIAL_BYTES = (0x00, 0x01, 0x2F, 0x40, 0x51, 0x58, 0x7F, 0x80, 0x90, 0x99, 0xB9, 0xC9, 0xF0, 0xF7, 0xFE, 0xFF)
WORDS = (b"MThd", b"MTrk", b"\xff\x2f\0", b"\xff\xff\xff\x7f", b"\xff\x58\4\0\0\0\0", b"\xff\x51\3\0\0\0", b"RIFF")


def own_seeds() -> list[bytes]:
    """Return small files with every layout that drumtok writes, and one with several channels, written by mido."""
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
    """Return one of the seed files with one to eight changes, half of the time with corrected track lengths."""
    data = bytearray(seeds[rng.integers(len(seeds))])
    for _ in range(rng.integers(1, 9)):
        near = 60 if rng.random() < 0.4 else len(data) + 1  # changes near the head of a file have the most effect
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
    """Correct the track lengths to reach from one `MTrk` to the next, so that the fast reader sees changed events."""
    head, *tracks = data.split(b"MTrk")
    bodies = [track[4:] for track in tracks]
    head = head[:10] + len(bodies).to_bytes(2, "big") + head[12:]
    return head + b"".join(b"MTrk" + len(body).to_bytes(4, "big") + body for body in bodies)


@dataclass(frozen=True)
class Block:
    """Consecutive cases with one seed."""

    seed: int
    first: int
    cases: int


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of the cases of a block.

    Attributes:
        counts: outcome -> number of cases.
        slowest: the longest time of a case, in seconds of processor time.
        failures: number and traceback of each failed case.
    """

    counts: dict[str, int]
    slowest: float
    failures: list[str]


def louder(pattern: Pattern) -> Pattern:
    """Return a pattern with other velocities, as a drummer would."""
    return replace(pattern, velocity=np.where(pattern.hits, np.minimum(pattern.velocity.astype(int) + 9, 127), 0))


def outcomes(data: bytes) -> Iterator[str]:
    """Yield the outcomes of reading, standardising and rewriting a file.

    Raises:
        AssertionError: the two readers disagree, or a written file is not valid MIDI.
    """
    yield f"read: {reading(data)}"
    for name in ("x.mid", "Kick.mid"):
        made, written = standard_file(data, name)
        yield f"standardise {name}: {made.status}"
        if written is not None:
            mido.MidiFile(file=io.BytesIO(written))
            symusic.Score.from_midi(written)
            assert not parse_events(written).faults, "what is standardised is damaged"
    try:
        from_midi_bytes(rewrite_drums(data, louder))
        yield "rewrite: written"
    except DrumtokError:
        yield "rewrite: refused"


def reading(data: bytes) -> str:
    """Return the status and the reader of a file, and check that the two readers agree."""
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
    rest = (fast.end, fast.names, fast.tempos.tolist(), fast.meters.tolist(), fast.faults)
    assert same
    assert rest == (whole.end, whole.names, whole.tempos.tolist(), whole.meters.tolist(), whole.faults)
    return f"{status} by the fast reader"


def run_block(block: Block, seeds: list[bytes]) -> Outcomes:
    """Run the cases of a block."""
    counts: Counter[str] = Counter()
    slowest, failures = 0.0, []
    for number in range(block.first, block.first + block.cases):
        data = mutated(seeds, np.random.default_rng([block.seed, number]))
        start = time.process_time()
        try:
            counts.update(outcomes(data))
        except Exception:
            counts["FAILED"] += 1
            failures.append(f"case {number} of seed {block.seed}: {data[:2000].hex()}\n{traceback.format_exc()}")
        seconds = time.process_time() - start
        slowest = max(slowest, seconds)
        counts["TOO LONG"] += seconds > TOO_LONG
    return Outcomes(dict(counts), slowest, failures)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--cases", default=200_000, show_default=True)
@click.option("--first", default=0, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--results", type=click.Path(path_type=Path), default="mutants.jsonl", show_default=True)
def main(files: tuple[Path, ...], cases: int, first: int, seed: int, results: Path) -> None:
    """Run the cases that have no results yet, and print the counts of all."""
    paths = [path for each in files for path in ([each] if each.is_file() else sorted(each.rglob("*.mid")))]
    seeds = [path.read_bytes() for path in paths] or own_seeds()
    starts = range(first, first + cases, BLOCK)
    blocks = [Block(seed, start, min(BLOCK, first + cases - start)) for start in starts]
    store = Results(results, Block, Outcomes)
    for block, made in store.make(blocks, lambda block: run_block(block, seeds)):
        click.echo("".join(made.failures), nl=False)
        if not (block.first + block.cases) % (20 * BLOCK):
            click.echo(f"{block.first + block.cases:,} cases")
    known = [made for block, made in store.known().items() if block in blocks]
    counts: Counter[str] = sum((Counter(made.counts) for made in known), Counter())
    for name, count in sorted(counts.items()):
        click.echo(f"{count:10,} {name}")
    total = sum(block.cases for block in store.known() if block in blocks)
    click.echo(f"{total:,} cases, slowest {max(made.slowest for made in known):.2f} s, seeds {len(seeds)}")
    sys.exit(bool(counts["FAILED"] or counts["TOO LONG"]))


if __name__ == "__main__":
    main()
