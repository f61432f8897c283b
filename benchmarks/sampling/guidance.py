"""Guidance: what a style that is heard louder wins, and what it costs.

    python -m benchmarks.sampling.guidance CORPUS
    python -m benchmarks.sampling.guidance CORPUS --strength 0 --strength 1 --pieces 64 --markdown

At each strength as many beats are written, at temperature 1 and nothing left out, in the styles, tempi and sources of
the training beats. Told of them are the share of windows that a classifier of training songs hears as of the style that
was asked for, the AUC of realism, and the share of bars found in training. Bits per step are those of held-out songs of
which all is told. The extra `evaluate` is needed.
"""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.results import show
from drumtok.dataset.corpus import SPLITS, open_corpus
from drumtok.evaluation.bootstrap import Estimate, Ratio
from drumtok.evaluation.classifier import classifier_auc, draw_styled, draw_windows, style_accuracy
from drumtok.evaluation.pattern_songs import LabelledSongs, draw_conditioning, songs_of
from drumtok.evaluation.prediction import Ids, bars_of, predict, write_pieces
from drumtok.evaluation.rhythm_features import bars_as_hits
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
from drumtok.network.engine import Engine
from drumtok.network.guidance import guided
from drumtok.tokenizer.labels import BEAT

PER_BAR = 16  # steps
SEED = 0


def copied(known: set[bytes], pieces: Sequence[Ids]) -> Ratio:
    """The share of the bars that are not silent which are known."""
    sounding = [[bar for bar in bars_of(ids) if any(bar[: 2 * PER_BAR])] for ids in pieces]  # two bytes a word
    return Ratio.of([bar in known for bar in bars] for bars in sounding)


def figures(
    engine: Engine, songs: dict[str, LabelledSongs], split: str, pieces: int, bars: int
) -> list[Estimate | None]:
    """Style, realism, copying and bits per step of one engine. Each draws the same numbers as every other."""
    rng = np.random.default_rng(SEED)
    conditioning = draw_conditioning(songs["train"], BEAT, pieces, rng)
    made = write_pieces(engine, rng, conditioning, bars, PER_BAR)
    asked = [(bars_as_hits(ids, PER_BAR), own.style) for ids, own in zip(made, conditioning, strict=True)]
    known, ours = draw_styled(songs["train"].styled_bars(PER_BAR, BEAT), rng), draw_styled(asked, rng)
    heard = style_accuracy(known, (ours,), rng)
    real = draw_windows([song for own in songs.values() for song in own.bars(PER_BAR, BEAT)], rng)
    auc = classifier_auc(real, draw_windows([bars for bars, _ in asked], rng), rng)
    training = {bar for ids in songs["train"].ids for bar in bars_of(ids)}
    held_out = songs[split]
    bits = predict(engine, held_out.ids, held_out.conditioning).bits
    style = heard[0].estimate(rng) if heard else None
    return [style, auc, copied(training, made).estimate(rng), bits.estimate(rng)]


def told_as(estimate: Estimate | None, form: str) -> str:
    """A figure and its 95 % interval."""
    if estimate is None:
        return "-"
    return f"{estimate.value:{form}} ({estimate.low:{form}} to {estimate.high:{form}})"


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option("--checkpoint", type=click.Path(exists=True, path_type=Path), help="The network.  [default drumtok's]")
@click.option("--strength", "strengths", type=float, multiple=True, default=(0, 1, 1.5, 2, 3), show_default=True)
@click.option("--source", default="groove", show_default=True, help="The source of the songs; all where it is empty.")
@click.option("--split", default="validation", show_default=True, help="Side of the corpus for the bits per step.")
@click.option("--pieces", default=256, show_default=True, help="Beats at each strength.")
@click.option("--bars", default=8, show_default=True, help="Bars of each.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(
    corpus: Path,
    checkpoint: Path | None,
    strengths: tuple[float, ...],
    source: str,
    split: str,
    pieces: int,
    bars: int,
    markdown: bool,
) -> None:
    """Prints a row for each strength, with 95 % intervals over pieces or songs."""
    engine, opened = Engine(load_checkpoint(checkpoint_file(checkpoint))), open_corpus(corpus)
    sources = [source] if source else sorted({song["source"] for song in opened.songs["train"]})
    songs = {}
    for name in SPLITS:
        parts = [songs_of(opened, name, source) for source in sources]
        songs[name] = LabelledSongs(
            [ids for part in parts for ids in part.ids], [own for part in parts for own in part.conditioning]
        )
    rows = []
    for strength in track(strengths, "strengths", console=Console(stderr=True)):
        found = figures(guided(engine, strength), songs, split, pieces, bars)
        forms = (".1%", ".2f", ".1%", ".3f")
        rows.append([f"{strength:g}", *map(told_as, found, forms)])
    show(["guidance", "style heard", "realism AUC", "bars found in training", "bits per step"], rows, markdown)


if __name__ == "__main__":
    main()
