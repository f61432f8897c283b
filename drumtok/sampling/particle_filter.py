"""Write around kept hits or along another part with a particle filter, so that later bars influence earlier ones.

Masking the words that contradict the kept hits, step by step, does not look ahead: it samples a fill, and then the kept
backbeat follows where the network least expects it. So many particles are sampled under the mask and weighted by the
probability of the kept words; when a few have most of the weight, the particles are resampled (Doucet and Johansen, "A
Tutorial on Particle Filtering and Smoothing", 2009). At the end one is drawn by its weight. In the limit of many
particles this samples from the network's distribution given the kept hits; a single particle is plain masking.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import BarTracker
from drumtok.network.engine import EngineState, SteppedNetwork
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.logit_filters import Logits, Rule, Stage, apply_all, in_order
from drumtok.sampling.sampler import draw, log_sum, next_logits
from drumtok.sampling.song import SILENT, BarStream
from drumtok.tokenizer.labels import UNCONDITIONED, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, VOCABULARY

ESS_THRESHOLD = 0.5  # particles are resampled if the effective number is below this fraction of them


def complete(
    engine: SteppedNetwork,
    rng: np.random.Generator,
    rules: Iterable[Rule],
    kept_pattern: KeptPattern,
    *,
    particles: int,
    conditioning: Conditioning = UNCONDITIONED,
    bar_stream: BarStream = SILENT,
) -> NDArray[np.uint16]:
    """Sample words that contain the kept hits.

    Args:
        rules: they include a `BarGrammar` of the pattern's bars, and apply to sampled words; words that are kept whole
            are only weighted under the grammar and the temperature.
        particles: number of songs that are sampled in parallel.
        conditioning: labels of the song.
        bar_stream: receives the words.

    Returns:
        (n,) ids, the same number as in the pattern.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    tracker = BarTracker(1, engine.lookback, engine.label(conditioning))
    return complete_after(
        engine, engine.start(1), tracker, rng, rules, kept_pattern, particles=particles, bar_stream=bar_stream
    )


def complete_after(
    engine: SteppedNetwork,
    state: EngineState,
    tracker: BarTracker,
    rng: np.random.Generator,
    rules: Iterable[Rule],
    kept_pattern: KeptPattern,
    *,
    particles: int,
    bar_stream: BarStream = SILENT,
) -> NDArray[np.uint16]:
    """Sample words that contain the kept hits, after the beginning of a song.

    Args:
        state, tracker: those of the single stream that is continued; they are not changed.
        kept_pattern, rules, particles, bar_stream: as in `complete`.
    """
    state, tracker = state.copy(), tracker.copy()
    rules = in_order(rules)
    weights = np.zeros(particles)  # logarithms
    stream = np.zeros(particles, dtype=np.int64)  # particles with the same words share a stream of the engine
    for n, word in enumerate(kept_pattern.words):
        logits = next_logits(engine, state, tracker, rules)  # (streams, 513)
        gains, drawn = _drawn(kept_pattern, n, logits, rules, tracker, stream, rng)
        weights += gains[stream]
        if effective_number(weights) < ESS_THRESHOLD * particles:
            chosen = resample(weights, rng)
            weights, stream, drawn = np.zeros(particles), stream[chosen], drawn[chosen]
        pairs, stream = np.unique(stream * len(VOCABULARY) + drawn, return_inverse=True)
        parents, words = np.divmod(pairs, len(VOCABULARY))  # (streams,) each
        state = state.select(parents)
        tracker.select(parents)
        tracker.push(words, given=kept_pattern.is_whole(n))
        if word == BAR_ID:
            bar_stream.push(tracker.words)
    final = tracker.words[stream[draw(weights[None], rng)]]
    bar_stream.push(final)
    return final[0, -len(kept_pattern.words) :]


def _drawn(
    kept_pattern: KeptPattern,
    n: int,
    logits: Logits,
    rules: Sequence[Rule],
    tracker: BarTracker,
    stream: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[Logits, NDArray[np.int64]]:
    """Return what the kept hits of word `n` add to the log-weight of each stream, and the word of each particle."""
    if kept_pattern.is_whole(n):
        word = int(kept_pattern.words[n])
        return _log_probability(word, logits, rules, tracker), np.full(len(stream), word, dtype=np.int64)
    allowed = kept_pattern.allowed(n)
    gains, left = _masked(allowed, logits, rules, tracker)
    return gains, allowed[draw(left[stream], rng)]


def _log_probability(word: int, logits: Logits, rules: Sequence[Rule], tracker: BarTracker) -> Logits:
    """Return the log-probability of a word that is kept whole in each stream."""
    logits = apply_all([rule for rule in rules if rule.stage < Stage.REPETITION], logits, tracker)
    gains: Logits = logits[:, word] - log_sum(logits)
    return gains


def _masked(
    allowed: NDArray[np.int64], logits: Logits, rules: Sequence[Rule], tracker: BarTracker
) -> tuple[Logits, Logits]:
    """Return the log-weight of the allowed words in each stream, (streams,), and the logits to sample from."""
    logits = apply_all([rule for rule in rules if rule.stage < Stage.FOLLOW], logits, tracker)
    followed = apply_all([rule for rule in rules if rule.stage == Stage.FOLLOW], logits, tracker)
    left = apply_all([rule for rule in rules if rule.stage >= Stage.TOP_K], followed[:, allowed], tracker)
    return log_sum(left) - log_sum(logits), left


def effective_number(weights: NDArray[np.float64]) -> float:
    """Return the number of equally weighted particles that are worth as much as these log-weights.

    >>> round(effective_number(np.log([0.5, 0.5, 1e-9])), 6)
    2.0
    """
    return float(1 / (_normalised(weights) ** 2).sum())


def resample(weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Resample particles, each in proportion to its weight, rounded up or down (systematic, Kitagawa 1996).

    Args:
        weights: (n,) log-weights.
        rng: one number is drawn.

    Returns:
        (n,) indices in ascending order.
    """
    n = len(weights)
    ends = np.cumsum(_normalised(weights))
    places = (rng.random() + np.arange(n)) / n * ends[-1]
    return np.minimum(np.searchsorted(ends, places, side="right"), n - 1)


def _normalised(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    likely = np.exp(weights - weights.max())
    return likely / likely.sum()
