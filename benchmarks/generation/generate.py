"""Time the generation of patterns: a whole process, a step of the engine, one pattern and a batch; measure memory.

    python -m benchmarks.generation.generate [--checkpoint FILE] [--turns 9]

The rivals are `python -c "import torch"`, a torch network with the same weights that reads the last 256 words for each
next word, one pattern at a time, and the bare products of the engine's matrices with vectors. Prints the median times
of each task and its rival, timed in turns, and their ratio.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from statistics import median

import click
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from drumtok.generation.generate import generate
from drumtok.network.checkpoint import Checkpoint, checkpoint_file, load_checkpoint
from drumtok.network.context import BarTracker, song_context
from drumtok.network.engine import Engine
from drumtok.sampling.logit_filters import BarGrammar
from drumtok.sampling.sampler import sample_words
from drumtok.training.model import DrumLSTM

ROOT = Path(__file__).resolve().parents[2]
WINDOW = 256  # words that the torch network reads for each next one
BARS, PER_BAR = 16, 17
BATCH = 64  # patterns
MEASURED = 12  # words for which the slow rival is timed


def in_turns(turns: int, **tasks: Callable[[], object]) -> dict[str, float]:
    """Return task -> median seconds; each turn runs all tasks one after another."""
    took: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(turns):
        for name, task in tasks.items():
            began = time.perf_counter()
            task()
            took[name].append(time.perf_counter() - began)
    return {name: median(seconds) for name, seconds in took.items()}


def process(*arguments: str) -> Callable[[], object]:
    """Return a function that runs a Python process in a temporary folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start() -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, capture_output=True)

    return start


def peak_of(*arguments: str) -> float:
    """Return the peak MiB of a process, measured by a parent process without other children."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, sys.executable, *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return int(done.stdout) / unit


def whole_window(checkpoint: Checkpoint) -> Callable[[], object]:
    """Return a function that passes the last words through the torch network for each of `MEASURED` words."""
    network = DrumLSTM(checkpoint.config).eval()
    own = network.state_dict()  # without the parts that read a whole song, such as the song cache
    network.load_state_dict({name: torch.from_numpy(checkpoint.weights[name]) for name in own})
    engine = Engine(checkpoint)
    song = sample_words(engine, np.random.default_rng(0), [BarGrammar(PER_BAR - 1)], words=WINDOW)[0]
    context = song_context(song, checkpoint.config.lookback)
    inputs = [torch.from_numpy(np.array(getattr(context, part.name)))[None] for part in fields(context)]

    def write() -> None:
        with torch.no_grad():
            for _ in range(MEASURED):
                network(*inputs)[0][:, -1].softmax(dim=-1).multinomial(1)

    return write


def steps(engine: Engine, count: int) -> Callable[[], object]:
    """Return a function that makes a number of steps of the engine."""
    context = BarTracker(1, engine.lookback).context

    def step() -> None:
        state = engine.start(1)
        for _ in range(count):
            engine.step(context, state)

    return step


def products(checkpoint: Checkpoint, count: int) -> Callable[[], object]:
    """Return a function that computes only the matrix products of a number of steps."""
    hidden, layers = checkpoint.config.hidden, checkpoint.config.layers
    rng = np.random.default_rng(0)
    sizes = [hidden] + [2 * hidden] * (layers - 1)
    matrices = [rng.standard_normal((size, 4 * hidden)).astype(np.float32) for size in sizes]
    matrices.append(rng.standard_normal((hidden, 513)).astype(np.float32))
    vectors = [rng.standard_normal((1, len(matrix))).astype(np.float32) for matrix in matrices]

    def multiply() -> None:
        for _ in range(count):
            for vector, matrix in zip(vectors, matrices, strict=True):
                vector @ matrix

    return multiply


def words_of(engine: Engine, streams: int) -> Callable[[], object]:
    """Return a function that generates patterns in one batch."""
    rules = [BarGrammar(PER_BAR - 1)]
    return lambda: sample_words(engine, np.random.default_rng(0), rules, words=BARS * PER_BAR, streams=streams)


@click.command()
@click.option(
    "--checkpoint", type=click.Path(exists=True, path_type=Path), help="Checkpoint.  [default: the bundled one]"
)
@click.option("--turns", default=9, show_default=True, help="Turns of each comparison.")
def main(checkpoint: Path | None, turns: int) -> None:
    """Print a row for each comparison."""
    path = str(checkpoint_file(checkpoint).resolve())
    network = load_checkpoint(path)
    engine = Engine(network)
    sample = (str(ROOT / "sample.py"), "--bars", str(BARS), "--seed", "1", "--checkpoint", path)

    started = in_turns(
        turns,
        torch=process("-c", "import torch"),
        drumtok=process("-c", "import drumtok"),
        sample=process(*sample),
    )
    count = 200
    near = in_turns(turns, step=steps(engine, count), products=products(network, count))
    made = in_turns(turns, generate=lambda: generate(1, bars=BARS, checkpoint=network), window=whole_window(network))
    slow = made["window"] / MEASURED * BARS * PER_BAR
    batch = in_turns(max(turns // 3, 1), one=words_of(engine, 1), many=words_of(engine, BATCH))

    def formatted(seconds: float) -> str:
        return f"{seconds:.3f} s" if seconds >= 0.1 else f"{1000 * seconds:.2f} ms"

    table = Table("what", "time", "rival", "time", "ratio")
    rows = (
        (f"sample.py --bars {BARS}, whole process", started["sample"], "import torch", started["torch"]),
        ("import drumtok", started["drumtok"], "import torch", started["torch"]),
        ("a step of the engine", near["step"] / count, "its products alone", near["products"] / count),
    )
    for name, seconds, rival, theirs in rows:
        table.add_row(name, formatted(seconds), rival, formatted(theirs), f"{seconds / theirs:.2f} x the time")
    pattern = f"a pattern of {BARS} bars"
    table.add_row(pattern, formatted(made["generate"]), f"{WINDOW} words through torch for each", formatted(slow),
                  f"{slow / made['generate']:.0f} x as fast")  # fmt: skip
    table.add_row(f"{BATCH} of them in a batch", formatted(batch["many"]), "one", formatted(batch["one"]),
                  f"{BATCH * batch['one'] / batch['many']:.1f} x the words a second")  # fmt: skip
    Console(width=120).print(table, f"peak of sample.py: {peak_of(*sample):.0f} MiB")
    Console().print(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
