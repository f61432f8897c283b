"""Logit filters of drums: repeated bars, hits per bar of a drum, drums that stay silent."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.network.context import REMEMBERED, BarTracker
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.logit_filters import BarGrammar, Logits, MinP, Rule, Stage, Temperature, TopK, TopP, in_order
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS, ids_to_hits

GAIN = 0.5  # log-odds that a drum gains for each hit that it is behind its target
MAX_GAIN = 8.0  # log-odds
# Nats added to repeated bars, for so many bars after a primer, which the network would leave sooner than drummers.
PRIMED, PRIMED_BARS = 0.5, 4
HITS = ids_to_hits(np.arange(N_HIT_WORDS))  # (512, 9) drums that each word hits


@dataclass(frozen=True)
class Repetition:
    """Make repeated bars more or less likely.

    As long as a bar equals one of the previous `bars` bars, the odds of the word that continues that bar are multiplied
    by exp(`strength`) at every step. Once the bar differs, nothing is changed: a variation is not penalised.

    Args:
        strength: in nats; above 0 bars repeat more often, below 0 less.
        bars: number of previous bars to compare.
        until: the bar of the song, from 0, from which on nothing is changed; None for no end.
    """

    stage: ClassVar[Stage] = Stage.REPETITION
    strength: float
    bars: int = 1
    until: int | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.strength):
            raise DrumtokError(f"repetition must be a finite number, got {self.strength}")
        if not 1 <= self.bars <= REMEMBERED:
            raise DrumtokError(f"bars of repetition must be between 1 and {REMEMBERED}, got {self.bars}")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule; a word that continues several bars is reweighted once."""
        if self.until is not None and written.closed_bars >= self.until:
            return logits
        repeats = np.zeros(logits.shape, dtype=bool)
        for back in range(1, self.bars + 1):
            word = written.word_at(back)
            streams = np.flatnonzero(written.same_so_far(back) & (word >= 0))
            repeats[streams, word[streams]] = True
        return np.where(repeats, logits + self.strength, logits)


def staying_near(primer_bars: int) -> Repetition:
    """Return the rule of the first bars after a primer of so many bars."""
    return Repetition(PRIMED, until=primer_bars + PRIMED_BARS)


@dataclass(frozen=True)
class Density:
    """Steer a drum to a number of hits per bar, by feedback.

    The further the drum is behind its target, counted over all words drawn so far, the higher the odds of the words
    that hit it; ahead of the target they are lower. So the mean reaches the target however the network reacts to its
    own hits: the error of the sum stays bounded, and that of the mean falls as one over the number of bars.

    Args:
        drum: one of `drumtok.drums.LANES`.
        hits_per_bar: the target, above 0 and at most `steps_per_bar`.
        steps_per_bar: steps of a bar.
    """

    stage: ClassVar[Stage] = Stage.DENSITY
    drum: str
    hits_per_bar: float
    steps_per_bar: int

    def __post_init__(self) -> None:
        if not 0 < self.hits_per_bar <= self.steps_per_bar:  # nan fails too
            raise DrumtokError(
                f"density of {self.drum} must be above 0 and at most {self.steps_per_bar}, the steps of a bar, got"
                f" {self.hits_per_bar:g}; forbid leaves a drum out"
            )

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule."""
        with_drum = np.flatnonzero(HITS[:, LANE_INDEX[self.drum]])
        drawn = written.drawn
        due = self.hits_per_bar * (drawn != BAR_ID).sum(axis=1) / self.steps_per_bar
        behind = due - (drawn & with_drum[0]).astype(bool).sum(axis=1)  # its first word hits nothing else
        moved = logits.copy()
        moved[:, with_drum] += np.clip(GAIN * behind, -MAX_GAIN, MAX_GAIN)[:, None]
        return moved


@dataclass(frozen=True)
class Forbid:
    """Forbid every word that hits one of some drums.

    >>> Forbid(("kick",)).apply(np.zeros((1, 513)), BarTracker(1, ()))[0, [0, 255, 256, 511]].tolist()
    [0.0, 0.0, -inf, -inf]
    """

    stage: ClassVar[Stage] = Stage.FORBID
    drums: tuple[str, ...]

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule."""
        allowed = logits.copy()
        allowed[:, np.flatnonzero(HITS[:, [LANE_INDEX[drum] for drum in self.drums]].any(axis=1))] = -np.inf
        return allowed


def rules_of(config: SamplingConfig, steps_per_bar: int) -> tuple[Rule, ...]:
    """Return the rules of a config in order, without those that would change nothing.

    Raises:
        DrumtokError: the density of a drum is above the steps of a bar.
    """
    rules: list[Rule] = [BarGrammar(steps_per_bar)]
    if config.temperature != 1:
        rules.append(Temperature(config.temperature))
    if config.repetition:
        rules.append(Repetition(config.repetition, config.repetition_bars))
    rules += [Density(drum, hits, steps_per_bar) for drum, hits in config.densities.items()]
    if config.forbid:
        rules.append(Forbid(config.forbid))
    if config.greedy:
        return in_order([*rules, TopK(1)])
    if config.top_k is not None:
        rules.append(TopK(config.top_k))
    if config.top_p < 1:
        rules.append(TopP(config.top_p))
    if config.min_p:
        rules.append(MinP(config.min_p))
    return in_order(rules)
