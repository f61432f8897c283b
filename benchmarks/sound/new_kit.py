"""Time and peak memory of a whole process that makes a kit and its sounds.

    python -m benchmarks.sound.new_kit [--rounds 5]

The process imports drumtok, makes the kit of a seed, and renders a sound of each of its pieces. It
must not import torch.
"""

import statistics
import subprocess
import sys
import time

import click

PROGRAM = """
import sys
import drumtok
from drumtok.rendering.pieces import PIECES
kit = drumtok.kit({seed})
for piece in PIECES:
    kit.pieces[piece.name].sound()
assert "torch" not in sys.modules
from benchmarks.memory import own_peak
print(len(PIECES), own_peak())
"""


def run(seed: int) -> tuple[float, int, float]:
    """Make the kit of a seed; return the seconds, the number of sounds, and the peak memory in MiB."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(seed=seed)], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    count, peak = done.stdout.split()
    return seconds, int(count), float(peak)


@click.command(context_settings={"show_default": True})
@click.option("--rounds", default=5, help="Processes, each with the kit of another seed.")
def main(rounds: int) -> None:
    """Measure new kits."""
    seconds, counts, peaks = zip(*(run(7 + number) for number in range(rounds)), strict=True)
    click.echo(
        f"{counts[0]} sounds: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), "
        f"peak {max(peaks):.0f} MiB"
    )


if __name__ == "__main__":
    main()
