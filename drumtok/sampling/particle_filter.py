"""Writing around what is kept, by sequential Monte Carlo: many continuations side by side, weighed by what comes.

A hit that is kept further on says something of what should come now. To forbid words that go against what is kept,
step by step, does not hear it: it draws a fill, and then the kept backbeat comes where the network least expects it.
So each of many particles writes in this way and is weighed by how likely the network found what was kept; where a few
have nearly all the weight, particles are drawn anew, the heavy ones often and the light ones not (Doucet and Johansen,
"A Tutorial on Particle Filtering and Smoothing", 2009). At the end one is drawn by its weight. With as many particles
as one likes, that is a draw from the network's own songs that hold what is kept; with one it is naive masking.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine, EngineState
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.logit_filters import Rule, Stage, apply_all, in_order
from drumtok.sampling.sampler import draw, log_sum
from drumtok.sampling.song import SILENT, BarStream
from drumtok.tokenizer.labels import UNCONDITIONED, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, VOCABULARY

ESS_THRESHOLD = 0.5  # of the particles: with a smaller effective number they are drawn anew


def complete(
    engine: Engine,
    rng: np.random.Generator,
    rules: Iterable[Rule],
    given: KeptPattern,
    *,
    particles: int,
    conditioning: Conditioning = UNCONDITIONED,
    bar_stream: BarStream = SILENT,
) -> NDArray[np.uint16]:
    """Words that hold what is given, the rest written by the network.

    Args:
        rules: among them a `BarGrammar` of the pattern's bars. They go for what is drawn; words that are kept whole
            are weighed under the grammar and the temperature alone.
        particles: how many songs are written side by side.
        conditioning: what the song is to be.
        bar_stream: is told of the words on which all particles agree, as they come to do so.

    Returns:
        (n,) ids, as many as the given pattern has.

    Raises:
        DrumtokError: the rules leave no word to draw.
    """
    tracker = BarTracker(1, engine.lookback, engine.label(conditioning))
    return complete_after(
        engine, engine.start(1), tracker, rng, rules, given, particles=particles, bar_stream=bar_stream
    )


def complete_after(
    engine: Engine,
    state: EngineState,
    tracker: BarTracker,
    rng: np.random.Generator,
    rules: Iterable[Rule],
    given: KeptPattern,
    *,
    particles: int,
    bar_stream: BarStream = SILENT,
) -> NDArray[np.uint16]:
    """As `complete`, after what is written already.

    Args:
        state, tracker: of the one stream that is gone on from; they are left as they are.
    """
    state, tracker = state.copy(), tracker.copy()
    rules = in_order(rules)
    weighing, on_bar, cuts = (
        [rule for rule in rules if low <= rule.stage < high]
        for low, high in ((0, Stage.TOP_K), (0, Stage.REPETITION), (Stage.TOP_K, len(Stage)))
    )
    weights = np.zeros(particles)  # logarithms
    stream = np.zeros(particles, dtype=np.int64)  # particles that hold the same words share a stream of the engine
    for n, word in enumerate(given.words):
        logits = engine.step(tracker.context, state).astype(np.float64)  # (streams, 513)
        if given.is_whole(n):
            logits = apply_all(on_bar, logits, tracker)
            weights += (logits[:, word] - log_sum(logits))[stream]
            drawn = np.full(particles, word, dtype=np.int64)
        else:
            logits = apply_all(weighing, logits, tracker)
            allowed = given.allowed(n)
            left = apply_all(cuts, logits[:, allowed], tracker)
            weights += (log_sum(left) - log_sum(logits))[stream]
            drawn = allowed[draw(left[stream], rng)]
        if effective_number(weights) < ESS_THRESHOLD * particles:
            again = systematic(weights, rng)
            weights, stream, drawn = np.zeros(particles), stream[again], drawn[again]
        pairs, stream = np.unique(stream * len(VOCABULARY) + drawn, return_inverse=True)
        parents, words = np.divmod(pairs, len(VOCABULARY))  # (streams,) each
        state = state.select(parents)
        tracker.select(parents)
        tracker.push(words, given=given.is_whole(n))
        if word == BAR_ID:
            bar_stream.tell(tracker.words)
    chosen = tracker.words[stream[draw(weights[None], rng)]]
    bar_stream.tell(chosen)
    return chosen[0, -len(given.words) :]


def effective_number(weights: NDArray[np.float64]) -> float:
    """How many particles of equal weight would be worth as much as these, whose log-weights are given.

    >>> round(effective_number(np.log([0.5, 0.5, 1e-9])), 6)
    2.0
    """
    shares = _shares(weights)
    return float(1 / (shares**2).sum())


def systematic(weights: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """As many particles drawn anew: each comes as often as its share asks for, rounded up or down (Kitagawa 1996).

    Args:
        weights: (n,) log-weights.
        rng: gives a single number.

    Returns:
        (n,) indices in rising order.
    """
    n = len(weights)
    ends = np.cumsum(_shares(weights))
    places = (rng.random() + np.arange(n)) / n * ends[-1]
    return np.minimum(np.searchsorted(ends, places, side="right"), n - 1)


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = np.exp(weights - weights.max())
    return shares / shares.sum()
