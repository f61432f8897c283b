"""Rules of sampling: small objects that forbid or reweigh words, applied in one fixed order."""

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
LOWEST = -1e300  # a logit of a word that may come, were it the only one left


class Stage(IntEnum):
    """The order in which rules are applied, however they are listed.

    Where bars end is settled first, then how likely each word is, then which drums may not come, and last the least
    likely of the words that are left are cut: a cut goes by the probabilities that the rules before it made.
    """

    GRAMMAR = 0
    TEMPERATURE = 1
    REPETITION = 2
    DENSITY = 3
    FORBID = 4
    TOP_K = 5
    TOP_P = 6
    MIN_P = 7


class Rule(Protocol):
    """Forbids words, with a logit of minus infinity, or reweighs them."""

    stage: ClassVar[Stage]

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """New logits.

        Args:
            logits: (streams, 513), left as they are.
            written: what each stream holds so far.
        """
        ...


@dataclass(frozen=True)
class BarGrammar:
    """`BAR` comes after `steps_per_bar` steps, and only there.

    >>> BarGrammar(steps_per_bar=2).apply(np.zeros((1, 513)), BarTracker(1, ()))[0, [0, BAR_ID]].tolist()
    [0.0, -inf]
    """

    stage: ClassVar[Stage] = Stage.GRAMMAR
    steps_per_bar: int

    def __post_init__(self) -> None:
        if self.steps_per_bar < 1:
            raise DrumtokError(f"steps per bar are {self.steps_per_bar}: allowed is from 1")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`; a bar that is too long already, as a primer may have, is closed."""
        full = written.steps_in_bar >= self.steps_per_bar
        allowed = logits.copy()
        allowed[full, :BAR_ID] = -np.inf
        allowed[~full, BAR_ID] = -np.inf
        return allowed


@dataclass(frozen=True)
class Temperature:
    """Divides the logits: below 1 likely words grow likelier, above 1 rare ones do, 1 is as the model learned."""

    stage: ClassVar[Stage] = Stage.TEMPERATURE
    value: float

    def __post_init__(self) -> None:
        if not 0 < self.value < np.inf:  # nan is neither
            raise DrumtokError(f"temperature is {self.value}: allowed is a finite number above 0")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`."""
        # Counted from the likeliest word: a tiny temperature then sends the others down, not it to plus infinity. They
        # stay possible, for that word may go against what is kept.
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (logits - logits.max(axis=1, keepdims=True)) / self.value
        return np.where(np.isfinite(logits), np.maximum(scaled, LOWEST), logits)


@dataclass(frozen=True)
class TopK:
    """Keeps the `words` likeliest words; of equally likely ones the first, so 1 is the greedy choice.

    >>> np.isfinite(TopK(2).apply(np.array([[1.0, 3.0, 2.0]]), BarTracker(1, ()))).tolist()
    [[False, True, True]]
    """

    stage: ClassVar[Stage] = Stage.TOP_K
    words: int

    def __post_init__(self) -> None:
        if self.words < 1:
            raise DrumtokError(f"top-k is {self.words}: allowed is from 1")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`."""
        if self.words >= logits.shape[1]:
            return logits
        order = np.argsort(-logits, axis=1, kind="stable")
        cut = logits.copy()
        np.put_along_axis(cut, order[:, self.words :], -np.inf, axis=1)
        return cut


@dataclass(frozen=True)
class TopP:
    """Keeps the likeliest words that together have a share of the probability, and those as likely as the last of them.

    Holtzman et al., "The Curious Case of Neural Text Degeneration", ICLR 2020: in a long piece even a thin tail comes
    up, and one such word leads to the next.

    >>> kept = TopP(0.7).apply(np.log([[0.5, 0.3, 0.2]]), BarTracker(1, ()))
    >>> np.isfinite(kept).tolist()
    [[True, True, False]]
    """

    stage: ClassVar[Stage] = Stage.TOP_P
    share: float

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:  # nan is neither
            raise DrumtokError(f"top-p is {self.share}: allowed is above 0 up to 1")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`; the likeliest word always stays."""
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        falling = np.sort(likely, axis=1)[:, ::-1]
        before = np.cumsum(falling, axis=1) - falling  # of the words that are likelier
        kept = (before < self.share * likely.sum(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
        least = np.take_along_axis(falling, np.maximum(kept, 1) - 1, axis=1)
        return np.where(likely < least, -np.inf, logits)


@dataclass(frozen=True)
class MinP:
    """Keeps the words that are at least `share` times as likely as the likeliest; 0 leaves none out.

    >>> np.isfinite(MinP(0.5).apply(np.log([[0.5, 0.3, 0.2]]), BarTracker(1, ()))).tolist()
    [[True, True, False]]
    """

    stage: ClassVar[Stage] = Stage.MIN_P
    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:  # nan is neither
            raise DrumtokError(f"min-p is {self.share}: allowed is from 0 up to 1")

    def apply(self, logits: Logits, written: BarTracker) -> Logits:
        """As in `Rule`; the likeliest word always stays."""
        with np.errstate(divide="ignore"):
            least = logits.max(axis=1, keepdims=True) + np.log(self.share)
        return np.where(logits < least, -np.inf, logits)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules in the order in which they are applied, however they were listed: by stage, then as given."""
    return tuple(sorted(rules, key=lambda rule: rule.stage))


def apply_all(rules: Iterable[Rule], logits: Logits, written: BarTracker) -> Logits:
    """The logits after one rule after another."""
    for rule in rules:
        logits = rule.apply(logits, written)
    return logits
