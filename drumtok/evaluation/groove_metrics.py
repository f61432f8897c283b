"""Measures of a groove network on held-out performances, hit by hit, beside baselines learned from training ones.

Each hit's velocity and offset is predicted from all hits, tempo and style, never from how any hit was played: by the
medians of what the network says. Timing errors are in milliseconds at the song's tempo.
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
from drumtok.evaluation.classifier import FOLDS, WINDOWS_PER_SONG, available, tell_columns_apart
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.distributions import densities
from drumtok.evaluation.expression_features import touch_columns, touch_windows
from drumtok.evaluation.groove_baselines import (
    VALUES,
    baseline_ratios,
    errors,
    independent_noise,
    played_with,
    touch_of_song,
)
from drumtok.evaluation.realism import mean
from drumtok.network.groove_bins import OFFSET_EDGES, VELOCITY_EDGES, medians, offset_nats, probabilities, velocity_nats
from drumtok.network.groove_engine import GrooveEngine
from drumtok.network.groove_inputs import Performance
from drumtok.pattern import DEFAULT_METER
from drumtok.tokenizer.labels import FILL

Floats = NDArray[np.float64]
DRAWS = 24  # performances of each song whose values are counted: of a few, where hits are few, levels are chance


@dataclass(frozen=True)
class GrooveMeasures:
    """All that was measured.

    Attributes:
        hits: how many were predicted.
        figures: name -> figure: errors `velocity` and `timing`, `nats` of both together, of the network and, after
            a full stop, of a baseline; `auc` where scikit-learn is installed, takes of one tune in one fold, and
            `auc.files` with each file by itself.
        divergences: velocity or offset -> drum -> Kullback-Leibler divergence of what is drawn, and of independent
            noise, from what was played.
    """

    hits: int
    figures: dict[str, Estimate]
    divergences: dict[str, dict[str, tuple[float, float]]]


def performances(corpus: Corpus, split: str, source: str) -> list[Performance]:
    """The played songs of one source on one side that are no fills, in 4/4."""
    songs = corpus.split(split)
    return [
        Performance.of_song(songs.song(index), songs.expression(index), line["tempo"], line["style"])
        for index, line in _beats(corpus, split, source)
    ]


def tunes(corpus: Corpus, split: str, source: str) -> NDArray[np.intp]:
    """(songs,) a number for each of `performances`, the same for files of one name: takes of one tune.

    Forty of the test beats of the Groove MIDI Dataset are ten grooves that four drummers play, in files of one name in
    a folder of each. Who has heard one of them knows how the others play that groove.
    """
    names = [line["name"].rpartition("/")[2] for _, line in _beats(corpus, split, source)]
    return np.unique(names, return_inverse=True)[1]


def _beats(corpus: Corpus, split: str, source: str) -> list[tuple[int, dict[str, Any]]]:
    """The places and lines of those songs."""
    played, wanted = corpus.split(split).played, "{}/{}".format(*DEFAULT_METER)
    return [
        (index, line)
        for index, line in enumerate(corpus.songs[split])
        if line["source"] == source and line["meter"] == wanted and line["kind"] != FILL and played[index]
    ]


def measure_groove(engine: GrooveEngine, corpus: Corpus, config: EvaluationConfig) -> GrooveMeasures:
    """Every measure, on one source of a corpus; the classifier's only where scikit-learn is installed.

    Raises:
        DrumtokError: the corpus is on another grid than the network, or has no such performances.
    """
    grid = engine.checkpoint.grid
    if corpus.grid != grid:
        raise DrumtokError(f"the corpus has grid {corpus.grid}: the checkpoint asks for {grid}")
    held_out, training = (performances(corpus, split, config.source) for split in (config.split, "train"))
    for name, songs in ((config.split, held_out), ("train", training)):
        if not songs:
            raise DrumtokError(f"source {config.source!r} has no played beat in 4/4 among the {name} songs")
    interval_rng, touch_rng, fold_rng = np.random.default_rng(config.seed).spawn(3)
    ratios = network_ratios(engine, held_out) | baseline_ratios(training, held_out, grid)
    times = held_out * DRAWS
    drawn = [played_with(song, engine.draw(song, touch_rng)) for song in times]
    noise = independent_noise(training, times, touch_rng)
    figures = {name: ratio.estimate(interval_rng) for name, ratio in ratios.items()}
    together, apart = tunes(corpus, config.split, config.source), np.arange(len(held_out))
    if available() and len(np.unique(together)) >= FOLDS:
        sets = min(config.draws, DRAWS)
        for name, others, groups in (
            ("auc", drawn, together),
            ("auc.files", drawn, apart),
            ("auc.noise", noise, together),
        ):
            found = mean_auc(held_out, others, groups, sets, fold_rng)
            figures |= {name: found} if found else {}
    hits = int(ratios["velocity"].counts.sum())
    return GrooveMeasures(hits, figures, divergences(held_out, drawn, noise))


def network_ratios(engine: GrooveEngine, songs: Sequence[Performance]) -> dict[str, Ratio]:
    """Errors of the network's medians, and the nats of how hits are played before and while they are."""
    rows: dict[str, list[Floats]] = {"velocity": [], "timing": [], "nats": [], "nats.told": []}
    for song in songs:
        expression = touch_of_song(song)
        conditioning, drawn = engine.conditioning(song), engine.drawn(song)
        said = [tuple(map(probabilities, logits)) for logits in (conditioning, drawn)]
        guess = medians(said[0][0], VELOCITY_EDGES), medians(said[0][1], OFFSET_EDGES)
        off = errors(song, guess[0], guess[1], engine.checkpoint.grid)
        for name, values in zip(("velocity", "timing"), off, strict=True):
            rows[name].append(values)
        for name, (loud, late) in zip(("nats.told", "nats"), said, strict=True):
            rows[name].append(velocity_nats(loud, expression.velocity) + offset_nats(late, expression.offset))
    return {name: Ratio.of(values) for name, values in rows.items()}


