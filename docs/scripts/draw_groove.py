"""Draw the picture in the README: python docs/scripts/draw_groove.py SEED."""

from pathlib import Path

import click

from drumtok.generation.generate import generate
from drumtok.rendering.picture import draw_png

DOCS = Path(__file__).resolve().parents[1]


@click.command()
@click.argument("seed", type=int)
def main(seed: int) -> None:
    """Draw sixteen bars of the bundled checkpoint as docs/groove.png."""
    draw_png(generate(seed, bars=16), DOCS / "groove.png")


if __name__ == "__main__":
    main()
