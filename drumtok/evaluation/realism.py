"""What classifiers hear in pieces: whether drummers played them, and which style; in several sets of pieces.

The AUC of one set of 256 pieces is off by 0.03, as much as networks differ by, so it is the mean of several sets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from drumtok.evaluation.bootstrap import Estimate, Ratio
from drumtok.evaluation.classifier import FOLDS, available, draw_styled, draw_windows, halves, recognised, tell_apart
from drumtok.evaluation.rhythm_features import Bars

StyledBars = Sequence[tuple[Bars, str]]


@dataclass(frozen=True)
class Pieces:
    """A set of pieces, as they were written and asked for.

    Attributes:
        styles: what each was asked for, empty where nothing.
        bars, later: of each its first bars, and as many after a lead-in.
    """

    styles: list[str]
    bars: list[Bars]
    later: list[Bars]


def realism(
    sets: Sequence[Pieces], played: dict[str, list[Bars]], split: str, rng: np.random.Generator
) -> tuple[dict[str, Estimate], list[str]]:
    """The AUC of pieces, from their start and later on, against all that was played, and those of songs among songs.

    Args:
        played: the bars of the songs of each side.
        split: the held-out side.

    Returns:
        The figures, those of pieces being means over the sets, and what could not be measured and why.
    """
    if not available():
        return {}, ["realism needs scikit-learn: pip install 'drumtok[evaluate]'"]
    songs = [song for side in played.values() for song in side]

    def of(pieces: Sequence[Bars]) -> Estimate | None:
        return tell_apart(draw_windows(songs, rng), draw_windows(pieces, rng), rng)

    training, held_out = (draw_windows(played[side], rng) for side in ("train", split))
    aucs = {
        "realism": mean(of(pieces.bars) for pieces in sets),
        "realism_later": mean(of(pieces.later) for pieces in sets),
        "natural_realism": tell_apart(training, held_out, rng),
        "halves_realism": halves(training, rng),
    }
    too_few = f"needs {FOLDS} songs of two bars on either side"
    return (
        {name: auc for name, auc in aucs.items() if auc},
        [f"{name} {too_few}" for name, auc in aucs.items() if not auc],
    )


def mean(estimates: Iterable[Estimate | None]) -> Estimate | None:
    """The mean of estimates and of the ends of their intervals; None where there is none.

    >>> mean([Estimate(0.5, 0.25, 0.75), Estimate(1.0, 0.75, 1.0), None])
    Estimate(value=0.75, low=0.5, high=0.875)
    >>> mean([None])
    """
    known = [estimate for estimate in estimates if estimate is not None]
    if not known:
        return None
    return Estimate(*(fmean(getattr(estimate, part) for estimate in known) for part in ("value", "low", "high")))


def styles(
    sets: Sequence[Pieces], training: StyledBars, held_out: StyledBars, rng: np.random.Generator
) -> dict[str, Ratio]:
    """How often a classifier of training songs hears the style that a piece was asked for, or a song is of."""
    asked = [pair for pieces in sets for pair in zip(pieces.bars, pieces.styles, strict=True)]
    known, natural, ours = (draw_styled(side, rng) for side in (training, held_out, asked))
    ratios = recognised(known, (ours, natural), rng)
    return dict(zip(("style", "natural_style"), ratios, strict=True)) if ratios else {}
