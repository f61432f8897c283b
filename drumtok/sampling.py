"""Drawing words: rules that forbid or reweigh words, the draw itself, and the sampling loop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from drumtok.context import BarTracker
from drumtok.engine import Engine
from drumtok.errors import DrumtokError
from drumtok.labels import NOTHING, Told
from drumtok.tokens import BAR_ID

Logits = NDArray[np.float64]


class Stage(IntEnum):
    """When a rule is applied: what may not come is settled before the rest is reweighed, and cut last of all."""

    FORBID = 0
    REWEIGH = 1
    CUT = 2


class Rule(Protocol):
    """Forbids words, with a logit of minus infinity, or reweighs them."""

    stage: ClassVar[Stage]

    def apply(self, logits: Logits, steps_in_bar: NDArray[np.integer]) -> Logits:
        """New logits.

        Args:
            logits: (streams, 513), left as they are.
            steps_in_bar: (streams,) hit words since the last `BAR`.
        """
        ...


@dataclass(frozen=True)
class BarGrammar:
    """`BAR` comes after `steps_per_bar` steps, and only there.

    >>> BarGrammar(steps_per_bar=2).apply(np.zeros((1, 513)), np.array([1]))[0, [0, BAR_ID]].tolist()
    [0.0, -inf]
    """

    stage: ClassVar[Stage] = Stage.FORBID
    steps_per_bar: int

    def __post_init__(self) -> None:
        if self.steps_per_bar < 1:
            raise DrumtokError(f"steps per bar are {self.steps_per_bar}: allowed is from 1")

    def apply(self, logits: Logits, steps_in_bar: NDArray[np.integer]) -> Logits:
        """As in `Rule`; a bar that is too long already, as a primer may have, is closed."""
        full = steps_in_bar >= self.steps_per_bar
        allowed = logits.copy()
        allowed[full, :BAR_ID] = -np.inf
        allowed[~full, BAR_ID] = -np.inf
        return allowed


@dataclass(frozen=True)
class Temperature:
    """Divides the logits: below 1 likely words grow likelier, above 1 rare ones do, 1 is as the model learned."""

    stage: ClassVar[Stage] = Stage.REWEIGH
    value: float

    def __post_init__(self) -> None:
        if not 0 < self.value < np.inf:  # nan is neither
            raise DrumtokError(f"temperature is {self.value}: allowed is a finite number above 0")

    def apply(self, logits: Logits, steps_in_bar: NDArray[np.integer]) -> Logits:
        """As in `Rule`."""
        # Counted from the likeliest word: a tiny temperature then sends the others to minus infinity, not it to plus.
        with np.errstate(over="ignore", invalid="ignore"):
            return (logits - logits.max(axis=1, keepdims=True)) / self.value


@dataclass(frozen=True)
class TopP:
    """Keeps the likeliest words that together have a share of the probability, and no other.

    Holtzman et al., "The Curious Case of Neural Text Degeneration", ICLR 2020: in a long piece even a thin tail comes
    up, and one such word leads to the next.

    >>> kept = TopP(0.7).apply(np.log([[0.5, 0.3, 0.2]]), np.array([0]))
    >>> np.isfinite(kept).tolist()
    [[True, True, False]]
    """

    stage: ClassVar[Stage] = Stage.CUT
    share: float

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:  # nan is neither
            raise DrumtokError(f"top-p is {self.share}: allowed is above 0 up to 1")

    def apply(self, logits: Logits, steps_in_bar: NDArray[np.integer]) -> Logits:
        """As in `Rule`; the likeliest word always stays."""
        order = np.argsort(-logits, axis=1, kind="stable")
        likely = np.exp(np.take_along_axis(logits, order, axis=1) - logits.max(axis=1, keepdims=True))
        before = np.cumsum(likely, axis=1) - likely  # of the words that are likelier
        cut = before >= self.share * likely.sum(axis=1, keepdims=True)
        cut[:, 0] = False
        kept = logits.copy()
        np.put_along_axis(kept, order, np.where(cut, -np.inf, np.take_along_axis(logits, order, axis=1)), axis=1)
        return kept


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules in the order in which they are applied, however they were listed: by stage, then as given."""
    return tuple(sorted(rules, key=lambda rule: rule.stage))


def draw(logits: Logits, rng: np.random.Generator) -> NDArray[np.int64]:
    """One word for each stream, each with the probability that the logits give it; a forbidden word never comes.

    Args:
        logits: (streams, words) float64.
        rng: gives one number for each stream.

    Raises:
        DrumtokError: a stream has no word left, or logits that are no numbers.
    """
    likeliest = logits.max(axis=1, keepdims=True)
    if not np.isfinite(likeliest).all():
        raise DrumtokError("no word can be drawn: the rules forbid every word, or the logits are not finite")
    cumulative = np.exp(logits - likeliest).cumsum(axis=1)  # (streams, words)
    # A number below the total, for float64 rounds the product down, and the first sum above it is of a possible word.
    target = rng.random((len(logits), 1)) * cumulative[:, -1:]
    drawn: NDArray[np.int64] = (cumulative <= target).sum(axis=1)
    return drawn


def sample_words(
    engine: Engine,
    rng: np.random.Generator,
    rules: Iterable[Rule] = (),
    *,
    words: int,
    streams: int = 1,
    primer: NDArray[np.integer] | None = None,
    told: Told | Sequence[Told] = NOTHING,
) -> NDArray[np.uint16]:
    """Draws words from the network, `BAR` words among them.

    Args:
        rng: gives one number for each stream and word, so the same generator state gives the same words.
        rules: without a `BarGrammar`, bars come out as long as the network makes them.
        words: how many for each stream; under a grammar, a bar is `steps_per_bar + 1` of them.
        streams: how many songs are written side by side.
        primer: (n,) ids that every stream goes on from, as its own past; the network is stepped over them first.
        told: what the songs are to be, all alike or each; a style that the network does not know is not told.

    Returns:
        (streams, words) ids, the primer not among them.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    rules = in_order(rules)
    labels = engine.label(told) if isinstance(told, Told) else [engine.label(each) for each in told]
    state, tracker = engine.start(streams), BarTracker(streams, engine.lookback, labels)
    for word in () if primer is None else primer:
        engine.step(tracker.context, state)
        tracker.push(np.full(streams, word))
    drawn = np.empty((streams, words), dtype=np.uint16)
    for n in range(words):
        logits = engine.step(tracker.context, state).astype(np.float64)
        steps_in_bar = tracker.steps_in_bar
        for rule in rules:
            logits = rule.apply(logits, steps_in_bar)
        drawn[:, n] = draw(logits, rng)
        tracker.push(drawn[:, n])
    return drawn
