"""Measure the effect of stronger guidance towards a style.

    python -m benchmarks.sampling.guidance CORPUS
    python -m benchmarks.sampling.guidance CORPUS --strength 0 --strength 1 --pieces 64 --markdown

At each strength the same number of beats is generated, at temperature 1 without selection, with styles, tempi and
sources of training beats. Prints the fraction of windows in which a classifier of the training songs recognises the
requested style, the realism AUC, the fraction of bars found in training, and the bits per step of held-out songs given
all labels. Strength 1 is the model as trained. Requires the extra `evaluate`.
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
from drumtok.network.engine import Engine, SteppedNetwork
from drumtok.network.guidance import guided
from drumtok.tokenizer.labels import BEAT

PER_BAR = 16  # steps
SEED = 0


def copied(known: set[bytes], pieces: Sequence[Ids]) -> Ratio:
    """Return the fraction of non-empty bars that are among the known ones."""
    sounding = [[bar for bar in bars_of(ids) if any(bar[: 2 * PER_BAR])] for ids in pieces]  # two bytes per word
    return Ratio.of([bar in known for bar in bars] for bars in sounding)


def figures(
    engine: SteppedNetwork, songs: dict[str, LabelledSongs], split: str, pieces: int, bars: int
) -> list[Estimate | None]:
    """Return style accuracy, realism, copying and bits per step of an engine, always with the same random numbers."""
    rng = np.random.default_rng(SEED)
    conditioning = draw_conditioning(songs["train"], BEAT, pieces, rng)
    made = write_pieces(engine, rng, conditioning, bars, PER_BAR)
    generated = [(bars_as_hits(ids, PER_BAR), own.style) for ids, own in zip(made, conditioning, strict=True)]
    known, ours = draw_styled(songs["train"].styled_bars(PER_BAR, BEAT), rng), draw_styled(generated, rng)
    accuracies = style_accuracy(known, (ours,), rng)
    real = draw_windows([song for own in songs.values() for song in own.bars(PER_BAR, BEAT)], rng)
    auc = classifier_auc(real, draw_windows([bars for bars, _ in generated], rng), rng)
    training = {bar for ids in songs["train"].ids for bar in bars_of(ids)}
    held_out = songs[split]
    bits = predict(engine, held_out.ids, held_out.conditioning).bits
    style = accuracies[0][0].estimate(rng) if accuracies else None
    return [style, auc, copied(training, made).estimate(rng), bits.estimate(rng)]


def with_interval(estimate: Estimate | None, form: str) -> str:
    """Format a metric with its 95 % confidence interval."""
    if estimate is None:
        return "-"
    return f"{estimate.value:{form}} ({estimate.low:{form}} to {estimate.high:{form}})"


@click.command()
@click.argument("corpus", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--checkpoint", type=click.Path(exists=True, path_type=Path), help="Checkpoint.  [default: the bundled one]"
)
@click.option("--strength", "strengths", type=float, multiple=True, default=(0, 1, 1.5, 2, 3), show_default=True)
@click.option("--source", default="groove", show_default=True, help="Source of the songs; all if empty.")
@click.option("--split", default="validation", show_default=True, help="Split for the bits per step.")
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
    """Print a row for each strength, with 95 % confidence intervals over pieces or songs."""
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
        rows.append([f"{strength:g}", *map(with_interval, found, forms)])
    show(["guidance", "style recognised", "realism AUC", "bars found in training", "bits per step"], rows, markdown)


if __name__ == "__main__":
    main()
