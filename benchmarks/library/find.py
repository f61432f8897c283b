"""Measure `drumtok find`: seconds to index 100,000 files, to load the index and to search, and recall.

    python -m benchmarks.library.find [FILES [FOLDER]]

The files are starter grooves with bars in another order and some hits flipped. They are written to FOLDER and kept
there; by default to a temporary folder. Recall compares the nearest 10 with those of a search over hits instead of
codes, with the weights of `drumtok.evaluation.bar_distance`. Processor time is printed beside the time on the clock,
which other work on the machine lengthens.
"""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from drumtok.evaluation.bar_distance import DRUM_WEIGHTS
from drumtok.library.build import build_library
from drumtok.library.config import FindConfig, IndexConfig
from drumtok.library.index import Library
from drumtok.library.reading import bars_of
from drumtok.library.search import nearest
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import parse_grooves

FILES, QUERIES, COUNT, FLIPS, BARS = 100_000, 20, 10, 0.02, 4


def grooves() -> list[Pattern]:
    """Return the starter grooves on sixteenths."""
    files = sorted(data_path("datasets/starter").glob("*.grid"))
    found = [groove for file in files for groove in parse_grooves(file.read_text(encoding="utf-8"))]
    return [groove for groove in found if groove.grid == 4 and groove.bars]


def changed(groove: Pattern, rng: np.random.Generator) -> Pattern:
    """Return 4 bars of a groove, drawn in any order, with some hits flipped and another tempo."""
    steps = rng.integers(groove.bars, size=BARS)[:, None] * groove.steps_per_bar + np.arange(groove.steps_per_bar)
    taken = groove.take(steps.ravel())
    near = taken.hits.any(axis=0) & (rng.random(taken.hits.shape) < FLIPS)
    return replace(Pattern(taken.hits ^ near, meter=taken.meter), tempo=float(rng.integers(80, 180)))


def write(folder: Path, files: int) -> None:
    """Write the library, with 1,000 files in each folder."""
    rng, known = np.random.default_rng(1), grooves()
    for number in range(files):
        if number % 1000 == 0:
            (folder / f"{number // 1000:03}").mkdir(parents=True, exist_ok=True)
        data = to_midi_bytes(changed(known[number % len(known)], rng))
        (folder / f"{number // 1000:03}" / f"{number:06}.mid").write_bytes(data)


def exact(library: Library, wanted: Pattern) -> list[float]:
    """Return the distances of the nearest songs, by comparing all bars of all songs with bars of the same length."""
    bars, found, starts = bars_of(wanted), [], library.starts
    weights = np.tile(DRUM_WEIGHTS, bars.shape[1])
    hits = decoded(library, bars.shape[1])
    near = np.array([np.abs(hits - bar.ravel()) @ weights for bar in bars.astype(np.float32)])
    for song in np.flatnonzero(library.steps == bars.shape[1]).tolist():
        own = near[:, library.bar[starts[song] : starts[song + 1]]]
        rows = np.arange(len(bars))
        shifts = [own[rows, (rows + shift) % own.shape[1]].sum() for shift in range(own.shape[1])]
        found.append(min(shifts) / len(bars))
    return sorted(found)[:COUNT]


def decoded(library: Library, steps: int) -> np.ndarray:
    """Return the hits of all codes, (codes, steps * 9); of a drum that is twice in a code, the first counts."""
    from drumtok.library.bar_codes import COLUMNS

    bits = np.unpackbits(library.codes[steps].view(np.uint8), axis=1)[:, : steps * len(COLUMNS)]
    first = np.searchsorted(COLUMNS, np.arange(9))
    return bits.reshape(-1, steps, len(COLUMNS))[:, :, first].reshape(len(bits), -1).astype(np.float32)


def processor_seconds() -> float:
    """Return the processor time of this process and of its finished workers."""
    return sum(os.times()[:4])


def main() -> None:
    """Print the figures."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp())
    if not (folder / "000").exists():
        write(folder, files)
    began, before = perf_counter(), processor_seconds()
    library = build_library([folder], IndexConfig())
    spent = f"{perf_counter() - began:.1f} s, {processor_seconds() - before:.1f} s of processors"
    print(f"index of {len(library.name):,} grooves, {len(library.bar):,} bars: {spent}", flush=True)
    began = perf_counter()
    assert build_library([folder], IndexConfig(), library) is library
    print(f"nothing changed: {perf_counter() - began:.2f} s")
    path = folder.with_suffix(".npz")
    library.save(path)
    began = perf_counter()
    library = Library.load(path)
    print(f"load {path.stat().st_size / 1e6:.1f} MB: {perf_counter() - began:.2f} s")
    rng, known, seconds, spent_on, hit = np.random.default_rng(2), grooves(), [], [], 0
    for _ in range(QUERIES):
        wanted = changed(known[rng.integers(len(known))], rng)
        began, before = perf_counter(), processor_seconds()
        found = nearest(library, wanted, FindConfig(count=COUNT))
        seconds.append(perf_counter() - began)
        spent_on.append(processor_seconds() - before)
        expected = exact(library, wanted)
        hit += sum(match.distance <= expected[-1] + 1e-6 for match in found)
    processor = f"processor time: median {np.median(spent_on):.3f} s, longest {max(spent_on):.3f} s"
    print(f"search: median {np.median(seconds):.3f} s, longest {max(seconds):.3f} s; {processor}")
    print(f"recall {hit / QUERIES / COUNT:.3f}; machine load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
