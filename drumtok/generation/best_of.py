"""`best`: choose the best few of many patterns, by likelihood, novelty, density or variety."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.starter import starter_grooves
from drumtok.errors import DrumtokError
from drumtok.evaluation.bar_distance import nearest_distance
from drumtok.evaluation.rhythm_features import Bars
from drumtok.generation.config import LIKELIHOOD, NOVELTY, VARIETY, ChoosingConfig
from drumtok.generation.engines import engine_of
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import Pattern
from drumtok.runtime.threads import one_thread
from drumtok.sampling.likelihood import log_likelihood
from drumtok.sampling.primers import StrPath
from drumtok.tokenizer.labels import Conditioning

BATCH = 64  # patterns whose likelihood is computed at once


@one_thread
def best(
    patterns: Sequence[Pattern],
    count: int,
    by: str = VARIETY,
    *,
    conditioning: Conditioning | None = None,
    checkpoint: StrPath | Checkpoint | None = None,
) -> list[Pattern]:
    """Choose the best patterns.

    Args:
        patterns: of the same grid, meter and bars.
        count: number of patterns to choose, at most all of them.
        by: "likelihood": those that the network finds most likely, each as a loop. "novelty": those whose bars are
            furthest from the nearest bar of the bundled starter grooves, in weighted hits
            (`drumtok.evaluation.bar_distance`). "density": those with the most hits per bar. "variety": of the likelier
            half (or the `count` likeliest, if more), the likeliest and then repeatedly the one furthest from the
            chosen.
        conditioning: labels of the patterns; None is only the default kind of the checkpoint.
        checkpoint: the network, as in `drumtok.generate`.

    Returns:
        The chosen patterns, best first.

    Raises:
        DrumtokError: there are too few patterns, they differ in grid, meter or bars, or no starter groove has bars of
            their length.
    """
    ChoosingConfig(count, by)
    if count > len(patterns):
        raise DrumtokError(f"count must be at most {len(patterns)}, the number of patterns, got {count}")
    return [patterns[n] for n in chosen(engine_of(checkpoint), patterns, count, by, conditioning)]


def chosen(
    engine: SteppedNetwork, patterns: Sequence[Pattern], count: int, by: str, conditioning: Conditioning | None = None
) -> list[int]:
    """Return the indices of the best patterns, as `best` chooses them."""
    for pattern in patterns:
        for what in ("grid", "meter", "bars"):
            one, other = getattr(patterns[0], what), getattr(pattern, what)
            if one != other:
                raise DrumtokError(f"patterns must have the same {what}, got {one} and {other}")
    if by == VARIETY:
        likeliest = np.argsort(-likelihoods(engine, patterns, conditioning), kind="stable")
        candidates = likeliest[: max(count, -(-len(patterns) // 2))]
        return candidates[spread([patterns[n] for n in candidates], count)].tolist()
    if by == LIKELIHOOD:
        values = likelihoods(engine, patterns, conditioning)
    elif by == NOVELTY:
        values = novelties(patterns)
    else:
        values = np.array([pattern.hits.sum() for pattern in patterns])
    return np.argsort(-values, kind="stable")[:count].tolist()


def likelihoods(
    engine: SteppedNetwork, patterns: Sequence[Pattern], conditioning: Conditioning | None
) -> NDArray[np.float64]:
    """Return the log-probability of each pattern as a loop, (patterns,), in nats."""
    songs = np.stack([pattern.hits for pattern in patterns])
    parts = [songs[start : start + BATCH] for start in range(0, len(songs), BATCH)]
    return np.concatenate([log_likelihood(engine, part, patterns[0].steps_per_bar, conditioning) for part in parts])


def novelties(patterns: Sequence[Pattern]) -> NDArray[np.float64]:
    """Return the mean distance of non-empty bars to the nearest bar of the starter grooves, (patterns,); 0 for silence.

    Raises:
        DrumtokError: no starter groove has bars of that many steps.
    """
    first = patterns[0]
    known = [bars_of(groove.regridded(first.grid)) for groove in starter_grooves()]
    fitting = [bars for bars in known if bars.shape[1] == first.steps_per_bar]
    if not fitting:
        raise DrumtokError(
            f"by must not be {NOVELTY} for bars of {first.steps_per_bar} steps, which no starter groove has"
        )
    sounding = [bars[bars.any(axis=(1, 2))] for bars in map(bars_of, patterns)]
    distances = np.split(
        nearest_distance(np.concatenate(sounding), np.concatenate(fitting)), np.cumsum([len(b) for b in sounding])[:-1]
    )
    return np.array([own.mean() if len(own) else 0.0 for own in distances], dtype=np.float64)


def bars_of(pattern: Pattern) -> Bars:
    """Return the hits of a pattern, (bars, steps per bar, 9)."""
    return pattern.hits.reshape(pattern.bars, pattern.steps_per_bar, -1)


def spread(patterns: Sequence[Pattern], count: int) -> list[int]:
    """Choose the first pattern, then repeatedly the one that is furthest from the nearest chosen one.

    The distance of two patterns is the mean distance of each bar of either to the nearest bar of the other, so a
    pattern shifted by a bar is not far from itself.
    """
    bars = [bars_of(pattern) for pattern in patterns]
    taken, nearest = [0], np.full(len(bars), np.inf)
    while len(taken) < count:
        last = bars[taken[-1]]
        apart = [(nearest_distance(own, last).mean() + nearest_distance(last, own).mean()) / 2 for own in bars]
        nearest = np.minimum(nearest, apart)
        nearest[taken] = -1
        taken.append(int(nearest.argmax()))
    return taken
