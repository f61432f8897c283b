"""All metrics of a groove network on held-out performances, compared with baselines from training performances.

Each hit's velocity and offset is predicted from all hits, tempo and style, never from the expression of any hit: by the
median of the predicted distribution. Timing errors are in milliseconds at the song's tempo.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.corpus import Corpus
from drumtok.drums import DRUMS, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.evaluation.bootstrap import Estimate, Ratio, resample
from drumtok.evaluation.classifier import CV_FOLDS, SHUFFLES, WINDOWS_PER_SONG, columns_auc, has_sklearn
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.distributions import densities
from drumtok.evaluation.expression_features import expression_columns, expression_windows
from drumtok.evaluation.groove_baselines import (
    VALUES,
    baseline_ratios,
    errors,
    expression_of,
    independent_noise,
    lateness_errors,
    with_expression,
)
from drumtok.evaluation.realism import mean_estimate
from drumtok.network.groove_bins import OFFSET_EDGES, VELOCITY_EDGES, medians, offset_nats, probabilities, velocity_nats
from drumtok.network.groove_engine import GrooveEngine
from drumtok.network.groove_inputs import Performance
from drumtok.pattern import DEFAULT_METER
from drumtok.tokenizer.labels import FILL
from drumtok.tokenizer.splits import TRAINING

Floats = NDArray[np.float64]
DRAWS = 24  # performances of each song for the divergences; with fewer, the levels of rare drums are random


@dataclass(frozen=True)
class GrooveMetrics:
    """All metrics of a groove network.

    Attributes:
        hits: the number of predicted hits.
        figures: name -> metric: the errors `velocity` and `timing` and the `nats` of both together, of the network and,
            after a dot, of a baseline; with scikit-learn also `auc`, with takes of a tune in the same fold, and
            `auc.files`, with files in separate folds.
        divergences: velocity or offset -> drum -> Kullback-Leibler divergences of drawn performances, and of
            independent noise, from the played ones.
    """

    hits: int
    figures: dict[str, Estimate]
    divergences: dict[str, dict[str, tuple[float, float]]]


def performances(corpus: Corpus, split: str, source: str) -> list[Performance]:
    """Return the played songs in 4/4 of one source in one split, without fills."""
    songs = corpus.split(split)
    return [
        Performance.of_song(songs.song(index), songs.expression(index), line["tempo"], line["style"])
        for index, line in _beats(corpus, split, source)
    ]


def tunes(corpus: Corpus, split: str, source: str) -> NDArray[np.intp]:
    """Return a tune number for each of `performances`, (songs,): files with the same name are takes of one tune.

    Forty test beats of the Groove MIDI Dataset are ten grooves played by four drummers, in files of the same name in
    the folder of each drummer. A classifier that was trained on one of the takes would recognise the others.
    """
    names = [line["name"].rpartition("/")[2] for _, line in _beats(corpus, split, source)]
    return np.unique(names, return_inverse=True)[1]


def _beats(corpus: Corpus, split: str, source: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the indices and the corpus entries of these songs."""
    played, wanted = corpus.split(split).played, "{}/{}".format(*DEFAULT_METER)
    return [
        (index, line)
        for index, line in enumerate(corpus.songs[split])
        if line["source"] == source and line["meter"] == wanted and line["kind"] != FILL and played[index]
    ]


def evaluate_groove(engine: GrooveEngine, corpus: Corpus, config: EvaluationConfig) -> GrooveMetrics:
    """Evaluate a groove network on one source of a corpus; without scikit-learn, the AUCs are left out.

    Raises:
        DrumtokError: the corpus is on another grid than the network, or has no such performances.
    """
    grid = engine.checkpoint.grid
    if corpus.grid != grid:
        raise DrumtokError(f"grid of the corpus must be {grid} as in the checkpoint, got {corpus.grid}")
    held_out, training = (performances(corpus, split, config.source) for split in (config.split, TRAINING))
    for name, songs in ((config.split, held_out), (TRAINING, training)):
        if not songs:
            raise DrumtokError(f"the corpus has no played {name} beats in 4/4 of source {config.source!r}")
    interval_rng, draw_rng, fold_rng = np.random.default_rng(config.seed).spawn(3)
    ratios = network_ratios(engine, held_out) | baseline_ratios(training, held_out, grid)
    repeated = held_out * DRAWS
    drawn = [with_expression(song, engine.draw(song, draw_rng)) for song in repeated]
    noise = independent_noise(training, repeated, draw_rng)
    figures = {name: ratio.estimate(interval_rng) for name, ratio in ratios.items()}
    together, apart = tunes(corpus, config.split, config.source), np.arange(len(held_out))
    if has_sklearn() and len(np.unique(together)) >= CV_FOLDS:
        sets = min(config.draws, DRAWS)
        for name, others, groups in (
            ("auc", drawn, together),
            ("auc.files", drawn, apart),
            ("auc.noise", noise, together),
        ):
            found = mean_auc(held_out, others, groups, sets, fold_rng)
            figures |= {name: found} if found else {}
    hits = int(ratios["velocity"].counts.sum())
    return GrooveMetrics(hits, figures, divergences(held_out, drawn, noise))