def divergences(
    played: Sequence[Performance], drawn: Sequence[Performance], noise: Sequence[Performance]
) -> dict[str, dict[str, tuple[float, float]]]:
    """Velocity or offset -> drum -> the divergence of what is drawn, and of noise, for the drums that are hit.

    Of what is drawn, and of noise, there may be several performances of each song.
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
    """The velocities, or the offsets, of each drum's hits."""
    drums = np.concatenate([np.nonzero(song.hits)[1] for song in songs])
    played = np.concatenate([getattr(song, values)[song.hits] for song in songs]).astype(np.float64)
    return [played[drums == drum] for drum in range(N_DRUMS)]


def mean_auc(
    played: Sequence[Performance],
    others: Sequence[Performance],
    groups: NDArray[np.intp],
    sets: int,
    rng: np.random.Generator,
) -> Estimate | None:
    """The mean of `touch_auc` over the first sets of performances of all songs, for one set leaves much to chance."""
    count = len(played)
    rngs = [np.random.default_rng(rng.integers(2**31)) for _ in range(sets)]
    return mean(touch_auc(played, others[n * count :][:count], groups, own) for n, own in enumerate(rngs))


def touch_auc(
    played: Sequence[Performance], others: Sequence[Performance], groups: NDArray[np.intp], rng: np.random.Generator
) -> Estimate:
    """How well a classifier tells windows of two bars from those with the same hits played otherwise.

    At most four windows of a song, the same on both sides; folds keep both sides of a song together.

    Args:
        groups: (songs,) numbers of the songs; those of one number are in one fold, and are resampled as one.
    """
    long = np.array([len(song.hits) >= 2 * song.per_bar for song in played])
    pairs = [pair for pair, kept in zip(zip(played, others, strict=True), long, strict=True) if kept]
    kept_groups = np.unique(groups[long], return_inverse=True)[1]
    starts = []
    for song, _ in pairs:
        windows = len(song.hits) // (2 * song.per_bar)
        starts.append(2 * np.sort(rng.permutation(windows)[:WINDOWS_PER_SONG]))
    sides = [touch_columns(*touch_windows(songs, starts)) for songs in zip(*pairs, strict=True)]
    numbers = np.repeat(kept_groups, [len(own) for own in starts])
    is_other = np.repeat([False, True], len(numbers))
    drawn = resample(kept_groups.max() + 1, rng)
    return tell_columns_apart(np.concatenate(sides), is_other, np.tile(numbers, 2), drawn, rng)
