"""Logit filters: small rules that forbid or reweight words, applied in a fixed order."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.context import BarTracker
from drumtok.tokenizer.tokens import BAR_ID

Logits = NDArray[np.float64]
MIN_LOGIT = -1e300  # of a word that remains possible if it is the only one left


class Stage(IntEnum):
    """The order in which rules are applied, independent of their order in a list.

    Bar lines come first, then the probability of each word, then forbidden drums and the part to follow, and last the
    truncation of unlikely words, which uses the probabilities after all other rules.
    """

    GRAMMAR = 0
    TEMPERATURE = 1
    REPETITION = 2
    PLAN = 3
    DENSITY = 4
    STYLE = 5
    FORBID = 6
    FOLLOW = 7
    TOP_K = 8
    TOP_P = 9
    MIN_P = 10


class Rule(Protocol):
    """Forbid words, by a logit of minus infinity, or reweight them."""

    stage: ClassVar[Stage]

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Return new logits.

        Args:
            logits: (streams, 513), left unchanged.
            written: the words of each stream so far.
        """
        ...


@dataclass(frozen=True)
class BarGrammar:
    """Allow `BAR` after `steps_per_bar` steps, and only there.

    >>> BarGrammar(steps_per_bar=2).apply(np.zeros((1, 513)), BarTracker(1, ()))[0, [0, BAR_ID]].tolist()
    [0.0, -inf]
    """

    stage: ClassVar[Stage] = Stage.GRAMMAR
    steps_per_bar: int

    def __post_init__(self) -> None:
        if self.steps_per_bar < 1:
            raise DrumtokError(f"steps_per_bar must be at least 1, got {self.steps_per_bar}")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule; a bar that is already too long, as in some primers, ends."""
        full = written.steps_in_bar >= self.steps_per_bar
        allowed = logits.copy()
        allowed[full, :BAR_ID] = -np.inf
        allowed[~full, BAR_ID] = -np.inf
        return allowed


@dataclass(frozen=True)
class Temperature:
    """Divide the logits: values below 1 favour likely words, above 1 rare words, and 1 changes nothing."""

    stage: ClassVar[Stage] = Stage.TEMPERATURE
    value: float

    def __post_init__(self) -> None:
        if not 0 < self.value < np.inf:  # nan fails too
            raise DrumtokError(f"temperature must be finite and above 0, got {self.value}")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule."""
        # Relative to the likeliest word, so that a tiny temperature does not overflow. The other words remain possible,
        # because the likeliest may contradict kept hits.
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (logits - logits.max(axis=1, keepdims=True)) / self.value
        return np.where(np.isfinite(logits), np.maximum(scaled, MIN_LOGIT), logits)


def temperature_of(rules: Iterable[Rule]) -> float:
    """Return the temperature of the rules, 1 by default."""
    return math.prod(rule.value for rule in rules if isinstance(rule, Temperature))


@dataclass(frozen=True)
class TopK:
    """Keep the `words` likeliest words, the first ones among equals, so that 1 is the greedy choice.

    >>> np.isfinite(TopK(2).apply(np.array([[1.0, 3.0, 2.0]]), BarTracker(1, ()))).tolist()
    [[False, True, True]]
    """

    stage: ClassVar[Stage] = Stage.TOP_K
    words: int

    def __post_init__(self) -> None:
        if self.words < 1:
            raise DrumtokError(f"top-k must be at least 1, got {self.words}")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule."""
        if self.words >= logits.shape[1]:
            return logits
        order = np.argsort(-logits, axis=1, kind="stable")
        cut = logits.copy()
        np.put_along_axis(cut, order[:, self.words :], -np.inf, axis=1)
        return cut


@dataclass(frozen=True)
class TopP:
    """Keep the likeliest words that together have a probability of `fraction`, and words as likely as the last of them.

    In a long piece even an unlikely tail is sampled at times, and one such word leads to the next (Holtzman et al.,
    "The Curious Case of Neural Text Degeneration", ICLR 2020).

    >>> kept = TopP(0.7).apply(np.log([[0.5, 0.3, 0.2]]), BarTracker(1, ()))
    >>> np.isfinite(kept).tolist()
    [[True, True, False]]
    """

    stage: ClassVar[Stage] = Stage.TOP_P
    fraction: float

    def __post_init__(self) -> None:
        if not 0 < self.fraction <= 1:  # nan fails too
            raise DrumtokError(f"top-p must be above 0 and at most 1, got {self.fraction}")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule; the likeliest word is always kept."""
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        falling = np.sort(likely, axis=1)[:, ::-1]
        before = np.cumsum(falling, axis=1) - falling  # the sum over all likelier words
        kept = (before < self.fraction * likely.sum(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
        least = np.take_along_axis(falling, np.maximum(kept, 1) - 1, axis=1)
        return np.where(likely < least, -np.inf, logits)


@dataclass(frozen=True)
class MinP:
    """Keep the words that are at least `fraction` times as likely as the likeliest; 0 keeps all.

    >>> np.isfinite(MinP(0.5).apply(np.log([[0.5, 0.3, 0.2]]), BarTracker(1, ()))).tolist()
    [[True, True, False]]
    """

    stage: ClassVar[Stage] = Stage.MIN_P
    fraction: float

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:  # nan fails too
            raise DrumtokError(f"min-p must be between 0 and 1, got {self.fraction}")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """Apply the rule; the likeliest word is always kept."""
        with np.errstate(divide="ignore"):
            least = logits.max(axis=1, keepdims=True) + np.log(self.fraction)
        return np.where(logits < least, -np.inf, logits)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules in the order in which they are applied: by stage, then as listed."""
    return tuple(sorted(rules, key=lambda rule: rule.stage))


def apply_all(rules: Iterable[Rule], logits: Logits, written: BarTracker) -> Logits:
    """Apply one rule after another."""
    for rule in rules:
        logits = rule.apply(logits, written)
    return logits
