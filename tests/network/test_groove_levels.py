"""A performance keeps its mean offset although the predictions of the network drift."""

from dataclasses import replace

import numpy as np
import pytest
from played_takes import CONFIG, a_take

from drumtok.network.groove_checkpoint import GrooveCheckpoint, groove_shapes
from drumtok.network.groove_engine import GrooveEngine
from drumtok.network.groove_inputs import Performance
from drumtok.network.groove_levels import (
    HITS_OF_ALL,
    HITS_OF_DRUM,
    SELDOM_HIT,
    LevelKeeper,
    offset_levels,
    velocity_levels,
)

SPREAD = 0.15


def played(keeps, rng, hits=2000, drums=2):
    """Return offsets, (hits,), of a network that drifts to 0.2 steps although its best guess is 0."""
    levels, found, level = offset_levels(), np.zeros(hits), 0.0
    for number in range(hits):
        predicted, drum = 0.9 * level + 0.1 * 0.2, number % drums
        later = levels.gap(drum) if keeps else 0.0
        found[number] = predicted + later + SPREAD * rng.standard_normal()
        levels.add(drum, predicted, found[number])
        level += (found[number] - level) / min(number + 12, 48)
    return found


def test_a_drifting_offset_is_kept_where_it_began():
    rng = np.random.default_rng(0)
    free = np.array([played(False, rng)[1000:].mean() for _ in range(40)])
    kept = np.array([played(True, rng)[1000:].mean() for _ in range(40)])
    assert free.mean() == pytest.approx(0.2, abs=0.03)
    assert abs(kept.mean()) < 0.06
    assert 0.015 < kept.std() < 0.1  # each performance has its own offset


def test_a_few_hits_follow_the_network():
    levels = offset_levels()
    assert levels.gap(0) == 0
    levels.add(0, 0.1, -0.1)
    assert abs(levels.gap(0)) < 0.3 / HITS_OF_DRUM


def test_levels_by_hand():
    levels = offset_levels()
    for _ in range(HITS_OF_ALL):
        levels.add(3, 0.0, 0.2)
    # half of the counted hits are the prior ones at the best guess: `HITS_OF_ALL` of all drums
    shared = 0.2 * HITS_OF_ALL / (2 * HITS_OF_ALL)
    assert levels.gap(0) == pytest.approx(shared, abs=0.002)
    assert shared < levels.gap(3) < 0.2
    for _ in range(20 * HITS_OF_ALL):
        levels.add(3, 0.2, 0.2)
    assert abs(levels.gap(3)) < 0.02  # the predictions are as late as the hits, so there is no gap


def test_each_drum_has_its_own_level():
    levels = offset_levels()
    for _ in range(400):
        levels.add(0, 0.0, 0.1)
        levels.add(1, 0.0, -0.1)
    assert levels.gap(0) == pytest.approx(0.1, abs=0.02)
    assert levels.gap(1) == pytest.approx(-0.1, abs=0.02)
    assert abs(levels.gap(2)) < 0.02


def biased_engine():
    """Return an engine that makes every hit later than its best guess."""
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in groove_shapes(CONFIG).items()}
    weights["drawn.offset.bias"] = 2 * np.linspace(
        -1, 1, 60, dtype=np.float32
    )  # the best guess has even logits: these drift later
    return GrooveEngine(GrooveCheckpoint(CONFIG, weights, grid=4))


@pytest.mark.slow  # draws thousands of hits
def test_draws_of_an_engine_stay_near_its_best_guess():
    engine, song = biased_engine(), Performance.of(a_take(1, 2))
    song = replace(song, **{name: np.tile(getattr(song, name), (40, 1)) for name in ("hits", "velocity", "offset")})
    half = int(song.hits.sum()) // 2
    late = np.array([engine.draw(song, np.random.default_rng(seed)).offset for seed in range(6)])
    assert late[:, :16].mean() == pytest.approx(0.25, abs=0.06)  # at first as late as the network predicts
    assert late[:, half:].mean() < 0.15


def test_toms_keep_their_level_and_other_drums_follow_the_network():
    assert 0 not in velocity_levels()
    middles, best_guess = np.arange(10.0), np.zeros((1, 10))
    predicted = np.linspace(-2, 2, 10)  # louder than the best guess, which is 4.5
    moves = {drum: [] for drum in (0, SELDOM_HIT[0])}
    for drum, own in moves.items():
        keeper = LevelKeeper(velocity_levels(), middles, best_guess)
        for _ in range(200):
            own.append(keeper.shift(drum, 0, predicted, slice(None)))
            keeper.add(4)
    assert set(moves[0]) == {0.0}
    assert moves[SELDOM_HIT[0]][0] == 0
    assert -1 <= moves[SELDOM_HIT[0]][-1] < -0.9  # 2.9 less are needed, but the shift is at most one deviation


def test_a_ghost_note_is_compared_with_ghost_notes():
    keeper, shifts = LevelKeeper(velocity_levels(), np.arange(10.0), np.zeros((1, 10))), []
    for _ in range(200):  # the allowed bins are equally likely, and the middle one is drawn
        shifts.append(keeper.shift(SELDOM_HIT[1], 0, np.zeros(10), slice(0, 5)))
        keeper.add(2)
    assert np.allclose(shifts, 0)
