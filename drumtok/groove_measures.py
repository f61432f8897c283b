"""Measures of a groove network on held-out performances, hit by hit, beside baselines learned from training ones.

Each hit's velocity and offset is predicted from all hits, tempo and style, never from how any hit was played: by the
medians of what the network says. Timing errors are in milliseconds at the song's tempo.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.config import EvaluationConfig
from drumtok.corpus import Corpus
from drumtok.distribution import densities
from drumtok.drums import DRUMS, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.groove_engine import GrooveEngine
from drumtok.intervals import Estimate, Ratio, resample
from drumtok.labels import FILL
from drumtok.pattern import DEFAULT_METER, steps_per_bar
from drumtok.performance import Performance
from drumtok.realism import FOLDS, WINDOWS_PER_SONG, available, tell_columns_apart
from drumtok.touch import Touch
from drumtok.touch_features import touch_columns, touch_windows
from drumtok.touchbins import (
    OFFSET_BINS,
    OFFSET_EDGES,
    VELOCITY_BINS,
    VELOCITY_EDGES,
    medians,
    offset_bins,
    offset_nats,
    probabilities,
    velocity_bins,
    velocity_nats,
)

Floats = NDArray[np.float64]
MILLISECONDS = 60_000
VALUES = ("velocity", "offset")
DRAWS = 8  # performances of each song whose values are counted, for one alone leaves much to chance where hits are few


@dataclass(frozen=True)
class GrooveMeasures:
    """All that was measured.

    Attributes:
        hits: how many were predicted.
        figures: name -> figure: errors `velocity` and `timing`, `nats` of both together, of the network and, after
            a full stop, of a baseline; `auc` where scikit-learn is installed.
        divergences: velocity or offset -> drum -> Kullback-Leibler divergence of what is drawn, and of independent
            noise, from what was played.
    """

    hits: int
    figures: dict[str, Estimate]
    divergences: dict[str, dict[str, tuple[float, float]]]


def performances(corpus: Corpus, split: str, source: str) -> list[Performance]:
    """The played songs of one source on one side that are no fills, in 4/4."""
    songs, wanted = corpus.split(split), "{}/{}".format(*DEFAULT_METER)
    found = []
    for index, line in enumerate(corpus.songs[split]):
        if line["source"] == source and line["meter"] == wanted and line["kind"] != FILL and songs.played[index]:
            own = songs.touch(index)
            found.append(Performance.of_song(songs.song(index), own, line["tempo"], line["style"]))
    return found


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
    if available() and len(held_out) >= FOLDS:
        for name, others in (("auc", drawn[: len(held_out)]), ("auc.noise", noise[: len(held_out)])):
            figures[name] = touch_auc(held_out, others, np.random.default_rng(fold_rng.integers(2**31)))
    hits = int(ratios["velocity"].counts.sum())
    return GrooveMeasures(hits, figures, divergences(held_out, drawn, noise))


def touch_of_song(song: Performance) -> Touch:
    """How a song was played."""
    return Touch(song.velocity[song.hits], song.offset[song.hits])


def played_with(song: Performance, touch: Touch) -> Performance:
    """The song played otherwise."""
    velocity, offset = np.zeros_like(song.velocity), np.zeros_like(song.offset)
    velocity[song.hits], offset[song.hits] = touch
    return replace(song, velocity=velocity, offset=offset)


def network_ratios(engine: GrooveEngine, songs: Sequence[Performance]) -> dict[str, Ratio]:
    """Errors of the network's medians, and the nats of how hits are played before and while they are."""
    rows: dict[str, list[Floats]] = {"velocity": [], "timing": [], "nats": [], "nats.told": []}
    for song in songs:
        touch = touch_of_song(song)
        told, drawn = engine.told(song), engine.drawn(song)
        said = [tuple(map(probabilities, logits)) for logits in (told, drawn)]
        guess = medians(said[0][0], VELOCITY_EDGES), medians(said[0][1], OFFSET_EDGES)
        errors = _errors(song, guess[0], guess[1], engine.checkpoint.grid)
        for name, values in zip(("velocity", "timing"), errors, strict=True):
            rows[name].append(values)
        for name, (loud, late) in zip(("nats.told", "nats"), said, strict=True):
            rows[name].append(velocity_nats(loud, touch.velocity) + offset_nats(late, touch.offset))
    return {name: Ratio.of(values) for name, values in rows.items()}


