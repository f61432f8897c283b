"""Kill commands at random moments, resume them, and count the runs that end in the same bytes as an uninterrupted one.

    python -m benchmarks.runtime.kill_trials [--trials 40] [encode] [corpus] [pack] [train]

Each trial ends the command by SIGKILL up to three times, at moments drawn from the duration of an uninterrupted run,
starts it again at once, and lets the last run finish. All files in the output's folder are compared, hidden ones
too; of a training run, the exported networks. Workers that a killed command leaves behind are not waited for.
"""

import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from benchmarks.results import show
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern

ROOT = Path(__file__).resolve().parents[2]
KILLS = 3  # of a trial, at most
SONGS = {"encode": 12_000, "corpus": 3000, "train": 60}  # in the zip that a command reads
NETWORK = ("--hidden", "16", "--layers", "1", "--width", "8")

Command = Callable[[Path, Path], list[str]]


@dataclass(frozen=True)
class Trial:
    """A command to kill.

    Attributes:
        command: its arguments, given the folder of its inputs and that of its output.
        prepare: writes the inputs into a folder.
        resume: the arguments that continue it, where they differ, or None where there is nothing to continue yet.
        compared: the names of the files to compare; None compares all.
    """

    command: Command
    prepare: Callable[[Path], None]
    resume: Callable[[Path], list[str] | None] = lambda out: None
    compared: tuple[str, ...] | None = None

    def contents(self, out: Path) -> dict[str, bytes]:
        """Return the bytes of the files that are compared."""
        names = self.compared or sorted(str(p.relative_to(out)) for p in out.rglob("*") if not p.is_dir())
        return {name: (out / name).read_bytes() for name in names}


def write_zip(path: Path, songs: int) -> None:
    """Write a zip of different songs, one in fifty of them damaged."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(songs):
            hits = rng.random((16 * (1 + number % 4), 9)) < 0.2
            data = to_midi_bytes(Pattern(hits, tempo=100.0 + number % 50))
            archive.writestr(f"{number % 20}/{number:05}.mid", data if number % 50 else data[:30])


def write_corpus(folder: Path) -> None:
    """Write a zip and build a corpus of it."""
    write_zip(folder / "songs.zip", SONGS["train"])
    finish(["corpus", "build", str(folder / "corpus"), str(folder / "songs.zip")], folder)


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
PACKED = ("--count", "24", "--bars", "1", "--pack-size", "2")
TRAINED = ("--steps", "60", "--validate-every", "5", *NETWORK)


def start(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a command of drumtok."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from drumtok.cli.main import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def finish(arguments: list[str], folder: Path) -> float:
    """Run a command of drumtok to its end and return its seconds; a failure raises an error with what it printed."""
    began = time.perf_counter()
    process = start(arguments, folder)
    printed = process.communicate()[1]
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: exit code {process.returncode}: {printed.decode()[-1000:]}")
    return time.perf_counter() - began


def killed(trial: Trial, given: Path, seconds: float, rng: np.random.Generator) -> tuple[int, dict[str, bytes]]:
    """Kill and resume a command; return how often it was killed, and what it made."""
    kills = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        out = Path(folder)
        while kills < KILLS:
            process = start(trial.resume(out) or trial.command(given, out), given)
            try:
                process.communicate(timeout=rng.uniform(0, seconds))
                break  # it was faster this time
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        if kills == KILLS:
            finish(trial.resume(out) or trial.command(given, out), given)
        return kills, trial.contents(out)


def row_of(name: str, trials: int, seed: int) -> tuple[str, ...]:
    """Try one command and return its row of the table; what differs is printed at once."""
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
