"""Draws the picture in the README: python docs/draw_groove.py SEED"""

from pathlib import Path

import click

from drumtok.generation.generate import generate
from drumtok.rendering.picture import draw_png


@click.command()
@click.argument("seed", type=int)
def main(seed: int) -> None:
    """Draws sixteen bars of the bundled checkpoint."""
    draw_png(generate(seed, bars=16), Path(__file__).with_name("groove.png"))


if __name__ == "__main__":
    main()
