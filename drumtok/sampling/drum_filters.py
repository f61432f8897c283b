"""Rules that steer what is played: bars that come again, how often each drum is hit, drums that stay silent."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.network.context import REMEMBERED, BarTracker
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.logit_filters import BarGrammar, Logits, MinP, Rule, Stage, Temperature, TopK, TopP, in_order
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS, ids_to_hits

GAIN = 0.5  # log-odds that a drum gets for each hit that it has fallen behind
STRONGEST = 8.0  # log-odds, and no more
HITS = ids_to_hits(np.arange(N_HIT_WORDS))  # (512, 9) which drums each word hits


@dataclass(frozen=True)
class Repetition:
    """Makes bars that come again likelier, or less likely.

    As long as a bar is the same as one of the `bars` before it, the odds of the word that keeps it so are multiplied
    by e to the `strength`, at every step. Once it differs it is free: a variation is not held against a bar.

    Args:
        strength: in nats; above 0 bars come again more often, below 0 less.
        bars: how many bars back count.
    """

    stage: ClassVar[Stage] = Stage.REPETITION
    strength: float
    bars: int = 1

    def __post_init__(self) -> None:
        if not np.isfinite(self.strength):
            raise DrumtokError(f"repetition must be a finite number, got {self.strength}")
        if not 1 <= self.bars <= REMEMBERED:
            raise DrumtokError(f"bars of repetition are {self.bars}: allowed is from 1 up to {REMEMBERED}")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`; a word that several bars ask for is reweighed once."""
        again = np.zeros(logits.shape, dtype=bool)
        for back in range(1, self.bars + 1):
            word = written.word_at(back)
            streams = np.flatnonzero(written.same_so_far(back) & (word >= 0))
            again[streams, word[streams]] = True
        return np.where(again, logits + self.strength, logits)


@dataclass(frozen=True)
class Density:
    """Brings a drum to so many hits per bar, in a closed loop.

    The further the drum has fallen behind its target, counted over all that was drawn so far, the higher are the odds
    of the words that hit it; ahead of the target they are lower. So the mean comes to the target whatever the network
    makes of its own hits: the error of the sum stays bounded, that of the mean falls as one over the bars.

    Args:
        drum: its lane, one of `drumtok.drums.LANES`.
        hits_per_bar: the target, above 0, at most `steps_per_bar`.
        steps_per_bar: the length of a bar.
    """

    stage: ClassVar[Stage] = Stage.DENSITY
    drum: str
    hits_per_bar: float
    steps_per_bar: int

    def __post_init__(self) -> None:
        if not 0 < self.hits_per_bar <= self.steps_per_bar:  # nan is neither
            raise DrumtokError(
                f"density of {self.drum} is {self.hits_per_bar:g} hits per bar:"
                f" allowed is above 0 up to {self.steps_per_bar}, the steps of a bar; forbid leaves a drum out"
            )

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`."""
        with_drum = np.flatnonzero(HITS[:, LANE_INDEX[self.drum]])
        drawn = written.drawn
        due = self.hits_per_bar * (drawn != BAR_ID).sum(axis=1) / self.steps_per_bar
        behind = due - (drawn & with_drum[0]).astype(bool).sum(axis=1)  # its first word hits nothing else
        moved = logits.copy()
        moved[:, with_drum] += np.clip(GAIN * behind, -STRONGEST, STRONGEST)[:, None]
        return moved


@dataclass(frozen=True)
class Forbid:
    """Drums that are not hit at all: every word with a hit of theirs is forbidden.

    >>> Forbid(("kick",)).apply(np.zeros((1, 513)), BarTracker(1, ()))[0, [0, 255, 256, 511]].tolist()
    [0.0, 0.0, -inf, -inf]
    """

    stage: ClassVar[Stage] = Stage.FORBID
    drums: tuple[str, ...]

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`."""
        allowed = logits.copy()
        allowed[:, np.flatnonzero(HITS[:, [LANE_INDEX[drum] for drum in self.drums]].any(axis=1))] = -np.inf
        return allowed


def rules_of(config: SamplingConfig, steps_per_bar: int) -> tuple[Rule, ...]:
    """The rules that settings ask for, in their order; one that would change nothing is left out.

    Raises:
        DrumtokError: a drum is to be hit more often than a bar has steps.
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
