"""Measure whether beats generated in a style resemble the starter grooves of that style, on sixteenths.

    python -m benchmarks.sampling.drawn CORPUS
    python -m benchmarks.sampling.drawn CORPUS --checkpoint FILE --strength 1 --strength 2

CORPUS is made by `drumtok corpus build CORPUS groove starter`. For each style some beats of four bars are generated,
conditioned on the style and the labels that it implies, at temperature 1 without selection. Each is assigned to the
style whose mean bar is nearest to its own by the angle. For comparison, each starter groove is classified by all
others. Also prints the fraction of bars with a kick on all four beats, and with a snare on the second and fourth.
"""

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.results import show
from drumtok.dataset.corpus import SPLITS, open_corpus
from drumtok.drums import LANES
from drumtok.evaluation.pattern_songs import songs_of
from drumtok.evaluation.prediction import write_pieces
from drumtok.evaluation.rhythm_features import Bars, bars_as_hits
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.network.guidance import guided
from drumtok.tokenizer.labels import BEAT, Conditioning

SOURCE = "starter"
PER_BAR, BARS, SEED = 16, 4, 3
FOUR_ON_THE_FLOOR, BACKBEAT = ("disco", "house", "techno"), ("boombap", "disco", "house", "soul")
KICK, SNARE = LANES.index("kick"), LANES.index("snare")
BEATS = np.arange(4) * PER_BAR // 4


class NearestStyle:
    """A classifier that returns the style with the nearest mean bar.

    Args:
        grooves: the bars and the style of each groove.
    """

    def __init__(self, grooves: list[tuple[Bars, str]]) -> None:
        self.styles, self._style = np.unique([style for _, style in grooves], return_inverse=True)
        self._means = np.stack([direction(bars) for bars, _ in grooves])

    def predict(self, bars: Bars, without: int | None = None) -> str:
        """Return the style nearest to some bars, leaving one groove out if requested."""
        style = self._style.copy()
        if without is not None:
            style[without] = -1
        centres = [unit(self._means[style == n].mean(axis=0)) for n in range(len(self.styles))]
        return str(self.styles[int(np.argmax(np.stack(centres) @ direction(bars)))])


def direction(bars: Bars) -> NDArray[np.float64]:
    """Return the mean bar, scaled to length one, (steps * 9,)."""
    return unit(bars.mean(axis=0, dtype=np.float64).ravel())


def unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector scaled to length one."""
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def row(name: str, beats: list[tuple[Bars, str]], predicted: list[str]) -> tuple[str, ...]:
    """Return the cells of a row: how many are recognised, and the bars with kicks and snares on these beats."""
    right = np.mean([style == wanted for style, (_, wanted) in zip(predicted, beats, strict=True)])
    floor = [bars[:, BEATS, KICK].all(axis=1).mean() for bars, style in beats if style in FOUR_ON_THE_FLOOR]
    back = [bars[:, BEATS[1::2], SNARE].all(axis=1).mean() for bars, style in beats if style in BACKBEAT]
    return name, f"{right:.0%}", f"{np.mean(floor):.0%}", f"{np.mean(back):.0%}"


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--checkpoint", type=click.Path(exists=True, path_type=Path), help="Checkpoint.  [default: the bundled one]"
)
@click.option("--strength", "strengths", type=float, multiple=True, default=(1, 2), show_default=True)
@click.option("--pieces", default=16, show_default=True, help="Beats of each style.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(corpus: Path, checkpoint: Path | None, strengths: tuple[float, ...], pieces: int, markdown: bool) -> None:
    """Print a row for the grooves, and one for each strength of guidance."""
    engine, opened = Engine(load_checkpoint(checkpoint_file(checkpoint))), open_corpus(corpus)
    splits = [songs_of(opened, split, SOURCE) for split in SPLITS]
    grooves = [pair for split in splits for pair in split.styled_bars(PER_BAR, BEAT)]
    classes = NearestStyle(grooves)
    own = [classes.predict(bars, without=n) for n, (bars, _) in enumerate(grooves)]
    rows = [row(f"the {len(grooves)} grooves", grooves, own)]
    labels = engine.checkpoint.config.labels
    conditioning = [
        labels.implied(Conditioning(BEAT, str(style), starts_mid_song=True))
        for style in classes.styles
        for _ in range(pieces)
    ]
    for strength in strengths:
        made = write_pieces(guided(engine, strength), np.random.default_rng(SEED), conditioning, BARS, PER_BAR)
        beats = [(bars_as_hits(ids, PER_BAR), each.style) for ids, each in zip(made, conditioning, strict=True)]
        rows.append(row(f"guidance {strength:g}", beats, [classes.predict(bars) for bars, _ in beats]))
    floor, back = (", ".join(styles) for styles in (FOUR_ON_THE_FLOOR, BACKBEAT))
    show(["", "recognised as requested", f"{floor}: kick on all beats", f"{back}: snare on 2 and 4"], rows, markdown)


if __name__ == "__main__":
    main()
