"""Long pieces of 64 bars, and pieces at other temperatures."""

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
from drumtok.network.engine import SteppedNetwork
from drumtok.sampling.logit_filters import BarGrammar, Logits, Rule, Stage, Temperature
from drumtok.sampling.sampler import sample_words
from drumtok.tokenizer.bar_plan import PHRASE_BARS
from drumtok.tokenizer.labels import Conditioning

LONG = 64  # bars
BARS_APART = 8  # distance of compared bars
USUAL = (5, 95)  # range of the songs in percentiles
TEMPERATURES = (0.5, 1.0, 1.5)


@dataclass(frozen=True)
class AtTemperature:
    """Metrics of pieces generated at a temperature.

    Attributes:
        entropy: bits of each sampled word.
        repeated: fraction of bars equal to the bar before.
        novelty: distance of each bar to the nearest training bar.
    """

    temperature: float
    entropy: Ratio
    repeated: Ratio
    novelty: Ratio


@dataclass(eq=False)
class _Entropy:
    """A logit filter that changes nothing and records the entropy of each draw."""

    stage: ClassVar[Stage] = Stage.MIN_P
    bits: list[NDArray[np.float64]] = field(default_factory=list)

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Record the entropy and return the logits unchanged."""
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = odds / odds.sum(axis=1, keepdims=True)
        self.bits.append(-(p * np.log2(np.where(p > 0, p, 1))).sum(axis=1))
        return logits


def at_temperatures(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    conditioning: Sequence[Conditioning],
    bars: int,
    steps_per_bar: int,
    distances: Callable[[Sequence[Bars]], Sequence[NDArray[np.floating]]],
) -> list[AtTemperature]:
    """Generate pieces at each of `TEMPERATURES`, one per conditioning, and return their metrics.

    Args:
        distances: returns, for each piece, the distances of its non-empty bars to the nearest training bar.
    """
    results = []
    for temperature in TEMPERATURES:
        entropy = _Entropy()
        rules: list[Rule] = [BarGrammar(steps_per_bar), Temperature(temperature), entropy]
        words = bars * (steps_per_bar + 1)
        pieces = list(
            sample_words(engine, rng, rules, streams=len(conditioning), words=words, conditioning=conditioning)
        )
        bits = np.array(entropy.bits)[np.arange(words) % (steps_per_bar + 1) < steps_per_bar]  # BAR is forced
        results.append(
            AtTemperature(
                temperature,
                Ratio.of(bits.T),
                repeated([bars_of(ids) for ids in pieces]),
                Ratio.of(distances([bars_as_hits(ids, steps_per_bar) for ids in pieces])),
            )
        )
    return results


def long_run(pieces: Sequence[Bars], songs: Sequence[Bars]) -> dict[str, Ratio]:
    """Return how steady long pieces are and where they change, and likewise for songs (natural_...).

    Returns:
        `alike_8`: similarity of bars 8 apart. `steady`: the fraction of pieces whose mean of that lies between the 5th
        and the 95th percentile of the songs. `phrase_end`, `phrase_inside`: how much the fourth bar of each four
        differs from the bar before it, and the second and third do. Empty if no piece or no song is long enough.
    """
    found: dict[str, Ratio] = {}
    means = {}
    for name, group in (("", pieces), ("natural_", songs)):
        matrices = [self_similarity(bars) for bars in group if len(bars) > BARS_APART]
        apart = [np.diagonal(matrix, BARS_APART) for matrix in matrices]
        means[name] = np.array([values.mean() for values in apart])
        found[f"{name}alike_{BARS_APART}"] = Ratio.of(apart)
        changes = [1 - np.diagonal(matrix, 1) for matrix in matrices]  # from the second bar on
        places = [np.arange(1, len(change) + 1) % PHRASE_BARS for change in changes]
        for place, wanted in (("end", (PHRASE_BARS - 1,)), ("inside", range(1, PHRASE_BARS - 1))):
            found[f"{name}phrase_{place}"] = Ratio.of(
                change[np.isin(at, wanted)] for change, at in zip(changes, places, strict=True)
            )
    if not (len(means[""]) and len(means["natural_"])):
        return {}
    low, high = np.percentile(means["natural_"], USUAL)
    return found | {"steady": Ratio.of([[low <= mean <= high] for mean in means[""]])}
