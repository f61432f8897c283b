"""Recognise the style of a pattern by the rules, the tempo range and the hit profile of each style."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.starter import starter_grooves
from drumtok.drums import N_DRUMS
from drumtok.grids import GRIDS, Meter
from drumtok.pattern import DEFAULT_GRID, Pattern
from drumtok.sampling.signatures import Signature, signatures

Profile = NDArray[np.float64]
FINEST = int(np.lcm.reduce(GRIDS))  # places of a quarter note, which include those of every grid
SLOT = FINEST // DEFAULT_GRID  # places of a sixteenth
WINDOW = 2  # bars of a groove for the rarity of rules
MIN_PROB = 0.004  # the least probability of a hit and of a rest


@dataclass(frozen=True)
class RecognitionConfig:
    """The weight of each kind of evidence, in nats.

    Attributes:
        onsets: factor of the log-likelihood of the hits, below 1 since they depend on each other.
        prior: number of average grooves of all styles that are added to those of a style.
        broken: penalty of each broken rule.
        rarity: factor of the surprisal that all rules are kept; rules that most grooves keep prove little.
        size: factor of the logarithm of the number of grooves of a style plus `prior`.
        named: factor of the logarithm of 1 plus the number of styles that are like a style, since the plain beat of a
            family of styles has the name of the best known one.
        width: penalty of each doubling of the tempo range, since a tempo in a narrow range proves more.
        outside: penalty of each octave of tempo outside the range of the style, up to `most_outside`.
        most_outside: the greatest penalty, since a file may have no tempo.
    """

    onsets: float = 0.125
    prior: float = 4.0
    broken: float = 1.5
    rarity: float = 0.4
    size: float = 0.7
    named: float = 0.18
    width: float = 0.3
    outside: float = 30.0
    most_outside: float = 6.0


DEFAULT_RECOGNITION = RecognitionConfig()


@dataclass(frozen=True)
class StyleEvidence:
    """The evidence for a style in a meter, in nats.

    Attributes:
        prior: the prior, by the number of its grooves and its name.
        profile: the probability of each hit of a profile; None if no groove has the meter.
        kept: added if a pattern keeps all its rules.
    """

    prior: float
    profile: Profile | None
    kept: float


class StyleRecogniser:
    """Recognise the style of patterns.

    A style without grooves uses those of the first style that it is like, else the average of all.

    Args:
        grooves: examples of the styles.
        config: the weights of the evidence.
    """

    def __init__(self, grooves: Sequence[Pattern], config: RecognitionConfig = DEFAULT_RECOGNITION) -> None:
        self.config = config
        by_style: dict[tuple[Meter, str], list[Profile]] = defaultdict(list)
        for groove in grooves:
            by_style[groove.meter, groove.style].append(onset_profile(groove))
        self._profiles = {meter: self._profiles_of(meter, by_style) for meter, _ in by_style}
        self._sizes = {own: len(rows) for own, rows in by_style.items()}
        self._rarities = _rarities(grooves)

    def scores(self, pattern: Pattern) -> dict[str, float]:
        """Return the log-odds of each style with the meter of a pattern, the likeliest first.

        Args:
            pattern: at least one bar; its tempo is used too.
        """
        own = onset_profile(pattern)
        styles = _of_meter(pattern.meter)
        kept = {rule.text: rule.holds(pattern) for style in styles for rule in style.rules}
        found = {
            style.name: self._prior(style, pattern.meter)
            + self._hits_score(own, style, pattern.meter)
            + self._rules_score(sum(not kept[rule.text] for rule in style.rules), style, pattern.meter)
            + self._tempo_score(pattern.tempo, style)
            for style in styles
        }
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def likeliest(self, pattern: Pattern, count: int = 1) -> list[str]:
        """Return the likeliest styles of a pattern, the best first; empty if no style has its meter."""
        return list(self.scores(pattern))[:count]

    def evidence(self, meter: Meter) -> dict[str, StyleEvidence]:
        """Return the evidence of `scores` for the styles of a meter, in their order."""
        return {
            style.name: StyleEvidence(
                self._prior(style, meter),
                self._profiles[meter][style.name] if meter in self._profiles else None,
                self._rules_score(0, style, meter),
            )
            for style in _of_meter(meter)
        }

    def _prior(self, style: Signature, meter: Meter) -> float:
        size = np.log(self._sizes.get((meter, style.name), 0) + self.config.prior)
        return float(self.config.size * size + self.config.named * np.log1p(_times_named()[style.name]))

    def _hits_score(self, own: Profile, style: Signature, meter: Meter) -> float:
        if meter not in self._profiles:  # no groove is in it
            return 0.0
        likely = self._profiles[meter][style.name]
        return float(self.config.onsets * (own * np.log(likely) + (1 - own) * np.log(1 - likely)).sum())

    def _rules_score(self, broken: int, style: Signature, meter: Meter) -> float:
        if broken:
            return -self.config.broken * broken
        return self.config.rarity * self._rarities.get((meter, style.name), 0.0)

    def _tempo_score(self, tempo: float, style: Signature) -> float:
        slowest, usual, fastest = np.log2(style.tempo)
        own = np.log2(tempo)
        outside = max(slowest - own, own - fastest, 0.0)
        from_usual = (own - usual) / max((fastest - slowest) / 2, 0.1)
        density = self.config.width * np.log2(fastest - slowest) + min(from_usual**2 / 2, 2)
        return float(-min(self.config.outside * outside, self.config.most_outside) - density)

    def _profiles_of(self, meter: Meter, by_style: dict[tuple[Meter, str], list[Profile]]) -> dict[str, Profile]:
        """Return the probability of each hit in each style of a meter."""
        every = np.mean([one for (own, _), rows in by_style.items() if own == meter for one in rows], axis=0)
        profiles = {}
        for style in _of_meter(meter):
            named = next((name for name in (style.name, *style.like) if (meter, name) in by_style), "")
            rows = by_style.get((meter, named), [])
            mean = (np.sum(rows, axis=0) + self.config.prior * every) / (len(rows) + self.config.prior)
            profiles[style.name] = np.clip(mean, MIN_PROB, 1 - MIN_PROB)
        return profiles


@lru_cache(maxsize=1)
def starter_recogniser() -> StyleRecogniser:
    """Return the recogniser that knows the styles by the bundled grooves."""
    return StyleRecogniser(starter_grooves())


def onset_profile(pattern: Pattern) -> Profile:
    """Return how often each drum is hit at each sixteenth of a bar, and how much of it lies between the sixteenths.

    Returns:
        ((sixteenths of a bar + 2) * 9,): the last two rows are hits of a bar on triplets and on thirty-seconds, at
        most 1.
    """
    often = pattern.hits.reshape(pattern.bars, -1, N_DRUMS).mean(axis=0)  # (steps per bar, 9)
    places = np.arange(len(often)) * FINEST // pattern.grid
    slots = len(often) * DEFAULT_GRID // pattern.grid
    profile = np.zeros((slots + 2, N_DRUMS))
    np.maximum.at(profile, (places + SLOT // 2) // SLOT % slots, often)
    between = places % SLOT != 0
    halves = places % (SLOT // 2) == 0
    profile[-2] = np.minimum(often[between & ~halves].sum(axis=0), 1)
    profile[-1] = np.minimum(often[between & halves].sum(axis=0), 1)
    return profile.ravel()


@lru_cache(maxsize=16)
def _of_meter(meter: Meter) -> tuple[Signature, ...]:
    return tuple(own for own in signatures().values() if meter in own.meters)


@lru_cache(maxsize=1)
def _times_named() -> Counter[str]:
    return Counter(name for own in signatures().values() for name in own.like)


def _rarities(grooves: Sequence[Pattern]) -> dict[tuple[Meter, str], float]:
    """Return the surprisal of the rules of each style in a meter, in nats: how few grooves there keep all of them."""
    alike: dict[tuple[Meter, int], list[NDArray[np.bool_]]] = defaultdict(list)
    for groove in grooves:
        bars = groove.hits.reshape(groove.bars, -1, N_DRUMS)
        alike[groove.meter, groove.grid].append(np.resize(bars, (WINDOW, *bars.shape[1:])))
    keeping: dict[tuple[Meter, str], list[bool]] = defaultdict(list)
    for (meter, grid), windows in alike.items():
        pieces = np.stack(windows)
        for style in _of_meter(meter):
            keeping[meter, style.name] += (style.broken_by(pieces, grid, meter) == 0).tolist()
    return {own: float(-np.log(np.mean(flags) + 1 / len(flags))) for own, flags in keeping.items()}
