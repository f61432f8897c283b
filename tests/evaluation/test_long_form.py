"""The form of long songs, and whether the order of their bars matters."""

import numpy as np
import pytest

from drumtok.evaluation.bar_order import WINDOW, order_aucs, order_set
from drumtok.evaluation.long_form import SHORTEST, LongForms, fills, long_form, longest_run

KICK, SNARE, CLOSED, LOW_TOM = 0, 1, 2, 5


def rock(bars):
    """Return bars of a rock beat, (bars, 16, 9)."""
    hits = np.zeros((bars, 16, 9), dtype=bool)
    hits[:, [0, 8], KICK] = hits[:, [4, 12], SNARE] = hits[:, ::2, CLOSED] = True
    return hits


def with_fills(bars, every):
    """Return bars of a rock beat, (bars, 16, 9), every `every`-th of which is a fill."""
    hits = rock(bars)
    hits[every - 1 :: every, 8:, LOW_TOM] = True
    return hits


def test_a_loop_is_one_run_and_never_changes():
    form = long_form(rock(32))
    assert (form.longest_run, form.repeated, form.alike_8, form.alike_16) == (32, 1, 1, 1)
    assert (form.change_end, form.change_within, form.no_timekeeper) == (0, 0, 0)
    assert (form.hits_first, form.hits_last) == (12, 12)
    assert (form.fills_4, form.fills_8, form.fills_elsewhere) == (0, 0, 0)


def test_fills_are_found_at_the_ends_of_phrases():
    hits = with_fills(32, 8)
    assert np.flatnonzero(fills(hits)).tolist() == [7, 15, 23, 31]
    form = long_form(hits)
    assert (form.fills_4, form.fills_8, form.fills_elsewhere) == (0.5, 1, 0)
    assert form.change_end > form.change_within == 0
    assert (form.longest_run, form.alike_8) == (7, 1)


def test_a_song_that_loses_its_hats_has_no_timekeeper_in_the_last_quarter():
    hits = rock(32)
    hits[28:, :, CLOSED] = False
    form = long_form(hits)
    assert form.no_timekeeper == 0.5
    assert (form.hits_first, form.hits_last) == (12, 8)


@pytest.mark.parametrize(("same", "longest"), [([], 1), ([3], 2), ([0, 1, 5, 6, 7], 4)])
def test_the_longest_run_counts_equal_bars(same, longest):
    hits = np.zeros((10, 16, 9), dtype=bool)
    hits[np.arange(10), np.arange(10), 0] = True
    for place in same:
        hits[place + 1] = hits[place]
    assert longest_run(hits) == longest


def test_means_leave_out_songs_that_are_too_short_for_a_metric():
    forms = LongForms([long_form(with_fills(SHORTEST, 4)), long_form(rock(12))])
    assert forms.mean("alike_16") == forms.songs[0].alike_16
    assert forms.mean("repeated") == (forms.songs[0].repeated + 1) / 2
    assert forms.phrase_change == float("inf")
    assert LongForms([long_form(with_fills(24, 3))]).phrase_change == 1
    assert forms.percentiles("longest_run", 0, 100) == [3, 12]
    assert LongForms([long_form(rock(16))]).drift == 1


def test_a_classifier_separates_phrases_from_shuffled_bars_and_knows_songs_without_order():
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(0)
    ordered = [with_fills(WINDOW * 2, 4) ^ (rng.random((WINDOW * 2, 16, 9)) < 0.02) for _ in range(12)]
    shuffled = [song[rng.permutation(len(song))] for song in ordered]
    sets = order_set(ordered, rng), order_set(shuffled, rng)
    assert sets[0].columns.shape[0] == 12 * 2 * 4
    assert sets[0].is_real.mean() == 0.5
    held_out, without_order = order_aucs(*sets)
    assert held_out > 0.95
    assert without_order == pytest.approx(0.5, abs=0.2)


def test_a_song_shorter_than_a_window_has_no_order():
    assert not len(order_set([rock(WINDOW - 1)], np.random.default_rng(0)).songs)
