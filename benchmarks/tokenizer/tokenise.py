"""Time the tokenisation of MIDI files by drumtok, MidiTok and a loop over pretty_midi, and parsing by symusic.

    pip install miditok symusic
    python -m benchmarks.tokenizer.tokenise FOLDER
    python -m benchmarks.tokenizer.tokenise FOLDER --repeat 1000 --repeat 10000 --repeat 100000

All are run in turns, since the speed of a machine drifts, and the best turn of each counts. A word is a step of the
grid or a BAR, and all rates count the words that drumtok writes for the same files. drumtok's time is from paths to
lines of words and of the report, MidiTok's from paths to token ids; the loop over pretty_midi puts the drums on the
same grid.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.memory import peak_memory, print_peak
from drumtok.midi.note_maps import note_map
from drumtok.runtime.workers import Workers
from drumtok.tokenizer.config import EncodeConfig
from drumtok.tokenizer.encode_files import encode_files, encode_unit, units_of
from drumtok.tokenizer.file_listing import FileRef, Listing
from drumtok.tokenizer.tokens import VOCABULARY, hits_to_ids

BAR_STEPS = 16
SHARED_TURNS = 5  # turns with one and two workers
SHARED_FILES = 60_000  # enough to make the start of the workers negligible


@dataclass(frozen=True)
class Repeated:
    """A listing that is repeated until it has yielded a number of files."""

    listing: Listing
    files: int

    def __iter__(self) -> Iterator[FileRef]:
        def rounds() -> Iterator[FileRef]:
            while True:
                yield from self.listing

        return islice(rounds(), self.files)


def drumtok_words(files: list[FileRef]) -> int:
    """Encode the files, from paths to lines; return the number of words."""
    config, words = EncodeConfig(), 0
    for unit in units_of(files):
        (text, _), _ = encode_unit(config, unit)
        words += text.count(b" 0b") + text.count(b" BAR")
    return words


def drumtok_run(files: list[FileRef]) -> None:
    """Encode the files, from paths to lines."""
    config = EncodeConfig()
    for unit in units_of(files):
        encode_unit(config, unit)


def symusic_run(files: list[FileRef]) -> None:
    """Parse the files with symusic, and do nothing else."""
    import symusic

    for file in files:
        symusic.Score(file.path)


def miditok_runner() -> Callable[[list[FileRef]], None]:
    """Return a function that runs MidiTok's REMI tokenizer, with programs."""
    import miditok

    tokenizer = miditok.REMI(miditok.TokenizerConfig(use_programs=True))

    def run(files: list[FileRef]) -> None:
        for file in files:
            tokenizer(Path(file.path))

    return run


def pretty_midi_run(files: list[FileRef]) -> None:
    """Load each file, put its drums on the grid, and write words."""
    import pretty_midi

    drum_of = note_map("gm")
    for file in files:
        midi = pretty_midi.PrettyMIDI(file.path)
        notes = [note for instrument in midi.instruments if instrument.is_drum for note in instrument.notes]
        hits = [(midi.time_to_tick(note.start), drum_of[note.pitch]) for note in notes]
        steps = [(int(tick * 4 / midi.resolution + 0.5), drum) for tick, drum in hits if drum >= 0]
        bars = max((step for step, _ in steps), default=-1) // BAR_STEPS + 1
        grid = np.zeros((bars * BAR_STEPS, 9), dtype=bool)
        for step, drum in steps:
            grid[step, drum] = True
        words = [VOCABULARY[i] for i in hits_to_ids(grid)]
        " ".join(" ".join([*words[at : at + BAR_STEPS], "BAR"]) for at in range(0, len(words), BAR_STEPS))


def seconds(run: Callable[[list[FileRef]], object], files: list[FileRef]) -> float:
    """Return the seconds of one run."""
    began = time.perf_counter()
    run(files)
    return time.perf_counter() - began


def one_process(files: list[FileRef], turns: int, slow_turns: int) -> dict[str, float]:
    """Return the best time of each tool over the same files."""
    ways: dict[str, Callable[[list[FileRef]], object]] = {
        "drumtok": drumtok_run,
        "symusic, bare parse": symusic_run,
        "MidiTok, REMI with programs": miditok_runner(),
        "pretty_midi, a loop": pretty_midi_run,
    }
    best = dict.fromkeys(ways, float("inf"))
    for turn in range(turns):
        for name, run in list(ways.items())[: 4 if turn < slow_turns else 2]:
            best[name] = min(best[name], seconds(run, files))
    return best


def worker_times(listing: Listing) -> list[dict[int, float]]:
    """Return, for each turn, number of workers -> seconds for encoding many files, with their start and writing."""
    turns: list[dict[int, float]] = []
    for _ in range(SHARED_TURNS):
        turns.append({})
        for jobs in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                files = Repeated(listing, SHARED_FILES)
                encode_files(
                    files, Path(folder, "o.txt"), Path(folder, "o.jsonl"), EncodeConfig(), workers=Workers(jobs=jobs)
                )
                turns[-1][jobs] = time.perf_counter() - began
    return turns


def encode_repeated(listing: Listing, files: int, jobs: int) -> float:
    """Encode a number of files, repeating the listing; return the seconds."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        out, report = Path(folder, "o.txt"), Path(folder, "o.jsonl")
        encode_files(Repeated(listing, files), out, report, EncodeConfig(), workers=Workers(jobs=jobs))
    return time.perf_counter() - began


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--turns", default=9, show_default=True, help="Turns of drumtok and symusic.")
@click.option("--slow-turns", default=2, show_default=True, help="Turns of MidiTok and pretty_midi.")
@click.option(
    "--repeat", type=int, multiple=True, help="Measure peak memory over this many files, repeating the folder."
)
@click.option("--jobs", default=2, show_default=True, help="Processes when memory is measured.")
@click.option("--peak", type=int, hidden=True)
def main(folder: Path, turns: int, slow_turns: int, repeat: tuple[int, ...], jobs: int, peak: int | None) -> None:
    """Compare drumtok with other tools over the MIDI files of FOLDER."""
    listing = Listing.of([str(folder)])
    if peak:
        print_peak(encode_repeated(listing, peak, jobs))
        return
    files = list(listing)
    words = drumtok_words(files)
    best = one_process(files, turns, slow_turns)
    console = Console()
    table = Table(f"{len(files):,} files, one process", "seconds", "words/s", "time to drumtok's")
    for name, took in best.items():
        table.add_row(name, f"{took:.3f}", f"{words / took:,.0f}", f"{took / best['drumtok']:.2f}")
    console.print(table, f"drumtok / symusic's bare parse: {best['drumtok'] / best['symusic, bare parse']:.2f}")
    pairs = worker_times(listing)
    table = Table(f"{SHARED_FILES:,} files, turn", "1 worker, seconds", "2 workers, seconds", "faster")
    for number, pair in enumerate(pairs, start=1):
        table.add_row(str(number), f"{pair[1]:.2f}", f"{pair[2]:.2f}", f"{pair[1] / pair[2]:.2f}")
    console.print(table, f"two workers, median: {median(pair[1] / pair[2] for pair in pairs):.2f} x one")
    console.print(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    if repeat:
        table = Table("files", "peak of the process, MiB", "peak of a worker, MiB", "seconds")
        for count in repeat:
            own, worker, took = peak_memory("benchmarks.tokenizer.tokenise", folder, "--peak", count, "--jobs", jobs)
            table.add_row(f"{count:,}", f"{own:.1f}", f"{worker:.1f}", f"{took:.1f}")
        console.print(table)


if __name__ == "__main__":
    main()
