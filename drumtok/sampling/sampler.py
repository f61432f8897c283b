"""Drawing words: the draw itself, and the sampling loop."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine, EngineState
from drumtok.sampling.logit_filters import Logits, Rule, apply_all, in_order
from drumtok.tokenizer.labels import UNCONDITIONED, Conditioning


def draw(logits: Logits, rng: np.random.Generator) -> NDArray[np.int64]:
    """One word for each stream, each with the probability that the logits give it; a forbidden word never comes.

    Args:
        logits: (streams, words) float64.
        rng: gives one number for each stream.

    Raises:
        DrumtokError: a stream has no word left, or logits that are no numbers.
    """
    return pick(logits, rng.random((len(logits), 1)))


def pick(logits: Logits, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """As `draw`, by numbers drawn before.

    Args:
        logits: (streams, words) float64.
        numbers: (streams, 1), from 0 to below 1.

    Raises:
        DrumtokError: as `draw`.
    """
    likeliest = logits.max(axis=1, keepdims=True)
    if not np.isfinite(likeliest).all():
        raise DrumtokError("no word can be drawn: the rules forbid every word, or the logits are not finite")
    cumulative = np.exp(logits - likeliest).cumsum(axis=1)  # (streams, words)
    # A number below the total, for float64 rounds the product down, and the first sum above it is of a possible word.
    drawn: NDArray[np.int64] = (cumulative <= numbers * cumulative[:, -1:]).sum(axis=1)
    return drawn


def log_sum(logits: Logits) -> NDArray[np.float64]:
    """The logarithm of the sum of the exponentials of each row."""
    highest = logits.max(axis=1, keepdims=True)
    total: NDArray[np.float64] = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    return total


def sample_words(
    engine: Engine,
    rng: np.random.Generator,
    rules: Iterable[Rule] = (),
    *,
    words: int,
    streams: int = 1,
    primer: NDArray[np.integer] | None = None,
    conditioning: Conditioning | Sequence[Conditioning] = UNCONDITIONED,
) -> NDArray[np.uint16]:
    """Draws words from the network, `BAR` words among them.

    Args:
        rng: gives one number for each stream and word, so the same generator state gives the same words.
        rules: without a `BarGrammar`, bars come out as long as the network makes them.
        words: how many for each stream; under a grammar, a bar is `steps_per_bar + 1` of them.
        streams: how many songs are written side by side.
        primer: (n,) ids that every stream goes on from, as its own past; the network is stepped over them first.
        conditioning: what the songs are to be, all alike or each; a style that the network does not know is not told.

    Returns:
        (streams, words) ids, the primer not among them.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    rules = in_order(rules)
    labels = (
        engine.label(conditioning)
        if isinstance(conditioning, Conditioning)
        else [engine.label(each) for each in conditioning]
    )
    state, tracker = engine.start(streams), BarTracker(streams, engine.lookback, labels)
    for word in () if primer is None else primer:
        engine.step(tracker.context, state)
        tracker.push(np.full(streams, word), given=True)
    write_on(engine, state, tracker, rules, rng.random((words, streams)).T)
    return tracker.drawn


def write_on(
    engine: Engine, state: EngineState, tracker: BarTracker, rules: Iterable[Rule], numbers: NDArray[np.float64]
) -> None:
    """Draws further words of streams that are under way.

    Args:
        state, tracker: what the network remembers and what is written, both of which go on.
        rules: in their order.
        numbers: (streams, words), from 0 to below 1: what each word is drawn by.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    for number in numbers.T:
        logits = engine.step(tracker.context, state).astype(np.float64)
        tracker.push(pick(apply_all(rules, logits, tracker), number[:, None]))
