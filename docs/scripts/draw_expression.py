"""Draw how the patterns of docs/expression.grid are played: python docs/scripts/draw_expression.py SEED."""

from io import BytesIO
from pathlib import Path

import click
import numpy as np

from drumtok.drums import DRUMS
from drumtok.generation.humanise import humanise
from drumtok.pattern import Pattern
from drumtok.runtime.files import write_atomically
from drumtok.tokenizer.text import parse_grooves

DOCS = Path(__file__).resolve().parents[1]
PLAYED = 12  # performances of each; one is drawn dark, the others pale behind it
COLOURS = {0: "tab:red", 1: "tab:blue", 2: "tab:green", 7: "tab:purple"}


@click.command()
@click.argument("seed", type=int)
def main(seed: int) -> None:
    """Draw velocities and offsets of each pattern as docs/expression.png."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    patterns = list(parse_grooves((DOCS / "expression.grid").read_text(encoding="utf-8")))
    figure = Figure(figsize=(12, 3.2 * len(patterns)), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(len(patterns), 2, squeeze=False)
    for row, pattern in zip(axes, patterns, strict=True):
        for number in reversed(range(PLAYED)):
            draw(row, pattern, humanise(pattern, seed=seed + number), first=number == 0)
        row[0].set_title(f"{pattern.name}, {pattern.tempo:g} BPM: velocity", fontsize=9)
        row[1].set_title("how late, in ms", fontsize=9)
        row[0].set_ylim(0, 130)
        row[1].set_ylim(-60, 60)
        row[1].axhline(0, color="0.7", linewidth=0.8)
        row[0].legend(fontsize=7, ncols=4, loc="lower left")
        for axis in row:
            axis.set_xticks(
                range(0, pattern.steps, 4),
                [f"{n // 16 + 1}.{n % 16 // 4 + 1}" for n in range(0, pattern.steps, 4)],
                fontsize=7,
            )
    buffer = BytesIO()
    canvas.print_figure(buffer, dpi=90)
    write_atomically(DOCS / "expression.png", buffer.getvalue())


def draw(axes: np.ndarray, pattern: Pattern, played: Pattern, first: bool) -> None:
    """Draw one performance, a mark for each hit."""
    for lane, colour in COLOURS.items():
        steps = np.flatnonzero(pattern.hits[:, lane])
        late = played.offset[steps, lane] * 15000 / pattern.tempo
        style = {"color": colour, "s": 22 if first else 6, "alpha": 1 if first else 0.25, "linewidths": 0}
        axes[0].scatter(
            steps, played.velocity[steps, lane], label=DRUMS[lane].name if first and len(steps) else None, **style
        )
        axes[1].scatter(steps, late, **style)


if __name__ == "__main__":
    main()
