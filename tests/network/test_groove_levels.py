"""A performance stays as late as it is, though what is said of each hit comes to another lateness by itself."""

from dataclasses import replace

import numpy as np
import pytest
from test_groove import CONFIG, a_take

from drumtok.network.groove_checkpoint import GrooveCheckpoint, groove_shapes
from drumtok.network.groove_engine import GrooveEngine
from drumtok.network.groove_inputs import Performance
from drumtok.network.groove_levels import HITS_OF_ALL, HITS_OF_DRUM, SELDOM_HIT, LevelKeeper, lateness, loudness

SPREAD = 0.15


def played(keeps, rng, hits=2000, drums=2):
    """(hits,) the offsets of what follows itself to a lateness of 0.2 steps where the best guess is 0."""
    levels, found, level = lateness(), np.zeros(hits), 0.0
    for number in range(hits):
        said, drum = 0.9 * level + 0.1 * 0.2, number % drums
        later = levels.gap(drum) if keeps else 0.0
        found[number] = said + later + SPREAD * rng.standard_normal()
        levels.note(drum, said, found[number])
        level += (found[number] - level) / min(number + 12, 48)
    return found


def test_what_goes_to_a_lateness_of_its_own_is_kept_where_it_began():
    rng = np.random.default_rng(0)
    free = np.array([played(False, rng)[1000:].mean() for _ in range(40)])
    kept = np.array([played(True, rng)[1000:].mean() for _ in range(40)])
    assert free.mean() == pytest.approx(0.2, abs=0.03)
    assert abs(kept.mean()) < 0.06
    assert 0.015 < kept.std() < 0.1  # a lateness for each performance, and not none


def test_a_few_hits_are_drawn_as_they_are_said():
    levels = lateness()
    assert levels.gap(0) == 0
    levels.note(0, 0.1, -0.1)
    assert abs(levels.gap(0)) < 0.3 / HITS_OF_DRUM


def test_levels_by_hand():
    levels = lateness()
    for _ in range(HITS_OF_ALL):
        levels.note(3, 0.0, 0.2)
    # half of the hits that are counted are those at the best guess: 64 of all; of the drum 32 beyond them
    shared = 0.2 * HITS_OF_ALL / (2 * HITS_OF_ALL)
    assert levels.gap(0) == pytest.approx(shared, abs=0.002)
    assert shared < levels.gap(3) < 0.2
    for _ in range(20 * HITS_OF_ALL):
        levels.note(3, 0.2, 0.2)
    assert abs(levels.gap(3)) < 0.02  # what is said is as late as the hits are


def test_drums_are_late_by_themselves():
    levels = lateness()
    for _ in range(400):
        levels.note(0, 0.0, 0.1)
        levels.note(1, 0.0, -0.1)
    assert levels.gap(0) == pytest.approx(0.1, abs=0.02)
    assert levels.gap(1) == pytest.approx(-0.1, abs=0.02)
    assert abs(levels.gap(2)) < 0.02


def biased_engine():
    """One that says of every hit that it is later than its best guess."""
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in groove_shapes(CONFIG).items()}
    weights["drawn.offset.bias"] = 2 * np.linspace(-1, 1, 60, dtype=np.float32)  # told is even: this goes later
    return GrooveEngine(GrooveCheckpoint(CONFIG, weights, grid=4))


def test_draws_of_an_engine_stay_near_its_best_guess():
    engine, song = biased_engine(), Performance.of(a_take(1, 2))
    song = replace(song, **{name: np.tile(getattr(song, name), (40, 1)) for name in ("hits", "velocity", "offset")})
    half = int(song.hits.sum()) // 2
    late = np.array([engine.draw(song, np.random.default_rng(seed)).offset for seed in range(6)])
    assert late[:, :16].mean() == pytest.approx(0.25, abs=0.06)  # as it is said
    assert late[:, half:].mean() < 0.15


def test_toms_stay_as_loud_as_they_are_and_other_drums_are_drawn_as_they_are_said():
    assert 0 not in loudness()
    middles, conditioning = np.arange(10.0), np.zeros((1, 10))
    said = np.linspace(-2, 2, 10)  # louder than the best guess, 4.5
    moves = {drum: [] for drum in (0, SELDOM_HIT[0])}
    for drum, own in moves.items():
        keeping = LevelKeeper(loudness(), middles, conditioning)
        for _ in range(200):
            keeping.draw(drum, 0, said, slice(None), lambda moved, own=own: own.append(moved) or 4)
    assert set(moves[0]) == {0.0}
    assert moves[SELDOM_HIT[0]][0] == 0
    assert -1 <= moves[SELDOM_HIT[0]][-1] < -0.9  # 2.9 less is wanted, and one deviation is the most


def test_a_ghost_note_is_measured_by_ghost_notes():
    keeping, wanted = LevelKeeper(loudness(), np.arange(10.0), np.zeros((1, 10))), []
    for _ in range(200):  # what is allowed is all the same, and its middle is drawn
        keeping.draw(SELDOM_HIT[1], 0, np.zeros(10), slice(0, 5), lambda moved: wanted.append(moved) or 2)
    assert np.allclose(wanted, 0)
