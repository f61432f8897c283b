"""Realism and style of pieces according to classifiers, averaged over several sets of pieces.

The AUC of one set of 256 pieces has an error of 0.03, as large as the difference of networks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from drumtok.evaluation.bootstrap import Estimate, Ratio
from drumtok.evaluation.classifier import (
    CV_FOLDS,
    SHUFFLES,
    classifier_auc,
    draw_styled,
    draw_windows,
    has_sklearn,
    split_in_halves,
    style_accuracy,
)
from drumtok.evaluation.rhythm_features import Bars
from drumtok.runtime.install import install_command

StyledBars = Sequence[tuple[Bars, str]]


@dataclass(frozen=True)
class Pieces:
    """A set of generated pieces.

    Attributes:
        styles: the requested style of each, empty if none.
        bars, later: the first bars of each, and as many bars after a lead-in.
    """

    styles: list[str]
    bars: list[Bars]
    later: list[Bars]


def realism(
    sets: Sequence[Pieces],
    played: dict[str, list[Bars]],
    split: str,
    rng: np.random.Generator,
    shuffles: int = SHUFFLES,
) -> tuple[dict[str, Estimate], list[str]]:
    """Return the AUC of pieces against all played songs, from their start and later on, and of songs against songs.

    Args:
        sets: sets of pieces, over which the AUC is averaged.
        played: split -> the bars of its songs.
        split: the held-out split.
        rng: draws windows and folds.
        shuffles: how many times the folds are drawn.

    Returns:
        The metrics, and a line for each that could not be computed, with the reason.
    """
    if not has_sklearn():
        return {}, [f"realism requires scikit-learn: {install_command('evaluate')}"]
    songs = [song for group in played.values() for song in group]

    def auc(pieces: Sequence[Bars]) -> Estimate | None:
        return classifier_auc(draw_windows(songs, rng), draw_windows(pieces, rng), rng, shuffles)

    training, held_out = (draw_windows(played[name], rng) for name in ("train", split))
    aucs = {
        "realism": mean_estimate(auc(pieces.bars) for pieces in sets),
        "realism_later": mean_estimate(auc(pieces.later) for pieces in sets),
        "natural_realism": classifier_auc(training, held_out, rng, shuffles),
        "halves_realism": classifier_auc(*split_in_halves(training, rng), rng, shuffles),
    }
    too_few = f"requires at least {CV_FOLDS} pieces and songs of two bars"
    return (
        {name: auc for name, auc in aucs.items() if auc},
        [f"{name} {too_few}" for name, auc in aucs.items() if not auc],
    )


def mean_estimate(estimates: Iterable[Estimate | None]) -> Estimate | None:
    """Return the mean of estimates and of the ends of their confidence intervals, or None if all are None.

    >>> mean_estimate([Estimate(0.5, 0.25, 0.75), Estimate(1.0, 0.75, 1.0), None])
    Estimate(value=0.75, low=0.5, high=0.875)
    >>> mean_estimate([None])
    """
    known = [estimate for estimate in estimates if estimate is not None]
    if not known:
        return None
    return Estimate(*(fmean(getattr(estimate, part) for estimate in known) for part in ("value", "low", "high")))


def style_metrics(
    sets: Sequence[Pieces], training: StyledBars, held_out: StyledBars, rng: np.random.Generator
) -> dict[str, Ratio]:
    """Return how often a classifier of training songs recognises the requested style of pieces, and that of songs.

    `style` considers only the likeliest style, `style_3` the three likeliest.
    """
    generated = [pair for pieces in sets for pair in zip(pieces.bars, pieces.styles, strict=True)]
    known, natural, ours = (draw_styled(songs, rng) for songs in (training, held_out, generated))
    accuracies = style_accuracy(known, (ours, natural), rng, first=3)
    if accuracies is None:
        return {}
    found: dict[str, Ratio] = {}
    for name, ratios in zip(("style", "natural_style"), accuracies, strict=True):
        found |= {name: ratios[0], f"{name}_3": ratios[-1]}
    return found
