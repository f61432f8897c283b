"""The course of pieces: what becomes of them over 64 bars, and at other temperatures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from drumtok.evaluation.bar_distance import self_similarity
from drumtok.evaluation.bootstrap import Ratio
from drumtok.evaluation.prediction import bars_of, repeated
from drumtok.evaluation.rhythm_features import Bars, bars_as_hits
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.sampling.logit_filters import BarGrammar, Logits, Rule, Stage, Temperature
from drumtok.sampling.sampler import sample_words
from drumtok.tokenizer.labels import Conditioning

LONG = 64  # bars
APART = 8  # bars between those that are compared in them
PHRASE = 4  # bars
SPREAD = (5, 95)  # percentiles between which songs are usual
TEMPERATURES = (0.5, 1.0, 1.5)


@dataclass(frozen=True)
class AtTemperature:
    """What pieces are like that were written at a temperature.

    Attributes:
        entropy: bits of each draw of a word.
        repeated: share of bars equal to the bar before.
        novelty: of each bar, the distance to the nearest training bar.
    """

    temperature: float
    entropy: Ratio
    repeated: Ratio
    novelty: Ratio


@dataclass(eq=False)
class _Entropy:
    """A rule that changes nothing, and adds up the entropy of what is about to be drawn."""

    stage: ClassVar[Stage] = Stage.MIN_P
    bits: list[NDArray[np.float64]] = field(default_factory=list)

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `drumtok.sampling.logit_filters.Rule`."""
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = odds / odds.sum(axis=1, keepdims=True)
        self.bits.append(-(p * np.log2(np.where(p > 0, p, 1))).sum(axis=1))
        return logits


def at_temperatures(
    engine: Engine,
    rng: np.random.Generator,
    conditioning: Sequence[Conditioning],
    bars: int,
    steps_per_bar: int,
    distances: Callable[[Sequence[Bars]], Sequence[NDArray[np.floating]]],
) -> list[AtTemperature]:
    """Pieces at each of `TEMPERATURES`, one for each that is told.

    Args:
        distances: piece by piece, of each bar that is not empty to the nearest training bar.
    """
    found = []
    for temperature in TEMPERATURES:
        counted = _Entropy()
        rules: list[Rule] = [BarGrammar(steps_per_bar), Temperature(temperature), counted]
        words = bars * (steps_per_bar + 1)
        pieces = list(
            sample_words(engine, rng, rules, streams=len(conditioning), words=words, conditioning=conditioning)
        )
        bits = np.array(counted.bits)[np.arange(words) % (steps_per_bar + 1) < steps_per_bar]  # BAR is no choice
        found.append(
            AtTemperature(
                temperature,
                Ratio.of(bits.T),
                repeated([bars_of(ids) for ids in pieces]),
                Ratio.of(distances([bars_as_hits(ids, steps_per_bar) for ids in pieces])),
            )
        )
    return found


def long_run(pieces: Sequence[Bars], songs: Sequence[Bars]) -> dict[str, Ratio]:
    """How steady long pieces are and where they change, beside songs (natural_...).

    Returns:
        `alike_8`: likeness of bars 8 apart. `steady`: the share of pieces that in this are like the songs, but for the
        twentieth at either end. `phrase_end`, `phrase_inside`: how unlike the bar before it the fourth bar of each four
        is, and the second and third are.
    """
    found: dict[str, Ratio] = {}
    means = {}
    for name, side in (("", pieces), ("natural_", songs)):
        matrices = [self_similarity(bars) for bars in side if len(bars) > APART]
        apart = [np.diagonal(matrix, APART) for matrix in matrices]
        means[name] = np.array([values.mean() for values in apart])
        found[f"{name}alike_{APART}"] = Ratio.of(apart)
        changes = [1 - np.diagonal(matrix, 1) for matrix in matrices]  # of the second bar on
        places = [np.arange(1, len(change) + 1) % PHRASE for change in changes]
        for place, wanted in (("end", (PHRASE - 1,)), ("inside", range(1, PHRASE - 1))):
            found[f"{name}phrase_{place}"] = Ratio.of(
                change[np.isin(at, wanted)] for change, at in zip(changes, places, strict=True)
            )
    if not (len(means[""]) and len(means["natural_"])):
        return {}
    low, high = np.percentile(means["natural_"], SPREAD)
    return found | {"steady": Ratio.of([[low <= mean <= high] for mean in means[""]])}