def network_ratios(engine: GrooveEngine, songs: Sequence[Performance]) -> dict[str, Ratio]:
    """Return the errors of the network's medians, and the nats of each hit without and given the previous hits."""
    rows: dict[str, list[Floats]] = {"velocity": [], "timing": [], "timing.within": [], "nats": [], "nats.before": []}
    for song in songs:
        expression = expression_of(song)
        before, given = (
            tuple(map(probabilities, logits)) for logits in (engine.conditioning(song), engine.drawn(song))
        )
        velocity, offset = medians(before[0], VELOCITY_EDGES), medians(before[1], OFFSET_EDGES)
        off = errors(song, velocity, offset, engine.checkpoint.grid)
        for name, values in zip(("velocity", "timing"), off, strict=True):
            rows[name].append(values)
        rows["timing.within"].append(lateness_errors(song, offset, engine.checkpoint.grid))
        for name, (velocities, offsets) in (("nats.before", before), ("nats", given)):
            nats = velocity_nats(velocities, expression.velocity) + offset_nats(offsets, expression.offset)
            rows[name].append(nats)
    return {name: Ratio.of(values) for name, values in rows.items()}


def divergences(
    played: Sequence[Performance], drawn: Sequence[Performance], noise: Sequence[Performance]
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return, for velocity and offset, the divergences of drawn performances and of noise for each drum that is hit.

    There may be several drawn performances of each song, and the same number of noise.
    """
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for values in VALUES:
        real, ours, other = (_of_drums(songs, values) for songs in (played, drawn, noise))
        found[values] = {
            drum.name: (densities(ours[n], real[n]).divergence, densities(other[n], real[n]).divergence)
            for n, drum in enumerate(DRUMS)
            if len(real[n])
        }
    return found


def _of_drums(songs: Sequence[Performance], values: str) -> list[Floats]:
    """Return the velocities, or the offsets, of each drum's hits."""
    drums = np.concatenate([np.nonzero(song.hits)[1] for song in songs])
    played = np.concatenate([getattr(song, values)[song.hits] for song in songs]).astype(np.float64)
    return [played[drums == drum] for drum in range(N_DRUMS)]


def mean_auc(
    played: Sequence[Performance],
    others: Sequence[Performance],
    groups: NDArray[np.intp],
    sets: int,
    rng: np.random.Generator,
    shuffles: int = SHUFFLES,
) -> Estimate | None:
    """Return the mean of `expression_auc` over the first sets of performances of all songs."""
    count = len(played)
    rngs = [np.random.default_rng(rng.integers(2**31)) for _ in range(sets)]
    return mean_estimate(
        expression_auc(played, others[n * count :][:count], groups, own, shuffles) for n, own in enumerate(rngs)
    )


def expression_auc(
    played: Sequence[Performance],
    others: Sequence[Performance],
    groups: NDArray[np.intp],
    rng: np.random.Generator,
    shuffles: int = SHUFFLES,
) -> Estimate:
    """Return the AUC of a classifier that separates played windows from the same hits with other expression.

    At most four windows of each song are drawn, the same from both performances, which stay in one fold.

    Args:
        played: the performances of the songs.
        others: other performances of the same songs.
        groups: (songs,) group numbers; songs of one group are in one fold, and are resampled together.
        rng: draws windows and folds.
        shuffles: how many times the folds are drawn.
    """
    long = np.array([len(song.hits) >= 2 * song.per_bar for song in played])
    pairs = [pair for pair, kept in zip(zip(played, others, strict=True), long, strict=True) if kept]
    kept_groups = np.unique(groups[long], return_inverse=True)[1]
    starts = []
    for song, _ in pairs:
        windows = len(song.hits) // (2 * song.per_bar)
        starts.append(2 * np.sort(rng.permutation(windows)[:WINDOWS_PER_SONG]))
    columns = [expression_columns(*expression_windows(songs, starts)) for songs in zip(*pairs, strict=True)]
    numbers = np.repeat(kept_groups, [len(own) for own in starts])
    is_other = np.repeat([False, True], len(numbers))
    drawn = resample(kept_groups.max() + 1, rng)
    return columns_auc(np.concatenate(columns), is_other, np.tile(numbers, 2), drawn, rng, shuffles)
