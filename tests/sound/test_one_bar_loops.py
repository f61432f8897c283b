"""Loops of one bar for a WaveGAN: they repeat, their onsets are found, and training loops are found again."""

import numpy as np
import pytest

from benchmarks.sound.ancestors.loop_metrics import (
    on_grid,
    onset_accuracy,
    onsets_of,
    score_loops,
    similarity_scores,
    spectra_of,
)
from benchmarks.sound.ancestors.loops import FRAMES, TEMPO, render_loops
from drumtok.pattern import Pattern

BEATS = ("x---x---x---x---", "x--x--x---x-x---", "x-------x-x-----", "x-x-x-x-x-x-x-x-")


@pytest.fixture(scope="module")
def bars():
    return [Pattern.from_grid(f"kick |{beat}|\nsnare |{beat}|", tempo=TEMPO) for beat in BEATS]


@pytest.fixture(scope="module")
def loops(bars):
    return render_loops(bars, np.random.default_rng(0))


def test_a_bar_is_as_long_as_the_network_makes(loops):
    assert loops.shape == (len(BEATS), FRAMES)
    assert np.abs(loops).max(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("number", range(len(BEATS)))
def test_onsets_are_where_the_hits_are(loops, number):
    onsets = onsets_of(spectra_of(loops)[number])
    assert sorted(set((onsets.round() % 16).astype(int))) == [
        step for step, on in enumerate(BEATS[number]) if on == "x"
    ]
    assert on_grid(onsets).all()


def test_onset_accuracy_counts_missing_and_wrong_onsets(loops, bars):
    assert onset_accuracy(loops, bars) == (1, 1)
    assert onset_accuracy(loops[:1], bars[3:]) == (0.5, 1)  # 4 of 8 hits
    assert onset_accuracy(loops[3:], bars[:1]) == (1, 0.5)


def test_onsets_between_steps_are_off_the_grid():
    assert on_grid(np.array([0, 3.1, 3.5, 15.95])).tolist() == [True, True, False, True]


def test_a_training_loop_is_found_again(loops):
    assert similarity_scores(loops, loops) == pytest.approx(0, abs=1e-6)
    assert similarity_scores(loops, -loops[:1])[0] == pytest.approx(4, abs=1e-3)
    assert score_loops(loops, loops, loops).found == 1
    assert score_loops(loops[:2], loops[2:], loops).found == 0
