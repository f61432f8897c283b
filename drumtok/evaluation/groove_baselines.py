"""Baselines of a groove network: statistics of the training performances, and independent noise."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.evaluation.bootstrap import Ratio
from drumtok.network.groove_bins import (
    OFFSET_BINS,
    TICKS,
    VELOCITY_BINS,
    offset_bins,
    offset_nats,
    velocity_bins,
    velocity_nats,
)
from drumtok.network.groove_inputs import Performance
from drumtok.pattern import DEFAULT_METER, steps_per_bar
from drumtok.tokenizer.expression import EXPRESSION_DTYPES, Expression

Floats = NDArray[np.float64]
MILLISECONDS = 60_000
VALUES = ("velocity", "offset")


def expression_of(song: Performance) -> Expression:
    """Return the expression of a song's hits."""
    return Expression(song.velocity[song.hits], song.offset[song.hits])


def with_expression(song: Performance, expression: Expression) -> Performance:
    """Return the song with other expression, with offsets rounded as in a corpus; finer ones would be recognisable."""
    stored = Expression(expression.velocity, expression.offset.astype(EXPRESSION_DTYPES["offsets"]))
    velocity, offset = stored.on(song.hits)
    return replace(song, velocity=velocity.astype(np.uint8), offset=offset.astype(np.float32))


def errors(song: Performance, velocity: Floats, offset: Floats, grid: int) -> tuple[Floats, Floats]:
    """Return the absolute errors of predicted velocities and offsets, (hits,) each, offsets in milliseconds."""
    expression, step = expression_of(song), MILLISECONDS / grid / song.tempo
    return np.abs(expression.velocity - velocity), np.abs(expression.offset.astype(np.float64) - offset) * step


def lateness_errors(song: Performance, offset: Floats, grid: int) -> Floats:
    """Return the errors of predicted offsets in milliseconds, (hits,), without the median by which the song is off.

    A pattern does not show whether its drummer plays late as a whole; what remains is which hits are later than others.
    """
    late = (expression_of(song).offset.astype(np.float64) - offset) * MILLISECONDS / grid / song.tempo
    apart: Floats = np.abs(late - (np.median(late) if len(late) else 0.0))
    return apart


def baseline_ratios(training: Sequence[Performance], songs: Sequence[Performance], grid: int) -> dict[str, Ratio]:
    """Return errors and nats of the baselines: the grid, one velocity, and the median or histogram of drum and step."""
    medians_of = [_by_cell(training, values) for values in VALUES]
    overall = float(np.median(np.concatenate([song.velocity[song.hits] for song in training])))
    histograms = _histograms(training)
    rows: dict[str, list[Floats]] = {}
    for song in songs:
        steps, drums = np.nonzero(song.hits)
        cell, expression = (song.positions[steps], drums), expression_of(song)
        flat = errors(song, np.full(len(steps), overall), np.zeros(len(steps)), grid)
        median = errors(song, medians_of[0][cell], medians_of[1][cell], grid)
        likely = [own[cell] for own in histograms]
        nats = velocity_nats(likely[0], expression.velocity) + offset_nats(likely[1], expression.offset)
        named = {"velocity.one": flat[0], "timing.grid": flat[1], "velocity.median": median[0]}
        named["timing.within.grid"] = lateness_errors(song, np.zeros(len(steps)), grid)
        for name, values in (named | {"timing.median": median[1], "nats.histogram": nats}).items():
            rows.setdefault(name, []).append(values)
    return {name: Ratio.of(values) for name, values in rows.items()}


def _by_cell(songs: Sequence[Performance], values: str) -> Floats:
    """Return the median of each drum on each step of the bar, (16, 9); that of the drum or of all without hits."""
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
    """Return the probability of each bin for each step and drum, (16, 9, bins), smoothed by 10 hits of the drum."""
    counts = [np.zeros((steps_per_bar(4, DEFAULT_METER), N_DRUMS, bins)) for bins in (VELOCITY_BINS, OFFSET_BINS)]
    for song in songs:
        steps, drums = np.nonzero(song.hits)
        expression = expression_of(song)
        for own, bins in zip(counts, (velocity_bins(expression.velocity), offset_bins(expression.offset)), strict=True):
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
    """Return the songs with each hit drawn independently from a normal distribution of its drum in training."""
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
        ticks = np.clip(np.rint(late * TICKS), -TICKS // 2, TICKS // 2 - 1)  # the resolution of a corpus
        noisy.append(with_expression(song, Expression(np.clip(np.rint(loud), 1, 127), ticks / TICKS)))
    return noisy
