"""Realism AUC of patterns at the defaults, and of patterns by the network without style rules.

    python -m benchmarks.evaluation.defaults CORPUS [--sets 1] [--pieces 256]

CORPUS is made by `drumtok corpus build CORPUS groove`. Patterns of 8 bars are generated in the styles and tempi of
training beats, and a classifier distinguishes their windows of two bars from played ones, as in `drumtok evaluate` (0.5
is chance); "later" considers the last four bars only. With one set of 256 pieces, figures vary by 0.03.

Drummers keep the rules of their style less often than patterns at the defaults do, and a classifier that knew these
rules would recognise them by that alone, with an AUC of half of 1 plus the difference. Another column compares
patterns with stretches of drummers' songs that keep the rules. The last one has how often a classifier of training
songs recognises the requested style, first and among the three likeliest; the line above the table has the same for the
songs of the test files.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.results import show
from drumtok.dataset.corpus import open_corpus
from drumtok.evaluation.bootstrap import Ratio
from drumtok.evaluation.classifier import classifier_auc, draw_windows
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.pattern_songs import LabelledSongs, draw_conditioning, songs_by_split
from drumtok.evaluation.realism import Pieces, realism, style_metrics
from drumtok.evaluation.rhythm_features import Bars
from drumtok.generation.engines import engine_of
from drumtok.generation.generate import generate_many
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import signatures
from drumtok.tokenizer.labels import BEAT
from drumtok.tokenizer.splits import SPLITS, TRAINING

BARS, PER_BAR = 8, 16
ALONE: dict[str, Any] = {"strictness": 0.0, "candidates": 1, "loop": False}
WAYS: dict[str, dict[str, Any]] = {
    "the defaults": {},
    "--source groove": {"source": "groove"},
    "--source groove --strictness 0": {"source": "groove", "strictness": 0.0},
    "--source groove, the network alone": {"source": "groove"} | ALONE,
}


def write_set(
    engine: SteppedNetwork, training: LabelledSongs, pieces: int, seed: int, rng: np.random.Generator, **settings: Any
) -> Pieces:
    """Generate pieces in the styles and tempi of randomly drawn training beats; those alike are generated together."""
    alike: dict[tuple[str, int], list[int]] = defaultdict(list)
    drawn = draw_conditioning(training, BEAT, pieces, rng)
    for place, own in enumerate(drawn):
        alike[own.style, round(own.tempo or 0)].append(place)
    bars: list[NDArray[np.bool_] | None] = [None] * pieces
    for (style, tempo), places in track(alike.items(), f"seed {seed}", transient=True):
        asked: dict[str, Any] = {
            "style": style or None,
            "tempo": tempo or None,
            "bars": BARS,
            "dynamics": 0.0,
            "checkpoint": engine,
        }
        for place, made in zip(places, generate_many(len(places), seed + places[0], **asked, **settings), strict=True):
            bars[place] = made.hits.reshape(BARS, PER_BAR, -1)
    found = [own for own in bars if own is not None]
    return Pieces(
        [own.style for own in drawn], [own[: BARS // 2] for own in found], [own[BARS // 2 :] for own in found]
    )


def keeps_rules(bars: Bars, style: str) -> bool:
    """Return whether bars keep all rules of a style; without rules, they do."""
    own = signatures().get(style)
    return own is None or not own.broken(Pattern(bars.reshape(-1, bars.shape[-1]), style=style))


def stretches_that_keep(songs: Iterable[tuple[Bars, str]]) -> list[Bars]:
    """Return, for each song with one, the first stretch of `BARS` bars that keeps the rules of its style."""
    found = []
    for bars, style in songs:
        stretches = (bars[n : n + BARS] for n in range(max(len(bars) - BARS, 0) + 1))
        found += [own for own in stretches if keeps_rules(own, style)][:1]
    return found


def figures_of(made: Sequence[Pieces], played: dict[str, list[Bars]], kept: Sequence[Bars]) -> list[str]:
    """Return the AUC of sets of pieces and of their last bars, how many keep the rules, and the AUC against `kept`."""
    aucs, _ = realism(made, played, EvaluationConfig().split, np.random.default_rng(0))
    rng, fair, keep = np.random.default_rng(0), [], []
    for own in made:
        whole = [np.concatenate(both) for both in zip(own.bars, own.later, strict=True)]
        keep += [keeps_rules(*each) for each in zip(whole, own.styles, strict=True)]
        fair.append(classifier_auc(draw_windows(kept, rng), draw_windows(whole, rng), rng))
    against = fmean(found.value for found in fair if found)
    return [
        *(f"{aucs[part].value:.3f}" for part in ("realism", "realism_later")),
        f"{fmean(keep):.0%}",
        f"{against:.3f}",
    ]


def recognised(ratios: dict[str, Ratio], name: str) -> str:
    """Return how often a style is recognised, first and among the three likeliest."""
    return f"{ratios[name].value:.1%}; {ratios[f'{name}_3'].value:.1%}"


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--sets", default=1, show_default=True, help="Sets of pieces, whose AUC is averaged.")
@click.option("--pieces", default=256, show_default=True, help="Pieces of a set.")
@click.option("--markdown", is_flag=True, help="Print the table in Markdown.")
def main(corpus: Path, sets: int, pieces: int, markdown: bool) -> None:
    """Print the realism AUC at the defaults, and with more and more of the rules left out."""
    engine = engine_of(None)
    songs, played = songs_by_split(open_corpus(corpus), EvaluationConfig(), PER_BAR, BEAT)
    beats = [song for split in SPLITS for song in songs[split].styled_bars(PER_BAR, BEAT)]
    kept = stretches_that_keep(beats)
    known, held_out = (songs[split].styled_bars(PER_BAR, BEAT) for split in (TRAINING, EvaluationConfig().split))
    rows, natural = [], ""
    for name, settings in WAYS.items():
        rng = np.random.default_rng(11)
        made = [write_set(engine, songs[TRAINING], pieces, 7000 * (n + 1), rng, **settings) for n in range(sets)]
        heard = style_metrics(made, known, held_out, np.random.default_rng(0))
        natural = recognised(heard, "natural_style")
        rows.append((name, *figures_of(made, played, kept), recognised(heard, "style")))
    share = fmean(keeps_rules(bars[:BARS], style) for bars, style in beats)
    click.echo(f"{share:.0%} of {len(beats)} drummers' songs keep the rules in their first {BARS} bars")
    click.echo(f"the style of {EvaluationConfig().split} songs is recognised in {natural} of their windows")
    columns = ("AUC", "later", "keep the rules", "against songs that do", "style recognised")
    show(("asked for in a style with", *columns), rows, markdown)


if __name__ == "__main__":
    main()