def baseline_ratios(training: Sequence[Performance], songs: Sequence[Performance], grid: int) -> dict[str, Ratio]:
    """The same of three baselines: the grid, one velocity, and the median or histogram of each drum and step."""
    medians_of = [_by_cell(training, values) for values in VALUES]
    overall = float(np.median(np.concatenate([song.velocity[song.hits] for song in training])))
    histograms = _histograms(training)
    rows: dict[str, list[Floats]] = {}
    for song in songs:
        steps, drums = np.nonzero(song.hits)
        cell, touch = (song.positions[steps], drums), touch_of_song(song)
        flat = _errors(song, np.full(len(steps), overall), np.zeros(len(steps)), grid)
        median = _errors(song, medians_of[0][cell], medians_of[1][cell], grid)
        likely = [own[cell] for own in histograms]
        nats = velocity_nats(likely[0], touch.velocity) + offset_nats(likely[1], touch.offset)
        named = {"velocity.one": flat[0], "timing.grid": flat[1], "velocity.median": median[0]}
        for name, values in (named | {"timing.median": median[1], "nats.histogram": nats}).items():
            rows.setdefault(name, []).append(values)
    return {name: Ratio.of(values) for name, values in rows.items()}


def _errors(song: Performance, velocity: Floats, offset: Floats, grid: int) -> tuple[Floats, Floats]:
    """(hits,) how far guesses are from how a song was played, the offset's in milliseconds."""
    touch, step = touch_of_song(song), MILLISECONDS / grid / song.tempo
    return np.abs(touch.velocity - velocity), np.abs(touch.offset.astype(np.float64) - offset) * step


def _by_cell(songs: Sequence[Performance], values: str) -> Floats:
    """(16, 9) the median of each drum on each place of the bar, or of the drum, or of all."""
    places = np.concatenate([song.positions[np.nonzero(song.hits)[0]] for song in songs])
    drums = np.concatenate([np.nonzero(song.hits)[1] for song in songs])
    played = np.concatenate([getattr(song, values)[song.hits] for song in songs]).astype(np.float64)
    cells = np.full((places.max() + 1, N_DRUMS), np.median(played))
    for drum in np.unique(drums):
        cells[:, drum] = np.median(played[drums == drum])
        for place in np.unique(places[drums == drum]):
            cells[place, drum] = np.median(played[(drums == drum) & (places == place)])
    return cells


def _histograms(songs: Sequence[Performance]) -> tuple[Floats, Floats]:
    """(16, 9, bins) how likely each bin is for each drum and place; a cell is worth 10 hits of its drum besides."""
    counts = [np.zeros((steps_per_bar(4, DEFAULT_METER), N_DRUMS, bins)) for bins in (VELOCITY_BINS, OFFSET_BINS)]
    for song in songs:
        steps, drums = np.nonzero(song.hits)
        touch = touch_of_song(song)
        for own, bins in zip(counts, (velocity_bins(touch.velocity), offset_bins(touch.offset)), strict=True):
            np.add.at(own, (song.positions[steps], drums, bins), 1)
    found = []
    for own in counts:
        drum = own.sum(axis=0) + 0.5
        own += 10 * drum / drum.sum(axis=-1, keepdims=True)
        found.append(own / own.sum(axis=-1, keepdims=True))
    return found[0], found[1]


def independent_noise(
    training: Sequence[Performance], songs: Sequence[Performance], rng: np.random.Generator
) -> list[Performance]:
    """The songs with normal noise of the mean and spread that each drum has in training, each hit by itself."""
    drums = np.concatenate([np.nonzero(song.hits)[1] for song in training])
    moments = []
    for values in VALUES:
        played = np.concatenate([getattr(song, values)[song.hits] for song in training]).astype(np.float64)
        of_drum = [played[drums == drum] if (drums == drum).any() else played for drum in range(N_DRUMS)]
        moments.append(np.array([(own.mean(), own.std()) for own in of_drum]).T)
    noisy = []
    for song in songs:
        own = np.nonzero(song.hits)[1]
        loud, late = (mean[own] + spread[own] * rng.standard_normal(len(own)) for mean, spread in moments)
        noisy.append(played_with(song, Touch(np.clip(np.rint(loud), 1, 127), np.clip(late, -0.5, 0.5))))
    return noisy


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


def touch_auc(played: Sequence[Performance], others: Sequence[Performance], rng: np.random.Generator) -> Estimate:
    """How well a classifier tells windows of two bars from those with the same hits played otherwise.

    At most four windows of a song, the same on both sides; folds keep both sides of a song together.
    """
    pairs = [(song, other) for song, other in zip(played, others, strict=True) if len(song.hits) >= 2 * song.per_bar]
    starts = []
    for song, _ in pairs:
        windows = len(song.hits) // (2 * song.per_bar)
        starts.append(2 * np.sort(rng.permutation(windows)[:WINDOWS_PER_SONG]))
    sides = [touch_columns(*touch_windows(songs, starts)) for songs in zip(*pairs, strict=True)]
    numbers = np.repeat(np.arange(len(pairs)), [len(own) for own in starts])
    is_other = np.repeat([False, True], len(numbers))
    drawn = resample(len(pairs), rng)
    return tell_columns_apart(np.concatenate(sides), is_other, np.tile(numbers, 2), drawn, rng)
