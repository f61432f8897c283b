"""The sampling loop, and sampling a single word."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.network.context import BarTracker
from drumtok.network.engine import EngineState, SteppedNetwork
from drumtok.sampling.logit_filters import Logits, Rule, apply_all, in_order, temperature_of
from drumtok.tokenizer.labels import UNCONDITIONED, Conditioning


def draw(logits: Logits, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a word for each stream with the probabilities of the logits; a forbidden word is never drawn.

    Args:
        logits: (streams, words) float64.
        rng: one number is drawn for each stream.

    Raises:
        DrumtokError: a stream has no word left, or a logit is not a number.
    """
    return pick(logits, rng.random((len(logits), 1)))


def pick(logits: Logits, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Sample as `draw` does, with given random numbers.

    Args:
        logits: (streams, words) float64.
        numbers: (streams, 1), at least 0 and below 1.

    Raises:
        DrumtokError: as in `draw`.
    """
    likeliest = logits.max(axis=1, keepdims=True)
    if not np.isfinite(likeliest).all():
        raise DrumtokError("no word can be drawn: the rules forbid every word, or the logits are not finite")
    cumulative = np.exp(logits - likeliest).cumsum(axis=1)  # (streams, words)
    # float64 rounds the product down, so it is below the total, and the first larger sum belongs to a possible word.
    drawn: NDArray[np.int64] = (cumulative <= numbers * cumulative[:, -1:]).sum(axis=1)
    return drawn


def log_sum(logits: Logits) -> NDArray[np.float64]:
    """Return the logarithm of the sum of the exponentials of each row."""
    highest = logits.max(axis=1, keepdims=True)
    total: NDArray[np.float64] = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    return total


def next_logits(
    engine: SteppedNetwork,
    state: EngineState,
    tracker: BarTracker,
    rules: Iterable[Rule] = (),
    uses_cache: bool = True,
) -> Logits:
    """Step the network and return the logits of the next words, (streams, 513) float64, with the song cache mixed in.

    Args:
        state: of the network, updated.
        tracker: the words so far.
        rules: the rules that will be applied to the logits, the temperature included.
        uses_cache: whether the song cache is mixed in.
    """
    logits = engine.step(tracker.context, state).astype(np.float64)
    cache = engine.checkpoint.song_cache
    if cache is None or not uses_cache:
        return logits
    return cache.mixed(logits, tracker, temperature_of(rules))


def sample_words(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    rules: Iterable[Rule] = (),
    *,
    words: int,
    streams: int = 1,
    primer: NDArray[np.integer] | None = None,
    conditioning: Conditioning | Sequence[Conditioning] = UNCONDITIONED,
) -> NDArray[np.uint16]:
    """Sample words from the network, `BAR` included.

    Args:
        rng: one number is drawn for each stream and word, so the same generator state gives the same words.
        rules: without a `BarGrammar`, bars are as long as the network makes them.
        words: number of words of each stream; under a grammar, a bar is `steps_per_bar + 1` of them.
        streams: number of songs that are sampled in parallel.
        primer: (n,) ids that every stream continues.
        conditioning: labels of all songs, or of each; an unknown style is ignored.

    Returns:
        (streams, words) ids, without the primer.

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
    engine: SteppedNetwork,
    state: EngineState,
    tracker: BarTracker,
    rules: Iterable[Rule],
    numbers: NDArray[np.float64],
    uses_cache: bool = True,
) -> None:
    """Sample further words of existing streams.

    Args:
        state, tracker: state of the network and the words so far, both updated.
        rules: in order of their stages.
        numbers: (streams, words), at least 0 and below 1, the random number of each word.
        uses_cache: as in `next_logits`.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    for number in numbers.T:
        logits = apply_all(rules, next_logits(engine, state, tracker, rules, uses_cache), tracker)
        tracker.push(pick(logits, number[:, None]))
