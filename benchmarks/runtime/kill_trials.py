"""Kill commands at random moments, resume them, and count how often the result equals that of an uninterrupted run.

    python -m benchmarks.runtime.kill_trials [--trials 40] [encode] [corpus] [pack] [train]

Each trial kills the command by SIGKILL up to three times, at moments drawn from the duration of an uninterrupted run,
starts it again at once, and lets the last run finish. All files in the output folder are compared, hidden ones
included; of a training run, only the weights of the exported networks. Workers left behind by a killed command are not
waited for. Commands run in forks of one process that has imported them, so that none is killed while it imports.
"""

import math
import os
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from safetensors.numpy import load_file

import drumtok.training.trainer  # noqa: F401  before the first fork
from benchmarks.results import show
from drumtok.cli.main import main as command
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern

PRINTED = "printed.txt"  # output of the last command, beside its inputs
KILLS = 3  # most kills of a trial
SONGS = {"encode": 10_000, "corpus": 2000, "train": 40}  # command -> songs in its input
NETWORK = ("--hidden", "16", "--layers", "1", "--width", "8")

Command = Callable[[Path, Path], list[str]]


@dataclass(frozen=True)
class Trial:
    """A command to kill.

    Attributes:
        command: returns its arguments, given the folders of its inputs and of its output.
        prepare: writes the inputs to a folder.
        resume: returns the arguments that continue it, if they differ; None if there is nothing to continue yet.
        weights: the only files that are compared, by their weights, since they also hold times; all files if empty.
    """

    command: Command
    prepare: Callable[[Path], None]
    resume: Callable[[Path], list[str] | None] = lambda out: None
    weights: tuple[str, ...] = ()

    def contents(self, out: Path) -> dict[str, bytes]:
        """Return the bytes of the files that are compared."""
        if self.weights:
            return {
                name: b"".join(array.tobytes() for array in load_file(out / name).values()) for name in self.weights
            }
        names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if not path.is_dir())
        return {name: (out / name).read_bytes() for name in names}


def write_zip(path: Path, songs: int) -> None:
    """Write a zip of different songs, one in fifty of which is damaged."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(songs):
            hits = rng.random((16 * (1 + number % 4), 9)) < 0.2
            data = to_midi_bytes(Pattern(hits, tempo=100.0 + number % 50))
            archive.writestr(f"{number % 20}/{number:05}.mid", data if number % 50 else data[:30])


def write_corpus(folder: Path) -> None:
    """Write a zip, and build a corpus from it."""
    write_zip(folder / "songs.zip", SONGS["train"])
    finish(["corpus", "build", str(folder / "corpus"), str(folder / "songs.zip")], folder)


PACKED = ("--count", "16", "--bars", "1", "--pack-size", "1")
TRAINED = ("--steps", "12", "--validate-every", "2", *NETWORK)

TRIALS = {
    "encode": Trial(
        lambda given, out: ["encode", str(given / "songs.zip"), "-o", str(out / "words.txt"), "--jobs", "2"],
        lambda given: write_zip(given / "songs.zip", SONGS["encode"]),
    ),
    "corpus": Trial(
        lambda given, out: ["corpus", "build", str(out / "corpus"), str(given / "songs.zip"), "--jobs", "2"],
        lambda given: write_zip(given / "songs.zip", SONGS["corpus"]),
    ),
    "pack": Trial(
        lambda given, out: ["pack", str(out / "packed"), "--seed", "1", "--jobs", "2", *PACKED],
        lambda given: None,
    ),
    "train": Trial(
        lambda given, out: ["train", "--out", str(out / "run"), "--corpus", str(given / "corpus"), *TRAINED],
        write_corpus,
        lambda out: ["train", "--resume", str(out / "run")] if (out / "run/checkpoints/last.ckpt").exists() else None,
        ("run/best.safetensors", "run/last.safetensors"),
    ),
}


def start(arguments: list[str], folder: Path) -> int:
    """Start a command of drumtok in a fork of this process and return its process id; it prints to a file."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.chdir(folder)
        with open(folder / PRINTED, "w") as printed:
            os.dup2(printed.fileno(), 1)
            os.dup2(printed.fileno(), 2)
        command(arguments, prog_name="drumtok")
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(child: int, seconds: float, folder: Path) -> bool:
    """Wait some seconds for a command; return whether it has ended, and raise an error if it failed."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found and (code := os.waitstatus_to_exitcode(status)):
            raise RuntimeError(f"exit code {code}: {(folder / PRINTED).read_text()[-1000:]}")
        if found:
            return True
        time.sleep(0.001)
    return False


def finish(arguments: list[str], folder: Path) -> float:
    """Run a command of drumtok to its end and return its seconds."""
    began = time.perf_counter()
    ended(start(arguments, folder), math.inf, folder)
    return time.perf_counter() - began


def killed(trial: Trial, given: Path, seconds: float, rng: np.random.Generator) -> tuple[int, dict[str, bytes]]:
    """Kill and resume a command; return how often it was killed, and the contents of its output."""
    kills = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        out = Path(folder)
        while True:
            child = start(trial.resume(out) or trial.command(given, out), given)
            if ended(child, rng.uniform(0, seconds) if kills < KILLS else math.inf, given):
                break
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            kills += 1
        return kills, trial.contents(out)


def row_of(name: str, trials: int, seed: int) -> tuple[str, ...]:
    """Try one command, and return its row of the table; files that differ are printed at once."""
    trial, rng, same, kills = TRIALS[name], np.random.default_rng(seed), 0, 0
    with tempfile.TemporaryDirectory() as given, tempfile.TemporaryDirectory() as out:
        trial.prepare(Path(given))
        seconds = finish(trial.command(Path(given), Path(out)), Path(given))
        whole = trial.contents(Path(out))
        for number in range(trials):
            try:
                times, made = killed(trial, Path(given), seconds, rng)
            except (RuntimeError, OSError) as error:
                click.echo(f"{name}, trial {number}: {error}")
                continue
            kills, same = kills + times, same + (made == whole)
            differing = sorted(file for file in {*made, *whole} if made.get(file) != whole.get(file))
            if differing:
                click.echo(f"{name}, trial {number}, killed {times} times: {', '.join(differing)} differ")
    return name, f"{seconds:.1f} s", str(kills), f"{same} of {trials}"


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(TRIALS)))
@click.option("--trials", default=40, show_default=True, help="Trials of each command.")
@click.option("--seed", default=0, show_default=True, help="Draws the moments.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(names: tuple[str, ...], trials: int, seed: int, markdown: bool) -> None:
    """Print how many trials of each command ended in the same bytes."""
    rows = [row_of(name, trials, seed) for name in names or TRIALS]
    show(("command", "uninterrupted", "kills", "same bytes"), rows, markdown)


if __name__ == "__main__":
    main()
